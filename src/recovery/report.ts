/**
 * What a recovery found and did.
 */

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
