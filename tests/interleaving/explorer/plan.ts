/**
 * What is explored: a memory, the threads that share it, who may die, and what must hold.
 */
import type { Program } from "./virtual-thread.js";

/** One thread of a plan. */
export interface ThreadPlan {
  /** One letter: schedules are written with it. */
  readonly name: string;
  /** Whether it may die at any step. */
  readonly mortal: boolean;
  /** Its function. What it does before `begin()` of the door is preparation: once, in the plan's order. */
  readonly program: Program;
}

/** A pair of plain accesses that may meet, and why that is meant to be. */
export interface IntendedRace {
  /** What the name of the word must match. */
  readonly word: RegExp;
  readonly reason: string;
}

/** What is explored. */
export interface Plan {
  /** Words of shared memory. */
  readonly words: number;
  /** From here on words are the plan's own notes: a death right after such a write is no place of its own. */
  readonly notes: number;
  /** Fills the memory, through the door. */
  prepare(): void;
  readonly threads: readonly ThreadPlan[];
  /** Threads that start when another has died: the first for the first death, and so on. */
  readonly recoverers: readonly ThreadPlan[];
  /**
   * Called when all threads have ended or died, with what each gave back; throws if something is wrong. May
   * write: that is taken back. `words` is the memory itself, to be read only.
   */
  check(results: readonly unknown[], words: Int32Array): void;
  /** Name of a word, for people, while the memory is `words`. */
  nameOf(index: number, words: Int32Array): string;
  readonly intendedRaces: readonly IntendedRace[];
}

/** How far a search goes. */
export interface Limits {
  /** Deaths in one schedule, at most; never more than there are recoverers. */
  readonly deaths: number;
  /** How often a thread may be left although it could go on; Infinity for all schedules. */
  readonly preemptions: number;
  /** States after which a search gives up. */
  readonly states: number;
}

/** Everything. */
export const NO_LIMITS: Limits = {
  deaths: Number.POSITIVE_INFINITY,
  preemptions: Number.POSITIVE_INFINITY,
  states: Number.POSITIVE_INFINITY,
};
