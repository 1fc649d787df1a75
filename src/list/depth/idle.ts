/**
 * The policy `idle`: depth grows at once on proof of need and gives up what stayed idle.
 *
 * Why it is so. Let a miss cost 1 and a parked block 1 for a time tau. Then the offline optimum keeps a
 * block through a gap between its free and the next allocation exactly when the gap is shorter than
 * tau (decision 015), and a list that parks every block and lets go what was idle for tau pays at most
 * twice the optimum, whatever happens. This rule comes near to that with one minimum for each tick:
 *
 * * growth: a rejected free that a miss follows is the only proof that more depth would have helped.
 *   Each proof doubles depth, but by no more than was rejected: one burst is enough to learn its size.
 * * release: blocks that were parked all through the last ticks go, and depth with them.
 *
 * tau is priced, not guessed: what a miss costs, against what the block's bytes cost to keep. So small
 * blocks may stay longer than large ones, and all lists give up the same benefit for a byte.
 */
import type { DepthSample } from "./sample.js";

/** The constants of the rule. */
export interface IdleDepthConstants {
  /** Least depth that release leaves, and the depth of a new list: 0 to 16,384 blocks. Default 4. */
  readonly minimumDepth: number;
  /** Per cent of depth that one proof of need adds: 1 to 10,000. Default 100. */
  readonly growthPercent: number;
  /** Ticks that a block may stay idle at price 1: 1 to 64; 0 prices it by its size. Default 0. */
  readonly idleTicks: number;
}

/** The defaults. */
export const IDLE_DEPTH: IdleDepthConstants = {
  minimumDepth: 4,
  growthPercent: 100,
  idleTicks: 0,
};

/**
 * Bytes that are worth one miss for one tick of a second. A core second costs as much as about 8 GiB
 * seconds where computers are rented, and a miss about 100 ns: 8 GiB x 100 ns = 859 byte seconds.
 */
const MISS_BYTE_TICKS = 859;

/** Least and greatest patience that is derived from the size: two ticks, see decision 015; 16 ticks. */
const PATIENCE_MIN = 2;
const PATIENCE_MAX = 16;

/** Ticks that a block of `bytes` bytes may stay idle at a price of memory: tau, in ticks, 1 to 64. */
export function idlePatience(bytes: number, price: number, constants: IdleDepthConstants): number {
  const priced = Math.min(
    PATIENCE_MAX,
    Math.max(PATIENCE_MIN, Math.floor(MISS_BYTE_TICKS / bytes)),
  );
  const patience = constants.idleTicks === 0 ? priced : constants.idleTicks;
  return Math.max(1, Math.floor(patience / price));
}

/**
 * The next depth.
 *
 * @example
 * ```ts
 * const quiet = { allocates: 0, misses: 0, frees: 0, freeMisses: 0, parked: 150, unused: 0, price: 1 };
 * const sample = { ...quiet, maximumDepth: 256, bytes: 64, rejected: 0, idle: 150, proof: false };
 * console.log(idleDepth({ ...sample, depth: 200 }, IDLE_DEPTH)); // 50
 * console.log(idleDepth({ ...sample, depth: 4, proof: true, rejected: 196 }, IDLE_DEPTH)); // 8
 * ```
 */
export function idleDepth(sample: DepthSample, constants: IdleDepthConstants): number {
  const { depth, maximumDepth, rejected, idle, unused, price } = sample;
  if (sample.proof) {
    const step = Math.max(1, Math.floor((depth * constants.growthPercent) / 100));
    return Math.min(maximumDepth, depth + Math.min(rejected, step));
  }
  const least = Math.min(depth, constants.minimumDepth);
  // Depth that nobody has taken up costs no memory; but others want it once memory is dear.
  return Math.max(least, depth - idle - (price > 1 ? unused : 0));
}
