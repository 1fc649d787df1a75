/**
 * Where an address of the data area lies, by the run table: in which chunk, which run, how large a block.
 */
import { CHUNK_BYTES } from "../base/index.js";
import type { Region } from "../memory/index.js";
import { BODY, entryAt, payloadOf, RUN, typeOf } from "./run-table.js";
import { blockBytesOf } from "./size-classes.js";
import { classOfSlot } from "./slab.js";

/** The chunk of an address of the data area. */
export function chunkOf(region: Region, address: number): number {
  return (address - region.layout.dataByte) >>> 16;
}

/** The first chunk of the slab or run that a chunk belongs to. */
export function firstChunk(region: Region, chunk: number): number {
  const entry = entryAt(region, chunk);
  return typeOf(entry) === BODY ? chunk - payloadOf(entry) : chunk;
}

/** The entry of the slab or run that an address lies in. */
export function entryAround(region: Region, address: number): number {
  return entryAt(region, firstChunk(region, chunkOf(region, address)));
}

/** Bytes of the block that an address of a slab or a run lies in. */
export function blockBytesAt(region: Region, address: number): number {
  return blockBytesIn(entryAround(region, address));
}

/** Bytes of each block of the slab or run of an entry. */
export function blockBytesIn(entry: number): number {
  return typeOf(entry) === RUN
    ? payloadOf(entry) * CHUNK_BYTES
    : blockBytesOf(classOfSlot(payloadOf(entry)));
}
