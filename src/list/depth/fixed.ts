/**
 * The policy `fixed`: depth is what it was set to, whatever happens.
 *
 * For those who know their peak, and for whoever measures the other policies.
 */
import type { DepthSample } from "./sample.js";

/** The next depth: the present one. */
export function fixedDepth(sample: DepthSample): number {
  return sample.depth;
}
