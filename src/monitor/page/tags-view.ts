/** What each tag has of the pools, the greatest first: the page's poolmon. */
import { element, setAttribute, setChildren, setText } from "./dom.js";
import { bytes, compact, exact, plural, printable } from "./format.js";
import { answersTo } from "./table-order.js";
import type { Frame } from "./wire.js";

type Tag = Frame["tags"][number];

const HEADINGS = ["Tag", "Pool", "Blocks", "Bytes", "Peak"] as const;
const CLASSES = ["", "", "number rank2", "number", "number rank2"] as const;
/** Tags that are shown before somebody asks for more. */
const FIRST = 8;
const MOST = 200;

/** Tags that answer to a filter, by bytes held. */
export function tagsInOrder(tags: readonly Tag[], filter: string): Tag[] {
  return tags
    .filter(({ tag }) => answersTo({ name: tag, tag }, filter))
    .sort((left, right) => right.bytes - left.bytes || right.allocs - left.allocs);
}

/** The table of tags. */
export class TagsView {
  readonly #body: HTMLElement;
  readonly #count: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #table: HTMLElement;
  readonly #more: HTMLButtonElement;
  #all = false;

  constructor(parent: HTMLElement, count: HTMLElement, changed: () => void) {
    this.#count = count;
    const heads = element("tr");
    for (const [index, text] of HEADINGS.entries()) {
      heads.append(element("th", { scope: "col", class: CLASSES[index] ?? "", text }));
    }
    this.#body = element("tbody");
    this.#table = element("table", { class: "tags" }, element("thead", {}, heads), this.#body);
    this.#empty = element("p", { class: "empty" });
    this.#more = element("button", { type: "button", class: "button small" });
    this.#more.addEventListener("click", () => {
      this.#all = !this.#all;
      changed();
    });
    parent.append(this.#table, this.#empty, this.#more);
  }

  show({ tags }: Frame, filter: string): void {
    const found = tagsInOrder(tags, filter);
    const greatest = found[0]?.bytes ?? 0;
    const shown = found.slice(0, this.#all ? MOST : FIRST);
    setChildren(
      this.#body,
      shown,
      () => makeRow(),
      (row, tag) => showTag(row, tag, greatest),
    );
    setText(this.#count, found.length === tags.length ? plural(tags.length, "tag") : "filtered");
    setText(
      this.#empty,
      tags.length === 0 ? "Nothing was allocated yet." : "No tag answers to the filter.",
    );
    this.#empty.hidden = found.length > 0;
    this.#table.hidden = found.length === 0;
    this.#more.hidden = found.length <= FIRST;
    const all = found.length > MOST ? `the first ${MOST}` : `all ${exact(found.length)}`;
    setText(this.#more, this.#all ? "Show fewer" : `Show ${all}`);
    setAttribute(this.#more, "aria-expanded", String(this.#all));
  }
}

function makeRow(): HTMLTableRowElement {
  const tag = element("th", { scope: "row" }, element("code", { class: "tag" }));
  const row = element("tr", {}, tag, element("td"), element("td", { class: "number rank2" }));
  const held = element("td", { class: "number bar" }, element("span"), element("i"));
  row.append(held, element("td", { class: "number rank2" }));
  return row;
}

function showTag(row: HTMLElement, tag: Tag, greatest: number): void {
  const [name, pool, blocks, held, peak] = [...row.children] as HTMLElement[];
  setText(name?.firstElementChild as Node, printable(tag.tag));
  setText(pool as Node, tag.pool === "paged" ? "paged" : "nonpaged");
  setText(blocks as Node, compact(tag.blocks));
  setText(held?.firstElementChild as Node, bytes(tag.bytes));
  const bar = held?.lastElementChild as HTMLElement;
  bar.className = tag.pool === "paged" ? "paged" : "nonpaged";
  bar.style.setProperty("--share", (greatest === 0 ? 0 : tag.bytes / greatest).toFixed(3));
  setText(peak as Node, bytes(tag.peakBytes));
  setAttribute(row, "title", `${exact(tag.allocs)} allocations, ${exact(tag.frees)} frees`);
}
