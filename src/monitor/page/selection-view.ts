/**
 * What is known of the one list that the charts show: its facts from each frame, and what each thread has of
 * it, which is asked for apart every two seconds while somebody looks.
 */
import { element, setAttribute, setChildren, setText } from "./dom.js";
import { address, bytes, compact, exact, percent, printable } from "./format.js";
import type { FrameList } from "./wire.js";

/** A ring as `/snapshot.json` has it. */
interface Ring {
  readonly thread: number;
  readonly open: boolean;
  readonly parked: number;
  readonly limit: number;
  readonly allocates: number;
  readonly allocateMisses: number;
  readonly refills: number;
  readonly spills: number;
  readonly adopted: number;
}

const HEADINGS = [
  "Thread",
  "Parked",
  "Room",
  "Allocations",
  "Hit %",
  "Refills",
  "Spills",
  "Adopted",
];
const ASK_EVERY_MS = 2_000;

/** Facts of a list, by their names. */
export function factsOf(list: FrameList): [name: string, value: string][] {
  const facts: [string, string][] = [
    ["Tag", printable(list.tag)],
    ["Kind", list.kind === "documented" ? `documented, ${list.family}` : list.kind],
    ["Size", bytes(list.size)],
    ["Depth", `${exact(list.depth)} of ${exact(list.maximumDepth)}`],
    ["Parked", `${compact(list.parked)} · ${bytes(list.parkedBytes)}`],
    ["Held", `${compact(list.held)} · ${bytes(list.heldBytes)}`],
    ["Allocations", exact(list.allocates)],
    ["Misses", exact(list.allocateMisses)],
    ["Hit rate", `${percent(list.allocateHitRate)} %`],
    ["Frees", exact(list.frees)],
    ["No room", exact(list.freeMisses)],
    ["Trimmed", exact(list.trimmed)],
  ];
  if (list.kind === "documented") facts.push(["Address", address(list.address)]);
  else facts.push(["Policy", list.policy]);
  if (list.kind === "object") facts.push(["Thread", String(list.thread)]);
  else facts.push(["Pool", list.pool === "paged" ? "paged" : "nonpaged"]);
  if (list.kind !== "block") return facts;
  return [
    ...facts,
    ["Threads", exact(list.users)],
    ["Adopted", exact(list.adopted)],
    ["Failures", exact(list.failures)],
    ["Refused", exact(list.refused)],
  ];
}

/** Facts and rings. */
export class SelectionView {
  readonly #facts: HTMLElement;
  readonly #rings: HTMLDetailsElement;
  readonly #body: HTMLElement;
  #askedAt = 0;
  #asking = false;
  #id: string | null = null;

  constructor(facts: HTMLElement, rings: HTMLDetailsElement) {
    this.#facts = facts;
    this.#rings = rings;
    const heads = element("tr");
    for (const [index, text] of HEADINGS.entries()) {
      heads.append(element("th", { scope: "col", class: index === 0 ? "" : "number", text }));
    }
    this.#body = element("tbody");
    rings.lastElementChild?.append(element("table", {}, element("thead", {}, heads), this.#body));
    rings.addEventListener("toggle", () => void this.#ask());
  }

  /** Shows a list, or nothing. */
  show(list: FrameList | null): void {
    if (list?.id !== this.#id) this.#askedAt = 0;
    this.#id = list?.id ?? null;
    this.#facts.hidden = list === null;
    this.#rings.hidden = list?.kind !== "block";
    if (list === null) return;
    setChildren(
      this.#facts,
      factsOf(list),
      () => element("div", {}, element("dt"), element("dd")),
      (fact, [name, value]) => {
        setText(fact.firstElementChild as Node, name);
        setText(fact.lastElementChild as Node, value);
      },
    );
    void this.#ask();
  }

  async #ask(): Promise<void> {
    const id = this.#id;
    const now = performance.now();
    const soon = this.#askedAt > 0 && now - this.#askedAt < ASK_EVERY_MS;
    if (id === null || this.#rings.hidden || !this.#rings.open || this.#asking || soon) return;
    this.#asking = true;
    this.#askedAt = now;
    try {
      const response = await fetch(`snapshot.json?list=${encodeURIComponent(id)}`);
      const { lists } = (await response.json()) as { lists: { id: string; rings?: Ring[] }[] };
      const rings = lists.find((list) => list.id === id)?.rings;
      if (rings !== undefined && id === this.#id) setChildren(this.#body, rings, makeRow, showRing);
    } catch {
      // The stream tells that the server is away; the rings stay as they were.
    } finally {
      this.#asking = false;
    }
  }
}

function makeRow(): HTMLTableRowElement {
  const row = element("tr", {}, element("th", { scope: "row" }));
  for (let index = 1; index < HEADINGS.length; index++)
    row.append(element("td", { class: "number" }));
  return row;
}

function showRing(row: HTMLElement, ring: Ring): void {
  const { thread, open, parked, limit, allocates, allocateMisses, refills, spills, adopted } = ring;
  const hits = allocates === 0 ? null : (allocates - allocateMisses) / allocates;
  const texts = [
    open ? String(thread) : `${thread} (left)`,
    exact(parked),
    exact(limit),
    compact(allocates),
    percent(hits),
    compact(refills),
    compact(spills),
    compact(adopted),
  ];
  for (const [index, text] of texts.entries()) setText(row.children[index] as Node, text);
  setAttribute(row, "data-open", String(open));
}
