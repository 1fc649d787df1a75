/**
 * What a depth policy looks at, and what it is: a pure function from a sample to the next depth.
 *
 * Pure, so that it can be tested on traces, run again from a log, and run by whichever thread makes
 * the visit. Everything that a policy may depend on is in the sample; the clock is not: only how many
 * ticks have passed matters.
 */

/** One list since its last adjustment. Counters are differences over all threads. */
export interface DepthSample {
  /** Present limit on parked blocks, and its ceiling. */
  readonly depth: number;
  readonly maximumDepth: number;
  /** Bytes of each block. For object lists an estimate. */
  readonly bytes: number;
  /**
   * Whether this is no tick but a proof of need: a miss has just followed a rejected free, so one block
   * more would have saved both. Then `allocates` to `unused` are 0, and a depth below the present one
   * is taken for the present one.
   */
  readonly proof: boolean;
  /** Frees that were rejected for lack of depth, lately, and not yet answered by growth. */
  readonly rejected: number;
  /** Allocations, and those of them that had to make a block. */
  readonly allocates: number;
  readonly misses: number;
  /** Frees, and those of them that found no room. */
  readonly frees: number;
  readonly freeMisses: number;
  /** Blocks parked now. */
  readonly parked: number;
  /** Blocks that stayed parked all the time that the policy is patient for (two ticks at least). */
  readonly idle: number;
  /** Depth that no thread has taken up. */
  readonly unused: number;
  /** Price of memory: 1 while the system's budget of parked bytes suffices, up to 64 when it does not. */
  readonly price: number;
}

/**
 * A rule for depth: gives back the next one. It has to be pure. What it gives back is rounded down and
 * brought between 0 and maximumDepth; what is no number at all is an error, ERR_DEPTH_POLICY.
 *
 * @example
 * ```ts
 * const generous: DepthPolicy = ({ proof, depth, idle }) => (proof ? depth * 4 : depth - (idle >> 1));
 * const list = System.create().blockList({ tag: "Mine", size: 256, policy: generous });
 * console.log(list.statistics().policy); // own
 * ```
 */
export type DepthPolicy = (sample: DepthSample) => number;
