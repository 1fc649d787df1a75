/**
 * The map of the memory's runs: each cell a chunk, filled from below with what is held, parked and free. The
 * same in words is the table under it, for those who do not see the map.
 */
import { element, setAttribute, setChildren, setText } from "./dom.js";
import { address, bytes, compact, cost, exact, percent, plural } from "./format.js";
import {
  type Cell,
  cellsOf,
  chunksShown,
  type Grid,
  gridOf,
  groupsOf,
  type RunGroup,
  runAt,
} from "./memory-cells.js";
import type { Palette } from "./palette.js";
import type { MemoryFrame } from "./wire.js";

const LEGEND = [
  ["nonpaged-held", "nonpaged held"],
  ["nonpaged-parked", "parked"],
  ["nonpaged-free", "free"],
  ["paged-held", "paged held"],
  ["paged-parked", "parked"],
  ["paged-free", "free"],
  ["cell-empty", "in no run"],
] as const;

const HEADINGS = ["Blocks of", "Pool", "Runs", "Bytes", "Held", "Parked", "Free", "In use"];

/** The map and its table. */
export class MemoryView {
  readonly #canvas: HTMLCanvasElement;
  readonly #pointed: HTMLElement;
  readonly #body: HTMLElement;
  readonly #summary: HTMLElement;
  #frame: MemoryFrame | null = null;
  #grid: Grid | null = null;
  #palette: Palette;

  constructor(parent: HTMLElement, summary: HTMLElement, palette: Palette) {
    this.#palette = palette;
    this.#summary = summary;
    this.#canvas = element("canvas", { role: "img", "aria-label": "Map of the memory" });
    this.#pointed = element("p", { class: "pointed quiet" });
    const legend = element("ul", { class: "legend" });
    for (const [colour, label] of LEGEND) {
      const key = element("i", { class: `swatch ${colour}`, "aria-hidden": "true" });
      legend.append(element("li", {}, key, element("span", { text: label })));
    }
    const heads = element("tr");
    for (const [index, text] of HEADINGS.entries()) {
      heads.append(element("th", { scope: "col", class: index < 2 ? "" : "number", text }));
    }
    this.#body = element("tbody");
    const table = element("table", {}, element("thead", {}, heads), this.#body);
    const scroll = element(
      "div",
      { class: "scroll", role: "region", "aria-label": "Runs by size of blocks", tabindex: "0" },
      table,
    );
    const more = element("details", { class: "more" });
    more.append(element("summary", { text: "The same as a table" }), scroll);
    const box = element("div", { class: "map" }, this.#canvas);
    parent.append(box, element("div", { class: "map-foot" }, legend, this.#pointed), more);
    this.#canvas.addEventListener("pointermove", (event) => this.#point(event));
    this.#canvas.addEventListener("pointerleave", () => this.#unpoint());
    new ResizeObserver(() => this.#draw()).observe(box);
  }

  paint(palette: Palette): void {
    this.#palette = palette;
    this.#draw();
  }

  show(frame: MemoryFrame): void {
    this.#frame = frame;
    this.#draw();
    const groups = groupsOf(frame.runs);
    const used = groups.reduce((sum, { chunks }) => sum + chunks, 0) * frame.chunkBytes;
    const said =
      `${plural(frame.runs.length, "run")} of ${bytes(used)} in ` +
      `${bytes(frame.chunksGrown * frame.chunkBytes)}; it may grow to ` +
      `${bytes(frame.chunkCapacity * frame.chunkBytes)}`;
    setText(this.#summary, said);
    setAttribute(this.#canvas, "aria-label", `Map of the memory: ${said}. A table follows.`);
    setChildren(
      this.#body,
      groups,
      () => this.#makeRow(),
      (row, group) => showGroup(row, group, frame.chunkBytes),
    );
    this.#unpoint();
  }

  #makeRow(): HTMLTableRowElement {
    const row = element("tr", {}, element("th", { scope: "row" }), element("td"));
    for (let index = 2; index < HEADINGS.length; index++) {
      row.append(element("td", { class: "number" }));
    }
    return row;
  }

  #draw(): void {
    const frame = this.#frame;
    const width = this.#canvas.parentElement?.clientWidth ?? 0;
    if (frame === null || width === 0) return;
    const chunks = chunksShown(frame);
    const grid = gridOf(width, chunks);
    this.#grid = grid;
    const pitch = grid.side + grid.gap;
    const height = grid.rows * pitch - grid.gap;
    const scale = globalThis.devicePixelRatio || 1;
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    this.#canvas.style.height = `${height}px`;
    const context = this.#canvas.getContext("2d");
    if (context === null) return;
    context.scale(scale, scale);
    for (const [index, cell] of cellsOf(frame, chunks, grid.chunksPerCell).entries()) {
      const column = index % grid.columns;
      const x = column * pitch;
      const y = Math.floor(index / grid.columns) * pitch;
      const joined = cell.goesOn && column < grid.columns - 1;
      this.#drawCell(context, cell, x, y, grid.side, joined ? pitch : grid.side);
    }
  }

  #drawCell(
    context: CanvasRenderingContext2D,
    cell: Cell,
    x: number,
    y: number,
    side: number,
    width: number,
  ): void {
    const palette = this.#palette;
    if (!cell.grown) {
      context.strokeStyle = palette["cell-line"];
      context.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
      return;
    }
    context.fillStyle = palette["cell-empty"];
    context.fillRect(x, y, side, side);
    const paged = cell.paged > (cell.held + cell.parked + cell.free) / 2;
    const [held, parked, free] = paged
      ? [palette["paged-held"], palette["paged-parked"], palette["paged-free"]]
      : [palette["nonpaged-held"], palette["nonpaged-parked"], palette["nonpaged-free"]];
    let bottom = y + side;
    for (const [colour, share] of [
      [held, cell.held],
      [parked, cell.parked],
      [free, cell.free],
    ] as const) {
      if (share === 0) continue;
      const tall = share * side;
      context.fillStyle = colour;
      context.fillRect(x, bottom - tall, width, tall);
      bottom -= tall;
    }
  }

  #point(event: PointerEvent): void {
    const [frame, grid] = [this.#frame, this.#grid];
    if (frame === null || grid === null) return;
    const pitch = grid.side + grid.gap;
    const column = Math.floor(event.offsetX / pitch);
    const row = Math.floor(event.offsetY / pitch);
    const chunk = (row * grid.columns + column) * grid.chunksPerCell;
    if (column >= grid.columns || chunk >= chunksShown(frame)) {
      this.#unpoint();
      return;
    }
    setText(this.#pointed, this.#saidOf(frame, chunk));
  }

  #saidOf(frame: MemoryFrame, chunk: number): string {
    const run = runAt(frame.runs, chunk);
    const where = `Chunk ${exact(chunk)}`;
    if (run === null) {
      return `${where}: ${chunk < frame.chunksGrown ? "in no run" : "the memory has not grown so far"}`;
    }
    const [first, chunks, pool, kind, blockBytes, free, held, parked] = run;
    const what = `${pool === 1 ? "paged" : "nonpaged"} ${kind === 1 ? "run" : "slab"}`;
    const blocks = kind === 1 ? "" : `, blocks of ${exact(blockBytes)} B`;
    return (
      `${where}: ${what} of ${bytes(chunks * frame.chunkBytes)} at data + ` +
      `${address(first * frame.chunkBytes)}${blocks}: ` +
      `${exact(held)} held, ${exact(parked)} parked, ${exact(free)} free`
    );
  }

  #unpoint(): void {
    if (this.#frame === null) return;
    const { largestUnusedBytes, freeBytesInUsedSlabs, chunkBytes, walkMs } = this.#frame;
    const per = this.#grid?.chunksPerCell ?? 1;
    const cell = `One cell is ${bytes(chunkBytes * per)}`;
    const free = `${bytes(freeBytesInUsedSlabs)} free in slabs in use`;
    const largest = `largest unused piece ${bytes(largestUnusedBytes)}`;
    setText(this.#pointed, `${cell}; ${free}; ${largest}; read in ${cost(walkMs)}`);
  }
}

function showGroup(row: HTMLElement, group: RunGroup, chunkBytes: number): void {
  const { kind, blockBytes, pool, runs, chunks, held, parked, free } = group;
  const blocks = held + parked + free;
  const texts = [
    kind === "run" ? "large runs" : bytes(blockBytes),
    pool,
    exact(runs),
    bytes(chunks * chunkBytes),
    compact(held),
    compact(parked),
    compact(free),
    `${percent(blocks === 0 ? null : (held + parked) / blocks)} %`,
  ];
  for (const [index, text] of texts.entries()) setText(row.children[index] as Node, text);
}
