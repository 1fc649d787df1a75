/**
 * The ring of cells: how a value goes in and out, without a lock and without waiting.
 *
 * ```
 *   position  … 14   15   16   17   18   19   20 …        cell = position mod 2^shift
 *                   ┌────┬────┬────┬────┬────┐            lap  = position div 2^shift
 *                   │DRAI│FULL│FULL│FILL│EMPT│
 *                   └────┴────┴────┴────┴────┘
 *                     ^ head             ^ tail           both are hints
 * ```
 *
 * The claim is made on the cell, with the claimant's number in the word, and never on a position: no thread
 * can die between a position and its cell. Head and tail only say where it is worth to look. Whoever finds
 * that the cell at a hint has been passed moves the hint on by one: the cell is of a later lap, or of this
 * lap and not EMPTY (tail), or of this lap and claimed by a thread that pops (head).
 *
 * What follows from it (the ids are those of docs/decisions/014-channel.md):
 *
 * - Claims are made in the order of positions, so pushes and pops are each in one order: CH-1.
 * - A cell that is FILL stops the head: a pop finds nothing until it is FULL. A cell that is DRAIN or TAKE
 *   does not: others pop what comes after it.
 * - A cell that is not yet EMPTY stops the tail a lap later: a push finds no room until it is.
 * - A push looks at the status of the channel after its claim, so once a thread has seen the channel closed
 *   and then all cells EMPTY, no value will come: CH-2.
 * - A value whose reader died is RETURNED where it was. Its lap is the old one, so all hints pass it by; a
 *   bit tells readers to look through all cells first. The count beside the bit grows with every return, so
 *   that a reader which found nothing cannot take the bit of a later return away: CH-3.
 *
 * Looks are plain where they lead to a compare-exchange, which fails when they were stale; an old hint is
 * one that has been passed. "Full" and "nothing" are answered only after an atomic look at the cell.
 *
 * A hint has 32 bits, a lap up to 21. A thread that stalls between a look and its compare-exchange while all
 * others move the same word exactly once round can claim a cell out of order, or move a hint that it should
 * not. It never takes a cell that another thread has, because the status is in the word. A reader mends a
 * tail that ran ahead (it closes the EMPTY cell), and takes a FULL cell that was left behind.
 */
import { compareExchange, load, peek, poke, store, type Words } from "../memory/index.js";
import {
  CELL_WORDS,
  DRAIN,
  EMPTY,
  FILL,
  FULL,
  HIGH,
  LAP_SHIFT,
  LOW,
  lapBits,
  RETURNED,
  TAKE,
} from "./cell.js";
import { type ChannelPlace, OPEN, RECORD } from "./record.js";

/** Outcomes of a push. */
export const PUSHED = 0;
export const IS_FULL = 1;
export const IS_CLOSED = 2;

/** Instead of a cell: there is nothing to claim. */
export const NOTHING = -1;

/*
 * Own copies for the hot paths: an engine folds a constant of the same module into the code that it makes,
 * but reads an imported one from its cell, with a check, each time.
 */
const SHIFT = LAP_SHIFT;
const IS_EMPTY = EMPTY;
const HAS_VALUE = FULL;
const FILLING = FILL;
const CHANNEL_OPEN = OPEN;
const LOW_WORD = LOW;
const HIGH_WORD = HIGH;

/** The cells of one channel, as one thread uses them. */
export class Cells {
  readonly #words: Words;
  readonly #cells: number;
  readonly #count: number;
  readonly #mask: number;
  readonly #shift: number;
  /** Shifts the lap of a header so that the sign of a difference says which one is later. */
  readonly #fold: number;
  readonly #lapMask: number;
  readonly #status: number;
  readonly #head: number;
  readonly #tail: number;
  readonly #returns: number;
  /** The thread's number as it stands in a header. */
  readonly #me: number;

  constructor(place: ChannelPlace, thread: number) {
    const bits = lapBits(place.shift);
    this.#words = place.words;
    this.#cells = place.cells;
    this.#count = 2 ** place.shift;
    this.#mask = this.#count - 1;
    this.#shift = place.shift;
    this.#fold = 32 - bits;
    this.#lapMask = 2 ** bits - 1;
    this.#status = place.at + RECORD.STATUS;
    this.#head = place.at + RECORD.HEAD;
    this.#tail = place.at + RECORD.TAIL;
    this.#returns = place.at + RECORD.RETURNS;
    this.#me = thread << 3;
  }

  /** Puts a value in: PUSHED, IS_FULL or IS_CLOSED. */
  push(low: number, high: number): number {
    const words = this.#words;
    if (peek(words, this.#status) !== CHANNEL_OPEN) return IS_CLOSED; // the look that counts comes later
    let at = peek(words, this.#tail);
    for (;;) {
      const cell = this.#cells + ((at & this.#mask) << 2);
      const seen = peek(words, cell);
      const ahead = ((seen >>> SHIFT) - (at >>> this.#shift)) << this.#fold;
      if (ahead < 0) {
        if (load(words, cell) !== seen) continue;
        if ((seen & 7) !== IS_EMPTY) return IS_FULL;
        // Left behind by a tail that ran ahead: it comes up to this lap.
        compareExchange(words, cell, seen, this.#lapAt(at) << SHIFT);
        continue;
      }
      if (ahead > 0 || (seen & 7) !== IS_EMPTY) {
        at = this.#advance(this.#tail, at);
        continue;
      }
      if (compareExchange(words, cell, seen, seen | this.#me | FILLING) !== seen) continue;
      if (load(words, this.#status) !== CHANNEL_OPEN) {
        store(words, cell, this.#nextLap(seen));
        return IS_CLOSED;
      }
      poke(words, cell + LOW_WORD, low);
      poke(words, cell + HIGH_WORD, high);
      store(words, cell, seen | HAS_VALUE); // anyone may have it from here on
      compareExchange(words, this.#tail, at, (at + 1) | 0);
      return PUSHED;
    }
  }

  /**
   * Claims the oldest value for this thread, as DRAIN or TAKE: the index of its cell, or NOTHING. The
   * caller reads it and then calls `empty`.
   */
  claim(as: number): number {
    const words = this.#words;
    if ((peek(words, this.#returns) & 1) !== 0) {
      const cell = this.#claimReturned(as);
      if (cell !== NOTHING) return cell;
    }
    let at = peek(words, this.#head);
    for (;;) {
      const cell = this.#cells + ((at & this.#mask) << 2);
      const seen = peek(words, cell);
      const ahead = ((seen >>> SHIFT) - (at >>> this.#shift)) << this.#fold;
      const status = seen & 7;
      if (ahead <= 0 && status === HAS_VALUE) {
        const claimed = (seen ^ HAS_VALUE) | this.#me | as;
        if (compareExchange(words, cell, seen, claimed) !== seen) continue;
        if (ahead === 0) compareExchange(words, this.#head, at, (at + 1) | 0);
        return cell;
      }
      if (ahead > 0 || (ahead === 0 && status > HAS_VALUE)) {
        at = this.#advance(this.#head, at);
        continue;
      }
      if (load(words, cell) !== seen) continue;
      if (ahead < 0 || status === FILLING) return NOTHING;
      if (((load(words, this.#tail) - at) | 0) <= 0) return NOTHING;
      // The tail has passed a cell that nobody filled: either it was filled since, or the tail ran ahead.
      compareExchange(words, cell, seen, this.#nextLap(seen));
    }
  }

  /** The value of a cell that this thread has claimed. */
  low(cell: number): number {
    return peek(this.#words, cell + LOW_WORD);
  }

  /** The other half of it. */
  high(cell: number): number {
    return peek(this.#words, cell + HIGH_WORD);
  }

  /** Gives a claimed cell back, empty. */
  empty(cell: number): void {
    store(this.#words, cell, this.#nextLap(peek(this.#words, cell)));
  }

  /** Values inside, RETURNED ones included: a snapshot. */
  values(): number {
    let values = 0;
    for (let index = 0; index < this.#count; index++) {
      const status = load(this.#words, this.#cells + index * CELL_WORDS) & 7;
      if (status === FULL || status === RETURNED) values++;
    }
    return values;
  }

  /** Whether every cell is empty. After a look that has seen the channel closed, it stays so: CH-2. */
  areEmpty(): boolean {
    for (let index = 0; index < this.#count; index++) {
      if ((load(this.#words, this.#cells + index * CELL_WORDS) & 7) !== EMPTY) return false;
    }
    return true;
  }

  /** Claims a value whose reader died. */
  #claimReturned(as: number): number {
    const words = this.#words;
    const returns = load(words, this.#returns);
    for (let index = 0; index < this.#count; index++) {
      const cell = this.#cells + index * CELL_WORDS;
      const seen = load(words, cell);
      if ((seen & 7) !== RETURNED) continue;
      if (compareExchange(words, cell, seen, (seen ^ RETURNED) | this.#me | as) === seen)
        return cell;
    }
    compareExchange(words, this.#returns, returns, returns & ~1);
    return NOTHING;
  }

  /** Moves a hint on from a position that has been passed. Gives back where it is now. */
  #advance(hint: number, at: number): number {
    const next = (at + 1) | 0;
    const seen = compareExchange(this.#words, hint, at, next);
    return seen === at ? next : seen;
  }

  #lapAt(position: number): number {
    return (position >>> this.#shift) & this.#lapMask;
  }

  /** The header of the same cell, empty and a lap later. */
  #nextLap(header: number): number {
    return (((header >>> SHIFT) + 1) & this.#lapMask) << SHIFT;
  }
}

if (DRAIN <= FULL || TAKE <= FULL || RETURNED <= FULL || CELL_WORDS !== 4)
  throw new Error("the hot paths of cells.ts count on these numbers");
