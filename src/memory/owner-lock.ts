/**
 * A lock for rare paths whose word names its holder, so that a dead holder can be found and its work
 * finished.
 *
 * ```
 *   bit 31            9    8      7           0
 *      +---------------+---------+--------------+
 *      | 0             | waiting | owner thread |   0 = free
 *      +---------------+---------+--------------+
 * ```
 *
 * Written by compare-exchange from free to one's own number, by `and` back to free; `waiting` is set
 * by whoever is about to sleep. No hot path takes a lock. Nobody waits for ever: when one holder has kept it
 * for ten seconds, or as long as the patience it was given, a caller gives up with an error and nothing
 * changed. A sleep at whose end the lock had changed hands is no sign of a holder that keeps it: it does not
 * count, but the tries do.
 */
import { LookasideError } from "../base/index.js";
import { and, compareExchange, load, type Words, waitBriefly, wake } from "./words.js";

const WAITING = 0x100;
const OWNER_MASK = 0xff;

/** Tries before the first sleep: a live holder is done after a few microseconds. */
const SPINS = 200;

/** Milliseconds of one sleep, and of all sleeps that count together. */
const SLEEP_MS = 2;
const WAIT_MS_MAX = 10_000;

/** Tries of a thread that may not sleep (the main thread of a page). */
const SPINS_WITHOUT_SLEEP = 5_000_000;

/**
 * The same for a thread that watches others. The end of the lock's holder may be what it has to hear next,
 * and while it waits it hears nothing: then all who wait for the lock would wait for it, and in vain.
 */
const WATCHER_WAIT_MS_MAX = 1_000;

/** Milliseconds this thread waits for a lock at present, and at most. */
let patienceMs = WAIT_MS_MAX;
let mostMs = WAIT_MS_MAX;

/** Says that this thread hears of others' ends: from now on it waits for no lock longer than a second. */
export function limitPatience(): void {
  mostMs = WATCHER_WAIT_MS_MAX;
}

/**
 * Runs an action that waits for no lock longer than `milliseconds`: for those who can come again later,
 * and must not stop their thread meanwhile.
 */
export function withPatience<Result>(milliseconds: number, action: () => Result): Result {
  const before = patienceMs;
  patienceMs = milliseconds;
  try {
    return action();
  } finally {
    patienceMs = before;
  }
}

/** The thread that holds the lock, or 0. */
export function lockOwner(words: Words, lock: number): number {
  return load(words, lock) & OWNER_MASK;
}

/**
 * Takes the lock for thread `owner`.
 * @throws {LookasideError} ERR_LOCK_STALLED when another thread kept it for ten seconds, for one if this
 * thread watches others, or as long as there is patience.
 */
export function acquireLock(words: Words, lock: number, owner: number): void {
  for (let spin = 0; spin < SPINS; spin++) {
    if (compareExchange(words, lock, 0, owner) === 0) return;
  }
  acquireSlowly(words, lock, owner);
}

/** Takes the lock for thread `owner` if nobody has it. Gives back whether it did. Never waits. */
export function tryLock(words: Words, lock: number, owner: number): boolean {
  return compareExchange(words, lock, 0, owner) === 0;
}

function acquireSlowly(words: Words, lock: number, owner: number): void {
  const waitMs = Math.min(patienceMs, mostMs);
  const triesMax = Math.ceil((SPINS_WITHOUT_SLEEP / WAIT_MS_MAX) * waitMs);
  let sleeps = 0;
  let asleepOn = -1;
  for (let tries = 0; tries < triesMax; tries++) {
    const seen = load(words, lock);
    // Nobody gives up but after a look that shows the holder, and the mark for others who sleep: whoever was
    // woken tries, or the wake-up would be lost on the others.
    if (seen === asleepOn && ++sleeps * SLEEP_MS >= waitMs) break;
    asleepOn = -1;
    if (seen === 0) {
      // Whoever has slept leaves the mark for those who may still sleep.
      if (compareExchange(words, lock, 0, owner | WAITING) === 0) return;
      continue;
    }
    if (compareExchange(words, lock, seen, seen | WAITING) !== seen) continue;
    if (waitBriefly(words, lock, seen | WAITING, SLEEP_MS)) asleepOn = seen | WAITING;
  }
  const holder = lockOwner(words, lock);
  throw new LookasideError(
    "ERR_LOCK_STALLED",
    `Cannot take a lock: thread ${holder} has kept it for too long`,
  );
}

/** Gives the lock back. Only its holder may. */
export function releaseLock(words: Words, lock: number): void {
  const seen = and(words, lock, 0);
  if (seen & WAITING) wake(words, lock, 1);
}
