/**
 * Three charts over time, of one list or of all together: depth and parked blocks, hit rates, calls. They
 * share one cursor; legends are part of the page, and say what the cursor is on, or else what is now.
 */
import { element, setAttribute, setText } from "./dom.js";
import { clock, compact, percent, rate } from "./format.js";
import type { Field, History } from "./history.js";
import { type ColourName, fainter, type Palette } from "./palette.js";
import { type Plot, type PlotColumn, type PlotOptions, plotMaker } from "./plot.js";

interface LineSpec {
  readonly field: Field;
  readonly label: string;
  readonly colour: ColourName;
  readonly style: "line" | "area" | "step" | "dash";
}

interface ChartSpec {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly LineSpec[];
  readonly text: (value: number | null) => string;
  /** Shares, up to 1: the axis begins below the least. Else it begins at 0 and ends above the greatest. */
  readonly shares?: true;
}

const count = (value: number | null): string => (value === null ? "–" : compact(value));

const CHARTS: readonly ChartSpec[] = [
  {
    title: "Depth",
    unit: "blocks",
    text: count,
    lines: [
      { field: "parked", label: "parked", colour: "parked", style: "area" },
      { field: "depth", label: "depth", colour: "depth", style: "step" },
      { field: "maximumDepth", label: "maximum", colour: "ceiling", style: "dash" },
    ],
  },
  {
    title: "Hit rate",
    unit: "%",
    text: percent,
    shares: true,
    lines: [
      { field: "hitRate", label: "allocate", colour: "allocate", style: "line" },
      { field: "freeHitRate", label: "free", colour: "free", style: "line" },
    ],
  },
  {
    title: "Calls",
    unit: "per second",
    text: rate,
    lines: [
      { field: "allocates", label: "allocate", colour: "allocate", style: "area" },
      { field: "misses", label: "miss", colour: "miss", style: "line" },
    ],
  },
];

const HEIGHT = 168;
const FONT = '11px "Inter", system-ui, sans-serif';

/** The least round number of its row that is not below a value. */
export function roundAbove(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((times) => times * power >= value) ?? 10;
  return Number((step * power).toPrecision(2));
}

/** Axes of shares: where each begins, and how many parts it has, so that its marks are round. */
const SHARE_AXES = [
  { from: 0.99, parts: 5 },
  { from: 0.98, parts: 4 },
  { from: 0.95, parts: 5 },
  { from: 0.9, parts: 5 },
  { from: 0.8, parts: 4 },
  { from: 0.5, parts: 5 },
  { from: 0, parts: 4 },
] as const;

/** The marks of an axis of shares: of the narrowest one that has the least of them on it, up to 1. */
export function shareMarks(least: number): number[] {
  const { from, parts } = SHARE_AXES.find((axis) => least >= axis.from) ?? { from: 0, parts: 4 };
  return Array.from({ length: parts + 1 }, (_, part) => from + ((1 - from) * part) / parts);
}

/** From when to when is shown: `seconds`, or less while there is no more, but half a minute at least. */
export function spanOf(times: readonly number[], seconds: number): readonly [number, number] {
  const last = times.at(-1) ?? 0;
  const first = times[0] ?? last;
  return [last - Math.min(seconds, Math.max(30, last - first)), last];
}

/** Whether the ceiling of depth fits on a chart without pressing everything else to the ground. */
function showsCeiling(columns: readonly PlotColumn[]): boolean {
  const greatest = (column: PlotColumn | undefined): number =>
    (column ?? []).reduce<number>((high, value) => Math.max(high, value ?? 0), 0);
  const ceiling = greatest(columns[2]);
  return ceiling <= 4 * Math.max(greatest(columns[0]), greatest(columns[1]));
}

class Chart {
  readonly #spec: ChartSpec;
  readonly #figure: HTMLElement;
  readonly #canvas: HTMLElement;
  readonly #legend: readonly HTMLElement[];
  #plot: Plot | null = null;
  #columns: readonly PlotColumn[] = [];
  #span: readonly [number, number] = [0, 1];

  constructor(parent: HTMLElement, spec: ChartSpec) {
    this.#spec = spec;
    this.#canvas = element("div", { class: "plot", role: "img" });
    const head = element("figcaption", {}, element("h3", { text: spec.title }));
    head.append(element("span", { class: "quiet unit", text: spec.unit }));
    const legend = element("ul", { class: "legend" });
    this.#legend = spec.lines.map(({ label, colour, style }) => {
      const value = element("b", { text: "–" });
      const key = element("i", { class: `key ${colour} ${style}`, "aria-hidden": "true" });
      const name = element("span", { text: `${label} ` });
      legend.append(element("li", {}, key, name, value));
      return value;
    });
    head.append(legend);
    this.#figure = element("figure", { class: "chart" }, head, this.#canvas);
    parent.append(this.#figure);
    new ResizeObserver(() => this.#fit()).observe(this.#canvas);
  }

  /** Makes the chart anew, in these colours. */
  paint(palette: Palette): void {
    this.#plot?.destroy();
    const data = this.#columns.length > 0 ? this.#columns : [[], ...this.#spec.lines.map(() => [])];
    this.#plot = new (plotMaker())(this.#options(palette), data, this.#canvas);
    // What is drawn is said by the label of the figure; the parts of the drawing say nothing.
    this.#canvas.firstElementChild?.setAttribute("aria-hidden", "true");
  }

  /** Shows a list, or all: the last `seconds`. */
  show(history: History, id: string | null, seconds: number): void {
    const times = history.times();
    this.#span = spanOf(times, seconds);
    const lines = this.#spec.lines.map(({ field }) => history.values(id, field));
    this.#columns = [times, ...lines];
    const drawn = lines.length < 3 || showsCeiling(lines);
    this.#plot?.setData(
      drawn ? this.#columns : [...this.#columns.slice(0, 3), times.map(() => null)],
    );
    this.#tell();
    const parts = this.#spec.lines.map(({ label }, index) => {
      const value = lines[index]?.findLast((known) => known !== null) ?? null;
      return `${label} ${this.#spec.text(value)}`;
    });
    const said = `${this.#spec.title} over time, ${this.#spec.unit}: now ${parts.join(", ")}`;
    setAttribute(this.#canvas, "aria-label", said);
  }

  /** Says what the cursor is on, or what is now. */
  #tell(): void {
    const at = this.#plot?.cursor.idx;
    for (const [index, node] of this.#legend.entries()) {
      const column = this.#columns[index + 1] ?? [];
      setText(node, this.#spec.text((typeof at === "number" ? column[at] : column.at(-1)) ?? null));
    }
  }

  #fit(): void {
    const width = Math.floor(this.#canvas.clientWidth);
    if (width > 0) this.#plot?.setSize({ width, height: HEIGHT });
  }

  #options(palette: Palette): PlotOptions {
    const { shares, lines, text } = this.#spec;
    const axis = { stroke: palette.quiet, font: FONT, ticks: { show: false } };
    const grid = { stroke: palette.grid, width: 1 };
    type Ends = [low: number, high: number];
    const fromZero = (_: unknown, _low: number | null, high: number | null): Ends => [
      0,
      roundAbove(high ?? 0),
    ];
    const ofShares = (_: unknown, low: number | null): Ends => {
      const [from = 0] = shareMarks(low ?? 0);
      return [from, 1 + (1 - from) * 0.04];
    };
    const marks = (_: unknown, _axis: number, low: number): number[] => shareMarks(low);
    return {
      width: Math.max(80, Math.floor(this.#canvas.clientWidth)),
      height: HEIGHT,
      padding: [10, 10, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: "charts" }, drag: { x: false, y: false }, y: false },
      scales: {
        x: { time: true, range: () => [...this.#span] },
        y: { range: shares ? ofShares : fromZero },
      },
      axes: [
        {
          ...axis,
          grid: { stroke: "transparent", width: 0 },
          size: 24,
          gap: 5,
          space: 74,
          values: (_: unknown, splits: readonly number[]) => splits.map((at) => clock(at * 1_000)),
        },
        {
          ...axis,
          grid,
          size: 48,
          gap: 6,
          space: 34,
          ...(shares ? { splits: marks } : {}),
          values: (_: unknown, splits: readonly number[]) =>
            splits.map((value) => tick(value, text)),
        },
      ],
      series: [{}, ...lines.map((line) => this.#series(line, palette))],
      hooks: { setCursor: [() => this.#tell()] },
    };
  }

  #series({ label, colour, style }: LineSpec, palette: Palette): PlotOptions["series"][number] {
    const stroke = palette[colour];
    const stepped = style === "step" || style === "dash";
    return {
      label,
      stroke,
      width: style === "dash" ? 1 : 1.75,
      points: { show: false },
      ...(style === "area" ? { fill: fainter(stroke, 0.16) } : {}),
      ...(style === "dash" ? { dash: [4, 4] } : {}),
      ...(stepped ? { paths: plotMaker().paths.stepped({ align: 1 }) } : {}),
    };
  }
}

/** A number on an axis: without the decimals that say nothing. */
function tick(value: number, text: (value: number) => string): string {
  return text(value)
    .replace(/\.0+(?=$| )/, "")
    .replace(/(\.\d*?)0+(?=$| )/, "$1");
}

/** All charts of the page. */
export class ChartsView {
  readonly #charts: readonly Chart[];

  constructor(parent: HTMLElement) {
    this.#charts = CHARTS.map((spec) => new Chart(parent, spec));
  }

  paint(palette: Palette): void {
    for (const chart of this.#charts) chart.paint(palette);
  }

  show(history: History, id: string | null, seconds: number): void {
    for (const chart of this.#charts) chart.show(history, id, seconds);
  }
}
