/**
 * Reports as people know them, as text: `!lookaside` and `!poolused` of the debugger, poolmon
 * (semantics 13).
 */
import {
  columnsOf,
  hitPercent,
  lookasideLayout,
  NO_NUMBERS,
  POOLMON_HEADING,
  POOLMON_TAG_WIDTH,
  poolmonRow,
  type TagNumbers,
} from "../base/index.js";
import { refuse, ulong } from "./arguments.js";
import { POOL_TYPE } from "./constants.js";
import {
  type LookasideInformation,
  type PoolTally,
  poolUsage,
  queryLookaside,
  queryLookasideLists,
} from "./query.js";
import { hex } from "./raise.js";
import { tagText } from "./tag.js";

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [8, "QuotaFailInsteadOfRaise"],
  [16, "RaiseIfAllocationFailure"],
  [256, "Cold"],
];

/**
 * The names of a stored Type: the base pool, then its flags. Needs no machine. @throws {LookasideError}
 * ERR_ARGUMENT
 *
 * @example
 * ```ts
 * console.log(typeNames(PagedPool)); // PagedPool
 * ```
 */
export function typeNames(Type: number): string {
  const type = ulong("typeNames", "Type", Type);
  const flags = FLAG_NAMES.filter(([bit]) => (type & bit) !== 0);
  const base = flags.reduce((rest, [bit]) => rest & ~bit, type);
  const name = Object.entries(POOL_TYPE).find(([, value]) => value === base)?.[0];
  const known =
    name ?? `${(base & 1) !== 0 ? "PagedPool" : "NonPagedPool"}${(base & 512) !== 0 ? " Nx" : ""}`;
  return [known, ...flags.map(([, flag]) => flag)].join(" ");
}

/**
 * Hits in whole percent, cut; a total of zero shows as 0. Needs no machine. @throws {LookasideError}
 * ERR_ARGUMENT
 *
 * @example
 * ```ts
 * console.log(hitRate(73, 24)); // 67
 * ```
 */
export function hitRate(Total: number, Misses: number): number {
  return hitPercent(ulong("hitRate", "Total", Total), ulong("hitRate", "Misses", Misses));
}

function lookasideText(list: LookasideInformation): string {
  const heading =
    `Lookaside "${list.Family} list" @ 0x${hex(list.Address)}  ` +
    `Tag(hex): 0x${hex(list.Tag)} "${tagText(list.Tag)}"`;
  return lookasideLayout(heading, `${hex(list.Type, 4)} ${typeNames(list.Type)}`, {
    parked: list.CurrentDepth,
    depth: list.Depth,
    size: list.Size,
    allocates: list.TotalAllocates,
    allocateMisses: list.AllocateMisses,
    frees: list.TotalFrees,
    freeMisses: list.FreeMisses,
  });
}

/**
 * The `!lookaside` report of one list, or of all. "Max Depth" is the present limit, as in the debugger. Any
 * thread, any IRQL; O(lists). Source: semantics 13.1.
 *
 * @throws {LookasideError} and {BugCheck} as {@link queryLookaside}.
 *
 * @example
 * ```ts
 * boot();
 * console.log(reportLookaside()); // No lookaside lists are in use
 * shutdown();
 * ```
 */
export function reportLookaside(Lookaside?: number): string {
  const lists = Lookaside === undefined ? queryLookasideLists() : [queryLookaside(Lookaside)];
  return lists.length === 0
    ? "No lookaside lists are in use"
    : lists.map(lookasideText).join("\n\n");
}

/** Widths of `!poolused`: the tag's, and those of the other columns. */
const POOLUSED_TAG_WIDTH = 6;
const POOLUSED_WIDTHS = [10, 14, 10, 14];

function poolUsedRow(tag: string, ...cells: readonly (string | number)[]): string {
  return columnsOf(tag.padEnd(POOLUSED_TAG_WIDTH), cells, POOLUSED_WIDTHS);
}

/**
 * The `!poolused` report: per tag, blocks and bytes of nonpaged and of paged pool, then the totals. Any
 * thread, any IRQL; cost as {@link poolUsage}. Source: semantics 13.3. @throws {LookasideError}
 * ERR_NOT_ATTACHED
 *
 * @example
 * ```ts
 * boot();
 * ExAllocatePoolWithTag(NonPagedPool, 100, tag("Demo"));
 * console.log(reportPoolUsed().split("\n").length); // 4: heading, names, "Demo", total
 * shutdown();
 * ```
 */
export function reportPoolUsed(): string {
  const tags = poolUsage();
  const total = (pick: (tag: (typeof tags)[number]) => number): number =>
    tags.reduce((sum, tag) => sum + pick(tag), 0);
  return [
    poolUsedRow("", "NonPaged", "", "Paged", ""),
    poolUsedRow("Tag", "Allocs", "Used", "Allocs", "Used"),
    ...tags.map(({ TagText, NonPaged, Paged }) =>
      poolUsedRow(TagText, NonPaged.Diff, NonPaged.Bytes, Paged.Diff, Paged.Bytes),
    ),
    poolUsedRow(
      "TOTAL",
      total((tag) => tag.NonPaged.Diff),
      total((tag) => tag.NonPaged.Bytes),
      total((tag) => tag.Paged.Diff),
      total((tag) => tag.Paged.Bytes),
    ),
  ].join("\n");
}

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
 * Any thread, any IRQL; cost as {@link poolUsage}. Source: semantics 13.3.
 *
 * @param before what {@link poolUsage} gave then.
 * @throws {LookasideError} ERR_ARGUMENT when `before` is none of that; ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const before = poolUsage();
 * ExAllocatePoolWithTag(NonPagedPool, 100, tag("Demo"));
 * console.log(reportPoolmon(before).includes("Demo")); // true
 * shutdown();
 * ```
 */
export function reportPoolmon(before?: ReturnType<typeof poolUsage>): string {
  if (before !== undefined && !(Array.isArray(before) && before.every(isTagInformation))) {
    refuse("reportPoolmon", "before", before, "what poolUsage() gave is needed");
  }
  const earlier = new Map((before ?? []).map((tag) => [tag.Tag, tag]));
  const rows: string[] = [POOLMON_HEADING];
  for (const tag of poolUsage()) {
    const old = earlier.get(tag.Tag);
    for (const [type, tally, last] of [
      ["Nonp", tag.NonPaged, old?.NonPaged],
      ["Paged", tag.Paged, old?.Paged],
    ] as const) {
      if (tally.Allocs === 0) continue;
      const then = before ? last : tally;
      const was = then === undefined ? NO_NUMBERS : numbersOf(then);
      const text = tag.TagText.padEnd(POOLMON_TAG_WIDTH);
      rows.push(poolmonRow(text, type, numbersOf(tally), was));
    }
  }
  return rows.join("\n");
}

function numbersOf({ Allocs, Frees, Diff, Bytes }: PoolTally): TagNumbers {
  return { allocs: Allocs, frees: Frees, blocks: Diff, bytes: Bytes };
}
