/**
 * Questions about an address: whose block is it, what kind of memory, is it free. Reads only, and every
 * answer may be stale by the time it is given: another thread allocates and frees meanwhile.
 */
import { load, peek, type Region } from "../memory/index.js";
import { blockBytesIn, chunkOf, entryAround, firstChunk } from "./geometry.js";
import { chunkByte, entryAt, payloadOf, poolKindOf, RUN, SLAB, typeOf } from "./run-table.js";
import { tagOfBlock } from "./shared-tags.js";
import { blockOffset, SIZE_CLASSES, type SizeClass } from "./size-classes.js";
import { classOfSlot, stateIndex } from "./slab.js";
import {
  accountOf,
  generationOf,
  HELD,
  kindOf,
  nxOf,
  PARKED,
  slackAt,
  subjectOf,
} from "./state-word.js";

/** A held block, as the pool knows it. */
export interface BlockRecord {
  readonly address: number;
  readonly kind: number;
  /** Bytes that were asked for. */
  readonly bytes: number;
  /** Bytes the block really has. */
  readonly blockBytes: number;
  readonly tag: number;
  /** The thread it was allocated in. */
  readonly owner: number;
  readonly generation: number;
  /** The quota account charged, or 0. */
  readonly account: number;
  readonly nx: boolean;
  readonly parked: boolean;
}

/** Whether an address lies where blocks can. */
function isData(region: Region, address: number): boolean {
  return address >= region.layout.dataByte && address < region.layout.endByte;
}

/** What the pool knows of the held or parked block at `address`, or null when none starts there. */
export function inspect(region: Region, address: number): BlockRecord | null {
  if ((address & 15) !== 0 || !isData(region, address)) return null;
  const state = stateIndex(region, address);
  const seen = load(region.words, state);
  if (kindOf(seen) !== HELD && kindOf(seen) !== PARKED) return null;
  const entry = entryAround(region, address);
  const bill = peek(region.words, state + 1);
  const blockBytes = blockBytesIn(entry);
  return {
    address,
    kind: poolKindOf(entry),
    bytes: blockBytes - slackAt(region.words, state, bill),
    blockBytes,
    tag: tagOfBlock(region, state, bill),
    owner: subjectOf(seen),
    generation: generationOf(seen),
    account: accountOf(bill),
    nx: nxOf(bill) === 1,
    parked: kindOf(seen) === PARKED,
  };
}

/** The kind of pool an address lies in, held or free, or -1 when it lies in no run. */
export function kindAt(region: Region, address: number): number {
  if (!isData(region, address)) return -1;
  const entry = peek(region.words, region.layout.runs + chunkOf(region, address)); // plain: it may be stale
  return typeOf(entry) === 0 ? -1 : poolKindOf(entry);
}

/** The held or parked block that an address lies in, or null. */
export function blockAround(region: Region, address: number): BlockRecord | null {
  if (!isData(region, address)) return null;
  const first = firstChunk(region, chunkOf(region, address));
  const entry = entryAt(region, first);
  if (typeOf(entry) === RUN) return inspect(region, chunkByte(region, first));
  if (typeOf(entry) !== SLAB) return null;
  const sizeClass = classOfSlot(payloadOf(entry));
  const base = chunkByte(region, first);
  const { blocks, blockBytes } = SIZE_CLASSES[sizeClass] as SizeClass;
  for (let block = 0; block < blocks; block++) {
    const start = base + blockOffset(sizeClass, block);
    if (address >= start && address < start + blockBytes) return inspect(region, start);
  }
  return null;
}

/** Whether an address where blocks can be lies in none that is held or parked. */
export function isFree(region: Region, address: number): boolean {
  return isData(region, address) && blockAround(region, address) === null;
}
