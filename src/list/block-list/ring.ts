/**
 * The ring: the blocks that one thread has parked for itself, and the credits that let it.
 *
 * A private stack of at most two batches. When it is full, its bottom half goes to a slot of the
 * depot, when it is empty, the newest slot comes back; so for one thread depot and ring together are
 * one stack. What the ring says may be lost with the thread: every block in it is CACHED by the
 * thread, and its state word says so.
 *
 * The hot fields, `count`, `floor`, `limit` and the arrays, are used by the list directly; everything
 * else is a slow path.
 *
 * The floor tells what nobody needed, at no cost to a hit: it is put at the top when the ring ages, and
 * allocate, which has to look whether the ring is empty anyway, looks whether it would go below the
 * floor. Then the floor goes down, by more than is needed, so that this is seldom. What lies below the
 * floor has not been touched since the ring last aged.
 */
import { load, peek, poke } from "../../memory/index.js";
import type { Block } from "./block.js";
import { returnCredits, takeCredits } from "./credits.js";
import type { Depot } from "./depot.js";
import { PART, partOf, RECORD, type RecordPlace } from "./record.js";

/** One thread's ring of one list. */
export class Ring {
  /** State indices, bottom first: of a block with an object beside it, only when it leaves the ring. */
  readonly states: Int32Array;
  /** Beside each its object in this thread, or null where none is at hand. */
  readonly blocks: (Block | null)[];
  /** Blocks in the ring. */
  count = 0;
  /** Credits of the ring: how many blocks it may hold. */
  limit = 0;
  /** Blocks at the bottom that were not touched since the ring aged: at most `count`. */
  floor = 0;
  /** The floor as it was when the ring last aged. */
  #floorBefore = 0;
  readonly #place: RecordPlace;
  readonly #depot: Depot;
  readonly #part: number;
  readonly #batch: number;
  /** How far the floor goes down at a time, at least. */
  readonly #step: number;

  constructor(place: RecordPlace, depot: Depot, thread: number) {
    this.#place = place;
    this.#depot = depot;
    this.#part = partOf(place, thread);
    this.#batch = peek(place.words, place.at + RECORD.BATCH);
    this.states = new Int32Array(2 * this.#batch);
    this.blocks = new Array<Block | null>(2 * this.#batch).fill(null);
    this.#step = Math.max(1, this.#batch >> 2);
  }

  /** Blocks that its credits allow besides those it has. */
  get room(): number {
    return Math.max(0, this.limit - this.count);
  }

  /** Blocks above the limit, which a lowered depth has left. */
  get overhang(): number {
    return Math.max(0, this.count - this.limit);
  }

  /** Lowers the floor below the top block, which is about to be taken. */
  lowerFloor(): void {
    this.floor = Math.max(0, this.count - this.#step);
  }

  /**
   * Begins to watch anew. Gives back how many blocks nobody has touched since the ring aged, or, when
   * `isPatient`, since it aged the time before.
   */
  age(isPatient: boolean): number {
    const low = this.floor;
    const idle = isPatient ? Math.min(low, this.#floorBefore) : low;
    this.#floorBefore = low;
    this.floor = this.count;
    return idle;
  }

  /**
   * Gives the bottom `count` blocks to `release`, and their credits back; those above the limit have none.
   */
  shed(count: number, release: (state: number) => void): void {
    this.#noteStates(count);
    const states = this.states.slice(0, count);
    const paid = Math.max(0, count - this.overhang);
    this.#setLimit(this.limit - paid);
    for (const state of states) release(state);
    this.#dropBottom(count);
    returnCredits(this.#place, paid);
  }

  /**
   * Empties one slot of the depot past the ring: each of its blocks goes to `release`, its credits back.
   * Gives back how many.
   */
  drain(slot: number, release: (state: number) => void): number {
    const states = new Int32Array(this.#batch);
    this.#set(PART.MOVING, 1);
    const count = this.#depot.takeFrom(slot, states);
    this.#bump(PART.REFILLED, count); // as if it had come through the ring
    this.#set(PART.MOVING, 0);
    for (let at = 0; at < count; at++) release(states[at] as number);
    returnCredits(this.#place, count);
    return count;
  }

  /** Gives back credits that `spare` more blocks than there are would not use. */
  returnRoom(spare: number): void {
    const excess = this.limit - this.count - spare;
    if (excess <= 0) return;
    this.#setLimit(this.limit - excess);
    returnCredits(this.#place, excess);
  }

  /** Pays a debt of credits as far as this ring has room that no block fills. */
  repayRoom(): void {
    const debt = -load(this.#place.words, this.#place.at + RECORD.CREDITS);
    if (debt > 0) this.returnRoom(Math.max(0, this.limit - this.count - debt));
  }

  /** Puts a block on top. The caller has seen that there is room. */
  push(state: number, block: Block | null): void {
    this.states[this.count] = state;
    this.blocks[this.count] = block;
    this.count++;
  }

  /** Makes room for one more block, as far as depth allows. */
  makeRoom(): boolean {
    if (this.count < this.limit) return true;
    const capacity = this.states.length;
    if (this.limit < capacity) {
      // A lowered depth may have left the limit below the count: first it has to catch up.
      const wanted = Math.max(this.#batch, this.count + 1 - this.limit);
      const taken = takeCredits(this.#place, Math.min(wanted, capacity - this.limit));
      this.#setLimit(this.limit + taken);
      if (this.count < this.limit) return true;
      if (this.limit < capacity) return false;
    }
    const taken = takeCredits(this.#place, this.#batch);
    if (taken === 0) return false;
    this.#setLimit(capacity - this.#batch + taken); // the batch takes its credits along
    if (this.#spill(this.#batch)) return true;
    this.#setLimit(capacity);
    returnCredits(this.#place, taken);
    return false;
  }

  /** Fills the empty ring from the depot. Gives back how many blocks came. */
  refill(): number {
    this.#set(PART.MOVING, 1);
    const count = this.#depot.take(this.states);
    this.#bump(PART.REFILLED, count);
    this.#set(PART.MOVING, 0);
    if (count === 0) return 0;
    for (let at = 0; at < count; at++) this.blocks[at] = null;
    this.count = count;
    this.floor = 0;
    this.#floorBefore = 0;
    this.#bump(PART.REFILLS, 1);
    const limit = this.limit + count; // the blocks brought their credits
    const excess = Math.max(0, limit - this.states.length);
    returnCredits(this.#place, excess);
    this.#setLimit(limit - excess);
    this.repay();
    return count;
  }

  /** Pays a debt of credits, which a lowered depth has left, out of this ring's limit. */
  repay(): void {
    const debt = -load(this.#place.words, this.#place.at + RECORD.CREDITS);
    const paid = Math.min(debt, this.limit);
    if (paid <= 0) return;
    this.#setLimit(this.limit - paid);
    returnCredits(this.#place, paid);
  }

  /** Takes all blocks out and gives each to `release`. Gives back how many. */
  empty(release: (state: number) => void): number {
    const { count } = this;
    this.#noteStates(count);
    this.count = 0;
    this.floor = 0;
    this.#floorBefore = 0;
    for (let at = 0; at < count; at++) release(this.states[at] as number);
    this.blocks.fill(null, 0, count);
    return count;
  }

  /**
   * Leaves for good: what fits goes to the depot, the rest to `release`, the credits back. Gives back
   * the rest.
   */
  leave(release: (state: number) => void): number {
    while (this.count > 0) {
      const count = Math.min(this.#batch, this.count, this.limit); // a slot's blocks keep their credits
      if (count === 0) break;
      this.#setLimit(this.limit - count);
      if (this.#spill(count)) continue;
      this.#setLimit(this.limit + count);
      break;
    }
    const released = this.empty(release);
    const { limit } = this;
    this.#setLimit(0); // first: whoever dies in between loses credits, and returns none twice
    returnCredits(this.#place, limit);
    return released;
  }

  /** Moves the bottom `count` blocks to the depot. Gives back false when no slot is empty. */
  #spill(count: number): boolean {
    this.#noteStates(count);
    this.#set(PART.MOVING, 1);
    const moved = this.#depot.put(this.states, 0, count);
    if (moved) this.#bump(PART.SPILLED, count);
    this.#set(PART.MOVING, 0);
    if (!moved) return false;
    this.#bump(PART.SPILLS, 1);
    this.#dropBottom(count);
    return true;
  }

  /** Writes the states of the bottom `count` blocks that have an object. */
  #noteStates(count: number): void {
    for (let at = 0; at < count; at++) {
      const block = this.blocks[at];
      if (block) this.states[at] = block.state;
    }
  }

  #dropBottom(count: number): void {
    const { states, blocks } = this;
    const left = this.count - count;
    // By hand: copyWithin of an array goes through its slow path, 20 ns an element.
    for (let at = 0; at < left; at++) {
      states[at] = states[at + count] as number;
      blocks[at] = blocks[at + count] as Block | null;
    }
    this.count = left;
    this.floor = Math.max(0, this.floor - count);
    this.#floorBefore = Math.max(0, this.#floorBefore - count);
    for (let at = left; at < left + count; at++) blocks[at] = null;
  }

  #setLimit(limit: number): void {
    this.limit = limit;
    this.#set(PART.LIMIT, limit);
  }

  #set(word: number, value: number): void {
    poke(this.#place.words, this.#part + word, value);
  }

  #bump(counter: number, by: number): void {
    const word = this.#part + counter;
    poke(this.#place.words, word, peek(this.#place.words, word) + by);
  }
}
