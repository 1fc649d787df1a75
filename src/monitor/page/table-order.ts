/** Which lists the table shows, in which order, on which page: pure functions over rows. */
import type { FrameList } from "./wire.js";

/** A list with its present rates. */
export interface Row {
  readonly list: FrameList;
  /** Allocations a second, and shares of hits just now; null where nothing was called. */
  readonly rate: number | null;
  readonly hitRate: number | null;
  readonly freeHitRate: number | null;
}

/** What rows can be sorted by. */
export type SortKey =
  | "name"
  | "kind"
  | "size"
  | "depth"
  | "parked"
  | "held"
  | "rate"
  | "hitRate"
  | "freeHitRate"
  | "misses";

/** The order of the table. */
export interface Order {
  readonly key: SortKey;
  readonly descending: boolean;
}

const NUMBERS: Readonly<Record<Exclude<SortKey, "name" | "kind">, (row: Row) => number | null>> = {
  size: ({ list }) => list.size,
  depth: ({ list }) => list.depth,
  parked: ({ list }) => list.parkedBytes,
  held: ({ list }) => list.heldBytes,
  rate: ({ rate }) => rate,
  hitRate: ({ hitRate }) => hitRate,
  freeHitRate: ({ freeHitRate }) => freeHitRate,
  misses: ({ list }) => list.allocateMisses,
};

const byText = new Intl.Collator("en", { numeric: true }).compare;

function byName(left: Row, right: Row): number {
  return byText(left.list.name, right.list.name) || byText(left.list.id, right.list.id);
}

/** Rows in order; what has no number comes last either way, and names decide between equals. */
export function ordered(rows: readonly Row[], { key, descending }: Order): Row[] {
  const sign = descending ? -1 : 1;
  if (key === "name") return rows.toSorted((left, right) => sign * byName(left, right));
  if (key === "kind") {
    return rows.toSorted(
      (left, right) => sign * byText(left.list.kind, right.list.kind) || byName(left, right),
    );
  }
  const number = NUMBERS[key];
  return rows.toSorted((left, right) => {
    const [first, second] = [number(left), number(right)];
    if (first === null || second === null) {
      return Number(first === null) - Number(second === null) || byName(left, right);
    }
    return sign * (first - second) || byName(left, right);
  });
}

/** Whether a list answers to a filter: a part of its name, or of its tag. Case counts for nothing. */
export function answersTo(
  { name, tag }: { readonly name: string; readonly tag: string },
  filter: string,
): boolean {
  const wanted = filter.trim().toLowerCase();
  return name.toLowerCase().includes(wanted) || tag.toLowerCase().includes(wanted);
}

/** The order after a click on a heading: numbers begin with the greatest, texts with A. */
export function turned(order: Order, key: SortKey): Order {
  if (order.key === key) return { key, descending: !order.descending };
  return { key, descending: key !== "name" && key !== "kind" };
}

/** One page of rows. */
export interface PageOfRows<Item> {
  readonly rows: readonly Item[];
  /** Number of this page from 0, and how many there are: at least one. */
  readonly page: number;
  readonly pages: number;
}

/** The rows of a page; a page that there is no more of becomes the last. */
export function pageOf<Item>(all: readonly Item[], page: number, size: number): PageOfRows<Item> {
  const pages = Math.max(1, Math.ceil(all.length / size));
  const shown = Math.min(Math.max(0, page), pages - 1);
  return { rows: all.slice(shown * size, (shown + 1) * size), page: shown, pages };
}
