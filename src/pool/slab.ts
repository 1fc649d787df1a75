/**
 * Slabs: runs cut in equal blocks, the bits that help to find a free block, and their making and unmaking.
 *
 * A *slot* is a pool kind and a size class in one number. Two kinds of bits are hints, never truths: a
 * block's bit in the slab map (it may be free), and a chunk's bit in the class map of its slot (its
 * slab may have a free block). The order of steps makes them safe without any repair after a death:
 *
 * | step | order | why |
 * |---|---|---|
 * | allocate | state FREE → HELD, then clear the block's bit | the block is ours, so its slab stays |
 * | free | set the block's bit, then the chunk's, then state HELD → FREE | the same, from the other side |
 * | look for a slab | clear the chunk's bit, look again, set it back if a bit came | no free is lost |
 * | make | publish the slab, then every state none → FREE, then the bits | who has a block can free it |
 * | unmake | clear the chunk's bit, then every state FREE → none; else put all back | a held block wins |
 *
 * A thread that looked at the slab before may find a block of its successor as soon as its state is FREE:
 * so the slab is published before that.
 *
 * A bit left behind by a thread that died between its two steps is merely an attempt that fails.
 */
import {
  acquireLock,
  and,
  CLASSES,
  compareExchange,
  HEADER,
  load,
  or,
  peek,
  poke,
  type Region,
  releaseLock,
  store,
  tryLock,
} from "../memory/index.js";
import { firstGeneration, outliveGeneration } from "./generations.js";
import {
  chunkByte,
  endChunkOf,
  entryAt,
  firstChunkOf,
  payloadOf,
  publishChunks,
  releaseChunks,
  reserveChunks,
  runEntry,
  SLAB,
  typeOf,
} from "./run-table.js";
import { blockOffset, SIZE_CLASSES, type SizeClass } from "./size-classes.js";
import {
  FREE,
  freePrefix,
  generationOf,
  MARK,
  MARKED_BYTES_MIN,
  NOTE,
  NOTED_BYTES_MIN,
  prefixOf,
  stateWord,
} from "./state-word.js";

/** The slot of a pool kind and a size class. */
export function slotOf(kind: number, sizeClass: number): number {
  return kind * CLASSES + sizeClass;
}

/** The geometry of a slot's slabs. */
export function classOfSlot(slot: number): number {
  return slot >= CLASSES ? slot - CLASSES : slot; // no division on the hot path
}

/** The pool kind of a slot. */
export function kindOfSlot(slot: number): number {
  return slot >= CLASSES ? 1 : 0;
}

/** Word of the slab map that holds the first block's bit. */
export function slabMapOf(region: Region, chunk: number): number {
  return region.layout.slabMaps + chunk * region.layout.slabMapWords;
}

/** Word of a slot's class map that holds a chunk's bit. */
export function classMapOf(region: Region, slot: number, chunk: number): number {
  return region.layout.classMaps + slot * region.layout.classMapWords + (chunk >>> 5);
}

/** Word of the shadow that is the state of the block at an address. */
export function stateIndex(region: Region, address: number): number {
  return region.layout.shadow + ((address - region.layout.dataByte) >>> 4);
}

/** First byte of the block whose state is at a word of the shadow. */
export function addressAt(region: Region, state: number): number {
  return region.layout.dataByte + (state - region.layout.shadow) * 16;
}

/** The bits of group `group` of a slab, all set. */
export function fullGroup(blocks: number, group: number): number {
  const rest = blocks - group * 32;
  return rest >= 32 ? -1 : (1 << rest) - 1;
}

/**
 * Makes one more slab of a slot. Gives back its first chunk, or -1 when the pool has no room.
 * @throws {LookasideError} ERR_LOCK_STALLED
 */
export function makeSlab(region: Region, slot: number, thread: number): number {
  const shape = SIZE_CLASSES[classOfSlot(slot)] as SizeClass;
  acquireLock(region.words, HEADER.RUN_LOCK, thread);
  try {
    const first = reserveChunks(region, kindOfSlot(slot), shape.chunks);
    if (first < 0) return -1;
    const { words } = region;
    const base = chunkByte(region, first);
    const map = slabMapOf(region, first);
    const isMarked = shape.blockBytes >= MARKED_BYTES_MIN;
    for (let group = 0; group * 32 < shape.blocks; group++) poke(words, map + group, 0);
    publishChunks(region, first, shape.chunks, runEntry(SLAB, kindOfSlot(slot), slot));
    const free = stateWord(FREE, slot, firstGeneration(words)); // they go on: SW-2
    const hasNote = shape.blockBytes >= NOTED_BYTES_MIN;
    for (let block = 0; block < shape.blocks; block++) {
      const state = stateIndex(region, base + blockOffset(classOfSlot(slot), block));
      if (hasNote) poke(words, state + NOTE, 0); // it was a bill or a state, if it was anything: SW-3
      if (isMarked) poke(words, state + MARK, 0); // likewise
      store(words, state, free);
    }
    for (let group = 0; group * 32 < shape.blocks; group++)
      or(words, map + group, fullGroup(shape.blocks, group));
    or(words, classMapOf(region, slot, first), 1 << (first & 31));
    return first;
  } finally {
    releaseLock(region.words, HEADER.RUN_LOCK);
  }
}

/** Whether every block of a slab seems free: a hint, for {@link unmakeSlab} to prove. */
export function looksEmpty(region: Region, chunk: number, blocks: number): boolean {
  const map = slabMapOf(region, chunk);
  for (let group = 0; group * 32 < blocks; group++) {
    if (peek(region.words, map + group) !== fullGroup(blocks, group)) return false;
  }
  return true;
}

/**
 * Gives a slab back to the run table if no block of it is held. Gives back whether it did.
 * @throws {LookasideError} ERR_LOCK_STALLED
 */
export function unmakeSlab(region: Region, chunk: number, thread: number): boolean {
  acquireLock(region.words, HEADER.RUN_LOCK, thread);
  return unmakeAndRelease(region, chunk);
}

/**
 * The same, unless the run lock is busy: then the slab stays, for whoever needs room and finds it empty. For
 * a free, which has given its block up by then: it must not wait, and not fail any more.
 */
export function tryUnmakeSlab(region: Region, chunk: number, thread: number): boolean {
  return tryLock(region.words, HEADER.RUN_LOCK, thread) && unmakeAndRelease(region, chunk);
}

function unmakeAndRelease(region: Region, chunk: number): boolean {
  try {
    const entry = entryAt(region, chunk);
    if (typeOf(entry) !== SLAB) return false;
    return unmakeLocked(region, chunk, payloadOf(entry));
  } finally {
    releaseLock(region.words, HEADER.RUN_LOCK);
  }
}

function unmakeLocked(region: Region, chunk: number, slot: number): boolean {
  const { words } = region;
  const sizeClass = classOfSlot(slot);
  const shape = SIZE_CLASSES[sizeClass] as SizeClass;
  const base = chunkByte(region, chunk);
  const classMap = classMapOf(region, slot, chunk);
  and(words, classMap, ~(1 << (chunk & 31)));
  for (let block = 0; block < shape.blocks; block++) {
    const state = stateIndex(region, base + blockOffset(sizeClass, block));
    const seen = load(words, state);
    const free = prefixOf(seen) === freePrefix(slot);
    if (free) outliveGeneration(words, generationOf(seen));
    if (free && compareExchange(words, state, seen, 0) === seen) continue;
    // Someone holds this block: the slab stays, and what was taken out of use goes back.
    for (let undo = 0; undo < block; undo++) {
      const undone = stateIndex(region, base + blockOffset(sizeClass, undo));
      store(words, undone, stateWord(FREE, slot, firstGeneration(words)));
    }
    or(words, classMap, 1 << (chunk & 31));
    return false;
  }
  const map = slabMapOf(region, chunk);
  for (let group = 0; group * 32 < shape.blocks; group++) poke(words, map + group, 0);
  for (let offset = 1; offset < shape.chunks; offset++)
    poke(words, stateIndex(region, chunkByte(region, chunk + offset)), 0); // perhaps a bill: SW-3
  releaseChunks(region, kindOfSlot(slot), chunk, shape.chunks);
  return true;
}

/**
 * Whether no block of a slab is held, by its states: dearer than {@link looksEmpty}, and nearer the truth.
 */
function holdsNothing(region: Region, chunk: number, slot: number): boolean {
  const sizeClass = classOfSlot(slot);
  const base = chunkByte(region, chunk);
  const { blocks } = SIZE_CLASSES[sizeClass] as SizeClass;
  for (let block = 0; block < blocks; block++) {
    const seen = peek(region.words, stateIndex(region, base + blockOffset(sizeClass, block)));
    if (prefixOf(seen) !== freePrefix(slot)) return false;
  }
  return true;
}

/** Gives back every slab of a pool of which no block is held. Gives back how many chunks that freed. */
export function unmakeEmptySlabs(region: Region, thread: number, kind: number): number {
  const end = endChunkOf(region, kind);
  let chunks = 0;
  for (let chunk = firstChunkOf(region, kind); chunk < end; chunk++) {
    const entry = entryAt(region, chunk);
    if (typeOf(entry) !== SLAB) continue;
    const slot = payloadOf(entry);
    if (holdsNothing(region, chunk, slot) && unmakeSlab(region, chunk, thread)) {
      chunks += (SIZE_CLASSES[classOfSlot(slot)] as SizeClass).chunks;
    }
  }
  return chunks;
}

/**
 * Sets the bit of every free block of a slot, for those that only the thread that freed them remembers.
 * A last resort before an allocation fails: it reads every state of the slot's slabs.
 * @throws {LookasideError} ERR_LOCK_STALLED
 */
export function showFreeBlocks(region: Region, slot: number, thread: number): void {
  const { words } = region;
  const sizeClass = classOfSlot(slot);
  const { blocks } = SIZE_CLASSES[sizeClass] as SizeClass;
  const kind = kindOfSlot(slot);
  const end = endChunkOf(region, kind);
  acquireLock(words, HEADER.RUN_LOCK, thread); // no slab can go away meanwhile
  try {
    for (let chunk = firstChunkOf(region, kind); chunk < end; chunk++) {
      const entry = entryAt(region, chunk);
      if (typeOf(entry) !== SLAB || payloadOf(entry) !== slot) continue;
      for (let block = 0; block < blocks; block++) {
        const state = stateIndex(region, chunkByte(region, chunk) + blockOffset(sizeClass, block));
        if (prefixOf(peek(words, state)) !== freePrefix(slot)) continue;
        or(words, slabMapOf(region, chunk) + (block >>> 5), 1 << (block & 31));
        or(words, classMapOf(region, slot, chunk), 1 << (chunk & 31));
      }
    }
  } finally {
    releaseLock(words, HEADER.RUN_LOCK);
  }
}
