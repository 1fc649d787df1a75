/**
 * The columns of the two tables as data: title, width, what it shows, what it sorts by, its key, and how soon
 * it goes when there is little room.
 */
import type { ListSnapshot, TagSnapshot } from "../../system/index.js";
import type { ListRates, TagRates } from "../observe/rates.js";
import { percent, shortBytes, shortCount, shortRate } from "../terminal/amounts.js";
import type { Style } from "../terminal/line.js";
import { clean, widthOf } from "../terminal/text.js";
import { sparkline } from "./sparkline.js";

/** A list, what it does, and how its depth moved. */
export interface ListRow {
  readonly list: ListSnapshot;
  readonly rates: ListRates;
  readonly depths: readonly number[];
}

/** A tag of one pool, and what it does. */
export interface TagRow {
  readonly tag: TagSnapshot;
  readonly rates: TagRates;
}

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** Columns of the terminal: at least, and at most when there is room. */
  readonly width: number;
  readonly widest?: (rows: readonly Row[]) => number;
  /** The greater, the sooner the column goes; 0 never. */
  readonly rank: number;
  /** Texts begin at the left, numbers end at the right. */
  readonly left?: true;
  readonly show: (row: Row, width: number, ascii: boolean) => string;
  readonly style?: (row: Row) => Style;
  /** What is sorted by: numbers begin with the greatest, texts with the first. Null comes last. */
  readonly by?: (row: Row) => number | string | null;
  readonly key?: string;
}

const KINDS = { block: "block", documented: "docum", object: "object" } as const;

const bytesOf = ({ list }: ListRow): number => list.parkedBytes + list.heldBytes;

/** A hit rate is good or bad; anything else is neither. */
function hitStyle(share: number | null): Style {
  if (share === null) return "dim";
  return share >= 0.99 ? "good" : share >= 0.9 ? "plain" : share >= 0.5 ? "doubtful" : "bad";
}

/** Columns of the table of lists. */
export const LIST_COLUMNS: readonly Column<ListRow>[] = [
  {
    title: "Tag",
    width: 4,
    rank: 0,
    left: true,
    show: ({ list }) => clean(list.tag),
    by: ({ list }) => list.tag,
    key: "t",
  },
  {
    title: "Name",
    width: 8,
    widest: (rows) => rows.reduce((most, { list }) => Math.max(most, widthOf(clean(list.name))), 8),
    rank: 8,
    left: true,
    show: ({ list }) => clean(list.name),
    by: ({ list }) => list.name,
    key: "n",
  },
  { title: "Kind", width: 6, rank: 13, left: true, show: ({ list }) => KINDS[list.kind] },
  {
    title: "Size",
    width: 6,
    rank: 7,
    show: ({ list }) => shortBytes(list.size),
    by: ({ list }) => list.size,
  },
  {
    title: "Held",
    width: 5,
    rank: 2,
    show: ({ list }) => shortCount(list.held),
    by: ({ list }) => list.held,
    key: "h",
  },
  {
    title: "Parked",
    width: 6,
    rank: 3,
    show: ({ list }) => shortCount(list.parked),
    by: ({ list }) => list.parked,
    key: "k",
  },
  {
    title: "Depth",
    width: 5,
    rank: 4,
    show: ({ list }) => shortCount(list.depth),
    by: ({ list }) => list.depth,
    key: "d",
  },
  {
    title: "Max",
    width: 5,
    rank: 12,
    show: ({ list }) => shortCount(list.maximumDepth),
    by: ({ list }) => list.maximumDepth,
  },
  {
    title: "Alloc/s",
    width: 7,
    rank: 1,
    show: ({ rates }) => shortRate(rates.allocates),
    by: ({ rates }) => rates.allocates,
    key: "a",
  },
  {
    title: "Hit%",
    width: 5,
    rank: 5,
    show: ({ rates }) => percent(rates.allocateHits),
    style: ({ rates }) => hitStyle(rates.allocateHits),
    by: ({ rates }) => rates.allocateHits,
  },
  {
    title: "Free/s",
    width: 6,
    rank: 6,
    show: ({ rates }) => shortRate(rates.frees),
    by: ({ rates }) => rates.frees,
    key: "f",
  },
  {
    title: "Kept%",
    width: 5,
    rank: 11,
    show: ({ rates }) => percent(rates.freeHits),
    style: ({ rates }) => hitStyle(rates.freeHits),
    by: ({ rates }) => rates.freeHits,
  },
  {
    title: "Miss/s",
    width: 6,
    rank: 10,
    show: ({ rates }) => shortRate(rates.misses),
    by: ({ rates }) => rates.misses,
    key: "m",
  },
  {
    title: "Bytes",
    width: 6,
    rank: 9,
    show: (row) => shortBytes(bytesOf(row)),
    by: bytesOf,
    key: "b",
  },
  {
    title: "Depth, trend",
    width: 12,
    widest: () => 30,
    rank: 9,
    left: true,
    show: ({ depths }, width, ascii) => sparkline(depths, width, ascii),
    style: () => "picture",
  },
];

const TYPES = { nonPaged: "Nonp", paged: "Paged" } as const;

/** Bytes that one block has on average, cut: as poolmon has it. */
export function bytesPerAllocation({ blocks, bytes }: TagSnapshot): number {
  return blocks === 0 ? 0 : Math.floor(bytes / blocks);
}

function signed(rate: number | null): string {
  if (rate === null) return "-";
  return rate === 0 ? "0" : `${rate < 0 ? "-" : "+"}${shortBytes(Math.abs(rate))}`;
}

/** Columns of the table of tags: poolmon's, with rates. */
export const TAG_COLUMNS: readonly Column<TagRow>[] = [
  {
    title: "Tag",
    width: 4,
    rank: 0,
    left: true,
    show: ({ tag }) => clean(tag.tag),
    by: ({ tag }) => tag.tag,
    key: "t",
  },
  {
    title: "Type",
    width: 5,
    rank: 4,
    left: true,
    show: ({ tag }) => TYPES[tag.pool],
    by: ({ tag }) => tag.pool,
  },
  {
    title: "Allocs",
    width: 6,
    rank: 6,
    show: ({ tag }) => shortCount(tag.allocs),
    by: ({ tag }) => tag.allocs,
  },
  {
    title: "Alloc/s",
    width: 7,
    rank: 3,
    show: ({ rates }) => shortRate(rates.allocs),
    by: ({ rates }) => rates.allocs,
    key: "a",
  },
  {
    title: "Frees",
    width: 6,
    rank: 7,
    show: ({ tag }) => shortCount(tag.frees),
    by: ({ tag }) => tag.frees,
  },
  {
    title: "Free/s",
    width: 6,
    rank: 5,
    show: ({ rates }) => shortRate(rates.frees),
    by: ({ rates }) => rates.frees,
    key: "f",
  },
  {
    title: "Diff",
    width: 6,
    rank: 2,
    show: ({ tag }) => shortCount(tag.blocks),
    by: ({ tag }) => tag.blocks,
    key: "d",
  },
  {
    title: "Bytes",
    width: 7,
    rank: 1,
    show: ({ tag }) => shortBytes(tag.bytes),
    by: ({ tag }) => tag.bytes,
    key: "b",
  },
  {
    title: "Bytes/s",
    width: 7,
    rank: 8,
    show: ({ rates }) => signed(rates.bytes),
    by: ({ rates }) => rates.bytes,
  },
  {
    title: "Per Alloc",
    width: 9,
    rank: 9,
    show: ({ tag }) => shortBytes(bytesPerAllocation(tag)),
    by: ({ tag }) => bytesPerAllocation(tag),
    key: "m",
  },
  {
    title: "Peak",
    width: 7,
    rank: 10,
    show: ({ tag }) => shortBytes(tag.peakBytes),
    by: ({ tag }) => tag.peakBytes,
  },
];
