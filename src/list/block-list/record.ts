/**
 * The record of a block list: what its threads agree through. One block of nonpaged pool that nobody holds.
 *
 * ```
 *   word 0      1     2      3      4      5      6      7         8         9        10       11..31
 *      +--------+-----+------+------+------+-------+-------+---------+---------+--------+--------+------+
 *      | status | tag | size | kind | batch| slots | depot | maximum | depth   | credits| serial | name |
 *      +--------+-----+------+------+------+-------+-------+---------+---------+--------+--------+------+
 *   word 32      33..37       38     39..42          43         44         45         46      47
 *      +--------+------------+------+---------------+----------+----------+----------+-------+---------+
 *      | policy | parameters | seen | last counters | rejected | low slot | low slot | idle  | surplus |
 *      |        |            |      |               |          |          | before   | slots |         |
 *      +--------+------------+------+---------------+----------+----------+----------+-------+---------+
 *   word 64 + 32 * (thread - 1): the thread's part, a line of 128 bytes
 *      +-----------+--------+-------+--------+---------+--------+-------+---------+----------+
 *      | allocates | misses | frees | misses | refills | spills | limit | adopted | obtained |
 *      +-----------+--------+-------+--------+---------+--------+-------+---------+----------+
 *      | reserved | trimmed | open | obtaining | releasing | moving | refilled | spilled | fresh |
 *      +----------+---------+------+-----------+-----------+--------+----------+---------+-------+
 *      | idle | unused | unused | refused |
 *      +------+--------+--------+---------+
 *   word depot: the depot, see depot.ts
 * ```
 *
 * | word | written by |
 * |---|---|
 * | status | the creator: 0 → OPEN, last; whoever deletes: OPEN → DELETED |
 * | tag … maximum, serial, name | the creator, before OPEN; no two lists of a system have one serial |
 * | depth | anyone, by compare-exchange; growth by policy under the budget's lock |
 * | credits | anyone, by atomic add: parked blocks that are still allowed. Depth = credits + limits + depot |
 * | policy, parameters | the creator, before OPEN |
 * | seen | whoever wins the adjustment of a visit, by compare-exchange |
 * | last counters, low slot before, idle slots | who won it: hints, no law depends on them |
 * | rejected, low slot, surplus | anyone, atomically: hints too |
 * | idle | its thread stores what its ring did not need; who adjusts takes it, by compare-exchange to 0 |
 * | the rest of a part | its thread alone, plainly, and after its proven end its recoverer; readers sum |
 *
 * Four words of a part say what its thread is just doing, for whoever has to recover it: `obtaining` is
 * not 0 from before a block is asked of the pool until it is noted as the list's and counted: then it is
 * what `obtained` will be, with bit 31 set; `fresh` is the state index of that block, once it is known;
 * `releasing` is the state index of a block on its way to the pool, from before it is counted as gone;
 * `moving` is 1 while blocks go between ring and depot. The counters of a part obey a law of their own:
 *
 *     blocks in the ring = frees - misses - (allocates - misses) + reserved - trimmed + refilled -
 * spilled    RC-1
 */
import { BLOCK_LISTS_MAX, LIST_NAME_BYTES_MAX, LookasideError, show } from "../../base/index.js";
import {
  acquireLock,
  HEADER,
  hasName,
  load,
  peek,
  poke,
  type Region,
  readName,
  recordEntries,
  releaseLock,
  store,
  vacantNumber,
  type Words,
  writeName,
} from "../../memory/index.js";
import { NONPAGED, type Pool } from "../../pool/index.js";
import type { CompleteBlockListOptions } from "./options.js";

/** Word offsets in a record. */
export const RECORD = {
  STATUS: 0,
  TAG: 1,
  SIZE: 2,
  KIND: 3,
  BATCH: 4,
  SLOTS: 5,
  DEPOT: 6,
  MAXIMUM_DEPTH: 7,
  DEPTH: 8,
  CREDITS: 9,
  SERIAL: 10,
  NAME_BYTES: 11,
  NAME: 12,
  POLICY: 32,
  PARAMETERS: 33,
  SEEN: 38,
  LAST_ALLOCATES: 39,
  LAST_ALLOCATE_MISSES: 40,
  LAST_FREES: 41,
  LAST_FREE_MISSES: 42,
  REJECTED: 43,
  LOW_SLOT: 44,
  LOW_SLOT_BEFORE: 45,
  IDLE_SLOTS: 46,
  SURPLUS: 47,
  PARTS: 64,
} as const;

/** Word offsets in a thread's part. */
export const PART = {
  WORDS: 32,
  ALLOCATES: 0,
  ALLOCATE_MISSES: 1,
  FREES: 2,
  FREE_MISSES: 3,
  REFILLS: 4,
  SPILLS: 5,
  LIMIT: 6,
  ADOPTED: 7,
  OBTAINED: 8,
  RESERVED: 9,
  TRIMMED: 10,
  OPEN: 11,
  OBTAINING: 12,
  RELEASING: 13,
  MOVING: 14,
  REFILLED: 15,
  SPILLED: 16,
  FRESH: 17,
  IDLE: 18,
  REFUSED: 20,
} as const;

/** What `obtaining` is while `obtained` is to become a value. */
export function obtainingOf(obtained: number): number {
  return obtained | 0x8000_0000;
}

/** Statuses of a record. */
export const OPEN = 1;
export const DELETED = 2;

/** A record as one thread reaches it: a view that covers it for ever, and where it begins. */
export interface RecordPlace {
  readonly words: Words;
  /** Word index of the record. */
  readonly at: number;
  /** Number of the list in the system: 0 to 1,023. */
  readonly id: number;
}

/** Word index of a thread's part. */
export function partOf(place: RecordPlace, thread: number): number {
  return place.at + RECORD.PARTS + (thread - 1) * PART.WORDS;
}

/** The place of list number `id`, whose record begins at `byte`. */
export function recordPlaceAt(region: Region, id: number, byte: number): RecordPlace {
  region.cover(byte + 128); // the record was complete when its address was published
  const at = byte >>> 2;
  const end = byte + (load(region.words, at + RECORD.DEPOT) + depotWords(region.words, at)) * 4;
  region.cover(end);
  return { words: region.words, at, id };
}

function depotWords(words: Words, at: number): number {
  return load(words, at + RECORD.SLOTS) * (load(words, at + RECORD.BATCH) + 1);
}

/**
 * Opens the list of this name, or makes it. Any thread; the set lock is held meanwhile.
 * @throws {LookasideError} ERR_LIST_MISMATCH, ERR_LISTS_FULL, ERR_OUT_OF_MEMORY, ERR_LOCK_STALLED
 */
export function openRecord(
  region: Region,
  pool: Pool,
  options: CompleteBlockListOptions,
): RecordPlace {
  acquireLock(region.words, HEADER.SET_LOCK, pool.thread);
  try {
    const places = recordPlaces(region);
    const known = places.find((place) =>
      hasName(place.words, place.at + RECORD.NAME_BYTES, options.nameBytes),
    );
    const place =
      known === undefined
        ? createRecord(region, pool, options, vacantNumber(places))
        : demandSame(known, options);
    // Under the lock: the last one to leave a deleted list must not overlook who is just coming.
    store(place.words, partOf(place, pool.thread) + PART.OPEN, 1);
    return place;
  } finally {
    releaseLock(region.words, HEADER.SET_LOCK);
  }
}

/**
 * Demands that a list was made with the size, the pool and, if given, the policy of `options`.
 * @throws {LookasideError}
 * ERR_LIST_MISMATCH
 */
export function demandSame(place: RecordPlace, options: CompleteBlockListOptions): RecordPlace {
  const pairs = [
    ["size", RECORD.SIZE, options.size],
    ["pool", RECORD.KIND, options.kind],
    ["policy", RECORD.POLICY, options.isPolicyGiven ? options.policy.number : -1],
    ...options.policy.parameters.map(
      (value, at) =>
        [
          `policy parameter ${at}`,
          RECORD.PARAMETERS + at,
          options.isPolicyGiven ? value : -1,
        ] as const,
    ),
  ] as const;
  for (const [name, word, wanted] of pairs) {
    if (wanted === -1) continue;
    const found = peek(place.words, place.at + word);
    if (found === wanted) continue;
    throw new LookasideError(
      "ERR_LIST_MISMATCH",
      `Cannot open list ${show(options.name)} with ${name} ${wanted}: it was made with ${found}`,
    );
  }
  return place;
}

function createRecord(
  region: Region,
  pool: Pool,
  options: CompleteBlockListOptions,
  id: number,
): RecordPlace {
  if (id === BLOCK_LISTS_MAX) {
    const message = `Cannot make list ${show(options.name)}: ${BLOCK_LISTS_MAX} exist`;
    throw new LookasideError("ERR_LISTS_FULL", message);
  }
  const depot = RECORD.PARTS + region.layout.threadCapacity * PART.WORDS;
  const words = depot + options.slots * (options.batch + 1);
  const byte = pool.allocateForRecord(NONPAGED, words * 4, options.tag);
  if (byte === 0) {
    throw new LookasideError(
      "ERR_OUT_OF_MEMORY",
      `Cannot make list ${show(options.name)}: no room`,
    );
  }
  region.cover(byte + words * 4);
  const view = region.words;
  const at = byte >>> 2;
  for (let word = 0; word < words; word++) store(view, at + word, 0);
  store(view, at + RECORD.TAG, options.tag);
  store(view, at + RECORD.SIZE, options.size);
  store(view, at + RECORD.KIND, options.kind);
  store(view, at + RECORD.BATCH, options.batch);
  store(view, at + RECORD.SLOTS, options.slots);
  store(view, at + RECORD.DEPOT, depot);
  store(view, at + RECORD.MAXIMUM_DEPTH, options.maximumDepth);
  store(view, at + RECORD.DEPTH, options.depth);
  store(view, at + RECORD.CREDITS, options.depth);
  const serial = (load(view, HEADER.LISTS_MADE) + 1) | 0;
  store(view, HEADER.LISTS_MADE, serial);
  store(view, at + RECORD.SERIAL, serial);
  store(view, at + RECORD.POLICY, options.policy.number);
  options.policy.parameters.forEach((value, parameter) => {
    store(view, at + RECORD.PARAMETERS + parameter, value);
  });
  store(view, at + RECORD.SEEN, load(view, HEADER.VISITS));
  writeName(view, at + RECORD.NAME_BYTES, options.nameBytes);
  store(view, at + RECORD.STATUS, OPEN);
  store(view, region.layout.lists + id, byte); // publishes the list
  return { words: view, at, id };
}

/** Words from a block's state to its note, which names its list: see {@link noteOf}. */
export const NOTE = 2;

/** Bits 29 to 31 of a list's note. Others are 0, the sixteenth of an address, or states: less, or more. */
const NOTE_PREFIX = 1;
const NOTE_SHIFT = 29;

/**
 * What the blocks of a list have as their note: of its serial, for its number is given to the next list
 * while blocks are still held that its threads did not free. They are not the next one's.
 */
export function noteOf(place: RecordPlace): number {
  return noteOfSerial(peek(place.words, place.at + RECORD.SERIAL));
}

/** The same for the list that has a serial. */
export function noteOfSerial(serial: number): number {
  return (NOTE_PREFIX << NOTE_SHIFT) | (serial & ((1 << NOTE_SHIFT) - 1));
}

/** Whether a note is that of a list, one that is gone included. */
export function isListNote(note: number): boolean {
  return note >>> NOTE_SHIFT === NOTE_PREFIX;
}

/** Reads the note of a block: its list's, or something else when it is no list's. */
export function listNote(words: Words, state: number): number {
  return peek(words, state + NOTE);
}

/** Writes the note of a block: its list's, or 0. */
export function writeListNote(words: Words, state: number, note: number): void {
  poke(words, state + NOTE, note);
}

/** The name of a list. */
export function nameOfRecord(place: RecordPlace): string {
  return readName(place.words, place.at + RECORD.NAME_BYTES);
}

/**
 * Every block list of the system: its number and its place. Callers hold the set lock, or accept a
 * snapshot.
 */
export function recordPlaces(region: Region): RecordPlace[] {
  const entries = recordEntries(region.words, region.layout.lists, BLOCK_LISTS_MAX);
  return entries.map(({ id, byte }) => recordPlaceAt(region, id, byte));
}

/** Addresses of the records of all block lists. Callers hold the set lock. */
export function recordAddresses(region: Region): ReadonlySet<number> {
  return new Set(recordPlaces(region).map(({ at }) => at * 4));
}

/**
 * Ends a thread's use of a list; the last one to leave a deleted list gives its record back to the pool.
 * @throws {LookasideError} ERR_LOCK_STALLED
 */
export function leaveRecord(region: Region, pool: Pool, place: RecordPlace, thread: number): void {
  const { words, at } = place;
  const { layout } = region;
  acquireLock(region.words, HEADER.SET_LOCK, pool.thread);
  try {
    store(words, partOf(place, thread) + PART.OPEN, 0);
    if (load(region.words, layout.lists + place.id) >>> 2 !== at) return; // another thread was the last one
    if (!isDeserted(region, place)) return;
    store(region.words, layout.lists + place.id, 0);
    pool.free((at << 2) >>> 0, -1);
  } finally {
    releaseLock(region.words, HEADER.SET_LOCK);
  }
}

/** Whether a list is deleted and no thread has it open any more. */
function isDeserted({ layout }: Region, place: RecordPlace): boolean {
  const { words, at } = place;
  if (load(words, at + RECORD.STATUS) !== DELETED) return false;
  for (let thread = 1; thread <= layout.threadCapacity; thread++)
    if (load(words, partOf(place, thread) + PART.OPEN) !== 0) return false;
  return true;
}

/**
 * Takes the names from deserted records, as their last user would have that died before it could: then they
 * are records without a name, which go back to the pool. For whoever has taken the set lock over.
 */
export function forgetDesertedRecords(region: Region): void {
  for (const place of recordPlaces(region))
    if (isDeserted(region, place)) store(region.words, region.layout.lists + place.id, 0);
}

if (RECORD.NAME * 4 + LIST_NAME_BYTES_MAX > RECORD.POLICY * 4)
  throw new Error("a name must fit its record");
