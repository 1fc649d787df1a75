/**
 * Finding a free block of a slot, and showing a freed one to everybody: what a pool does when its thread
 * remembers no block, or has no room to remember one more.
 *
 * A thread goes on where it last found a block: a group of 32 consecutive blocks. When the group has no
 * free block it looks at the slot's slabs, lowest chunk first; when no slab has one it makes a slab.
 * The order of steps is in `slab.ts`.
 */

import { CHUNK_BYTES } from "../base/index.js";
import { and, CLASSES, load, or, POOL_KINDS, peek, type Region } from "../memory/index.js";
import type { Own } from "./own.js";
import { releaseYieldedRuns } from "./run.js";
import {
  chunkByte,
  endChunkOf,
  entryAt,
  firstChunkOf,
  payloadOf,
  SLAB,
  typeOf,
} from "./run-table.js";
import { blockIndex, blockOffset, SIZE_CLASSES, type SizeClass } from "./size-classes.js";
import {
  classMapOf,
  classOfSlot,
  fullGroup,
  kindOfSlot,
  looksEmpty,
  makeSlab,
  showFreeBlocks,
  slabMapOf,
  tryUnmakeSlab,
  unmakeEmptySlabs,
} from "./slab.js";
import { FREE, stateWord } from "./state-word.js";

const CHUNK = CHUNK_BYTES;

/** Words of a cursor, as a power of two; then what they hold. */
const CURSOR_SHIFT = 2;
const GROUP = 0;
const SLAB_UNIT = 1;
const FIRST_BLOCK = 2;

const FREE_STATE = stateWord(FREE, 0, 0);

/** One thread's way to the blocks of both pools. */
export class BlockFinder {
  readonly #region: Region;
  readonly #own: Own;
  /**
   * The group that each slot was last served from: its word, its slab's first byte in units of 16, its first
   * block in the slab.
   */
  readonly #cursors = new Int32Array((POOL_KINDS * CLASSES) << CURSOR_SHIFT);

  constructor(region: Region, own: Own) {
    this.#region = region;
    this.#own = own;
  }

  /**
   * Takes a block of a slot, bills it and counts it in the tally at a byte address. Gives back the
   * block's address, or 0 when the pool has no room.
   */
  take(slot: number, bill: number, tally: number, bytes: number): number {
    const address = this.#takeFromCursor(slot, bill, tally, bytes);
    return address !== 0 ? address : this.#takeSlowly(slot, bill, tally, bytes);
  }

  /** Takes the lowest free block of the slot's group whose bit is set. */
  #takeFromCursor(slot: number, bill: number, tally: number, bytes: number): number {
    const cursors = this.#cursors;
    const at = slot << CURSOR_SHIFT;
    const group = cursors[at + GROUP] as number;
    if (group === 0) return 0;
    const own = this.#own;
    const sizeClass = classOfSlot(slot);
    const firstBlock = cursors[at + FIRST_BLOCK] as number;
    for (let bits = peek(own.words, group); bits !== 0; bits &= bits - 1) {
      const bit = 31 - Math.clz32(bits & -bits);
      const offset = blockOffset(sizeClass, firstBlock + bit);
      const unit = (cursors[at + SLAB_UNIT] as number) + (offset >>> 4);
      const state = (own.states + unit) << 2;
      const free = FREE_STATE | (slot << 20);
      if (own.claimBlock(state, free, own.held, bill, tally, bytes) === 0) continue; // it is not free
      own.interlocked.clearBits(group << 2, 1 << bit);
      return (unit << 4) >>> 0;
    }
    return 0;
  }

  #takeSlowly(slot: number, bill: number, tally: number, bytes: number): number {
    for (;;) {
      const address = this.#takeFromSlabs(slot, bill, tally, bytes);
      if (address !== 0) return address;
      if (makeSlab(this.#region, slot, this.#own.thread) >= 0) continue;
      // No room: what other size classes keep in reserve goes first, then a last look, for another thread
      // may have made the slab that used up the room.
      const freed =
        releaseYieldedRuns(this.#region, this.#own.thread, kindOfSlot(slot)) +
        unmakeEmptySlabs(this.#region, this.#own.thread, kindOfSlot(slot));
      if (freed > 0 && makeSlab(this.#region, slot, this.#own.thread) >= 0) continue;
      // What threads remember has no bit: show it before saying no.
      showFreeBlocks(this.#region, slot, this.#own.thread);
      return this.#takeFromSlabs(slot, bill, tally, bytes);
    }
  }

  /** Takes a block of any slab of the slot, lowest chunk first. */
  #takeFromSlabs(slot: number, bill: number, tally: number, bytes: number): number {
    const words = this.#own.words;
    const { layout } = this.#region;
    const kind = kindOfSlot(slot);
    const map = layout.classMaps + slot * layout.classMapWords;
    const end = (endChunkOf(this.#region, kind) + 31) >>> 5;
    for (let word = firstChunkOf(this.#region, kind) >>> 5; word < end; word++) {
      for (let bits = load(words, map + word); bits !== 0; bits &= bits - 1) {
        const chunk = word * 32 + 31 - Math.clz32(bits & -bits);
        const address = this.#takeFromSlab(slot, chunk, bill, tally, bytes);
        if (address !== 0) return address;
      }
    }
    return 0;
  }

  #takeFromSlab(slot: number, chunk: number, bill: number, tally: number, bytes: number): number {
    const words = this.#own.words;
    const classMap = classMapOf(this.#region, slot, chunk);
    const bit = 1 << (chunk & 31);
    const entry = entryAt(this.#region, chunk);
    if (typeOf(entry) !== SLAB || payloadOf(entry) !== slot) {
      and(words, classMap, ~bit); // left behind by a slab that is no more
      return 0;
    }
    const shape = SIZE_CLASSES[classOfSlot(slot)] as SizeClass;
    const groups = (shape.blocks + 31) >>> 5;
    const map = slabMapOf(this.#region, chunk);
    // Threads start in different groups, so that their blocks' states do not share cache lines.
    const start = (this.#own.thread * 7) % groups;
    for (let step = 0; step < groups; step++) {
      const group = (start + step) % groups;
      if (peek(words, map + group) === 0) continue;
      const cursor = slot << CURSOR_SHIFT;
      this.#cursors[cursor + GROUP] = map + group;
      this.#cursors[cursor + SLAB_UNIT] = chunkByte(this.#region, chunk) >>> 4;
      this.#cursors[cursor + FIRST_BLOCK] = group * 32;
      const address = this.#takeFromCursor(slot, bill, tally, bytes);
      if (address !== 0) return address;
    }
    and(words, classMap, ~bit);
    for (let group = 0; group < groups; group++) {
      if (load(words, map + group) !== 0) {
        or(words, classMap, bit); // a free came between: the slab is worth a look again
        break;
      }
    }
    return 0;
  }

  /**
   * Sets the hints that lead to a block of the slab that starts at `chunk`. The caller holds the block, and
   * frees it next.
   */
  show(address: number, chunk: number, slot: number): void {
    const { interlocked } = this.#own;
    const block = this.#blockAt(address, chunk, slot);
    const group = slabMapOf(this.#region, chunk) + (block >>> 5);
    if (interlocked.setBits(group << 2, 1 << (block & 31)) !== 0) return;
    const classMap = classMapOf(this.#region, slot, chunk);
    interlocked.setBits(classMap << 2, 1 << (chunk & 31));
  }

  /** Gives the slab back of a block that was shown, if no block of it is held and it does not serve here. */
  unmakeIfEmpty(address: number, chunk: number, slot: number): void {
    const block = this.#blockAt(address, chunk, slot);
    const group = slabMapOf(this.#region, chunk) + (block >>> 5);
    const bits = peek(this.#own.words, group);
    const { blocks } = SIZE_CLASSES[classOfSlot(slot)] as SizeClass;
    if (bits !== fullGroup(blocks, block >>> 5)) return;
    if (group === this.#cursors[(slot << CURSOR_SHIFT) + GROUP]) return;
    if (!looksEmpty(this.#region, chunk, blocks)) return;
    tryUnmakeSlab(this.#region, chunk, this.#own.thread);
  }

  #blockAt(address: number, chunk: number, slot: number): number {
    const offset = address - this.#own.dataByte - chunk * CHUNK;
    return blockIndex(classOfSlot(slot), offset);
  }
}
