/**
 * One random sequence for every contender, in every language: the same slots in the same order.
 */

/** Where it begins: bench/native/work.h has the same. */
export const SEED = 0x9e3779b9 | 0;

/** The next number of the sequence (xorshift), as a signed word: `>>> 0` before a remainder is taken. */
export function nextRandom(state: number): number {
  let next = state;
  next ^= next << 13;
  next ^= next >>> 17;
  next ^= next << 5;
  return next;
}
