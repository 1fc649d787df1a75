/**
 * What a recovery found and did; and what all recoveries of a system did: how many threads, by the thread
 * table, and four counters of the header.
 *
 * A thread is counted once, however many recoverers die over it (threads/thread-table.ts). What else is
 * counted is what each of them found and lived to count, and a successor finds nothing of what one before
 * it has done. So no block and no lock is counted twice; those that a dead recoverer saw to may be missing.
 */
import { add, HEADER, load, type Region } from "../memory/index.js";
import { countRecovered, recoveredThreads, type ThreadIdentity } from "../threads/index.js";

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

/** Adds one recovery to the counters. Before it is ended: the thread is still its recoverer's. */
export function countRecovery(region: Region, dead: ThreadIdentity, report: RecoveryReport): void {
  const { parked, reclaimed, kept, locks } = report;
  [parked, reclaimed, kept.length, locks.length].forEach((count, at) => {
    if (count > 0) add(region.words, HEADER.RECOVERIES + at, count);
  });
  countRecovered(region, dead);
}

/** Reads the counters. */
export function recoveryCounts(region: Region): RecoveryCounts {
  const word = (at: number): number => load(region.words, HEADER.RECOVERIES + at) >>> 0;
  const threads = recoveredThreads(region);
  return { threads, parked: word(0), reclaimed: word(1), kept: word(2), locks: word(3) };
}
