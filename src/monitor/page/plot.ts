/**
 * The part of uPlot that the page uses. uPlot is loaded as a script of its own and leaves one global; its own
 * types would make it a dependency of the library's.
 */

/** A column of numbers: null is a gap. */
export type PlotColumn = readonly (number | null)[];

/** A chart on the page. */
export interface Plot {
  readonly cursor: { readonly idx?: number | null };
  setData(data: readonly PlotColumn[]): void;
  setSize(size: { width: number; height: number }): void;
  destroy(): void;
}

interface PlotSeries {
  readonly label?: string;
  readonly stroke?: string;
  readonly fill?: string;
  readonly width?: number;
  readonly dash?: readonly number[];
  readonly paths?: unknown;
  readonly points?: { readonly show: boolean };
}

interface PlotAxis {
  readonly stroke: string;
  readonly font: string;
  readonly size?: number;
  readonly gap?: number;
  readonly space?: number;
  readonly grid: { readonly stroke: string; readonly width: number };
  readonly ticks: { readonly show: boolean };
  readonly values?: unknown;
  readonly splits?: unknown;
}

/** How a chart is made. */
export interface PlotOptions {
  readonly width: number;
  readonly height: number;
  readonly padding: readonly [number, number, number, number];
  readonly legend: { readonly show: boolean };
  readonly cursor: object;
  readonly scales: object;
  readonly series: readonly PlotSeries[];
  readonly axes: readonly PlotAxis[];
  readonly hooks: { readonly setCursor: readonly ((plot: Plot) => void)[] };
}

interface PlotMaker {
  new (options: PlotOptions, data: readonly PlotColumn[], parent: HTMLElement): Plot;
  readonly paths: { stepped(options: { align: 1 | -1 }): unknown };
}

/** The maker of charts. */
export function plotMaker(): PlotMaker {
  const { uPlot } = globalThis as unknown as { readonly uPlot?: PlotMaker };
  if (uPlot === undefined) throw new Error("page/uplot.min.js was not loaded");
  return uPlot;
}
