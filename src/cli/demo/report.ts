/**
 * The final report of a run, as text for people and as one object for programs.
 *
 * It is taken after all threads have left: so totals stand still.
 */
import type { ChannelStatistics, ListStatistics } from "../../system/index.js";
import { counted, megabytesPerSecond, showBytes } from "./amounts.js";
import type { Comparison } from "./comparison.js";
import type { Ledger, SkipKind } from "./ledger.js";
import { showPath } from "./path-text.js";
import type { PoolReport, TagReport } from "./pools.js";
import { tableLines } from "./table.js";

/** What a report is made of. */
export interface Outcome {
  readonly ledger: Ledger;
  readonly seconds: number;
  readonly threads: number;
  readonly interrupted: boolean;
  /** Files that were found. */
  readonly found: number;
  /** Why hashing threads died that were replaced, one sentence for each pass that ended so. */
  readonly deaths: readonly string[];
  /** Blocks that came home from threads that had died or were ended. */
  readonly recovered: number;
  readonly lists: readonly ListStatistics[];
  readonly channels: readonly ChannelStatistics[];
  readonly pools: readonly PoolReport[];
  readonly tags: readonly TagReport[];
  /** What the audit found wrong: nothing, unless the library has a defect. */
  readonly problems: readonly string[];
}

/** What `--json` prints. */
export interface JsonReport extends Omit<Outcome, "ledger" | "found"> {
  readonly files: number;
  readonly bytes: number;
  readonly megabytesPerSecond: number;
  /** How often reading had to wait for a block. */
  readonly waits: number;
  readonly skipped: readonly {
    readonly path: string;
    readonly kind: SkipKind;
    readonly reason: string;
  }[];
  /** What `--compare` found; null without it. */
  readonly comparison: Comparison | null;
}

/** The report for programs. Paths are quoted as in messages: JSON cannot hold the bytes of every name. */
export function jsonReport(outcome: Outcome, comparison: Comparison | null): JsonReport {
  const { ledger, seconds } = outcome;
  return {
    files: ledger.files,
    bytes: ledger.bytes,
    seconds,
    megabytesPerSecond: megabytesPerSecond(ledger.bytes, seconds),
    threads: outcome.threads,
    interrupted: outcome.interrupted,
    waits: ledger.waits,
    deaths: outcome.deaths,
    recovered: outcome.recovered,
    lists: outcome.lists,
    channels: outcome.channels,
    pools: outcome.pools,
    tags: outcome.tags,
    problems: outcome.problems,
    skipped: ledger.skipped.map(({ path, kind, reason }) => ({
      path: showPath(path).slice(1, -1),
      kind,
      reason,
    })),
    comparison,
  };
}

/** The report for people. */
export function textReport(outcome: Outcome): string {
  const { lists, channels, tags } = outcome;
  const sections = [
    summaryLines(outcome),
    listLines(lists),
    channelLines(channels),
    tagLines(tags),
  ];
  return sections.map((lines) => `${lines.join("\n")}\n`).join("\n");
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
  if (ledger.waits > 0) lines.push(`Waited ${counted(ledger.waits, "time")} for a block`);
  for (const death of outcome.deaths) lines.push(`Replaced: ${death}`);
  if (outcome.recovered > 0)
    lines.push(`Recovered: ${counted(outcome.recovered, "block")} of threads that were ended`);
  const peaks = outcome.pools.map(
    ({ pool, peakBytes, limitBytes }) =>
      `${pool.toLowerCase()} pool ${showBytes(peakBytes)} of ${showBytes(limitBytes)}`,
  );
  lines.push(`At most: ${peaks.join(", ")}`);
  const { problems } = outcome;
  if (problems.length === 0) lines.push("Audit: every block is where the lists say");
  return [...lines, ...problems.map((problem) => `Audit: ${problem}`)];
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

/** Object lists have neither block size nor depot. */
function listLines(lists: readonly ListStatistics[]): string[] {
  const head = ["List", "Bytes", "Allocates", "Misses", "Hits", "Frees", "Misses", "Hits"];
  return tableLines([
    [...head, "Adopted", "Spills", "Refills", "Held", "Parked", "Depth", "Maximum"],
    ...lists.map((list) => {
      const isBlocks = list.kind === "block";
      return [
        isBlocks ? list.name : list.tag,
        isBlocks ? list.size : "-",
        list.allocates,
        list.allocateMisses,
        hitRate(list.allocates, list.allocateMisses),
        list.frees,
        list.freeMisses,
        hitRate(list.frees, list.freeMisses),
        ...(isBlocks ? [list.adopted, list.spills, list.refills] : ["-", "-", "-"]),
        list.held,
        list.parked,
        list.depth,
        list.maximumDepth,
      ];
    }),
  ]);
}

/** Hits in whole percent, cut. */
function hitRate(calls: number, misses: number): string {
  return calls === 0 ? "-" : `${Math.floor((100 * (calls - misses)) / calls)} %`;
}

function channelLines(channels: readonly ChannelStatistics[]): string[] {
  return tableLines([
    ["Channel", "Capacity", "Pushed", "Popped", "Refused", "Waits", "Stale"],
    ...channels.map((channel) => [
      channel.name,
      channel.capacity,
      channel.pushed,
      channel.popped,
      channel.refused,
      channel.waits,
      channel.stale,
    ]),
  ]);
}

function tagLines(tags: readonly TagReport[]): string[] {
  return tableLines([
    ["Tag", "Pool", "Allocs", "Frees", "Blocks", "Bytes"],
    ...tags.map(({ tag, pool, allocs, frees, blocks, bytes }) => {
      return [tag, pool.toLowerCase(), allocs, frees, blocks, bytes];
    }),
  ]);
}
