/**
 * The budget of parked bytes: what all lists of a system together may park.
 *
 * What a list may park is its depth times its size. The sum is not kept anywhere: it is taken from the
 * lists themselves, by whoever makes one grow, with the budget's lock held. So no two growths pass the
 * limit together, and the end of a thread at any instruction cannot leak a byte of it.
 *
 * The lock is only tried: who finds it busy does not grow this time. So nobody waits for growth, least of
 * all who recovers a dead thread; a dead holder only keeps lists as they are until it is recovered.
 *
 * Only growth by policy asks here. A depth that was given by hand, and the depth that a list begins
 * with, are the user's word: they count, and may overdraw the budget; then nothing else grows, and the
 * price of memory rises until the others have given up what they do not need.
 *
 * Documented lists do not count: their descriptors lie where users may write, and they have a rule of
 * their own for memory that runs short.
 */
import { BLOCK_LISTS_MAX, THREADS_MAX } from "../base/index.js";
import {
  add,
  compareExchange,
  HEADER,
  load,
  type Region,
  releaseLock,
  store,
  tryLock,
} from "../memory/index.js";
import { changeDepth } from "./block-list/credits.js";
import { RECORD, type RecordPlace } from "./block-list/record.js";
import { nextPrice, PRICE_MIN } from "./depth/index.js";

/** What one list counts for at most, in KiB: more than any pool holds; the sum of all stays exact. */
const CHARGE_KIB_MAX = 2 ** 22;

/** KiB that a depth counts for. */
function charge(depth: number, bytes: number): number {
  return Math.min(CHARGE_KIB_MAX, Math.ceil((depth * bytes) / 1_024));
}

/**
 * KiB that all lists of a system may park now. A record that goes back to the pool meanwhile does not
 * count: what was read of it holds only if the list is still there afterwards.
 */
export function parkedAllowance(region: Region): number {
  let sum = 0;
  for (let id = 0; id < BLOCK_LISTS_MAX; id++) {
    const byte = load(region.words, region.layout.lists + id) >>> 0;
    if (byte === 0) continue;
    region.cover(byte + RECORD.PARTS * 4);
    const at = byte >>> 2;
    const kib = charge(load(region.words, at + RECORD.DEPTH), load(region.words, at + RECORD.SIZE));
    if (load(region.words, region.layout.lists + id) >>> 0 === byte) sum += kib;
  }
  for (let thread = 1; thread <= THREADS_MAX; thread++)
    sum += load(region.words, HEADER.OBJECTS + thread);
  return sum;
}

/** Writes the limit, in KiB, and the first price. Once, by the creator. */
export function createParkedBudget(region: Region, limit: number): void {
  store(region.words, HEADER.PARKED_LIMIT, limit);
  store(region.words, HEADER.PRICE, PRICE_MIN);
}

/** Sets the next price. At each visit. */
export function adjustPrice(region: Region): void {
  const { words } = region;
  const refusals = load(words, HEADER.REFUSALS);
  compareExchange(words, HEADER.REFUSALS, refusals, 0); // one that comes meanwhile keeps them all
  const limit = load(words, HEADER.PARKED_LIMIT);
  const price = nextPrice(load(words, HEADER.PRICE), parkedAllowance(region), limit, refusals);
  store(words, HEADER.PRICE, price);
}

/** The present price of memory: 1 to 64. */
export function memoryPrice(region: Region): number {
  return Math.max(PRICE_MIN, load(region.words, HEADER.PRICE));
}

/** Gives up what the object lists of a thread may park: when it leaves, or has ended. */
export function returnObjectAllowance(region: Region, thread: number): void {
  store(region.words, HEADER.OBJECTS + thread, 0);
}

/** What becomes of a wish to grow while another thread is just changing the lists: nothing, for now. */
export const BUSY = -1;

/** One thread's way to the budget of its system. */
export class ParkedBudget {
  readonly #region: Region;
  readonly #thread: number;
  #isClosed = false;

  constructor(region: Region, thread: number) {
    this.#region = region;
    this.#thread = thread;
  }

  /** Ends it when the thread leaves: its number may be another one's soon. Nothing grows any more. */
  close(): void {
    this.#isClosed = true;
    returnObjectAllowance(this.#region, this.#thread);
  }

  /** The present price of memory: 1 to 64. */
  get price(): number {
    return memoryPrice(this.#region);
  }

  /** Visits that were made in this system: its clock, modulo 2^32. */
  get visits(): number {
    return load(this.#region.words, HEADER.VISITS);
  }

  /** Lets a block list grow from one depth towards another. Gives back its depth then, or BUSY. */
  growBlocks(place: RecordPlace, from: number, to: number): number {
    const bytes = load(place.words, place.at + RECORD.SIZE);
    return this.#grow(from, to, bytes, (depth) => changeDepth(place, from, depth));
  }

  /** Lets an object list of this thread grow. Gives back its depth then, or BUSY. */
  growObjects(from: number, to: number, bytes: number): number {
    return this.#grow(from, to, bytes, (depth) => {
      this.#countObjects(charge(depth, bytes) - charge(from, bytes));
      return true;
    });
  }

  /** Counts that an object list of this thread was set from one depth to another, whatever the limit. */
  moveObjects(from: number, to: number, bytes: number): void {
    this.#countObjects(charge(to, bytes) - charge(from, bytes));
  }

  #countObjects(kib: number): void {
    if (!this.#isClosed) add(this.#region.words, HEADER.OBJECTS + this.#thread, kib);
  }

  #grow(from: number, to: number, bytes: number, apply: (depth: number) => boolean): number {
    const { words } = this.#region;
    if (this.#isClosed || !tryLock(words, HEADER.BUDGET_LOCK, this.#thread)) return BUSY;
    try {
      const left = load(words, HEADER.PARKED_LIMIT) - parkedAllowance(this.#region);
      const most = Math.floor(((charge(from, bytes) + left) * 1_024) / bytes);
      const next = Math.min(to, Math.max(from, most));
      if (next < to) add(words, HEADER.REFUSALS, 1);
      return next === from || !apply(next) ? from : next;
    } finally {
      releaseLock(words, HEADER.BUDGET_LOCK);
    }
  }
}
