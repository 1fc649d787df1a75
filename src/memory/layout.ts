/**
 * The map of one system's memory: which area lies where. Only this folder knows these numbers.
 *
 * ```
 *   byte 0       4 KiB    8 KiB       40 KiB     48 KiB     52 KiB     53 KiB       181 KiB
 *     +-----------+--------+-----------+----------+----------+----------+------------+------------+
 *     | null page | header | threads   | tags     | lists    | channels | routines   | tallies    |
 *     | no access |        | 256x128 B | 1024x8 B | 1024x4 B | 256x4 B  | 1024x128 B | T x 64 KiB |
 *     +-----------+--------+-----------+----------+----------+----------+------------+------------+
 *     | runs      | class maps         | claims     | slab maps | shadow                           |
 *     | C x 4 B   | 96 x C bits        | T x C bits | C x 256 B | C x 16 KiB                       |
 *     +-----------+--------------------+------------+-----------+----------------------------------+
 *       all up to here is bookkeeping: it overlaps no block
 *     +--------------------------------------------------------------------------------------------+
 *     | data: C x 64 KiB, grown on demand: all blocks lie here; nonpaged pool first, then paged    |
 *     +--------------------------------------------------------------------------------------------+
 * ```
 *
 * T is the capacity in threads, C in chunks. Bookkeeping is laid out whole when the system is made, so a view
 * that was made then covers it for ever and no hot path has to look whether the memory has grown; the host
 * commits a page of it only when it is touched. The data area grows on demand.
 *
 * Everything a block's user may write lies in `data`; nothing the allocator trusts does.
 */
import {
  BLOCK_LISTS_MAX,
  CHANNELS_MAX,
  CHUNK_BYTES,
  LookasideError,
  MEMORY_BYTES_MAX,
  THREADS_MAX,
  WORD_BYTES,
} from "../base/index.js";

/** First word of every system: "look" read as a little-endian word. */
export const MAGIC = 0x6b6f_6f6c;

/** Grows by one with every change of any offset or meaning in shared memory. */
export const LAYOUT_VERSION = 5;

/** Size classes of one pool, the unused class 0 included: the width of the class maps. */
export const CLASSES = 48;

/** Kinds of pool: nonpaged 0, paged 1. */
export const POOL_KINDS = 2;

/** Bits of HEADER.CAREFUL: each shuts the short way of the pool in every thread. */
export const CAREFUL_STOPPED = 1;
export const CAREFUL_SIMULATING = 2;

const HEADER_BYTE = 4_096;
const THREADS_BYTE = 8_192;
const THREAD_BYTES = 128;
const TAGS_BYTE = THREADS_BYTE + (THREADS_MAX + 1) * THREAD_BYTES;
const LISTS_BYTE = TAGS_BYTE + 1_024 * 8;
const CHANNELS_BYTE = LISTS_BYTE + BLOCK_LISTS_MAX * WORD_BYTES;
const ROUTINES_BYTE = CHANNELS_BYTE + CHANNELS_MAX * WORD_BYTES;
const ROUTINE_BYTES = 128;
const TALLIES_BYTE = ROUTINES_BYTE + 1_024 * ROUTINE_BYTES;

/** Bytes of one thread's tallies: 1,024 tags x 2 kinds x 8 words. */
const TALLY_BYTES = 65_536;

/** Bytes of one chunk's slab map: a bit for each of at most 2,048 blocks. */
const SLAB_MAP_BYTES = 256;

/** Bytes of one chunk's shadow: a word for each 16 bytes. */
const SHADOW_BYTES = 16_384;

/**
 * Words of the header, as word indices. Lines of 128 bytes keep apart what different threads write.
 *
 * | word | written by | meaning |
 * |---|---|---|
 * | MAGIC, VERSION | the creator, once | what an attaching thread compares |
 * | THREADS, CHUNKS | the creator, once | T and C of the map above |
 * | SYSTEM_ID | the creator, once | four random words that tell this system from all others of the host |
 * | STATE | anyone, from 0; 3 → 2 who won it | 0 open, 1 closed, 3 stopping, 2 stopped by a bug check |
 * | MODE | the creator, once | how the documented door behaves: bits of wdk/machine.ts |
 * | STOP_CODE.. | the thread that won STATE | code and four parameters of the bug check |
 * | CAREFUL | bit 0 who stops it; bit 1 run-lock holder | no short way in the pool: stopped, simulating |
 * | RUN_LOCK | holder | owner lock of the run table |
 * | CHUNK_LIMIT, CHUNKS_USED, CHUNKS_PEAK | run-lock holder | one word for each kind of pool |
 * | GENERATION | who takes blocks out of use | the newest generation out of use: pool/generations.ts |
 * | ROUTINE_LOCK | holder | owner lock of the routine names |
 * | SET_LOCK | holder | owner lock of the set of lists, and of the channels |
 * | SET_HEADS | set-lock holder | two doubly linked list heads of 16 bytes: nonpaged, paged |
 * | LISTS_MADE | set-lock holder | block lists ever made: the serial number of the last one |
 * | RECOVERIES | who finished a recovery, by atomic add | blocks parked, freed, kept, locks |
 * | TUNING | the creator, once | period, scans per adjustment and the five constants of the depth rule |
 * | NEXT_VISIT, VISITS | whoever won the visit by compare-exchange | clock of the balance set manager |
 * | PARKED_LIMIT | the creator, once | budget of parked bytes over all lists, in KiB |
 * | BUDGET_LOCK | holder | owner lock of growth within that budget; nobody ever waits for it |
 * | PRICE | whoever makes a visit | price of memory: list/depth/price.ts |
 * | REFUSALS | anyone, by atomic add; a visit takes them off | growths that the budget refused |
 * | OBJECTS.. | thread t its word t; 0 by its recoverer | KiB that its object lists may park |
 * | SIMULATION.. | run-lock holder | the simulation of low resources in force: pool/simulation.ts |
 */
export const HEADER = {
  MAGIC: HEADER_BYTE / WORD_BYTES,
  VERSION: HEADER_BYTE / WORD_BYTES + 1,
  THREADS: HEADER_BYTE / WORD_BYTES + 2,
  CHUNKS: HEADER_BYTE / WORD_BYTES + 3,
  SYSTEM_ID: HEADER_BYTE / WORD_BYTES + 4,
  STATE: HEADER_BYTE / WORD_BYTES + 32,
  STOP_CODE: HEADER_BYTE / WORD_BYTES + 33,
  CAREFUL: HEADER_BYTE / WORD_BYTES + 38,
  MODE: HEADER_BYTE / WORD_BYTES + 48,
  RUN_LOCK: HEADER_BYTE / WORD_BYTES + 64,
  CHUNK_LIMIT: HEADER_BYTE / WORD_BYTES + 65,
  CHUNKS_USED: HEADER_BYTE / WORD_BYTES + 67,
  CHUNKS_PEAK: HEADER_BYTE / WORD_BYTES + 69,
  GENERATION: HEADER_BYTE / WORD_BYTES + 72,
  SET_LOCK: HEADER_BYTE / WORD_BYTES + 96,
  SET_HEADS: HEADER_BYTE / WORD_BYTES + 100,
  LISTS_MADE: HEADER_BYTE / WORD_BYTES + 108,
  ROUTINE_LOCK: HEADER_BYTE / WORD_BYTES + 128,
  NEXT_VISIT: HEADER_BYTE / WORD_BYTES + 160,
  TUNING: HEADER_BYTE / WORD_BYTES + 192,
  VISITS: HEADER_BYTE / WORD_BYTES + 161,
  RECOVERIES: HEADER_BYTE / WORD_BYTES + 224,
  BUDGET_LOCK: HEADER_BYTE / WORD_BYTES + 256,
  PARKED_LIMIT: HEADER_BYTE / WORD_BYTES + 288,
  PRICE: HEADER_BYTE / WORD_BYTES + 289,
  REFUSALS: HEADER_BYTE / WORD_BYTES + 290,
  OBJECTS: HEADER_BYTE / WORD_BYTES + 512,
  SIMULATION: HEADER_BYTE / WORD_BYTES + 800,
} as const;

/** Where everything lies in one system; all are word indices but those that end in `Byte`. */
export interface Layout {
  readonly threadCapacity: number;
  readonly chunkCapacity: number;
  readonly threads: number;
  readonly threadWords: number;
  readonly tags: number;
  /** One word for each possible block list: the address of its record, or 0. */
  readonly lists: number;
  /** One word for each possible channel: the address of its record, or 0. */
  readonly channels: number;
  readonly routinesByte: number;
  readonly routineBytes: number;
  readonly tallies: number;
  readonly tallyWords: number;
  readonly runs: number;
  readonly classMaps: number;
  /** Words of one class map: a bit for each chunk. */
  readonly classMapWords: number;
  /** A row for each thread, from thread 1 on. */
  readonly claims: number;
  /** Words of one row: a bit for each chunk, in whole lines of 128 bytes. */
  readonly claimWords: number;
  readonly slabMaps: number;
  readonly slabMapWords: number;
  readonly shadow: number;
  readonly shadowWords: number;
  readonly dataByte: number;
  /** First byte past the largest data area. */
  readonly endByte: number;
}

function alignUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

/**
 * The map for a number of threads and chunks.
 * @throws {LookasideError} ERR_OPTION when it does not fit 32-bit addresses.
 */
export function layoutFor(threadCapacity: number, chunkCapacity: number): Layout {
  const classMapWords = Math.ceil(chunkCapacity / 32);
  const runsByte = TALLIES_BYTE + threadCapacity * TALLY_BYTES;
  const classMapsByte = alignUp(runsByte + chunkCapacity * WORD_BYTES, 128);
  const claimsByte = alignUp(
    classMapsByte + POOL_KINDS * CLASSES * classMapWords * WORD_BYTES,
    128,
  );
  const claimBytes = alignUp(classMapWords * WORD_BYTES, 128);
  const slabMapsByte = claimsByte + threadCapacity * claimBytes;
  const shadowByte = slabMapsByte + chunkCapacity * SLAB_MAP_BYTES;
  const dataByte = alignUp(shadowByte + chunkCapacity * SHADOW_BYTES, CHUNK_BYTES);
  const endByte = dataByte + chunkCapacity * CHUNK_BYTES;
  if (endByte > MEMORY_BYTES_MAX) {
    throw new LookasideError(
      "ERR_OPTION",
      `Cannot lay out ${chunkCapacity * CHUNK_BYTES} bytes of pool: with their bookkeeping they need ` +
        `${endByte} bytes, and 32-bit addresses end at ${MEMORY_BYTES_MAX}`,
    );
  }
  return {
    threadCapacity,
    chunkCapacity,
    threads: THREADS_BYTE / WORD_BYTES,
    threadWords: THREAD_BYTES / WORD_BYTES,
    tags: TAGS_BYTE / WORD_BYTES,
    lists: LISTS_BYTE / WORD_BYTES,
    channels: CHANNELS_BYTE / WORD_BYTES,
    routinesByte: ROUTINES_BYTE,
    routineBytes: ROUTINE_BYTES,
    tallies: TALLIES_BYTE / WORD_BYTES,
    tallyWords: TALLY_BYTES / WORD_BYTES,
    runs: runsByte / WORD_BYTES,
    classMaps: classMapsByte / WORD_BYTES,
    classMapWords,
    claims: claimsByte / WORD_BYTES,
    claimWords: claimBytes / WORD_BYTES,
    slabMaps: slabMapsByte / WORD_BYTES,
    slabMapWords: SLAB_MAP_BYTES / WORD_BYTES,
    shadow: shadowByte / WORD_BYTES,
    shadowWords: SHADOW_BYTES / WORD_BYTES,
    dataByte,
    endByte,
  };
}
