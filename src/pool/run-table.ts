/**
 * The run table: which chunks of the data area belong together, and to what.
 *
 * ```
 *          31     28 27      24 23                                 0
 *         +---------+----------+------------------------------------+
 *   entry | type    | pool kind| SLAB: slot  RUN: chunks  BODY: back |
 *         +---------+----------+------------------------------------+
 * ```
 *
 * One word for each chunk. The first chunk of a slab or a run says what it is; each further chunk says
 * how many chunks back the first one is. Written only by the holder of the run lock, last when chunks
 * are taken and first when they are given back; read by anyone.
 *
 * ```
 *   chunk  0                     CHUNK_LIMIT                  CHUNK_LIMIT + CHUNK_LIMIT[1]
 *          +---------------------+----------------------------+
 *          | nonpaged pool ──►   | paged pool ──►             |
 *          +---------------------+----------------------------+
 * ```
 *
 * Each pool has chunks of its own, as many as its limit: what one pool does can neither take the other's
 * room nor cut it in pieces: docs/decisions/022-a-place-for-each-pool.md. In its place runs are found
 * lowest address first, so that the memory above the highest use is never touched.
 */
import { CHUNK_BYTES, WORD_BYTES } from "../base/index.js";
import { HEADER, load, peek, type Region, store } from "../memory/index.js";

/** Pool kinds. */
export const NONPAGED = 0;
export const PAGED = 1;

/** Types of an entry. */
export const UNUSED = 0;
export const SLAB = 1;
export const RUN = 2;
export const BODY = 3;

/** An entry. */
export function runEntry(type: number, kind: number, value: number): number {
  return (type << 28) | (kind << 24) | value;
}

/** UNUSED, SLAB, RUN or BODY. */
export function typeOf(entry: number): number {
  return entry >>> 28;
}

/** The pool that the chunk is charged to. */
export function poolKindOf(entry: number): number {
  return (entry >>> 24) & 0xf;
}

/** Slot, chunks or distance, by type. */
export function payloadOf(entry: number): number {
  return entry & 0xff_ffff;
}

/** The entry of a chunk, atomically. */
export function entryAt(region: Region, chunk: number): number {
  return load(region.words, region.layout.runs + chunk);
}

/** First byte of a chunk. */
export function chunkByte(region: Region, chunk: number): number {
  return region.layout.dataByte + chunk * CHUNK_BYTES;
}

/** The first chunk of a pool's place. */
export function firstChunkOf(region: Region, kind: number): number {
  return kind === NONPAGED ? 0 : peek(region.words, HEADER.CHUNK_LIMIT);
}

/** The chunk after the last of a pool's place. */
export function endChunkOf(region: Region, kind: number): number {
  const end = firstChunkOf(region, kind) + peek(region.words, HEADER.CHUNK_LIMIT + kind);
  return Math.min(end, region.layout.chunkCapacity);
}

/**
 * The first of `count` unused chunks of a pool that lie side by side, or -1. Callers hold the run lock.
 */
function findUnused(region: Region, kind: number, count: number): number {
  const { runs } = region.layout;
  const end = endChunkOf(region, kind);
  let found = 0;
  for (let chunk = firstChunkOf(region, kind); chunk < end; chunk++) {
    const entry = peek(region.words, runs + chunk);
    found = entry === UNUSED ? found + 1 : 0;
    if (found === count) return chunk - count + 1;
    if (typeOf(entry) === RUN) chunk += payloadOf(entry) - 1;
  }
  return -1;
}

/**
 * Sets `count` chunks aside for one pool: counts them, grows the memory, but leaves their entries unused.
 * Gives back the first chunk, or -1 when the pool's limit, the address space or the host says no.
 * Callers hold the run lock.
 */
export function reserveChunks(region: Region, kind: number, count: number): number {
  const { words } = region;
  const used = peek(words, HEADER.CHUNKS_USED + kind);
  if (used + count > peek(words, HEADER.CHUNK_LIMIT + kind)) return -1;
  const first = findUnused(region, kind, count);
  if (first < 0 || !region.grow(chunkByte(region, first + count))) return -1;
  store(words, HEADER.CHUNKS_USED + kind, used + count);
  if (used + count > peek(words, HEADER.CHUNKS_PEAK + kind)) {
    store(words, HEADER.CHUNKS_PEAK + kind, used + count);
  }
  return first;
}

/** Writes the entries of reserved chunks, the first one last: from then on they are a slab or a run. */
export function publishChunks(region: Region, first: number, count: number, entry: number): void {
  const { runs } = region.layout;
  for (let back = count - 1; back > 0; back--) {
    store(region.words, runs + first + back, runEntry(BODY, poolKindOf(entry), back));
  }
  store(region.words, runs + first, entry);
}

/** Gives chunks back. Callers hold the run lock and have taken every block in them out of use. */
export function releaseChunks(region: Region, kind: number, first: number, count: number): void {
  const { runs } = region.layout;
  for (let offset = 0; offset < count; offset++) store(region.words, runs + first + offset, UNUSED);
  const used = peek(region.words, HEADER.CHUNKS_USED + kind);
  store(region.words, HEADER.CHUNKS_USED + kind, used - count);
}

if (WORD_BYTES !== 4) throw new Error("the shadow counts 16 bytes as four words");
