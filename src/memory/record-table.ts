/**
 * A table of records: which numbers there are, and where the record of each begins. One for block lists, one
 * for channels.
 *
 * ```
 *   word 0             1                 2                  n - 1
 *      +--------------+-----------------+----+------+------+--------------+
 *      | record 0     | record 1        |   0, vacant      | record n - 1 |
 *      +--------------+-----------------+----+------+------+--------------+
 * ```
 *
 * | word | written by |
 * |---|---|
 * | 0 → address in bytes | the holder of the set lock, once the record is whole |
 * | address → 0 | the holder of the set lock, before the record goes back to the pool |
 *
 * Who reads a table without the lock reads a snapshot: a record may have gone by the time it is looked at.
 */
import { load, type Words } from "./words.js";

/** An entry of a table that is not vacant. */
export interface RecordEntry {
  readonly id: number;
  /** Address of the record. */
  readonly byte: number;
}

/** The entries of the table of `capacity` words at word `at`, by ascending number. */
export function recordEntries(words: Words, at: number, capacity: number): RecordEntry[] {
  const entries: RecordEntry[] = [];
  for (let id = 0; id < capacity; id++) {
    const byte = load(words, at + id) >>> 0;
    if (byte !== 0) entries.push({ id, byte });
  }
  return entries;
}

/**
 * Whether any thread has a record open: `first` is the word by which thread 1 says so, and those of the
 * `threads` others follow `stride` words apart.
 */
export function isOpenAnywhere(
  words: Words,
  first: number,
  stride: number,
  threads: number,
): boolean {
  for (let thread = 0; thread < threads; thread++)
    if (load(words, first + thread * stride) !== 0) return true;
  return false;
}

/** The lowest number that no entry has: `capacity` when the table is full. Entries ascend by number. */
export function vacantNumber(entries: readonly { readonly id: number }[]): number {
  const gap = entries.findIndex(({ id }, place) => id !== place);
  return gap < 0 ? entries.length : gap;
}
