/**
 * A walk over all blocks of all slabs and runs, in address order.
 *
 * The walk does not stop anybody: a slab may be made or taken apart meanwhile. What it shows of a
 * block is its state word at that instant, and no word without bit 31 is shown.
 */
import { BLOCK_ALIGNMENT_BYTES, PAGE_BYTES } from "../base/index.js";
import { peek as peekThroughDoor, type Region, type Words } from "../memory/index.js";
import { claimedChunks } from "./claims.js";
import { BODY, chunkByte, entryAt, payloadOf, poolKindOf, RUN, SLAB, typeOf } from "./run-table.js";
import { blockOffset, SIZE_CLASSES, type SizeClass } from "./size-classes.js";
import { classOfSlot, stateIndex } from "./slab.js";
import { DEPOT, kindOf, SUBJECT_MASK, stateWord } from "./state-word.js";

/* Own copies for the pass over millions of words: see pool.ts. */
const peek = peekThroughDoor;
const SUBJECT_BITS = SUBJECT_MASK;
const DEPOT_KIND = DEPOT;

/** What is told of a block: the index and the value of its state word, and its pool. */
export type BlockVisitor = (state: number, seen: number, kind: number) => void;

/** Calls `visit` for every block. About 3 ns a block. */
export function walkBlocks(region: Region, visit: BlockVisitor): void {
  const { words, layout } = region;
  for (let chunk = 0; chunk < layout.chunkCapacity; chunk++) {
    const entry = entryAt(region, chunk);
    const type = typeOf(entry);
    if (type !== SLAB && type !== RUN) continue;
    const first = stateIndex(region, chunkByte(region, chunk));
    if (type === RUN) {
      const seen = peek(words, first);
      if (kindOf(seen) >= 8) visit(first, seen, poolKindOf(entry));
      continue;
    }
    const sizeClass = classOfSlot(payloadOf(entry));
    const { blocks } = SIZE_CLASSES[sizeClass] as SizeClass;
    for (let block = 0; block < blocks; block++) {
      const state = first + (blockOffset(sizeClass, block) >>> 4);
      const seen = peek(words, state);
      if (kindOf(seen) >= 8) visit(state, seen, poolKindOf(entry));
    }
  }
}

/** Words of the shadow for one page. */
const PAGE_WORDS = PAGE_BYTES / BLOCK_ALIGNMENT_BYTES;

/**
 * Calls `visit` for every block of a list that names a thread; perhaps for some others too. For
 * recovery: only chunks that the thread has claimed are looked at, and of blocks that are somebody
 * else's only one word is read, 1 to 20 ns each.
 *
 * @param everywhere all chunks are looked at, and blocks in depots are shown as well.
 */
export function walkOwned(
  region: Region,
  thread: number,
  everywhere: boolean,
  visit: BlockVisitor,
): void {
  const subject = stateWord(0, thread, 0);
  const look = (first: number): void => scanFrom(region, first, subject, everywhere, visit);
  if (everywhere) {
    for (let chunk = 0; chunk < region.layout.chunkCapacity; chunk++) look(chunk);
    return;
  }
  let last = -1;
  claimedChunks(region, thread, (chunk) => {
    const entry = entryAt(region, chunk);
    const first = typeOf(entry) === BODY ? chunk - payloadOf(entry) : chunk;
    if (first !== last) look(first);
    last = first;
  });
}

/** Looks at the slab or run that begins at a chunk, if one does. */
function scanFrom(
  region: Region,
  chunk: number,
  subject: number,
  withDepots: boolean,
  visit: BlockVisitor,
): void {
  const entry = entryAt(region, chunk);
  const type = typeOf(entry);
  if (type !== SLAB && type !== RUN) return;
  const first = stateIndex(region, chunkByte(region, chunk));
  const kind = poolKindOf(entry);
  const { blockBytes, blocks } =
    type === RUN ? ONE_BLOCK : (SIZE_CLASSES[classOfSlot(payloadOf(entry))] as SizeClass);
  const stride = blockBytes >>> 4;
  const perPage = blockBytes < PAGE_BYTES ? Math.floor(PAGE_BYTES / blockBytes) : blocks;
  for (let page = first, left = blocks; left > 0; left -= perPage, page += PAGE_WORDS) {
    const end = page + Math.min(perPage, left) * stride;
    scan(region.words, page, end, stride, subject, withDepots, kind, visit);
  }
}

/** What a run is to the walk: one block, whatever its size. */
const ONE_BLOCK: SizeClass = { blockBytes: PAGE_BYTES, chunks: 1, blocks: 1 };

/** Looks at the states from one word index to another. */
function scan(
  words: Words,
  from: number,
  to: number,
  stride: number,
  subject: number,
  withDepots: boolean,
  kind: number,
  visit: BlockVisitor,
): void {
  for (let state = from; state < to; state += stride) {
    const seen = peek(words, state);
    const isOwned = (seen & SUBJECT_BITS) === subject;
    if (!isOwned && !(withDepots && seen >>> 28 === DEPOT_KIND)) continue;
    if (seen < 0) visit(state, seen, kind);
  }
}
