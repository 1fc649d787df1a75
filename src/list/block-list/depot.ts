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
import { compareExchange, load, peek, poke, store, type Words } from "../../memory/index.js";
import { CACHED, DEPOT, generationOf, stateWord } from "../../pool/index.js";
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
  readonly #first: number;
  readonly #stride: number;
  readonly #slots: number;
  readonly #thread: number;
  /** All states lie in bookkeeping, which any view covers. */
  readonly #states: Words;

  constructor(place: RecordPlace, states: Words, thread: number) {
    this.#words = place.words;
    this.#first = place.at + peek(place.words, place.at + RECORD.DEPOT);
    this.#stride = peek(place.words, place.at + RECORD.BATCH) + 1;
    this.#slots = peek(place.words, place.at + RECORD.SLOTS);
    this.#thread = thread;
    this.#states = states;
  }

  /**
   * Moves `count` blocks (1 to batch) from `blocks[from…]` into an empty slot. Gives back false when
   * no slot is empty: nothing moved.
   */
  put(blocks: Int32Array, from: number, count: number): boolean {
    for (let slot = 0; slot < this.#slots; slot++) {
      const header = this.#first + slot * this.#stride;
      if (load(this.#words, header) !== EMPTY) continue;
      const claim = slotHeader(FILL, this.#thread);
      if (compareExchange(this.#words, header, EMPTY, claim) !== EMPTY) continue;
      for (let at = 0; at < count; at++) {
        const state = blocks[from + at] as number;
        poke(this.#words, header + 1 + at, state);
        const generation = generationOf(peek(this.#states, state));
        poke(this.#states, state, stateWord(DEPOT, slot, generation));
      }
      store(this.#words, header, slotHeader(FULL, count)); // anyone may take them from here on
      return true;
    }
    return false;
  }

  /**
   * Moves the blocks of the newest full slot into `blocks[0…]`. Gives back how many, or 0 when no slot
   * is full.
   */
  take(blocks: Int32Array): number {
    for (let slot = this.#slots - 1; slot >= 0; slot--) {
      const header = this.#first + slot * this.#stride;
      const seen = load(this.#words, header);
      if (statusOf(seen) !== FULL) continue;
      const claim = slotHeader(DRAIN, this.#thread);
      if (compareExchange(this.#words, header, seen, claim) !== seen) continue;
      const count = operandOf(seen);
      for (let at = 0; at < count; at++) {
        const state = peek(this.#words, header + 1 + at);
        blocks[at] = state;
        const generation = generationOf(peek(this.#states, state));
        poke(this.#states, state, stateWord(CACHED, this.#thread, generation));
      }
      store(this.#words, header, EMPTY); // the slot is free for anyone
      return count;
    }
    return 0;
  }

  /** Blocks in full slots: a snapshot. */
  parked(): number {
    let blocks = 0;
    for (let slot = 0; slot < this.#slots; slot++) {
      const seen = load(this.#words, this.#first + slot * this.#stride);
      if (statusOf(seen) === FULL) blocks += operandOf(seen);
    }
    return blocks;
  }
}
