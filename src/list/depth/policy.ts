/**
 * A policy as options name it, as a list's record keeps it, and as it is run.
 *
 * A record keeps a policy's number and its parameters, so every thread that opens the list runs the
 * same one. A function cannot be shared: a record says only that there is one, and it is run by the
 * threads that gave it.
 */
import { LookasideError, onlyKnown, show, wholeNumber } from "../../base/index.js";
import { fixedDepth } from "./fixed.js";
import { IDLE_DEPTH, idleDepth, idlePatience } from "./idle.js";
import type { DepthPolicy, DepthSample } from "./sample.js";
import { WINDOWS_DEPTH, type WindowsDepthConstants, windowsDepth } from "./windows.js";

/** How depth is set, as the option `policy` of a list says it. Default "idle". */
export type DepthPolicyOption =
  | "idle"
  | "windows"
  | "fixed"
  | DepthPolicy
  | ({ readonly name: "idle" } & Partial<typeof IDLE_DEPTH>)
  | ({ readonly name: "windows" } & Partial<WindowsDepthConstants>)
  | { readonly name: "fixed" };

/** Numbers of the policies in a record. */
export const POLICY_IDLE = 1;
export const POLICY_WINDOWS = 2;
export const POLICY_FIXED = 3;
export const POLICY_OWN = 4;

/** Parameters that a policy has at most: words of a record. */
export const POLICY_PARAMETERS = 5;

/** A policy, checked and complete. */
export interface CompletePolicy {
  readonly number: number;
  /** In the order of the tables below. */
  readonly parameters: readonly number[];
  /** The user's own, in a thread that gave it. */
  readonly own: DepthPolicy | null;
}

/** Names of the policies by number. */
export const POLICY_NAMES = ["", "idle", "windows", "fixed", "own"] as const;

type Bounds = Readonly<Record<string, readonly [least: number, greatest: number]>>;

const IDLE_BOUNDS = {
  minimumDepth: [0, 16_384],
  growthPercent: [1, 10_000],
  idleTicks: [0, 64],
} as const;

const WINDOWS_BOUNDS = {
  allocationThreshold: [1, 1_000_000],
  lowUseStep: [0, 0xffff],
  lowMissPerMille: [0, 1_000],
  growthStep: [0, 0xffff],
  minimumDepth: [0, 0xffff],
} as const;

function parametersOf(
  given: Readonly<Record<string, unknown>>,
  bounds: Bounds,
  defaults: Readonly<Record<string, number>>,
): number[] {
  onlyKnown("a depth policy", given, ["name", ...Object.keys(bounds)]);
  return Object.entries(bounds).map(([name, [least, greatest]]) =>
    wholeNumber(`policy.${name}`, given[name] ?? defaults[name], least, greatest),
  );
}

/**
 * Checks the option `policy` of a list.
 * @throws {LookasideError} ERR_OPTION, naming the option, the value and the bound.
 */
export function completePolicy(option: DepthPolicyOption = "idle"): CompletePolicy {
  if (typeof option === "function") return { number: POLICY_OWN, parameters: [], own: option };
  const given: Readonly<Record<string, unknown>> =
    typeof option === "object" && option !== null ? option : { name: option };
  switch (given["name"]) {
    case "idle":
      return {
        number: POLICY_IDLE,
        parameters: parametersOf(given, IDLE_BOUNDS, { ...IDLE_DEPTH }),
        own: null,
      };
    case "windows":
      return {
        number: POLICY_WINDOWS,
        parameters: parametersOf(given, WINDOWS_BOUNDS, { ...WINDOWS_DEPTH }),
        own: null,
      };
    case "fixed":
      return { number: POLICY_FIXED, parameters: parametersOf(given, {}, {}), own: null };
    default:
      throw new LookasideError(
        "ERR_OPTION",
        `Cannot use ${show(given["name"])} as policy: it must be "idle", "windows", "fixed", an object ` +
          "with one of these as its name, or a function",
      );
  }
}

/** The depth that a list begins with, unless it was given one. */
export function firstDepth(policy: CompletePolicy, maximumDepth: number): number {
  if (policy.number === POLICY_FIXED) return maximumDepth;
  const least = policy.number === POLICY_IDLE ? (policy.parameters[0] as number) : 4;
  return Math.min(least, maximumDepth);
}

/** The rule of a policy as a function of the sample alone; null when only other threads have it. */
export function ruleOf(policy: CompletePolicy): DepthPolicy | null {
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0] = policy.parameters;
  switch (policy.number) {
    case POLICY_IDLE: {
      const constants = { minimumDepth: first, growthPercent: second, idleTicks: third };
      return (sample) => idleDepth(sample, constants);
    }
    case POLICY_WINDOWS: {
      const constants = {
        allocationThreshold: first,
        lowUseStep: second,
        lowMissPerMille: third,
        growthStep: fourth,
        minimumDepth: fifth,
      };
      return (sample) => (sample.proof ? sample.depth : windowsDepth(sample, constants));
    }
    case POLICY_FIXED:
      return fixedDepth;
    default:
      return policy.own;
  }
}

/** Ticks that a block may stay idle under a policy: 1 to 64; a user's own has two. */
export function patienceOf(policy: CompletePolicy, bytes: number, price: number): number {
  if (policy.number !== POLICY_IDLE) return 2;
  const [minimumDepth = 0, growthPercent = 0, idleTicks = 0] = policy.parameters;
  return idlePatience(bytes, price, { minimumDepth, growthPercent, idleTicks });
}

/** Whether a lowered depth gives up idle blocks: `windows` and `fixed` keep them until they are used. */
export function releasesIdle(policy: CompletePolicy): boolean {
  return policy.number === POLICY_IDLE || policy.number === POLICY_OWN;
}

/**
 * Runs a rule. What it gives is rounded down and brought between 0 and maximumDepth; on proof of need
 * it does not lower depth.
 * @throws {LookasideError} ERR_DEPTH_POLICY when it throws, or gives what is no number.
 */
export function runRule(rule: DepthPolicy, sample: DepthSample, title: string): number {
  let next: unknown;
  try {
    next = rule(sample);
  } catch (cause) {
    const message = `Cannot set the depth of ${title}: its policy threw`;
    throw new LookasideError("ERR_DEPTH_POLICY", message, { cause });
  }
  if (typeof next !== "number" || Number.isNaN(next)) {
    const message = `Cannot set the depth of ${title} to ${show(next)}: its policy must give a number`;
    throw new LookasideError("ERR_DEPTH_POLICY", message);
  }
  const bounded = Math.floor(Math.min(sample.maximumDepth, Math.max(0, next)));
  return sample.proof ? Math.max(sample.depth, bounded) : bounded;
}
