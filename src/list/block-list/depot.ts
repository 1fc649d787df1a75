/**
 * The depot: parked blocks that belong to no thread, in slots that a thread claims as a whole.
 *
 * ```
 *   slot k, at depot + k * (batch + 1):
 *        +--------+---------+---------+-- … --+
 *        | header | entry 0 | entry 1 |       |   an entry is the word index of a block's state
 *        +--------+---------+---------+-- … --+
 *
 *             31     8 7        0
 *            +--------+---------+
 *   header = | operand | status |      EMPTY ─► FILL|t ─► FULL|n ─► DRAIN|t ─► EMPTY
 *            +--------+---------+
 * ```
 *
 * | word | written by |
 * |---|---|
 * | header EMPTY, FULL | anyone, by compare-exchange: the claim |
 * | header FILL, DRAIN | the thread that it names; after its proven end, who recovers it |
 * | entries | the claimant of the slot |
 *
 * Publish last: a header becomes FULL only after every state word of its blocks names the slot, and
 * EMPTY only after every one names somebody else. So at every instant the states alone say where each
 * block is, and a claim that was never finished can be: DP-1. Slots are used as a stack, so that for
 * one thread ring and depot are one stack.
 */
import { add, compareExchange, load, peek, poke, store, type Words } from "../../memory/index.js";
import {
  CACHED,
  type Claims,
  DEPOT,
  generationOf,
  type Pool,
  stateWord,
} from "../../pool/index.js";
import { RECORD, type RecordPlace } from "./record.js";

/** Statuses of a slot's header. */
export const EMPTY = 0;
export const FILL = 1;
export const FULL = 2;
export const DRAIN = 3;

/** A header. */
export function slotHeader(status: number, operand: number): number {
  return (operand << 8) | status;
}

/** EMPTY, FILL, FULL or DRAIN. */
export function statusOf(header: number): number {
  return header & 0xff;
}

/** The claimant, or the number of entries. */
export function operandOf(header: number): number {
  return header >>> 8;
}

/** One list's depot, as one thread reaches it. */
export class Depot {
  readonly #words: Words;
  readonly #record: number;
  readonly #first: number;
  readonly #stride: number;
  readonly #slots: number;
  readonly #thread: number;
  readonly #claims: Claims;
  /** All states lie in bookkeeping, which any view covers. */
  readonly #states: Words;
  /** Where the top of the stack was last seen. */
  #top = 0;

  constructor(place: RecordPlace, states: Words, pool: Pool) {
    this.#words = place.words;
    this.#record = place.at;
    this.#first = place.at + peek(place.words, place.at + RECORD.DEPOT);
    this.#stride = peek(place.words, place.at + RECORD.BATCH) + 1;
    this.#slots = peek(place.words, place.at + RECORD.SLOTS);
    this.#thread = pool.thread;
    this.#claims = pool.claims;
    this.#states = states;
  }

  /**
   * Moves `count` blocks (1 to batch) from `blocks[from…]` into an empty slot, the lowest unless others have
   * left holes. Gives back false when no slot is empty: nothing moved.
   */
  put(blocks: Int32Array, from: number, count: number): boolean {
    const top = this.#findTop();
    for (let slot = top; slot < this.#slots; slot++)
      if (this.#putInto(slot, blocks, from, count)) return true;
    for (let slot = 0; slot < top; slot++)
      if (this.#putInto(slot, blocks, from, count)) return true;
    return false;
  }

  #putInto(slot: number, blocks: Int32Array, from: number, count: number): boolean {
    const header = this.#first + slot * this.#stride;
    if (load(this.#words, header) !== EMPTY) return false;
    const claim = slotHeader(FILL, this.#thread);
    if (compareExchange(this.#words, header, EMPTY, claim) !== EMPTY) return false;
    for (let at = 0; at < count; at++) {
      const state = blocks[from + at] as number;
      poke(this.#words, header + 1 + at, state);
      const generation = generationOf(peek(this.#states, state));
      poke(this.#states, state, stateWord(DEPOT, slot, generation));
    }
    store(this.#words, header, slotHeader(FULL, count)); // anyone may take them from here on
    this.#top = slot + 1;
    this.#touch(slot);
    return true;
  }

  /**
   * Moves the blocks of a full slot into `blocks[0…]`, the newest unless others have left holes. Gives back
   * how many, or 0 when no slot is full.
   */
  take(blocks: Int32Array): number {
    const top = this.#findTop();
    for (let slot = top - 1; slot >= 0; slot--) {
      const count = this.#takeAndTouch(slot, blocks);
      if (count !== 0) return count;
    }
    for (let slot = this.#slots - 1; slot >= top; slot--) {
      const count = this.#takeAndTouch(slot, blocks);
      if (count !== 0) return count;
    }
    return 0;
  }

  #takeAndTouch(slot: number, blocks: Int32Array): number {
    const count = this.takeFrom(slot, blocks);
    if (count === 0) return 0;
    this.#top = slot;
    this.#touch(slot);
    return count;
  }

  /**
   * The lowest empty slot above a slot that is not, from where it was last: the top of the stack, unless
   * others have left holes. What other threads do meanwhile makes it a hint.
   */
  #findTop(): number {
    let top = this.#top;
    while (top < this.#slots && load(this.#words, this.#first + top * this.#stride) !== EMPTY)
      top++;
    while (top > 0 && load(this.#words, this.#first + (top - 1) * this.#stride) === EMPTY) top--;
    this.#top = top;
    return top;
  }

  /** Moves the blocks of one slot into `blocks[0…]`. Gives back how many; 0 when it is not full. */
  takeFrom(slot: number, blocks: Int32Array): number {
    const header = this.#first + slot * this.#stride;
    const seen = load(this.#words, header);
    if (statusOf(seen) !== FULL) return 0;
    const claim = slotHeader(DRAIN, this.#thread);
    if (compareExchange(this.#words, header, seen, claim) !== seen) return 0;
    const count = operandOf(seen);
    for (let at = 0; at < count; at++) {
      const state = peek(this.#words, header + 1 + at);
      blocks[at] = state;
      this.#claims.note(state);
      const generation = generationOf(peek(this.#states, state));
      poke(this.#states, state, stateWord(CACHED, this.#thread, generation));
    }
    store(this.#words, header, EMPTY); // the slot is free for anyone
    return count;
  }

  /**
   * Begins to watch anew. Gives back how many slots at the bottom nobody has touched since the depot
   * aged, or, when `isPatient`, since it aged the time before. For whoever won the adjustment.
   */
  age(isPatient: boolean): number {
    const low = Math.max(0, load(this.#words, this.#record + RECORD.LOW_SLOT));
    const before = Math.max(0, load(this.#words, this.#record + RECORD.LOW_SLOT_BEFORE));
    let top = this.#slots;
    while (top > 0 && load(this.#words, this.#first + (top - 1) * this.#stride) === EMPTY) top--;
    store(this.#words, this.#record + RECORD.LOW_SLOT_BEFORE, low);
    store(this.#words, this.#record + RECORD.LOW_SLOT, top);
    const idle = isPatient ? Math.min(low, before) : low;
    store(this.#words, this.#record + RECORD.IDLE_SLOTS, idle);
    return idle;
  }

  /** Slots at the bottom that were idle when the depot aged, and are still untouched. */
  idleSlots(): number {
    const idle = load(this.#words, this.#record + RECORD.IDLE_SLOTS);
    return Math.min(idle, load(this.#words, this.#record + RECORD.LOW_SLOT));
  }

  /** Blocks in the full slots below one: a snapshot. */
  parkedBelow(end: number): number {
    let blocks = 0;
    for (let slot = 0; slot < end; slot++) blocks += this.parkedIn(slot);
    return blocks;
  }

  /** Blocks in a slot, if it is full: a snapshot. */
  parkedIn(slot: number): number {
    const seen = load(this.#words, this.#first + slot * this.#stride);
    return statusOf(seen) === FULL ? operandOf(seen) : 0;
  }

  /**
   * Moves every full slot down over the `drained` empty ones below it, so that the depot is a stack
   * without holes again. Each move is a claim of both slots, published as always: the lower one FULL
   * after all its states name it, then the upper one EMPTY.
   */
  sink(drained: number): void {
    let target = 0;
    for (let slot = 0; slot < this.#slots; slot++) {
      if (statusOf(load(this.#words, this.#first + slot * this.#stride)) === EMPTY) continue;
      if (target < slot && !this.#moveDown(slot, target)) target = slot;
      target++;
    }
    for (const hint of [RECORD.LOW_SLOT, RECORD.LOW_SLOT_BEFORE, RECORD.IDLE_SLOTS])
      add(this.#words, this.#record + hint, -drained);
  }

  #moveDown(from: number, to: number): boolean {
    const words = this.#words;
    const [upper, lower] = [this.#first + from * this.#stride, this.#first + to * this.#stride];
    const fill = slotHeader(FILL, this.#thread);
    if (compareExchange(words, lower, EMPTY, fill) !== EMPTY) return false;
    const seen = load(words, upper);
    const drain = slotHeader(DRAIN, this.#thread);
    if (statusOf(seen) !== FULL || compareExchange(words, upper, seen, drain) !== seen) {
      store(words, lower, EMPTY);
      return false;
    }
    const count = operandOf(seen);
    for (let at = 0; at < count; at++) {
      const state = peek(words, upper + 1 + at);
      poke(words, lower + 1 + at, state);
      const generation = generationOf(peek(this.#states, state));
      poke(this.#states, state, stateWord(DEPOT, to, generation));
    }
    store(words, lower, slotHeader(FULL, count));
    store(words, upper, EMPTY);
    return true;
  }

  /** Notes that a slot was filled or taken: what lies above it is no longer untouched. */
  #touch(slot: number): void {
    const word = this.#record + RECORD.LOW_SLOT;
    let low = load(this.#words, word);
    while (slot < low) {
      const seen = compareExchange(this.#words, word, low, slot);
      if (seen === low) return;
      low = seen;
    }
  }
}
