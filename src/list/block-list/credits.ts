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

/** Credits that no ring has taken; below 0 the debt that a lowered depth has left. */
export function creditsLeft(place: RecordPlace): number {
  return load(place.words, place.at + RECORD.CREDITS);
}

/**
 * Moves depth from one value to another, and the difference into the credits. Gives back false when
 * depth was not `from`. Credits come after a depth that grows and go before one that falls: a thread
 * that ends in between leaves fewer than the cap allows, never more.
 */
export function changeDepth(place: RecordPlace, from: number, to: number): boolean {
  const { words, at } = place;
  if (to < from) add(words, at + RECORD.CREDITS, to - from);
  const isMine = compareExchange(words, at + RECORD.DEPTH, from, to) === from;
  if (isMine && to > from) add(words, at + RECORD.CREDITS, to - from);
  if (!isMine && to < from) add(words, at + RECORD.CREDITS, from - to);
  return isMine;
}

/** Sets depth, whatever it is now. Gives back what it was. */
export function setDepth(place: RecordPlace, depth: number): number {
  for (;;) {
    const before = load(place.words, place.at + RECORD.DEPTH);
    if (changeDepth(place, before, depth)) return before;
    // Another thread has set it meanwhile: it made progress.
  }
}
