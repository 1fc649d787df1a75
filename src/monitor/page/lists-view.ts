/**
 * The table of lists: sorted by any column, filtered, a hundred to a page. Rows are made once and shown
 * anew, so that focus and selection stay where they are while numbers change.
 *
 * Keys: Tab comes to the table once; arrows, Home, End, Page Up and Page Down go from row to row, Enter or
 * Space shows the row's list in the charts, Escape shows all lists again.
 */
import { element, setAttribute, setChildren, setText } from "./dom.js";
import { bytes, compact, exact, percent, printable, rate } from "./format.js";
import { type Order, ordered, pageOf, type Row, type SortKey, turned } from "./table-order.js";

interface Column {
  readonly key: SortKey;
  readonly label: string;
  readonly hint: string;
  /** 1 is always there, 2 from tablets on, 3 on wide screens. */
  readonly rank: 1 | 2 | 3;
  readonly text: (row: Row) => string;
  readonly title?: (row: Row) => string;
}

const POLICIES = (row: Row): string =>
  row.list.kind === "documented" ? row.list.family : row.list.policy;

const COLUMNS: readonly Column[] = [
  { key: "kind", label: "Kind", hint: "Kind of list", rank: 3, text: (row) => row.list.kind },
  {
    key: "size",
    label: "Size",
    hint: "Bytes of each block",
    rank: 2,
    text: ({ list }) => bytes(list.size),
    title: ({ list }) => `${exact(list.size)} bytes`,
  },
  {
    key: "depth",
    label: "Depth",
    hint: "Present limit on parked blocks, of its ceiling",
    rank: 1,
    text: ({ list }) => compact(list.depth),
    title: (row) => `of at most ${exact(row.list.maximumDepth)}, policy ${POLICIES(row)}`,
  },
  {
    key: "parked",
    label: "Parked",
    hint: "Free in the list",
    rank: 2,
    text: ({ list }) => compact(list.parked),
    title: ({ list }) => bytes(list.parkedBytes),
  },
  {
    key: "held",
    label: "Held",
    hint: "In users' hands",
    rank: 2,
    text: ({ list }) => compact(list.held),
    title: ({ list }) => bytes(list.heldBytes),
  },
  {
    key: "rate",
    label: "Alloc/s",
    hint: "Allocations a second, over the last two seconds",
    rank: 1,
    text: (row) => rate(row.rate),
  },
  {
    key: "hitRate",
    label: "Hit %",
    hint: "Allocations that parked blocks served, over the last two seconds",
    rank: 1,
    text: (row) => percent(row.hitRate),
  },
  {
    key: "freeHitRate",
    label: "Free hit %",
    hint: "Frees that found room, over the last two seconds",
    rank: 3,
    text: (row) => percent(row.freeHitRate),
  },
  {
    key: "misses",
    label: "Misses",
    hint: "Allocations that no parked block could serve, since the start",
    rank: 3,
    text: ({ list }) => compact(list.allocateMisses),
    title: ({ list }) => `${exact(list.allocateMisses)} of ${exact(list.allocates)}`,
  },
];

/** Rows on one page. */
export const PAGE_ROWS = 100;

/** What the table tells the page. */
export interface ListsListener {
  selected(id: string | null): void;
  /** The order or the page was changed: show again. */
  changed(): void;
}

/** The table. */
export class ListsView {
  readonly #listener: ListsListener;
  readonly #body: HTMLTableSectionElement;
  readonly #heads = new Map<SortKey, HTMLTableCellElement>();
  readonly #pages: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #table: HTMLElement;
  #order: Order = { key: "name", descending: false };
  #page = 0;
  #selected: string | null = null;
  /** The list whose row Tab comes to. */
  #current: string | null = null;

  constructor(parent: HTMLElement, pages: HTMLElement, listener: ListsListener) {
    this.#listener = listener;
    this.#pages = pages;
    const heads = element("tr");
    heads.append(this.#head("name", "List", "Name and tag", "rank1 name"));
    for (const { key, label, hint, rank } of COLUMNS) {
      const side = key === "kind" ? "" : " number";
      heads.append(this.#head(key, label, hint, `rank${rank}${side}`));
    }
    this.#body = element("tbody");
    this.#body.addEventListener("keydown", (event) => this.#key(event));
    this.#body.addEventListener("click", (event) => this.#click(event));
    this.#table = element("table", { class: "lists" }, element("thead", {}, heads), this.#body);
    this.#empty = element("p", { class: "empty" });
    parent.append(this.#table, this.#empty);
    this.#makePages();
  }

  /** Shows rows that passed the filter, of `all` lists there are. */
  show(rows: readonly Row[], all: number): void {
    const { rows: shown, page, pages } = pageOf(ordered(rows, this.#order), this.#page, PAGE_ROWS);
    this.#page = page;
    const ids = new Set(shown.map(({ list }) => list.id));
    if (this.#current === null || !ids.has(this.#current)) {
      const [first] = shown;
      this.#current = first?.list.id ?? null;
    }
    const focused = this.#body.contains(document.activeElement);
    setChildren(
      this.#body,
      shown,
      () => this.#makeRow(),
      (child, row) => this.#showRow(child, row),
    );
    if (focused) this.#followFocus();
    this.#table.hidden = rows.length === 0;
    this.#empty.hidden = rows.length > 0;
    setText(
      this.#empty,
      all === 0 ? "No list has been made yet." : "No list answers to the filter.",
    );
    this.#showPages(page, pages, rows.length);
  }

  /** Marks the list that the charts show. */
  select(id: string | null): void {
    this.#selected = id;
  }

  /** Shows the first page again: the filter was changed. */
  toFirstPage(): void {
    this.#page = 0;
  }

  #head(key: SortKey, label: string, hint: string, kind: string): HTMLTableCellElement {
    const button = element("button", { type: "button", class: "sort", text: label, title: hint });
    button.addEventListener("click", () => {
      this.#order = turned(this.#order, key);
      this.#showOrder();
      this.#listener.changed();
    });
    const cell = element("th", { scope: "col", class: kind }, button);
    this.#heads.set(key, cell);
    if (key === this.#order.key) cell.setAttribute("aria-sort", "ascending");
    return cell;
  }

  #showOrder(): void {
    for (const [key, cell] of this.#heads) {
      if (key !== this.#order.key) cell.removeAttribute("aria-sort");
      else cell.setAttribute("aria-sort", this.#order.descending ? "descending" : "ascending");
    }
  }

  #makeRow(): HTMLTableRowElement {
    const name = element("button", { type: "button", class: "row-name" });
    name.append(element("span", { class: "list-name" }), element("code", { class: "tag" }));
    const row = element("tr", {}, element("th", { scope: "row", class: "rank1 name" }, name));
    for (const { key, rank } of COLUMNS) {
      const cell = element("td", { class: `rank${rank}${key === "kind" ? "" : " number"}` });
      if (key === "depth") cell.append(element("span"), element("i", { class: "gauge" }));
      row.append(cell);
    }
    return row;
  }

  #showRow(element: HTMLTableRowElement, row: Row): void {
    const { list } = row;
    element.dataset["id"] = list.id;
    const [head, ...cells] = [...element.children] as HTMLElement[];
    const button = head?.firstElementChild as HTMLElement;
    setText(button.firstElementChild as Node, printable(list.name));
    setText(button.lastElementChild as Node, printable(list.tag));
    setAttribute(button, "aria-pressed", String(list.id === this.#selected));
    setAttribute(button, "tabindex", list.id === this.#current ? "0" : "-1");
    for (const [index, { key, text, title }] of COLUMNS.entries()) {
      const cell = cells[index] as HTMLElement;
      setText(key === "depth" ? (cell.firstElementChild as Node) : cell, text(row));
      if (title !== undefined) setAttribute(cell, "title", title(row));
      if (key !== "depth") continue;
      const share = list.maximumDepth === 0 ? 0 : list.depth / list.maximumDepth;
      (cell.lastElementChild as HTMLElement).style.setProperty("--share", share.toFixed(3));
    }
    const hits = row.hitRate;
    setAttribute(element, "data-poor", String(hits !== null && hits < 0.5));
  }

  /** Rows change places: the focus goes with its list. */
  #followFocus(): void {
    const button = this.#body.querySelector<HTMLElement>('.row-name[tabindex="0"]');
    if (button !== document.activeElement) button?.focus({ preventScroll: true });
  }

  #click(event: MouseEvent): void {
    const row = (event.target as Element).closest<HTMLElement>("tr[data-id]");
    const id = row?.dataset["id"];
    if (id === undefined) return;
    this.#current = id;
    this.#listener.selected(id === this.#selected ? null : id);
  }

  #key(event: KeyboardEvent): void {
    const rows = [...this.#body.children] as HTMLElement[];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + 10,
      PageUp: at - 10,
      Home: 0,
      End: rows.length - 1,
    };
    if (event.key === "Escape") this.#listener.selected(null);
    const to = steps[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const row = rows[Math.min(rows.length - 1, Math.max(0, to))];
    const button = row?.querySelector<HTMLElement>(".row-name");
    this.#current = row?.dataset["id"] ?? null;
    for (const other of this.#body.querySelectorAll(".row-name")) {
      setAttribute(other, "tabindex", other === button ? "0" : "-1");
    }
    button?.focus();
  }

  #makePages(): void {
    const step = (label: string, by: number): HTMLElement => {
      const button = element("button", { type: "button", class: "button small", text: label });
      button.addEventListener("click", () => {
        this.#page += by;
        this.#listener.changed();
      });
      return button;
    };
    const where = element("p", { class: "quiet", role: "status" });
    this.#pages.append(step("Previous", -1), where, step("Next", 1));
  }

  #showPages(page: number, pages: number, count: number): void {
    this.#pages.hidden = pages <= 1;
    const [back, where, on] = [...this.#pages.children] as HTMLElement[];
    const [first, last] = [page * PAGE_ROWS + 1, Math.min(count, (page + 1) * PAGE_ROWS)];
    setText(where as Node, `${exact(first)}–${exact(last)} of ${exact(count)}`);
    (back as HTMLButtonElement).disabled = page === 0;
    (on as HTMLButtonElement).disabled = page >= pages - 1;
  }
}
