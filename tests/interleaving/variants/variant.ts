/**
 * A known-wrong variant of the shipping code: a small change that a schedule or a death must show.
 */
import type { Patch } from "../stage/patch.js";

/** One variant. */
export interface Variant {
  /** What is wrong, in a few words. */
  readonly name: string;
  /** Changes of the compiled text; each must fit exactly once. */
  readonly patches: readonly Patch[];
  /** Names of the scenarios that are to catch it, until one does. */
  readonly by: readonly string[];
  /** What goes wrong then: any other fault is no catch. Every variant has it, by a test. */
  readonly problem?: RegExp;
  /** Whether it is wrong only where a thread dies: a schedule without a death is no catch then. */
  readonly needsDeath?: boolean;
}

/** A change that no scenario can show, and why. */
export interface EquivalentVariant {
  readonly name: string;
  readonly patches: readonly Patch[];
  readonly reason: string;
  /** Scenarios in which it must show nothing. */
  readonly by: readonly string[];
}
