/**
 * What a dead thread left in a block list: its slots rebuilt, its credits and its place given up.
 *
 * Slots that name the thread were half filled or half drained. The state words say which blocks are in
 * them (DEPOT and the slot's number), so a slot is rebuilt from those and published like any other.
 * Credits of a claim that was never finished are lost rather than counted twice: the cap holds.
 */
import { compareExchange, load, peek, poke, store, type Words } from "../../memory/index.js";
import { CACHED, generationOf, stateWord } from "../../pool/index.js";
import { returnCredits } from "./credits.js";
import { DRAIN, EMPTY, FILL, FULL, operandOf, slotHeader, statusOf } from "./depot.js";
import { DELETED, obtainingOf, PART, partOf, RECORD, type RecordPlace } from "./record.js";

/** Word index of a slot's header. */
function headerOf(place: RecordPlace, slot: number): number {
  const stride = peek(place.words, place.at + RECORD.BATCH) + 1;
  return place.at + peek(place.words, place.at + RECORD.DEPOT) + slot * stride;
}

/** Slots of a list that a thread has claimed and not finished. */
export function claimedSlots(place: RecordPlace, thread: number): number[] {
  const found: number[] = [];
  for (let slot = 0; slot < peek(place.words, place.at + RECORD.SLOTS); slot++) {
    const seen = load(place.words, headerOf(place, slot));
    const claimed = statusOf(seen) === FILL || statusOf(seen) === DRAIN;
    if (claimed && operandOf(seen) === thread) found.push(slot);
  }
  return found;
}

/** Publishes a slot again with the blocks whose states name it. */
export function rebuildSlot(place: RecordPlace, slot: number, states: readonly number[]): void {
  const header = headerOf(place, slot);
  states.forEach((state, at) => {
    poke(place.words, header + 1 + at, state);
  });
  store(place.words, header, states.length === 0 ? EMPTY : slotHeader(FULL, states.length));
}

/**
 * Empties the depot of a deleted list in a dead thread's name, as its leaving would have: perhaps nobody
 * comes after it who would. Each block is CACHED by the dead thread when `release` gets it. Whoever has to
 * do it again finds slots that name the thread, and blocks that do.
 */
export function drainDepot(
  place: RecordPlace,
  states: Words,
  thread: number,
  release: (state: number) => void,
): void {
  const { words } = place;
  if (load(words, place.at + RECORD.STATUS) !== DELETED) return;
  for (let slot = 0; slot < peek(words, place.at + RECORD.SLOTS); slot++) {
    const header = headerOf(place, slot);
    const seen = load(words, header);
    if (statusOf(seen) !== FULL) continue;
    if (compareExchange(words, header, seen, slotHeader(DRAIN, thread)) !== seen) continue;
    for (let at = 0; at < operandOf(seen); at++) {
      const state = peek(words, header + 1 + at);
      poke(words, partOf(place, thread) + PART.MOVING, 1);
      poke(states, state, stateWord(CACHED, thread, generationOf(peek(states, state))));
      count(place, thread, PART.REFILLED, 1);
      poke(words, partOf(place, thread) + PART.MOVING, 0);
      release(state);
    }
    store(words, header, EMPTY); // last: until then the slot says that there is something to finish
  }
}

/** The blocks that full slots hold, by slot. For audits, when nobody is inside the list. */
export function depotContents(place: RecordPlace): Map<number, number[]> {
  const contents = new Map<number, number[]>();
  for (let slot = 0; slot < peek(place.words, place.at + RECORD.SLOTS); slot++) {
    const header = headerOf(place, slot);
    const seen = load(place.words, header);
    if (statusOf(seen) !== FULL) continue;
    const states = Array.from({ length: operandOf(seen) }, (_, at) =>
      peek(place.words, header + 1 + at),
    );
    contents.set(slot, states);
  }
  return contents;
}

/** Gives a dead thread's credits back. */
export function returnCreditsOf(place: RecordPlace, thread: number): void {
  const word = partOf(place, thread) + PART.LIMIT;
  const limit = peek(place.words, word);
  poke(place.words, word, 0); // first: to lose credits is safe, to return them twice is not
  returnCredits(place, limit);
}

/** Blocks that a dead thread's counters say are in its ring: RC-1. */
export function countedInRing(place: RecordPlace, thread: number): number {
  const part = partOf(place, thread);
  const of = (counter: number): number => peek(place.words, part + counter);
  const hits =
    of(PART.FREES) - of(PART.FREE_MISSES) - (of(PART.ALLOCATES) - of(PART.ALLOCATE_MISSES));
  return (hits + of(PART.RESERVED) - of(PART.TRIMMED) + of(PART.REFILLED) - of(PART.SPILLED)) | 0;
}

/** The block that a dead thread had obtained and not counted, though perhaps noted: its state, or 0. */
export function uncountedOf(place: RecordPlace, thread: number): number {
  const part = partOf(place, thread);
  const obtaining = peek(place.words, part + PART.OBTAINING);
  if (obtaining === 0 || obtaining === obtainingOf(peek(place.words, part + PART.OBTAINED)))
    return 0;
  return peek(place.words, part + PART.FRESH);
}

/** Whether a dead thread was obtaining a block: if it got one, the thread has not claimed its chunk. */
export function wasObtaining(place: RecordPlace, thread: number): boolean {
  return peek(place.words, partOf(place, thread) + PART.OBTAINING) !== 0;
}

/** The block that a dead thread was giving to the pool: the index of its state, or 0. */
export function releasingOf(place: RecordPlace, thread: number): number {
  return peek(place.words, partOf(place, thread) + PART.RELEASING);
}

/** Counts a block as obtained that a dead thread had obtained, noted and not counted. */
export function countObtained(place: RecordPlace, thread: number): void {
  const obtained = partOf(place, thread) + PART.OBTAINED;
  poke(place.words, obtained, peek(place.words, obtained) + 1);
}

/**
 * Makes a dead thread's counters true: `parked` blocks were found in its ring. What a call had done and not
 * yet counted is counted where it was done: between ring and depot, on the way to the pool, or in the
 * ring. Done again by a second recoverer, it changes nothing.
 */
export function settleCounters(place: RecordPlace, thread: number, parked: number): void {
  const part = partOf(place, thread);
  const uncounted = parked - countedInRing(place, thread);
  if (peek(place.words, part + PART.MOVING) === 1) count(place, thread, PART.REFILLED, uncounted);
  else if (uncounted > 0) count(place, thread, PART.FREES, uncounted);
  else if (releasingOf(place, thread) !== 0) count(place, thread, PART.FREE_MISSES, -uncounted);
  else count(place, thread, PART.ALLOCATES, -uncounted);
  for (const intent of [PART.MOVING, PART.OBTAINING, PART.RELEASING])
    poke(place.words, part + intent, 0);
}

/** Adds to a counter of a dead thread. */
export function count(place: RecordPlace, thread: number, counter: number, by: number): void {
  const word = partOf(place, thread) + counter;
  poke(place.words, word, peek(place.words, word) + by);
}

/** Says, or no longer says, which block of a dead thread is on its way to the pool: 0 for none. */
export function noteReleasing(place: RecordPlace, thread: number, state: number): void {
  poke(place.words, partOf(place, thread) + PART.RELEASING, state);
}

/** Whether a thread has a list open: only then is there anything of it in the record. */
export function hasOpen(place: RecordPlace, thread: number): boolean {
  return load(place.words, partOf(place, thread) + PART.OPEN) !== 0;
}
