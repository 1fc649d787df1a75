/**
 * Small sums that the snapshots of all kinds of lists share.
 */
import type { PoolName } from "./schema.js";

/** Hits as a share of calls, or null when there were none. */
export function hitRate(total: number, misses: number): number | null {
  return total === 0 ? null : (total - misses) / total;
}

/** A number of blocks that threads may have changed while it was summed: never less than none. */
export function atLeastNone(blocks: number): number {
  return blocks > 0 ? blocks : 0;
}

/** The name of a kind of pool. */
export function poolName(kind: number): PoolName {
  return kind === 1 ? "paged" : "nonPaged";
}
