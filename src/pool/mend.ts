/**
 * The run table after a death: makes it whole from what its own entries and the state words say.
 *
 * For whoever has taken the run lock over from a dead holder. Every step moves a word to what it must
 * be, so it may be done twice.
 */
import { HEADER, load, or, peek, poke, type Region, store } from "../memory/index.js";
import { firstGeneration } from "./generations.js";
import {
  BODY,
  chunkByte,
  entryAt,
  payloadOf,
  poolKindOf,
  RUN,
  runEntry,
  SLAB,
  typeOf,
  UNUSED,
} from "./run-table.js";
import { blockOffset, SIZE_CLASSES, type SizeClass } from "./size-classes.js";
import { classMapOf, classOfSlot, slabMapOf, stateIndex } from "./slab.js";
import { FREE, isState, kindOf, stateWord } from "./state-word.js";

/** Chunks that a head entry says it has. */
function chunksOf(entry: number): number {
  if (typeOf(entry) === RUN) return payloadOf(entry);
  return (SIZE_CLASSES[classOfSlot(payloadOf(entry))] as SizeClass).chunks;
}

/** Makes the run table, the counts of chunks and the states of slabs whole. Callers hold the run lock. */
export function mendRuns(region: Region): void {
  const { words, layout } = region;
  dropBodiesWithoutHead(region);
  const used = [0, 0];
  for (let chunk = 0; chunk < layout.chunkCapacity; chunk++) {
    const entry = entryAt(region, chunk);
    if (typeOf(entry) === SLAB) mendSlab(region, chunk, payloadOf(entry));
    const state = load(words, stateIndex(region, chunkByte(region, chunk)));
    if (typeOf(entry) === RUN && !isState(state)) {
      for (let at = 0; at < payloadOf(entry); at++) store(words, layout.runs + chunk + at, UNUSED);
    }
    const now = entryAt(region, chunk);
    if (now === UNUSED) clearShadow(region, chunk);
    else used[poolKindOf(now)] = (used[poolKindOf(now)] ?? 0) + 1;
  }
  for (const kind of [0, 1]) store(words, HEADER.CHUNKS_USED + kind, used[kind] ?? 0);
}

/** Bodies whose head was given back first, or never came. */
function dropBodiesWithoutHead(region: Region): void {
  const { words, layout } = region;
  for (let chunk = 0; chunk < layout.chunkCapacity; chunk++) {
    const entry = entryAt(region, chunk);
    if (typeOf(entry) !== BODY) continue;
    const back = payloadOf(entry);
    const head = entryAt(region, chunk - back);
    const belongs = (typeOf(head) === SLAB || typeOf(head) === RUN) && back < chunksOf(head);
    if (!belongs) store(words, layout.runs + chunk, UNUSED);
    else store(words, layout.runs + chunk, runEntry(BODY, poolKindOf(head), back));
  }
}

/** Blocks that were taken out of use are free again. */
function mendSlab(region: Region, chunk: number, slot: number): void {
  const { words } = region;
  const sizeClass = classOfSlot(slot);
  const { blocks } = SIZE_CLASSES[sizeClass] as SizeClass;
  const base = chunkByte(region, chunk);
  for (let block = 0; block < blocks; block++) {
    const state = stateIndex(region, base + blockOffset(sizeClass, block));
    const seen = load(words, state);
    if (isState(seen) && kindOf(seen) !== FREE) continue;
    if (!isState(seen)) store(words, state, stateWord(FREE, slot, firstGeneration(words)));
    or(words, slabMapOf(region, chunk) + (block >>> 5), 1 << (block & 31));
  }
  or(words, classMapOf(region, slot, chunk), 1 << (chunk & 31));
}

/** States of a slab that was never published must not be taken for blocks of the next one. */
function clearShadow(region: Region, chunk: number): void {
  const { words, layout } = region;
  const first = stateIndex(region, chunkByte(region, chunk));
  for (let word = first; word < first + layout.shadowWords; word++) {
    const seen = peek(words, word);
    if (isState(seen) || word === first) store(words, word, 0); // SW-3
  }
  const map = slabMapOf(region, chunk);
  for (let word = map; word < map + layout.slabMapWords; word++) poke(words, word, 0);
}
