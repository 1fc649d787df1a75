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

/** Two accesses that may race, by whether they are atomic. A compare-exchange that lost is a read. */
export type RacePair =
  | "read/write"
  | "write/write"
  | "read/atomic write"
  | "write/atomic read"
  | "write/atomic write"
  | "read/64-bit write"
  | "write/64-bit read"
  | "write/64-bit write"
  | "atomic read/64-bit write"
  | "atomic write/64-bit read"
  | "atomic write/64-bit write";

/** Accesses that may race, and why that is meant to be. */
export interface IntendedRace {
  /** What the name of the word must match. */
  readonly word: RegExp;
  readonly pairs: readonly RacePair[];
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
  /**
   * Called at every state, if there is one; throws if something does not hold that must hold at every
   * instant. Reads only.
   */
  invariant?(words: Int32Array): void;
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
  /**
   * How many sleeps of a thread may end because their time is up although somebody could go on. When nobody
   * can, time passes anyway.
   */
  readonly timeouts: number;
  /** States after which a search gives up. */
  readonly states: number;
}

/** Everything; but time passes only when nothing else can happen. */
export const NO_LIMITS: Limits = {
  deaths: Number.POSITIVE_INFINITY,
  preemptions: Number.POSITIVE_INFINITY,
  timeouts: 0,
  states: Number.POSITIVE_INFINITY,
};
