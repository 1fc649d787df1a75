/**
 * The names of routines in shared memory: what a descriptor's Allocate and Free words stand for.
 *
 * ```
 *   record of 128 bytes, at routines + 128 * index
 *        +-----------------+------------------------------------+-------------+
 *        | state           | the name in UTF-8, to byte 120     | annex       |
 *        +-----------------+------------------------------------+-------------+
 *
 *   state  bit 31  28  27      8    7    6        0
 *        +---------+-----------+---------+----------+
 *        | 0       | serial    | unnamed | length   |
 *        +---------+-----------+---------+----------+
 *
 *   handle of a NAMED record:     its address, a multiple of 128
 *   handle of an UNNAMED record:  serial << 11 | index << 1 | 1
 * ```
 *
 * | state | length | unnamed | serial | meaning |
 * |---|---|---|---|---|
 * | NEW | 0 | 0 | 0 | never used, nor is any record behind it |
 * | NAMED | > 0 | 0 | 0 | a name that threads have in common: for ever |
 * | UNNAMED | > 0 | 1 | s | a function that one thread passed without a name: while a list names it |
 * | FREE | 0 | 1 | s | was UNNAMED with serial s, and can be used again |
 *
 * Every change is made under the routine lock, and is one store of the state, after the words of the name:
 *
 * | change | by | also needs |
 * |---|---|---|
 * | NEW, FREE → NAMED | who registers or claims a name that no record has | |
 * | NEW, FREE(s) → UNNAMED(s + 1) | who initializes a list, before the descriptor is linked | the set lock |
 * | UNNAMED(s) → FREE(s) | anyone who sweeps: no linked descriptor names the record | the set lock |
 *
 * **What is in use is what the linked descriptors say.** Nobody counts users and no record has an owner to
 * be asked, so neither a thread that detaches nor one that dies has anything to give back: the descriptors
 * are the one truth, and a sweep reads all of them. It must not see a record whose list is still to come, so
 * a thread keeps the set lock from before it takes an unnamed record until its list is linked. A sweep is
 * made when the table is full, and by each thread after some adoptions of its own.
 *
 * A list of the set therefore never names a record that is used again; the function may be gone, with its
 * thread, and the name is still there for the error. What is no list of the set (a descriptor that was
 * deleted and is used nevertheless, a number that somebody kept) may name one: the serial tells, and the
 * call is ERR_ROUTINE_MISSING, too. Serials come round after 2^20 uses of one record.
 *
 * Death: before the store of the state nothing happened. After it, an unnamed record without a list waits
 * for a sweep. A sweep that ends half way has freed some of what it may free. Locks are taken in the order
 * set, routines; recovery releases those of the dead.
 *
 * Readers take no lock. Whoever reads a name reads the state before and after: it moves whenever the name
 * does. The annex, two words, is 0 at first and belongs to whoever claimed a name; its second word is an
 * owner lock, if it is used at all: recovery releases it with the others.
 */
import { LookasideError, ROUTINES_MAX, textOfUtf8 } from "../base/index.js";
import { acquireLock, HEADER, load, type Region, releaseLock, store } from "../memory/index.js";
import { FIELD } from "./descriptor.js";
import { listsOf, withListSets } from "./list-set.js";

/** Words from the start of a record to its annex. */
const ANNEX = 30;

const LENGTH_MASK = 0x7f;
const UNNAMED = 0x80;
const SERIAL_SHIFT = 8;
const SERIAL_MAX = 2 ** 20 - 1;

/** What a handle of an unnamed record is made of. */
const INDEX_BITS = 10;
const INDEX_MASK = 2 ** INDEX_BITS - 1;

/** Index of the owner lock in the annex of every record that was ever used. */
export function annexLocks(region: Region): number[] {
  const { routinesByte, routineBytes } = region.layout;
  const locks: number[] = [];
  for (let index = 0; index < ROUTINES_MAX; index++) {
    const word = (routinesByte + index * routineBytes) >>> 2;
    if (load(region.words, word) === 0) break;
    locks.push(word + ANNEX + 1);
  }
  return locks;
}

function wordOfName(name: Uint8Array, at: number): number {
  let word = 0;
  for (let byte = 0; byte < 4; byte++) word |= (name[at + byte] ?? 0) << (byte * 8);
  return word;
}

function serialOf(state: number): number {
  return (state >>> SERIAL_SHIFT) & SERIAL_MAX;
}

/** Whether a handle is that of a function that was given without a name. */
export function isUnnamed(handle: number): boolean {
  return (handle & 1) !== 0;
}

/** The table, as one thread changes and reads it. */
export class RoutineTable {
  readonly #region: Region;
  readonly #thread: number;

  constructor(region: Region, thread: number) {
    this.#region = region;
    this.#thread = thread;
  }

  /**
   * The handle of a name: of its record, or of one that is made now.
   * @throws {LookasideError} ERR_ROUTINES_FULL, ERR_LOCK_STALLED
   */
  claim(name: Uint8Array): number {
    const index = this.#locked(() => this.#claimed(name));
    if (index >= 0) return this.#addressOf(index);
    return withListSets(this.#region, this.#thread, () => {
      this.sweep(0);
      return this.#addressOf(demandRecord(this.#locked(() => this.#claimed(name))));
    });
  }

  /**
   * The handle of a new unnamed record. Callers hold the set lock, and keep it until a linked list names the
   * handle. A sweep spares `beside`, which the same list is going to name.
   * @throws {LookasideError} ERR_ROUTINES_FULL, ERR_LOCK_STALLED
   */
  adopt(name: Uint8Array, beside: number): number {
    let index = this.#locked(() => this.#made(name));
    if (index < 0) {
      this.sweep(beside);
      index = demandRecord(this.#locked(() => this.#made(name)));
    }
    const serial = serialOf(load(this.#region.words, this.#wordOf(index)));
    return (serial << (INDEX_BITS + 1)) | (index << 1) | 1;
  }

  /**
   * Frees every unnamed record but `beside` that no list of the set names. Callers hold the set lock.
   * One walk over the set, one look at each record.
   * @throws {LookasideError} ERR_LOCK_STALLED
   */
  sweep(beside: number): void {
    const region = this.#region;
    const named = new Set([beside]);
    for (const kind of [0, 1]) {
      for (const list of listsOf(region, kind)) {
        named.add(load(region.words, (list + FIELD.Allocate) >>> 2));
        named.add(load(region.words, (list + FIELD.Free) >>> 2));
      }
    }
    const { words } = region;
    this.#locked(() => {
      for (let index = 0; index < ROUTINES_MAX; index++) {
        const state = load(words, this.#wordOf(index));
        if (state === 0) break;
        if ((state & UNNAMED) === 0 || (state & LENGTH_MASK) === 0) continue;
        const handle = (serialOf(state) << (INDEX_BITS + 1)) | (index << 1) | 1;
        if (!named.has(handle)) store(words, this.#wordOf(index), state & ~LENGTH_MASK);
      }
    });
  }

  /** The place of a handle's record in the table; -1 when the value cannot be a handle. */
  indexOf(handle: number): number {
    if ((handle | 0) !== handle || handle < 0) return -1;
    const { routinesByte, routineBytes } = this.#region.layout;
    const index = isUnnamed(handle)
      ? (handle >>> 1) & INDEX_MASK
      : (handle - routinesByte) / routineBytes;
    return Number.isInteger(index) && index >= 0 && index < ROUTINES_MAX ? index : -1;
  }

  /** Whether a value is the handle of a record as it is now. */
  has(handle: number): boolean {
    return this.#stateOf(handle) !== 0;
  }

  /** The name behind a handle; null when it is none, or none any more. */
  nameOf(handle: number): string | null {
    const state = this.#stateOf(handle);
    if (state === 0) return null;
    const copy = new Uint8Array(state & LENGTH_MASK);
    const word = this.#wordOf(this.indexOf(handle)) + 1;
    for (let at = 0; at < copy.length; at++) {
      copy[at] = (load(this.#region.words, word + (at >>> 2)) >>> ((at & 3) * 8)) & 0xff;
    }
    return this.#stateOf(handle) === state ? textOfUtf8(copy) : null;
  }

  /** Index of the first of the two annex words of a named record. */
  annexOf(handle: number): number {
    return (handle >>> 2) + ANNEX;
  }

  /** The state of a handle's record, if it is the one that the handle was given for; else 0. */
  #stateOf(handle: number): number {
    const index = this.indexOf(handle);
    if (index < 0) return 0;
    const state = load(this.#region.words, this.#wordOf(index));
    const isSame = isUnnamed(handle)
      ? (state & UNNAMED) !== 0 && serialOf(state) === handle >>> (INDEX_BITS + 1)
      : (state & UNNAMED) === 0;
    return isSame && (state & LENGTH_MASK) !== 0 ? state : 0;
  }

  #addressOf(index: number): number {
    return this.#region.layout.routinesByte + index * this.#region.layout.routineBytes;
  }

  #wordOf(index: number): number {
    return this.#addressOf(index) >>> 2;
  }

  #locked<Result>(action: () => Result): Result {
    const { words } = this.#region;
    acquireLock(words, HEADER.ROUTINE_LOCK, this.#thread);
    try {
      return action();
    } finally {
      releaseLock(words, HEADER.ROUTINE_LOCK);
    }
  }

  /** The record of a name, made if there is none; -1 when the table is full. Under the lock. */
  #claimed(name: Uint8Array): number {
    const { words } = this.#region;
    for (let index = 0; index < ROUTINES_MAX; index++) {
      const state = load(words, this.#wordOf(index));
      if (state === 0) break;
      if (state === name.length && this.#holds(this.#wordOf(index), name)) return index;
    }
    const index = this.#firstFree();
    if (index >= 0) this.#write(this.#wordOf(index), name, name.length);
    return index;
  }

  /** A new unnamed record; -1 when the table is full. Under the lock. */
  #made(name: Uint8Array): number {
    const index = this.#firstFree();
    if (index < 0) return -1;
    const word = this.#wordOf(index);
    const serial = (serialOf(load(this.#region.words, word)) % SERIAL_MAX) + 1; // never 0
    this.#write(word, name, (serial << SERIAL_SHIFT) | UNNAMED | name.length);
    return index;
  }

  #firstFree(): number {
    const { words } = this.#region;
    for (let index = 0; index < ROUTINES_MAX; index++) {
      if ((load(words, this.#wordOf(index)) & LENGTH_MASK) === 0) return index;
    }
    return -1;
  }

  #holds(word: number, name: Uint8Array): boolean {
    for (let at = 0; at < name.length; at += 4) {
      if (load(this.#region.words, word + 1 + at / 4) !== wordOfName(name, at)) return false;
    }
    return true;
  }

  #write(word: number, name: Uint8Array, state: number): void {
    for (let at = 0; at < name.length; at += 4) {
      store(this.#region.words, word + 1 + at / 4, wordOfName(name, at));
    }
    store(this.#region.words, word, state); // publishes the record
  }
}

function demandRecord(index: number): number {
  if (index >= 0) return index;
  throw new LookasideError(
    "ERR_ROUTINES_FULL",
    `Cannot register a routine: all ${ROUTINES_MAX} names are taken, by name or by lists in use`,
  );
}
