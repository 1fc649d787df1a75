/**
 * Wrong variants of sleep: owner locks that are waited for, bells that wake.
 */
import type { Variant } from "./variant.js";

const lock = "memory/owner-lock.ts";
const bell = "channel/bell.ts";
const locks = ["owner-lock/l-l/timeouts=0", "owner-lock/l-l-l/timeouts=0,preemptions=3"];
const sets = ["documented-list/l-lu-w/depth=4,owned=000,preemptions=4"];

/** In the order of the source. */
export const LOCK_VARIANTS: readonly Variant[] = [
  {
    name: "who would have to wait for a lock goes on without it",
    patches: [{ file: lock, from: "acquireSlowly(words, lock, owner);", to: "" }],
    by: [...locks, "pool/:rf-:rf/chunks=1"],
    problem: /a race of two threads|the pool is not sound|something done was lost/,
  },
  {
    name: "who has slept takes a lock without the mark for the others who sleep",
    patches: [
      {
        file: lock,
        from: "if (compareExchange(words, lock, 0, owner | WAITING) === 0)",
        to: "if (compareExchange(words, lock, 0, owner) === 0)",
      },
    ],
    by: [...locks, ...sets],
    problem: /lock was changed and thread [ABC] sleeps on: a wake-up was lost/,
  },
  {
    name: "who gives a lock back wakes nobody",
    patches: [{ file: lock, from: "if (seen & WAITING) wake(words, lock, 1);", to: "" }],
    by: [...locks, "pool/:rf-:rf/chunks=1"],
    problem: /was changed and thread [ABC] sleeps on: a wake-up was lost/,
  },
  {
    name: "a bell changes and wakes nobody",
    patches: [{ file: bell, from: "wake(this.#words, this.#bell, 1);", to: "" }],
    by: ["channel/:p-:O/capacity=1"],
    problem: /nobody can go on/,
  },
  {
    name: "who has waited for a value rings for nobody else",
    patches: [
      {
        file: bell,
        from: "if (this.#kind === ITEMS ? awaitsItems(waiters) : awaitsRoom(waiters)) this.ring();",
        to: "void waiters;",
      },
    ],
    by: ["channel/:p-:p-:O-:O/capacity=2,preemptions=1"],
    problem: /nobody can go on/,
  },
];
