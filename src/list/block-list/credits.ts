/**
 * Credits: the right to park one block each. What a list may park is a hard cap over all threads:
 *
 *     depth = credits left in the record + limits of all rings + blocks in the depot        CR-1
 *
 * A thread keeps its ring's limit in a plain word of its own and takes or returns credits on slow
 * paths only. When depth is lowered the credits left may fall below zero; whoever returns some then
 * fills the hole first.
 */
import { add, compareExchange, load } from "../../memory/index.js";
import { RECORD, type RecordPlace } from "./record.js";

/** Takes up to `wanted` credits. Gives back how many it got. */
export function takeCredits(place: RecordPlace, wanted: number): number {
  const word = place.at + RECORD.CREDITS;
  let left = load(place.words, word);
  while (left > 0) {
    const taken = Math.min(left, wanted);
    const seen = compareExchange(place.words, word, left, left - taken);
    if (seen === left) return taken;
    left = seen; // another thread took or returned some: it made progress
  }
  return 0;
}

/** Returns credits. */
export function returnCredits(place: RecordPlace, count: number): void {
  if (count > 0) add(place.words, place.at + RECORD.CREDITS, count);
}

/** Whether depth was lowered below what is in use: whoever can shed a block should. */
export function inDebt(place: RecordPlace): boolean {
  return load(place.words, place.at + RECORD.CREDITS) < 0;
}

/** Sets depth and moves the difference into the credits. Gives back the depth before. */
export function setDepth(place: RecordPlace, depth: number): number {
  const word = place.at + RECORD.DEPTH;
  let seen = load(place.words, word);
  for (;;) {
    const now = compareExchange(place.words, word, seen, depth);
    if (now === seen) break;
    seen = now;
  }
  add(place.words, place.at + RECORD.CREDITS, depth - seen);
  return seen;
}
