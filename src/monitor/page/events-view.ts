/** The event log, newest first, with a switch for each kind. */
import { element, setAttribute, setChildren, setText } from "./dom.js";
import { clock, lasting, plural, printable } from "./format.js";
import { answersTo } from "./table-order.js";
import type { LogEntry, LogKind } from "./wire.js";

/** Kinds as the switches name them. */
const KINDS: readonly (readonly [LogKind, string])[] = [
  ["miss", "misses"],
  ["overflow", "overflows"],
  ["depth", "depth"],
  ["failure", "failures"],
  ["error", "errors"],
  ["recovery", "recoveries"],
  ["thread", "threads"],
  ["list", "lists"],
  ["system", "system"],
];

const KEPT = 1_000;
const SHOWN = 200;

/** What is kept of the log: the newest thousand, each once, oldest first. */
export function merged(known: readonly LogEntry[], news: readonly LogEntry[]): LogEntry[] {
  const first = news[0];
  const last = known.at(-1);
  // Numbers begin again when another server answers at the same address.
  const again = first !== undefined && last !== undefined && first.id === 1 && first.at > last.at;
  const before = again ? [] : known;
  const lastId = before.at(-1)?.id ?? 0;
  return [...before, ...news.filter(({ id }) => id > lastId)].slice(-KEPT);
}

/** Misses and overflows of one list are told together for as long. */
const TOGETHER_MS = 10_000;
const TOLD_TOGETHER: Readonly<Partial<Record<LogKind, readonly [one: string, many: string]>>> = {
  miss: ["miss", "misses"],
  overflow: ["free found no room", "frees found no room"],
};

/**
 * Entries as they are shown, newest first: those that come with every look (misses, overflows) are one line
 * for each list and ten seconds.
 */
export function toldTogether(entries: readonly LogEntry[]): LogEntry[] {
  const told: LogEntry[] = [];
  const places = new Map<string, number>();
  for (const entry of entries.toReversed()) {
    const words = TOLD_TOGETHER[entry.kind];
    if (words === undefined || entry.list === null) {
      told.push(entry);
      continue;
    }
    const key = `${entry.kind} ${Math.floor(entry.at / TOGETHER_MS)} ${entry.list}`;
    const place = places.get(key);
    if (place === undefined) {
      places.set(key, told.push(entry) - 1);
      continue;
    }
    const first = told[place] as LogEntry;
    const count = first.count + entry.count;
    const overMs = first.overMs + entry.overMs;
    told[place] = { ...first, count, overMs, text: plural(count, ...words) };
  }
  return told;
}

/** The log. */
export class EventsView {
  readonly #list: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #off = new Set<LogKind>();
  #entries: readonly LogEntry[] = [];
  #filter = "";
  #periodMs = 500;

  constructor(parent: HTMLElement, switches: HTMLElement) {
    for (const [kind, label] of KINDS) switches.append(this.#switch(kind, label));
    this.#list = element("ol", { class: "entries" });
    this.#empty = element("p", { class: "empty", text: "Nothing has happened since you look." });
    parent.append(this.#empty, this.#list);
  }

  /** Takes new entries, and shows them if they pass. */
  add(news: readonly LogEntry[]): void {
    this.#entries = merged(this.#entries, news);
    this.#show();
  }

  /** Shows entries of lists that answer to a filter; a longer look than the period is told. */
  set(filter: string, periodMs: number): void {
    if (filter === this.#filter && periodMs === this.#periodMs) return;
    this.#filter = filter;
    this.#periodMs = periodMs;
    this.#show();
  }

  #switch(kind: LogKind, label: string): HTMLElement {
    const button = element("button", {
      type: "button",
      class: "chip",
      "data-kind": kind,
      "aria-pressed": "true",
      text: label,
    });
    button.addEventListener("click", () => {
      const off = !this.#off.has(kind);
      if (off) this.#off.add(kind);
      else this.#off.delete(kind);
      setAttribute(button, "aria-pressed", String(!off));
      this.#show();
    });
    return button;
  }

  #show(): void {
    const passing = this.#entries.filter(
      ({ kind, list }) => !this.#off.has(kind) && this.#passes(list),
    );
    const shown = toldTogether(passing).slice(0, SHOWN);
    this.#empty.hidden = shown.length > 0;
    setText(
      this.#empty,
      this.#entries.length === 0
        ? "Nothing has happened since you look."
        : "Nothing passes the filter.",
    );
    setChildren(this.#list, shown, makeEntry, (item, entry) =>
      showEntry(item, entry, this.#periodMs),
    );
  }

  #passes(list: string | null): boolean {
    return (
      this.#filter.trim() === "" ||
      (list !== null && answersTo({ name: list, tag: "" }, this.#filter))
    );
  }
}

function makeEntry(): HTMLLIElement {
  const parts = [element("time"), element("span", { class: "badge" })];
  return element(
    "li",
    {},
    ...parts,
    element("b", { class: "of" }),
    element("span", { class: "what" }),
  );
}

function showEntry(item: HTMLElement, entry: LogEntry, periodMs: number): void {
  const [time, badge, list, what] = [...item.children] as HTMLElement[];
  setText(time as Node, clock(entry.at));
  setText(badge as Node, entry.kind);
  setAttribute(badge as HTMLElement, "data-kind", entry.kind);
  setText(list as Node, entry.list === null ? "" : printable(entry.list));
  const long = entry.overMs > Math.max(1_500, 3 * periodMs) ? ` in ${lasting(entry.overMs)}` : "";
  setText(what as Node, `${printable(entry.text)}${long}`);
}
