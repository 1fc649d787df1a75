/**
 * A walk over all blocks of all slabs and runs, in address order.
 *
 * The walk does not stop anybody: a slab may be made or taken apart meanwhile. What it shows of a
 * block is its state word at that instant, and no word without bit 31 is shown.
 */
import { peek, type Region } from "../memory/index.js";
import { chunkByte, entryAt, payloadOf, poolKindOf, RUN, SLAB, typeOf } from "./run-table.js";
import { blockOffset, SIZE_CLASSES, type SizeClass } from "./size-classes.js";
import { classOfSlot, stateIndex } from "./slab.js";
import { kindOf } from "./state-word.js";

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
