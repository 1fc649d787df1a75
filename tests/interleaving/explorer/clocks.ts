/**
 * Vector clocks: which accesses are ordered by happens-before in the schedule that is being run.
 *
 * As the memory model of ECMAScript has it. Every thread has a clock: for each thread, how far of that one
 * is known to lie before. An atomic read (a load, a compare-exchange that lost, a wait) learns the clock of
 * the atomic write that it reads from; a read-modify-write learns it and hands it on; a store hands on its
 * own thread's only. Whoever recovers a thread knows all that it did. Nothing else orders anything: not a
 * plain access, not one of other size (32 and 64 bits at one place), not a wake-up.
 *
 * For each word, of each thread the last access of each sort is kept. Two accesses conflict when they meet in
 * a word, one of them writes, and they are not both atomic and of one size: a *race* when neither is
 * known to lie before the other.
 */
import { type Access, isPlain, KIND, mayWrite, type Value, wasWrite, widthOf } from "./access.js";
import { Journal } from "./journal.js";

/** Sorts of accesses: plain, atomic, atomic of 64 bits; those that write are odd. */
export const SORT = { READ: 0, ATOMIC_READ: 2, ATOMIC64_READ: 4, WRITE: 1 } as const;

const SORTS = 6;

/** The sort of an access that gives back `value`. */
export function sortOf(access: Access, value: Value): number {
  const { kind } = access;
  const write = wasWrite(access, value) ? SORT.WRITE : 0;
  if (isPlain(kind)) return SORT.READ | write;
  return (widthOf(kind) === 2 ? SORT.ATOMIC64_READ : SORT.ATOMIC_READ) | write;
}

/** Whether two sorts of access at one word conflict. */
export function conflict(one: number, other: number): boolean {
  if (((one | other) & SORT.WRITE) === 0) return false;
  return one >>> 1 !== other >>> 1 || one <= SORT.WRITE;
}

/** Called with a word, the sort of an earlier access that is not ordered before this one, and this sort. */
export type OnRace = (index: number, earlier: number, sort: number) => void;

/** The clocks of one world's threads and words. */
export class Clocks {
  readonly #count: number;
  /** Words of the table for each word: see `#rowOf`. */
  readonly #width: number;
  readonly #rows: Int32Array;
  /** Clocks of the threads first, then a row for each word that is watched. */
  readonly #journal: Journal;
  readonly #onRace: OnRace;

  constructor(count: number, words: number, onRace: OnRace) {
    this.#count = count;
    this.#width = 1 + (1 + SORTS) * count;
    this.#rows = new Int32Array(words);
    this.#journal = new Journal(count * count);
    this.#onRace = onRace;
    for (let thread = 0; thread < count; thread++) {
      this.#journal.set(thread * count + thread, 1);
    }
    this.#journal.begin();
  }

  /** A place to come back to. */
  mark(): number {
    return this.#journal.mark();
  }

  rollback(mark: number): void {
    this.#journal.rollback(mark);
  }

  /**
   * ```
   *     0        1 … count                   then for each sort, 1 … count
   *   +--------+---------------------------+-----------------------------------------+
   *   | hands  | the clock that the last   | the time of the last access of the sort |
   *   | on?    | atomic write hands on     | by each thread, 0 for none              |
   *   +--------+---------------------------+-----------------------------------------+
   * ```
   * *hands on*: 0, or the width of that write.
   */
  #rowOf(index: number): number {
    const known = this.#rows[index] as number;
    if (known !== 0) return known;
    const row = this.#journal.grow(this.#width);
    this.#rows[index] = row;
    return row;
  }

  /** A thread has done an access that gave back `value`. */
  access(thread: number, access: Access, value: Value): void {
    const { kind, index } = access;
    if (kind >= KIND.WAKE) return;
    const sort = sortOf(access, value);
    const end = index + widthOf(kind);
    const isRead = kind !== KIND.STORE && kind !== KIND.STORE64;
    if (sort > SORT.WRITE && isRead) {
      for (let at = index; at < end; at++) this.#learn(thread, this.#rowOf(at), end - index);
    }
    for (let at = index; at < end; at++) this.#place(thread, at, sort);
    if (!mayWrite(kind) || (sort & SORT.WRITE) === 0) return;
    const width = sort > SORT.WRITE ? end - index : 0;
    for (let at = index; at < end; at++) this.#handOn(thread, this.#rowOf(at), width);
    const own = thread * this.#count + thread;
    if (width !== 0) this.#journal.set(own, this.#journal.get(own) + 1);
  }

  #learn(thread: number, row: number, width: number): void {
    const journal = this.#journal;
    if (journal.get(row) !== width) return;
    const clock = thread * this.#count;
    for (let other = 0; other < this.#count; other++) {
      const time = journal.get(row + 1 + other);
      if (time > journal.get(clock + other)) journal.set(clock + other, time);
    }
  }

  #handOn(thread: number, row: number, width: number): void {
    const journal = this.#journal;
    journal.set(row, width);
    if (width === 0) return; // a plain write: who reads it learns nothing
    const clock = thread * this.#count;
    for (let other = 0; other < this.#count; other++) {
      journal.set(row + 1 + other, journal.get(clock + other));
    }
  }

  /** Compares an access of a word with those of others before it, and notes it. */
  #place(thread: number, index: number, sort: number): void {
    const journal = this.#journal;
    const row = this.#rowOf(index);
    const clock = thread * this.#count;
    for (let earlier = 0; earlier < SORTS; earlier++) {
      if (!conflict(earlier, sort)) continue;
      const times = row + 1 + (1 + earlier) * this.#count;
      for (let other = 0; other < this.#count; other++) {
        if (other !== thread && journal.get(times + other) > journal.get(clock + other))
          this.#onRace(index, earlier, sort);
      }
    }
    journal.set(row + 1 + (1 + sort) * this.#count + thread, journal.get(clock + thread));
  }

  /** A thread has died: another one starts, and `words` say so to those who look. */
  died(thread: number, recoverer: number, words: readonly number[]): void {
    const journal = this.#journal;
    for (let other = 0; other < this.#count; other++) {
      const time = journal.get(thread * this.#count + other);
      const place = recoverer * this.#count + other;
      if (time > journal.get(place)) journal.set(place, time);
    }
    for (const index of words) this.#handOn(thread, this.#rowOf(index), 1);
  }
}
