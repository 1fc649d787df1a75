/**
 * The final report of a run, as text for people and as one object for programs.
 *
 * It is taken while the lists are still in use and after all threads have left: so totals stand still.
 */
import {
  type LookasideInformation,
  type PoolInformation,
  type PoolTagInformation,
  poolInformation,
  poolUsage,
  queryLookasideLists,
  reportLookaside,
  reportPoolUsed,
} from "../../wdk/index.js";
import { counted, megabytesPerSecond, showBytes } from "./amounts.js";
import type { Ledger, SkipKind } from "./ledger.js";
import { showPath } from "./path-text.js";

/** What a report is made of, besides the lists and pools of this thread's machine. */
export interface Outcome {
  readonly ledger: Ledger;
  readonly seconds: number;
  readonly threads: number;
  readonly interrupted: boolean;
  /** Files that were found. */
  readonly found: number;
}

/** What `--json` prints. */
export interface JsonReport {
  readonly files: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly megabytesPerSecond: number;
  readonly threads: number;
  readonly interrupted: boolean;
  /** How often reading had to wait for an entry. */
  readonly waits: number;
  /** Limit, use and peak of the two pools, in bytes. */
  readonly pools: ReturnType<typeof poolInformation>;
  readonly lists: readonly LookasideInformation[];
  readonly tags: readonly PoolTagInformation[];
  readonly skipped: readonly {
    readonly path: string;
    readonly kind: SkipKind;
    readonly reason: string;
  }[];
}

/** The report for programs. Paths are quoted as in messages: JSON cannot hold the bytes of every name. */
export function jsonReport(outcome: Outcome): JsonReport {
  const { ledger, seconds, threads, interrupted } = outcome;
  return {
    files: ledger.files,
    bytes: ledger.bytes,
    seconds,
    megabytesPerSecond: megabytesPerSecond(ledger.bytes, seconds),
    threads,
    interrupted,
    waits: ledger.waits,
    pools: poolInformation(),
    lists: queryLookasideLists(),
    tags: poolUsage(),
    skipped: ledger.skipped.map(({ path, kind, reason }) => ({
      path: showPath(path).slice(1, -1),
      kind,
      reason,
    })),
  };
}

/** The report for people. */
export function textReport(outcome: Outcome): string {
  return [...summaryLines(outcome), "", reportLookaside(), "", reportPoolUsed(), ""].join("\n");
}

function summaryLines(outcome: Outcome): string[] {
  const { ledger, seconds, threads, interrupted, found } = outcome;
  const rate = megabytesPerSecond(ledger.bytes, seconds).toFixed(1);
  const lines = [
    `${counted(ledger.files, "file")}, ${showBytes(ledger.bytes)} in ${seconds.toFixed(2)} s: ` +
      `${rate} MB/s with ${counted(threads, "hashing thread")}`,
  ];
  if (interrupted) {
    const read = `${showBytes(ledger.bytesRead)} of ${counted(found, "file")} read`;
    lines.unshift(`Interrupted: this report is partial, ${read}`);
  }
  const skipped = skippedText(ledger);
  if (skipped !== "") lines.push(`Skipped: ${skipped}`);
  if (ledger.waits > 0) lines.push(`Waited ${counted(ledger.waits, "time")} for an entry`);
  const { NonPaged, Paged } = poolInformation();
  const peak = (pool: PoolInformation): string =>
    `${showBytes(pool.PeakBytes)} of ${showBytes(pool.LimitBytes)}`;
  lines.push(`At most: nonpaged pool ${peak(NonPaged)}, paged pool ${peak(Paged)}`);
  return lines;
}

function skippedText(ledger: Ledger): string {
  const parts: readonly (readonly [SkipKind, string, string])[] = [
    ["link", "symbolic link", "symbolic links"],
    ["special", "special file", "special files"],
    ["manifest", "manifest", "manifests"],
    ["error", "for an error", "for errors"],
  ];
  return parts
    .filter(([kind]) => ledger.count(kind) > 0)
    .map(([kind, noun, plural]) => counted(ledger.count(kind), noun, plural))
    .join(", ");
}
