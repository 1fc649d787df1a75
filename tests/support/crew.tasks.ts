/** What the threads of `crew.test.ts` run. */

import type { CrewTask } from "./crew.js";
import { randomFrom } from "./seed.js";

/** A gate that members raise when they have come so far that the test may act. */
export const READY = 0;
/** A gate that the test raises to let members go on. */
export const GO = 1;

/** Gives back what it was started with. */
export const work: CrewTask<{ readonly factor: number }, number> = ({ rank, threads, data }) =>
  (rank + 1) * threads * data.factor;

/** In each round every member adds one, and after the barrier all must see the whole round. */
export const rounds: CrewTask<{ readonly words: Int32Array; readonly rounds: number }> = (
  member,
) => {
  const { words, rounds } = member.data;
  for (let round = 1; round <= rounds; round++) {
    Atomics.add(words, 0, 1);
    member.barrier();
    const seen = Atomics.load(words, 0);
    if (seen !== round * member.threads) throw new Error(`round ${round} saw ${seen}`);
    member.barrier(); // nobody starts the next round before all have looked
  }
};

/** Member 0 fails, the others wait for it at the barrier. */
export const failFirst: CrewTask = async ({ rank, barrier }) => {
  if (rank === 0) throw new RangeError("member 0 has failed");
  barrier();
};

/** Member 0 returns, the others wait for it at the barrier. */
export const leaveFirst: CrewTask = ({ rank, barrier }) => {
  if (rank > 0) barrier();
};

/** Ends without a result. */
export const exit: CrewTask = () => process.exit(3);

/** Says that it is there and waits to be let go. */
export const hold: CrewTask<undefined, number> = ({ rank, gates }) => {
  gates.raise(READY);
  gates.wait(GO);
  return rank;
};

/** Draws from a generator of its own. */
export const draw: CrewTask<{ readonly seed: number }, number> = ({ rank, data }) =>
  randomFrom(data.seed + rank).next();
