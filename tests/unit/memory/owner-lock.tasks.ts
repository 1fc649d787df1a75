/** What the threads of `owner-lock.test.ts` run. */
import { acquireLock, lockOwner, releaseLock } from "#src/memory/index.js";
import type { CrewTask } from "../../support/crew.js";

/** Words of the buffer that the threads share. */
export const LOCK = 0;
export const COUNTER = 1;
export const INSIDE = 2;

/** A gate that is raised when the lock is held. */
export const HOLDING = 0;

export interface LockData {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly rounds: number;
}

/** Adds to a counter in two plain steps, which only mutual exclusion makes one. Gives back intrusions. */
export const count: CrewTask<LockData, number> = ({ rank, data, barrier }) => {
  const { words, rounds } = data;
  const owner = rank + 1;
  let intrusions = 0;
  barrier();
  for (let round = 0; round < rounds; round++) {
    acquireLock(words, LOCK, owner);
    if (words[INSIDE] !== 0 || lockOwner(words, LOCK) !== owner) intrusions++;
    words[INSIDE] = owner;
    words[COUNTER] = (words[COUNTER] as number) + 1;
    if (words[INSIDE] !== owner) intrusions++;
    words[INSIDE] = 0;
    releaseLock(words, LOCK);
  }
  return intrusions;
};

/** Waits for a lock that the test holds; gives back the owner that it saw before. */
export const waitForTest: CrewTask<LockData, number> = ({ data, gates }) => {
  const before = lockOwner(data.words, LOCK);
  gates.raise(HOLDING);
  acquireLock(data.words, LOCK, 7);
  return before;
};
