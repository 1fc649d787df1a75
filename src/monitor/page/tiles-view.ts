/** The row of great numbers on top: what everybody wants to know first. */
import { element, setAttribute, setQuantity, setText } from "./dom.js";
import { byteQuantity, bytes, exact, percent, plural, rate, rateQuantity } from "./format.js";
import type { Field, History } from "./history.js";
import { sparkPath } from "./spark.js";
import type { Frame } from "./wire.js";

const SVG = "http://www.w3.org/2000/svg";
const [SPARK_WIDTH, SPARK_HEIGHT, SPARK_SAMPLES] = [100, 26, 120] as const;

interface Tile {
  readonly value: HTMLElement;
  readonly note: HTMLElement;
  readonly line: SVGPathElement | null;
  readonly meter: HTMLElement | null;
}

function spark(colour: string): [SVGElement, SVGPathElement] {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${SPARK_WIDTH} ${SPARK_HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", `spark ${colour}`);
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  svg.append(line);
  return [svg, line];
}

function tile(parent: HTMLElement, label: string, kind: string): Tile {
  const value = element("p", { class: "value", text: "–" });
  const note = element("p", { class: "note quiet" });
  const box = element("div", { class: "tile" }, element("h2", { text: label }), value, note);
  let line: SVGPathElement | null = null;
  let meter: HTMLElement | null = null;
  if (kind === "meter") {
    meter = element("div", { class: "fill" });
    box.append(element("div", { class: "meter" }, meter));
  } else if (kind !== "") {
    const [svg, path] = spark(kind);
    line = path;
    box.append(svg);
  }
  parent.append(box);
  return { value, note, line, meter };
}

/** The tiles. */
export class TilesView {
  readonly #allocations: Tile;
  readonly #hits: Tile;
  readonly #parked: Tile;
  readonly #held: Tile;
  readonly #nonPaged: Tile;
  readonly #paged: Tile;

  constructor(parent: HTMLElement) {
    this.#allocations = tile(parent, "Allocations", "allocate");
    this.#hits = tile(parent, "Hit rate", "free");
    this.#parked = tile(parent, "Parked", "parked");
    this.#held = tile(parent, "Held", "depth");
    this.#nonPaged = tile(parent, "Nonpaged pool", "meter");
    this.#paged = tile(parent, "Paged pool", "meter");
  }

  show(frame: Frame, history: History): void {
    const misses = history.recent(null, "misses");
    setQuantity(this.#allocations.value, rateQuantity(history.recent(null, "allocates")));
    setText(this.#allocations.note, misses === null ? "measuring" : `${rate(misses)} misses/s`);

    const calls = frame.lists.reduce((sum, list) => sum + list.allocates, 0);
    const missed = frame.lists.reduce((sum, list) => sum + list.allocateMisses, 0);
    const hits = history.recent(null, "hitRate");
    setQuantity(this.#hits.value, { number: percent(hits), unit: hits === null ? "" : "%" });
    const whole =
      calls === 0 ? "no call yet" : `${percent((calls - missed) / calls)} % since start`;
    setText(this.#hits.note, whole);

    const sum = (field: "parked" | "held" | "parkedBytes" | "heldBytes"): number =>
      frame.lists.reduce((total, list) => total + list[field], 0);
    setQuantity(this.#parked.value, byteQuantity(sum("parkedBytes")));
    setText(this.#parked.note, plural(sum("parked"), "block"));
    setQuantity(this.#held.value, byteQuantity(sum("heldBytes")));
    setText(this.#held.note, plural(sum("held"), "block"));

    for (const pool of frame.pools) {
      const shown = pool.pool === "paged" ? this.#paged : this.#nonPaged;
      const share = pool.limitBytes === 0 ? 0 : pool.usedBytes / pool.limitBytes;
      setQuantity(shown.value, byteQuantity(pool.usedBytes));
      const peak = `peak ${bytes(pool.peakBytes)}`;
      setText(shown.note, `of ${bytes(pool.limitBytes)}, ${peak}`);
      shown.meter?.style.setProperty("width", `${Math.min(100, share * 100)}%`);
      setAttribute(shown.meter as HTMLElement, "data-full", String(share > 0.9));
      setAttribute(shown.note, "title", `${exact(pool.usedBytes)} bytes`);
    }
    this.#draw(this.#allocations, history, "allocates");
    this.#draw(this.#hits, history, "hitRate");
    this.#draw(this.#parked, history, "parkedBytes");
    this.#draw(this.#held, history, "heldBytes");
  }

  #draw({ line }: Tile, history: History, field: Field): void {
    const values = history.values(null, field).slice(-SPARK_SAMPLES);
    line?.setAttribute("d", sparkPath(values, SPARK_WIDTH, SPARK_HEIGHT, SPARK_SAMPLES));
  }
}
