/**
 * The layouts of `!lookaside` and poolmon, as text of numbers: for reports of this process, and of another
 * one's snapshot (semantics 13).
 */

/** What `!lookaside` shows of a list. "Max Depth" is the present limit, as in the debugger. */
export interface LookasideNumbers {
  readonly parked: number;
  readonly depth: number;
  readonly size: number;
  readonly allocates: number;
  readonly allocateMisses: number;
  readonly frees: number;
  readonly freeMisses: number;
}

/** What poolmon shows of a tag in one pool. */
export interface TagNumbers {
  readonly allocs: number;
  readonly frees: number;
  readonly blocks: number;
  readonly bytes: number;
}

/** Hits in whole percent, cut; no calls show as 0. */
export function hitPercent(calls: number, misses: number): number {
  return calls === 0 ? 0 : Math.floor((100 * Math.max(0, calls - misses)) / calls);
}

function row(
  left: string,
  leftValue: string | number,
  right: string,
  rightValue: string | number,
): string {
  return `  ${left.padEnd(16)} = ${String(leftValue).padEnd(12)} ${right.padEnd(14)} = ${rightValue}`;
}

/** One list, under a heading, with its type. */
export function lookasideLayout(heading: string, type: string, list: LookasideNumbers): string {
  const rate = (calls: number, misses: number): string => `${hitPercent(calls, misses)}%`;
  return [
    heading,
    `  Type             = ${type}`,
    row("Current Depth", list.parked, "Max Depth", list.depth),
    row("Size", list.size, "Max Alloc", list.size * list.depth),
    row("AllocateMisses", list.allocateMisses, "FreeMisses", list.freeMisses),
    row("TotalAllocates", list.allocates, "TotalFrees", list.frees),
    row(
      "Hit Rate",
      rate(list.allocates, list.allocateMisses),
      "Hit Rate",
      rate(list.frees, list.freeMisses),
    ),
  ].join("\n");
}

/** Cells in columns: the first as wide as its column already, the others at the right of `widths`. */
export function columnsOf(
  first: string,
  others: readonly (string | number)[],
  widths: readonly number[],
): string {
  const right = others.map((cell, at) => String(cell).padStart(widths[at] as number));
  return [first, ...right].join(" ").trimEnd();
}

/** Columns of a tag in poolmon's table, and of the cells after it. */
export const POOLMON_TAG_WIDTH = 5;
const POOLMON_WIDTHS = [5, 20, 20, 10, 22, 12];

/** The first line of poolmon's table. */
export const POOLMON_HEADING = columnsOf(
  "Tag".padEnd(POOLMON_TAG_WIDTH),
  ["Type", "Allocs", "Frees", "Diff", "Bytes", "Per Alloc"],
  POOLMON_WIDTHS,
);

/** One tag, padded to its width, in one pool, with what changed since `last` in parentheses. */
export function poolmonRow(tag: string, type: string, now: TagNumbers, last: TagNumbers): string {
  const change = (of: "allocs" | "frees" | "bytes"): string => `${now[of]} (${now[of] - last[of]})`;
  const perBlock = now.blocks === 0 ? 0 : Math.floor(now.bytes / now.blocks);
  return columnsOf(
    tag,
    [type, change("allocs"), change("frees"), now.blocks, change("bytes"), perBlock],
    POOLMON_WIDTHS,
  );
}

/** What is known of a tag that is new since the last look. */
export const NO_NUMBERS: TagNumbers = { allocs: 0, frees: 0, blocks: 0, bytes: 0 };
