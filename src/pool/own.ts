/**
 * What one thread has of its own to reach both pools: its views, its constants, and its memory of blocks.
 *
 * The memory is a row of words for each slot. It fills from its end, and a 0 stands behind its last place:
 *
 * ```
 *   word   0       1 .. room          room + 1 .. places                  places + 1
 *        +------+--------------------+----------------------------------+------------+
 *        | room | no meaning         | addresses, youngest first        | 0: nothing |
 *        +------+--------------------+----------------------------------+------------+
 * ```
 *
 * A remembered block is free like any other, and any thread may take it; only its bit in the slab map is
 * not set. So a thread's memory may be stale (PL-1): a block counts only once its state was won.
 */
import { CHUNK_BYTES } from "../base/index.js";
import { CLASSES, type Interlocked, POOL_KINDS, type Region, type Words } from "../memory/index.js";
import { SIZE_CLASSES } from "./size-classes.js";
import { slotOf } from "./slab.js";
import { HELD, stateWord } from "./state-word.js";

/** Words of a row, as a power of two. */
export const ROW_SHIFT = 7;

/** Blocks of one slot that a thread remembers, at most and in any case; between these, so many bytes. */
const PLACES_MAX = (1 << ROW_SHIFT) - 2;
const PLACES_MIN = 8;
const REMEMBERED_BYTES = CHUNK_BYTES;

/** Bytes of a block, by slot. */
export const BYTES_BY_SLOT = new Int32Array(POOL_KINDS * CLASSES);
SIZE_CLASSES.forEach((entry, sizeClass) => {
  for (let kind = 0; kind < POOL_KINDS; kind++)
    BYTES_BY_SLOT[slotOf(kind, sizeClass)] = entry.blockBytes;
});

/**
 * One thread's own. A plain object made in one piece, so that an engine knows for good which of it are small
 * integers: a field of a class is `undefined` first, and is then checked at every use.
 */
export interface Own {
  readonly thread: number;
  readonly words: Words;
  readonly interlocked: Interlocked;
  readonly claimBlock: Interlocked["claimBlock"];
  readonly yieldBlock: Interlocked["yieldBlock"];
  readonly claimWhileRunning: Interlocked["claimBlock"];
  readonly yieldWhileRunning: Interlocked["yieldBlock"];
  readonly dataByte: number;
  readonly endByte: number;
  /** Word of the first chunk's entry. */
  readonly runs: number;
  /** Word of the state of a block at address 0, if there were one. */
  readonly states: number;
  /** State word of a block that this thread takes, without its generation: HELD, or CACHED for a list. */
  held: number;
  /** Byte address of this thread's tallies. */
  readonly tallies: number;
  readonly remembered: Int32Array;
  /** The tag of the last allocation that has a slot, and its index; at first no tag, which is -1. */
  tag: number;
  tagIndex: number;
}

/** Places of a slot's row: a chunk's worth of blocks, within bounds. */
function placesOf(slot: number): number {
  const fitting = Math.floor(REMEMBERED_BYTES / Math.max(1, BYTES_BY_SLOT[slot] as number));
  return Math.min(PLACES_MAX, Math.max(PLACES_MIN, fitting));
}

function emptyRows(): Int32Array {
  const rows = new Int32Array((POOL_KINDS * CLASSES) << ROW_SHIFT);
  for (let slot = 0; slot < POOL_KINDS * CLASSES; slot++) rows[slot << ROW_SHIFT] = placesOf(slot);
  return rows;
}

/** The own of a thread that has just attached. */
export function ownOf(region: Region, thread: number, tallies: number): Own {
  const { words, layout, interlocked } = region;
  return {
    thread,
    words,
    interlocked,
    claimBlock: interlocked.claimBlock,
    yieldBlock: interlocked.yieldBlock,
    claimWhileRunning: interlocked.claimWhileRunning,
    yieldWhileRunning: interlocked.yieldWhileRunning,
    dataByte: layout.dataByte,
    endByte: layout.endByte,
    runs: layout.runs,
    states: layout.shadow - layout.dataByte / 16,
    held: stateWord(HELD, thread, 0),
    tallies,
    remembered: emptyRows(),
    tag: -1,
    tagIndex: 0,
  };
}

/** Forgets the youngest remembered block of a slot and gives back its address, or 0. */
export function recall(own: Own, slot: number): number {
  const row = slot << ROW_SHIFT;
  const place = (own.remembered[row] as number) + 1;
  const address = own.remembered[row + place] as number;
  if (address !== 0) own.remembered[row] = place;
  return address >>> 0;
}

/** Whether a thread has room to remember one more block of a slot. */
export function canRemember(own: Own, slot: number): boolean {
  return own.remembered[slot << ROW_SHIFT] !== 0;
}

/** Remembers a freed block: the caller has asked {@link canRemember}. */
export function remember(own: Own, slot: number, address: number): void {
  const row = slot << ROW_SHIFT;
  const place = own.remembered[row] as number;
  own.remembered[row + place] = address;
  own.remembered[row] = place - 1;
}
