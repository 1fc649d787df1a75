/**
 * The sizes of blocks that slabs are cut in.
 *
 * The documented pool promises that a block below a page never crosses a page's boundary and that a
 * block of a page or more starts on one. So a class below a page is the largest multiple of 16 of
 * which n fit a page, and a class from a page up is a whole number of pages. Waste is at most 12.5 %
 * for requests from 256 to 576 bytes, never more than one alignment unit and a sixteenth below that,
 * and grows towards 2 KiB, where nothing between half a page and a page can be had without crossing:
 * docs/decisions/003-size-classes.md.
 *
 * A slab is as many chunks (1 to 5) as leave at most 12.5 % of it unused.
 */
import { BLOCK_ALIGNMENT_BYTES, CHUNK_BYTES, PAGE_BYTES } from "../base/index.js";
import { CLASSES, POOL_KINDS } from "../memory/index.js";

const PAGES_PER_CHUNK = CHUNK_BYTES / PAGE_BYTES;

/** Blocks that share a page, one class each, smallest blocks first: 32, 48, 64 … 2048 bytes. */
const BLOCKS_PER_PAGE = [
  128, 85, 64, 51, 42, 36, 32, 28, 25, 23, 21, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6,
  5, 4, 3, 2,
];

/** Largest request in bytes that a slab serves; a larger one gets a run of its own. */
export const SLAB_BLOCK_BYTES_MAX = (PAGES_PER_CHUNK - 1) * PAGE_BYTES;

/** Alignment in bytes of a cache-aligned block. */
const CACHE_LINE_BYTES = 64;

/** One class: the geometry of its slabs. */
export interface SizeClass {
  readonly blockBytes: number;
  /** Chunks of one slab. */
  readonly chunks: number;
  /** Blocks of one slab. */
  readonly blocks: number;
}

function smallClass(perPage: number): SizeClass {
  const blockBytes =
    Math.floor(PAGE_BYTES / perPage / BLOCK_ALIGNMENT_BYTES) * BLOCK_ALIGNMENT_BYTES;
  return { blockBytes, chunks: 1, blocks: perPage * PAGES_PER_CHUNK };
}

function pageClass(pages: number): SizeClass {
  let chunks = 1;
  while ((chunks * PAGES_PER_CHUNK) % pages > (chunks * PAGES_PER_CHUNK) / 8) chunks++;
  return {
    blockBytes: pages * PAGE_BYTES,
    chunks,
    blocks: Math.floor((chunks * PAGES_PER_CHUNK) / pages),
  };
}

/** All classes; class 0 is unused, so that 0 can mean none. */
export const SIZE_CLASSES: readonly SizeClass[] = [
  { blockBytes: 0, chunks: 0, blocks: 0 },
  ...BLOCKS_PER_PAGE.map(smallClass),
  ...Array.from({ length: PAGES_PER_CHUNK - 1 }, (_, index) => pageClass(index + 1)),
];

const firstPageClass = BLOCKS_PER_PAGE.length + 1;

/** First class whose blocks are whole pages. */
export const FIRST_PAGE_CLASS = firstPageClass; // the functions below use their own copy: see pool.ts

/** Units of 16 bytes that a request may have, none included. */
const REQUEST_UNITS = SLAB_BLOCK_BYTES_MAX / BLOCK_ALIGNMENT_BYTES + 1;

/**
 * Class of a request by its bytes in units of 16, rounded up; from {@link CACHE_ALIGNED} on the same for
 * requests of whole cache lines.
 */
export const CLASS_BY_UNITS = new Uint8Array(REQUEST_UNITS * 2);

/** Where in {@link CLASS_BY_UNITS} the cache-aligned requests begin. */
export const CACHE_ALIGNED = REQUEST_UNITS;

for (let units = 0; units < REQUEST_UNITS; units++) {
  const bytes = units * BLOCK_ALIGNMENT_BYTES;
  const fits = (entry: SizeClass): boolean => entry.blockBytes >= Math.max(1, bytes);
  const whole = (entry: SizeClass): boolean =>
    fits(entry) && entry.blockBytes % CACHE_LINE_BYTES === 0;
  CLASS_BY_UNITS[units] = SIZE_CLASSES.findIndex(fits);
  CLASS_BY_UNITS[CACHE_ALIGNED + units] = SIZE_CLASSES.findIndex(whole);
}

/** The class that serves `bytes` (1 to SLAB_BLOCK_BYTES_MAX). */
export function classOf(bytes: number): number {
  return CLASS_BY_UNITS[(bytes + 15) >>> 4] as number;
}

/** The class that serves `bytes` in whole cache lines. */
export function cacheAlignedClassOf(bytes: number): number {
  return CLASS_BY_UNITS[CACHE_ALIGNED + ((bytes + 15) >>> 4)] as number;
}

/*
 * Block numbers and addresses without division. Blocks lie in units: a page for a small class, the
 * block itself for a page class. Reciprocals are rounded up; the asserts at the end prove them exact
 * for every block.
 */
const perUnitReciprocal = new Int32Array(SIZE_CLASSES.length);
const sizeReciprocal = new Int32Array(SIZE_CLASSES.length);
const perUnit = new Int32Array(SIZE_CLASSES.length);
const bytesByClass = new Int32Array(SIZE_CLASSES.length);
SIZE_CLASSES.forEach((entry, index) => {
  if (index === 0) return;
  const small = index < FIRST_PAGE_CLASS;
  perUnit[index] = small ? (BLOCKS_PER_PAGE[index - 1] as number) : 1;
  perUnitReciprocal[index] = Math.ceil(2 ** 20 / (perUnit[index] as number));
  sizeReciprocal[index] = Math.ceil(
    2 ** 16 / (small ? entry.blockBytes : entry.blockBytes / PAGE_BYTES),
  );
  bytesByClass[index] = entry.blockBytes;
});

const PAGE_MASK = PAGE_BYTES - 1;

/** Bytes of one block. */
export function blockBytesOf(sizeClass: number): number {
  return bytesByClass[sizeClass] as number;
}

/** Bytes from a slab's start to its block `index`. */
export function blockOffset(sizeClass: number, index: number): number {
  const bytes = bytesByClass[sizeClass] as number;
  if (sizeClass >= firstPageClass) return Math.imul(index, bytes);
  const page = Math.imul(index, perUnitReciprocal[sizeClass] as number) >>> 20;
  return (page << 12) + Math.imul(index - Math.imul(page, perUnit[sizeClass] as number), bytes);
}

/** The block that starts `offset` bytes after its slab's start. Only right for the start of a block. */
export function blockIndex(sizeClass: number, offset: number): number {
  const reciprocal = sizeReciprocal[sizeClass] as number;
  if (sizeClass >= firstPageClass) return Math.imul(offset >>> 12, reciprocal) >>> 16;
  const inPage = Math.imul(offset & PAGE_MASK, reciprocal) >>> 16;
  return Math.imul(offset >>> 12, perUnit[sizeClass] as number) + inPage;
}

if (SIZE_CLASSES.length > CLASSES)
  throw new Error("more size classes than the class maps have room for");
if (POOL_KINDS * CLASSES > 0xff) throw new Error("a slot must fit the subject of a state word");
SIZE_CLASSES.forEach((entry, sizeClass) => {
  if (entry.blocks > 2_048) throw new Error("a slab must fit its map");
  for (let index = 0; index < entry.blocks; index++) {
    const offset = blockOffset(sizeClass, index);
    if (blockIndex(sizeClass, offset) !== index)
      throw new Error(`class ${sizeClass} loses block ${index}`);
    if (offset + entry.blockBytes > entry.chunks * CHUNK_BYTES)
      throw new Error("a block leaves its slab");
  }
});
