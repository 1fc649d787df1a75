/**
 * What a recovery found and did; and what all recoveries of a system did, as five counters of the header.
 *
 * A recoverer that dies between its count and its end is counted again by its successor, with what was left:
 * no block is counted twice, the thread may be.
 */
import { add, HEADER, load, type Region } from "../memory/index.js";

/** A block that a dead thread held. */
export interface Orphan {
  /** Name of its list. */
  readonly list: string;
  readonly address: number;
  /** What a survivor adopts it by, as long as it was not reclaimed. */
  readonly handle: number;
}

/**
 * What happens to blocks that a dead thread held: "reclaim" frees them, "report" keeps them as
 * nobody's, to be adopted by their handles; a function decides for each.
 */
export type OrphanPolicy = "reclaim" | "report" | ((orphan: Orphan) => "reclaim" | "keep");

/** What one recovery did. */
export interface RecoveryReport {
  /** Number of the dead thread. */
  readonly thread: number;
  /** Blocks it had parked, now back in the pool. */
  readonly parked: number;
  /** Blocks it held that were freed. */
  readonly reclaimed: number;
  /** Blocks it held that are kept for adoption. */
  readonly kept: readonly Orphan[];
  /** Blocks it held whose handles lie in channels: kept for whoever receives them, whatever the policy. */
  readonly sent: readonly Orphan[];
  /** Cells of channels that it had claimed. */
  readonly cells: number;
  /** Depot slots that it had claimed. */
  readonly slots: number;
  /** Locks that it held. */
  readonly locks: readonly string[];
}

/** What all recoveries of a system did so far. Counters are modulo 2^32. */
export interface RecoveryCounts {
  readonly threads: number;
  readonly parked: number;
  readonly reclaimed: number;
  readonly kept: number;
  readonly locks: number;
}

/** Adds one recovery to the counters. */
export function countRecovery(region: Region, report: RecoveryReport): void {
  const { parked, reclaimed, kept, locks } = report;
  [1, parked, reclaimed, kept.length, locks.length].forEach((count, at) => {
    add(region.words, HEADER.RECOVERIES + at, count);
  });
}

/** Reads the counters. */
export function recoveryCounts(region: Region): RecoveryCounts {
  const word = (at: number): number => load(region.words, HEADER.RECOVERIES + at) >>> 0;
  return { threads: word(0), parked: word(1), reclaimed: word(2), kept: word(3), locks: word(4) };
}
