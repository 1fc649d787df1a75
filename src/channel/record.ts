/**
 * The record of a channel: what its threads agree through. One block of nonpaged pool that nobody holds.
 *
 * ```
 *   word 0        1       2         3         4..31
 *      +--------+-------+---------+---------+--------+
 *      | status | shift | unused  | length  | name   |
 *      +--------+-------+---------+---------+--------+
 *   word 32: head      word 64: tail      word 96: waiters, items, room      word 128: returns
 *   word 160 + 32 * (thread - 1): the thread's part, a line of 128 bytes
 *      +------+---------+--------+--------+---------+-------+-------+
 *      | open | waiting | pushed | popped | refused | waits | stale |
 *      +------+---------+--------+--------+---------+-------+-------+
 *   word 160 + 32 * T: 2^shift cells of 4 words, see cell.ts
 *      +--------+-----+------+--------+
 *      | header | low | high | unused |
 *      +--------+-----+------+--------+
 * ```
 *
 * | word | written by |
 * |---|---|
 * | status | the creator: 0 → OPEN, last; anyone by compare-exchange: OPEN → CLOSED, either → DELETED |
 * | shift, name | the creator, before OPEN |
 * | head, tail | anyone, by compare-exchange, one position on: hints, see cells.ts |
 * | waiters, items, room | anyone, by atomic add: see bell.ts |
 * | returns | who recovers a thread, and who found nothing, by compare-exchange: see cells.ts |
 * | a thread's part | that thread alone, plainly, and after its proven end its recoverer; readers sum |
 * | a cell's header | see cell.ts |
 * | low, high | the claimant of the cell, while it is FILL |
 */
import {
  CHANNELS_MAX,
  LIST_NAME_BYTES_MAX,
  LookasideError,
  show,
  WORD_BYTES,
} from "../base/index.js";
import {
  acquireLock,
  HEADER,
  hasName,
  isOpenAnywhere,
  load,
  peek,
  type Region,
  readName,
  recordEntries,
  releaseLock,
  store,
  vacantNumber,
  type Words,
  writeName,
} from "../memory/index.js";
import { NONPAGED, type Pool } from "../pool/index.js";
import { CELL_WORDS } from "./cell.js";
import type { CompleteChannelOptions } from "./options.js";

/** Word offsets in a record. */
export const RECORD = {
  STATUS: 0,
  SHIFT: 1,
  NAME: 3,
  HEAD: 32,
  TAIL: 64,
  WAITERS: 96,
  ITEMS: 97,
  ROOM: 98,
  RETURNS: 128,
  PARTS: 160,
} as const;

/** Word offsets in a thread's part. */
export const PART = {
  WORDS: 32,
  OPEN: 0,
  WAITING: 1,
  PUSHED: 2,
  POPPED: 3,
  REFUSED: 4,
  WAITS: 5,
  STALE: 6,
} as const;

/** Statuses of a record. */
export const OPEN = 1;
export const CLOSED = 2;
export const DELETED = 3;

/** "Chan": what the records are counted under. */
const TAG = 0x6e61_6843;

/** A record as one thread reaches it: a view that covers it for ever, and where it begins. */
export interface ChannelPlace {
  readonly words: Words;
  /** Word index of the record. */
  readonly at: number;
  /** Number of the channel in the system: 0 to 255. */
  readonly id: number;
  /** Word index of the first cell, and how many cells there are: 2^shift. */
  readonly cells: number;
  readonly shift: number;
}

/** Word index of a thread's part. */
export function partOf(place: ChannelPlace, thread: number): number {
  return place.at + RECORD.PARTS + (thread - 1) * PART.WORDS;
}

/** Word index of the header of a cell. */
export function cellAt(place: ChannelPlace, index: number): number {
  return place.cells + index * CELL_WORDS;
}

/** The name of a channel. */
export function nameOfChannel(place: ChannelPlace): string {
  return readName(place.words, place.at + RECORD.NAME);
}

function placeOf(region: Region, id: number, byte: number): ChannelPlace {
  region.cover(byte + RECORD.PARTS * WORD_BYTES); // the record was complete when its address was published
  const at = byte >>> 2;
  const shift = peek(region.words, at + RECORD.SHIFT);
  const cells = at + RECORD.PARTS + region.layout.threadCapacity * PART.WORDS;
  region.cover((cells + CELL_WORDS * 2 ** shift) * WORD_BYTES);
  return { words: region.words, at, id, cells, shift };
}

/** Every channel of the system. Callers hold the set lock, or accept a snapshot. */
export function channelPlaces(region: Region): ChannelPlace[] {
  const entries = recordEntries(region.words, region.layout.channels, CHANNELS_MAX);
  return entries.map(({ id, byte }) => placeOf(region, id, byte));
}

/** Addresses of the records of all channels. Callers hold the set lock. */
export function channelAddresses(region: Region): ReadonlySet<number> {
  return new Set(channelPlaces(region).map(({ at }) => at * WORD_BYTES));
}

/**
 * Opens the channel of this name for the calling thread, or makes it. The set lock is held meanwhile.
 * @throws {LookasideError} ERR_CHANNEL_MISMATCH, ERR_CHANNEL_DELETED, ERR_CHANNELS_FULL, ERR_OUT_OF_MEMORY,
 * ERR_LOCK_STALLED
 */
export function openChannel(
  region: Region,
  pool: Pool,
  options: CompleteChannelOptions,
): ChannelPlace {
  acquireLock(region.words, HEADER.SET_LOCK, pool.thread);
  try {
    const places = channelPlaces(region);
    const known = places.find((place) =>
      hasName(place.words, place.at + RECORD.NAME, options.nameBytes),
    );
    const place = known ?? createChannel(region, pool, options, vacantNumber(places));
    if (known !== undefined) demandUsable(known, options);
    store(place.words, partOf(place, pool.thread) + PART.OPEN, 1);
    return place;
  } finally {
    releaseLock(region.words, HEADER.SET_LOCK);
  }
}

function demandUsable(place: ChannelPlace, options: CompleteChannelOptions): void {
  if (load(place.words, place.at + RECORD.STATUS) !== DELETED) {
    demandSame(place, options);
    return;
  }
  const message = `Cannot open channel ${show(options.name)}: it was deleted, and threads still use it`;
  throw new LookasideError("ERR_CHANNEL_DELETED", message);
}

/**
 * Demands that a channel was made with the capacity of `options`. @throws {LookasideError}
 * ERR_CHANNEL_MISMATCH
 */
export function demandSame(place: ChannelPlace, options: CompleteChannelOptions): void {
  if (place.shift === options.shift) return;
  throw new LookasideError(
    "ERR_CHANNEL_MISMATCH",
    `Cannot open channel ${show(options.name)} with capacity ${2 ** options.shift}: ` +
      `it was made with ${2 ** place.shift}`,
  );
}

function createChannel(
  region: Region,
  pool: Pool,
  options: CompleteChannelOptions,
  id: number,
): ChannelPlace {
  if (id === CHANNELS_MAX) {
    const message = `Cannot make channel ${show(options.name)}: ${CHANNELS_MAX} exist`;
    throw new LookasideError("ERR_CHANNELS_FULL", message);
  }
  const cells = RECORD.PARTS + region.layout.threadCapacity * PART.WORDS;
  const words = cells + CELL_WORDS * 2 ** options.shift;
  const byte = pool.allocateForRecord(NONPAGED, words * WORD_BYTES, TAG);
  if (byte === 0) {
    const message = `Cannot make channel ${show(options.name)}: the pool has no room`;
    throw new LookasideError("ERR_OUT_OF_MEMORY", message);
  }
  region.cover(byte + words * WORD_BYTES);
  const view = region.words;
  const at = byte >>> 2;
  for (let word = 0; word < words; word++) store(view, at + word, 0);
  store(view, at + RECORD.SHIFT, options.shift);
  writeName(view, at + RECORD.NAME, options.nameBytes);
  store(view, at + RECORD.STATUS, OPEN);
  store(view, region.layout.channels + id, byte); // publishes the channel
  return { words: view, at, id, cells: at + cells, shift: options.shift };
}

/**
 * Ends a thread's use of a channel; the last one to leave a deleted channel gives its record back to the
 * pool.
 * @throws {LookasideError} ERR_LOCK_STALLED
 */
export function leaveChannel(
  region: Region,
  pool: Pool,
  place: ChannelPlace,
  thread: number,
): void {
  acquireLock(region.words, HEADER.SET_LOCK, pool.thread);
  try {
    leaveLocked(region, pool, place, thread);
  } finally {
    releaseLock(region.words, HEADER.SET_LOCK);
  }
}

/** The same for callers that hold the set lock. */
export function leaveLocked(region: Region, pool: Pool, place: ChannelPlace, thread: number): void {
  const { words, at } = place;
  const { layout } = region;
  store(words, partOf(place, thread) + PART.OPEN, 0);
  if (!isDeserted(region, place)) return;
  store(region.words, layout.channels + place.id, 0);
  pool.free((at << 2) >>> 0, -1);
}

/** Whether a channel is deleted and no thread has it open any more. */
function isDeserted({ layout }: Region, place: ChannelPlace): boolean {
  const { words, at } = place;
  if (load(words, at + RECORD.STATUS) !== DELETED) return false;
  return !isOpenAnywhere(words, partOf(place, 1) + PART.OPEN, PART.WORDS, layout.threadCapacity);
}

/**
 * Takes the names from deserted records, as their last user would have that died before it could: then they
 * are records without a name, which go back to the pool. For whoever has taken the set lock over.
 */
export function forgetDesertedChannels(region: Region): void {
  for (const place of channelPlaces(region))
    if (isDeserted(region, place)) store(region.words, region.layout.channels + place.id, 0);
}

if ((RECORD.NAME + 1) * WORD_BYTES + LIST_NAME_BYTES_MAX > RECORD.HEAD * WORD_BYTES)
  throw new Error("a name must fit its record");
