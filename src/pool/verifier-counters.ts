/**
 * What Driver Verifier counts of pool allocations: attempted, succeeded, failed, failed deliberately.
 *
 * The failures are two words in each thread's descriptor, which only grow, modulo 2^32; the thread of the
 * number writes them, and its successors go on. What succeeded is in the tallies already, so a hit counts
 * nothing more.
 */
import { TAGS_MAX } from "../base/index.js";
import { load, peek, poke, type Region } from "../memory/index.js";
import { tagAt, tagUsage } from "./tags.js";

/** Offsets in a thread's descriptor. */
const FAILED = 24;
const ON_PURPOSE = 25;

function wordOf(region: Region, thread: number, word: number): number {
  return region.layout.threads + thread * region.layout.threadWords + word;
}

/** Counts a failed allocation of a thread. That thread alone calls this. */
export function countFailure(region: Region, thread: number, isOnPurpose: boolean): void {
  const { words } = region;
  const failed = wordOf(region, thread, FAILED);
  poke(words, failed, peek(words, failed) + 1);
  if (!isOnPurpose) return;
  const onPurpose = wordOf(region, thread, ON_PURPOSE);
  poke(words, onPurpose, peek(words, onPurpose) + 1);
}

/** Counts of all threads that ever were, modulo 2^32. */
export interface AllocationCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly failedOnPurpose: number;
}

/** Sums the counts of a system. Exact when no thread is inside the pool. */
export function allocationCounts(region: Region): AllocationCounts {
  let [succeeded, failed, failedOnPurpose] = [0, 0, 0];
  for (let thread = 1; thread <= region.layout.threadCapacity; thread++) {
    failed += load(region.words, wordOf(region, thread, FAILED));
    failedOnPurpose += load(region.words, wordOf(region, thread, ON_PURPOSE));
  }
  for (let index = 0; index < TAGS_MAX; index++) {
    if (index > 0 && tagAt(region, index) === 0) continue;
    for (const kind of [0, 1]) succeeded += tagUsage(region, index, kind).allocs;
  }
  return {
    succeeded: succeeded >>> 0,
    failed: failed >>> 0,
    failedOnPurpose: failedOnPurpose >>> 0,
  };
}
