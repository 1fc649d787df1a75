/**
 * Reports as people know them, as text: `!lookaside` and `!poolused` of the debugger, poolmon
 * (semantics 13).
 */
import { refuse, ulong } from "./arguments.js";
import { POOL_TYPE } from "./constants.js";
import { tagText } from "./pool.js";
import {
  type LookasideInformation,
  type PoolTally,
  poolUsage,
  queryLookaside,
  queryLookasideLists,
} from "./query.js";
import { hex } from "./raise.js";

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [8, "QuotaFailInsteadOfRaise"],
  [16, "RaiseIfAllocationFailure"],
  [256, "Cold"],
];

/** The names of a stored Type: the base pool, then its flags. */
export function typeNames(Type: number): string {
  const type = ulong("typeNames", "Type", Type);
  const flags = FLAG_NAMES.filter(([bit]) => (type & bit) !== 0);
  const base = flags.reduce((rest, [bit]) => rest & ~bit, type);
  const name = Object.entries(POOL_TYPE).find(([, value]) => value === base)?.[0];
  const known =
    name ?? `${(base & 1) !== 0 ? "PagedPool" : "NonPagedPool"}${(base & 512) !== 0 ? " Nx" : ""}`;
  return [known, ...flags.map(([, flag]) => flag)].join(" ");
}

/** Hits in whole percent, cut; a total of zero shows as 0. */
export function hitRate(Total: number, Misses: number): number {
  const total = ulong("hitRate", "Total", Total);
  const hits = Math.max(0, total - ulong("hitRate", "Misses", Misses));
  return total === 0 ? 0 : Math.floor((100 * hits) / total);
}

function row(
  left: string,
  leftValue: string | number,
  right: string,
  rightValue: string | number,
): string {
  return `  ${left.padEnd(16)} = ${String(leftValue).padEnd(12)} ${right.padEnd(14)} = ${rightValue}`;
}

function lookasideText(list: LookasideInformation): string {
  const rate = (total: number, misses: number): string => `${hitRate(total, misses)}%`;
  return [
    `Lookaside "${list.Family} list" @ 0x${hex(list.Address)}  ` +
      `Tag(hex): 0x${hex(list.Tag)} "${tagText(list.Tag)}"`,
    `  Type             = ${hex(list.Type, 4)} ${typeNames(list.Type)}`,
    row("Current Depth", list.CurrentDepth, "Max Depth", list.Depth),
    row("Size", list.Size, "Max Alloc", list.Size * list.Depth),
    row("AllocateMisses", list.AllocateMisses, "FreeMisses", list.FreeMisses),
    row("TotalAllocates", list.TotalAllocates, "TotalFrees", list.TotalFrees),
    row(
      "Hit Rate",
      rate(list.TotalAllocates, list.AllocateMisses),
      "Hit Rate",
      rate(list.TotalFrees, list.FreeMisses),
    ),
  ].join("\n");
}

/**
 * The `!lookaside` report of one list, or of all. "Max Depth" is the present limit, as in the debugger.
 */
export function reportLookaside(Lookaside?: number): string {
  const lists = Lookaside === undefined ? queryLookasideLists() : [queryLookaside(Lookaside)];
  return lists.length === 0
    ? "No lookaside lists are in use"
    : lists.map(lookasideText).join("\n\n");
}

function columns(cells: readonly (string | number)[], widths: readonly number[]): string {
  return cells
    .map((cell, at) =>
      at === 0
        ? String(cell).padEnd(widths[at] as number)
        : String(cell).padStart(widths[at] as number),
    )
    .join(" ")
    .trimEnd();
}

/** The `!poolused` report: per tag, blocks and bytes of nonpaged and of paged pool, then the totals. */
export function reportPoolUsed(): string {
  const widths = [6, 10, 14, 10, 14];
  const tags = poolUsage();
  const total = (pick: (tag: (typeof tags)[number]) => number): number =>
    tags.reduce((sum, tag) => sum + pick(tag), 0);
  return [
    columns(["", "NonPaged", "", "Paged", ""], widths),
    columns(["Tag", "Allocs", "Used", "Allocs", "Used"], widths),
    ...tags.map((tag) =>
      columns(
        [tag.TagText, tag.NonPaged.Diff, tag.NonPaged.Bytes, tag.Paged.Diff, tag.Paged.Bytes],
        widths,
      ),
    ),
    columns(
      [
        "TOTAL",
        total((tag) => tag.NonPaged.Diff),
        total((tag) => tag.NonPaged.Bytes),
        total((tag) => tag.Paged.Diff),
        total((tag) => tag.Paged.Bytes),
      ],
      widths,
    ),
  ].join("\n");
}

/** What an earlier report knew of a tag that is new since. */
const NONE: PoolTally = { Allocs: 0, Frees: 0, Diff: 0, Bytes: 0, PeakBytes: 0 };

function isTally(value: unknown): boolean {
  const tally = value as Partial<PoolTally> | null | undefined;
  return [tally?.Allocs, tally?.Frees, tally?.Bytes].every((count) => typeof count === "number");
}

function isTagInformation(value: unknown): boolean {
  const tag = value as Partial<ReturnType<typeof poolUsage>[number]> | null | undefined;
  return typeof tag?.Tag === "number" && isTally(tag.NonPaged) && isTally(tag.Paged);
}

/**
 * The poolmon table: one row for each tag and pool. Changes against an earlier report stand in parentheses.
 * @throws {LookasideError} ERR_ARGUMENT when `before` is none.
 */
export function reportPoolmon(before?: ReturnType<typeof poolUsage>): string {
  if (before !== undefined && !(Array.isArray(before) && before.every(isTagInformation))) {
    refuse("reportPoolmon", "before", before, "what poolUsage() gave is needed");
  }
  const earlier = new Map((before ?? []).map((tag) => [tag.Tag, tag]));
  const widths = [5, 5, 20, 20, 10, 22, 12];
  const rows: string[] = [
    columns(["Tag", "Type", "Allocs", "Frees", "Diff", "Bytes", "Per Alloc"], widths),
  ];
  for (const tag of poolUsage()) {
    const old = earlier.get(tag.Tag);
    for (const [type, tally, last] of [
      ["Nonp", tag.NonPaged, old?.NonPaged],
      ["Paged", tag.Paged, old?.Paged],
    ] as const) {
      if (tally.Allocs === 0) continue;
      rows.push(
        columns(poolmonCells(tag.TagText, type, tally, before ? (last ?? NONE) : tally), widths),
      );
    }
  }
  return rows.join("\n");
}

function poolmonCells(
  text: string,
  type: string,
  now: PoolTally,
  last: PoolTally,
): (string | number)[] {
  const change = (value: number, was: number): string => `${value} (${value - was})`;
  return [
    text,
    type,
    change(now.Allocs, last.Allocs),
    change(now.Frees, last.Frees),
    now.Diff,
    change(now.Bytes, last.Bytes),
    now.Diff === 0 ? 0 : Math.floor(now.Bytes / now.Diff),
  ];
}
