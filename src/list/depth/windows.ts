/**
 * The policy `windows`: the documented depth rule as a pure function (semantics 10.2), in whole numbers.
 *
 * The constants are published for the dynamic lookaside of Windows 10; that driver lists use the same
 * ones is likely and not certain, so all of them are parameters.
 */
import type { DepthSample } from "./sample.js";

/** The constants of the rule. */
export interface WindowsDepthConstants {
  /** Fewer allocations than this since the last adjustment count as low use. Default 25. */
  readonly allocationThreshold: number;
  /** Entries that low use takes off Depth. Default 10. */
  readonly lowUseStep: number;
  /** Misses per thousand allocations below which Depth falls by one. Default 5. */
  readonly lowMissPerMille: number;
  /** Entries added to every growth. Default 5. */
  readonly growthStep: number;
  /** Least Depth. Default 4. */
  readonly minimumDepth: number;
}

/** The published constants. */
export const WINDOWS_DEPTH: WindowsDepthConstants = {
  allocationThreshold: 25,
  lowUseStep: 10,
  lowMissPerMille: 5,
  growthStep: 5,
  minimumDepth: 4,
};

/** What the rule looks at: one list since its last adjustment. */
export type WindowsDepthSample = Pick<
  DepthSample,
  "depth" | "maximumDepth" | "allocates" | "misses"
>;

/**
 * The next Depth.
 *
 * @example
 * ```ts
 * const sample = { depth: 4, maximumDepth: 256, allocates: 25, misses: 25 };
 * console.log(windowsDepth(sample, WINDOWS_DEPTH)); // 135
 * ```
 */
export function windowsDepth(sample: WindowsDepthSample, constants: WindowsDepthConstants): number {
  const { depth, maximumDepth, allocates, misses } = sample;
  const floor = Math.min(constants.minimumDepth, maximumDepth);
  if (allocates < constants.allocationThreshold)
    return Math.max(depth - constants.lowUseStep, floor);
  const perMille = Math.floor((1_000 * misses) / allocates);
  if (perMille < constants.lowMissPerMille) return Math.max(depth - 1, floor);
  const headroom = Math.max(maximumDepth - depth, 0);
  const growth = Math.floor((Math.min(perMille, 1_000) * headroom) / 2_000) + constants.growthStep;
  return Math.min(depth + growth, maximumDepth);
}

/**
 * The project's own answer to "available memory" (semantics 10.4, item 5): while less than a sixteenth
 * of the pool is left, no Depth grows and each is halved towards the least. Pressure never raises a limit.
 */
export function depthUnderPressure(depth: number, constants: WindowsDepthConstants): number {
  return Math.max(depth >> 1, Math.min(depth, constants.minimumDepth));
}
