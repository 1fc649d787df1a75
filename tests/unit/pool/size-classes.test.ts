/** Size classes: every request fits, is aligned, keeps the page rule and wastes no more than decided. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CHUNK_BYTES, PAGE_BYTES } from "#src/base/index.js";
import {
  blockBytesOf,
  blockIndex,
  blockOffset,
  cacheAlignedClassOf,
  classOf,
  FIRST_PAGE_CLASS,
  SIZE_CLASSES,
  SLAB_BLOCK_BYTES_MAX,
} from "#src/pool/size-classes.js";

const CLASSES = SIZE_CLASSES.map((_, index) => index).slice(1);
const REQUESTS = Array.from({ length: SLAB_BLOCK_BYTES_MAX }, (_, index) => index + 1);

test("a slab serves every request from 1 to 61,440 bytes with the smallest block that fits", () => {
  assert.equal(SLAB_BLOCK_BYTES_MAX, 61_440);
  for (const bytes of REQUESTS) {
    const sizeClass = classOf(bytes);
    assert.ok(blockBytesOf(sizeClass) >= bytes, `${bytes} bytes do not fit`);
    assert.ok(sizeClass === 1 || blockBytesOf(sizeClass - 1) < bytes, `${bytes} bytes fit less`);
  }
});

test("classes grow, and a block has at least 32 bytes: a state and a bill of its own", () => {
  for (const sizeClass of CLASSES) {
    assert.ok(blockBytesOf(sizeClass) > blockBytesOf(sizeClass - 1));
    assert.ok(blockBytesOf(sizeClass) >= 32);
    assert.equal(blockBytesOf(sizeClass), SIZE_CLASSES[sizeClass]?.blockBytes);
  }
});

test("a cache-aligned request gets blocks of whole lines that start on one", () => {
  for (const bytes of REQUESTS) {
    const sizeClass = cacheAlignedClassOf(bytes);
    assert.ok(blockBytesOf(sizeClass) >= bytes);
    assert.equal(blockBytesOf(sizeClass) % 64, 0);
  }
  for (const sizeClass of new Set(REQUESTS.map(cacheAlignedClassOf))) {
    const { blocks } = SIZE_CLASSES[sizeClass] as { blocks: number };
    for (let block = 0; block < blocks; block++) {
      assert.equal(blockOffset(sizeClass, block) % 64, 0);
    }
  }
});

test("every block of every slab is aligned, inside, and after the one before", () => {
  for (const sizeClass of CLASSES) {
    const { blocks, blockBytes, chunks } = SIZE_CLASSES[sizeClass] as (typeof SIZE_CLASSES)[number];
    let end = 0;
    for (let block = 0; block < blocks; block++) {
      const offset = blockOffset(sizeClass, block);
      assert.equal(offset % 16, 0);
      assert.ok(offset >= end, `class ${sizeClass}: block ${block} overlaps`);
      end = offset + blockBytes;
    }
    assert.ok(end <= chunks * CHUNK_BYTES);
  }
});

test("a block below a page crosses no page boundary, one from a page up starts on one", () => {
  for (const sizeClass of CLASSES) {
    const { blocks, blockBytes } = SIZE_CLASSES[sizeClass] as (typeof SIZE_CLASSES)[number];
    for (let block = 0; block < blocks; block++) {
      const offset = blockOffset(sizeClass, block);
      const first = Math.floor(offset / PAGE_BYTES);
      const last = Math.floor((offset + blockBytes - 1) / PAGE_BYTES);
      if (blockBytes < PAGE_BYTES) assert.equal(first, last, `class ${sizeClass} block ${block}`);
      else assert.equal(offset % PAGE_BYTES, 0);
    }
  }
  assert.ok(
    REQUESTS.filter((bytes) => bytes >= PAGE_BYTES).every(
      (bytes) => classOf(bytes) >= FIRST_PAGE_CLASS,
    ),
  );
});

test("a block is found again by its offset", () => {
  for (const sizeClass of CLASSES) {
    const { blocks } = SIZE_CLASSES[sizeClass] as { blocks: number };
    for (let block = 0; block < blocks; block++) {
      assert.equal(blockIndex(sizeClass, blockOffset(sizeClass, block)), block);
    }
  }
});

test("no block wastes more than decision 003 says", () => {
  for (const bytes of REQUESTS) {
    const waste = blockBytesOf(classOf(bytes)) - bytes;
    const share = waste / blockBytesOf(classOf(bytes));
    if (bytes <= 256)
      assert.ok(waste <= 31 && (bytes <= 16 || waste <= 15 + bytes / 16), `${bytes}`);
    else if (bytes <= 576) assert.ok(share <= 0.125, `${bytes} bytes waste ${share}`);
    else if (bytes <= 2_048) assert.ok(share <= 0.34, `${bytes} bytes waste ${share}`);
    else if (bytes <= PAGE_BYTES) assert.ok(share <= 0.5, `${bytes} bytes waste ${share}`);
    else assert.ok(waste < PAGE_BYTES);
  }
});

test("a slab is 1 to 5 chunks and leaves at most an eighth of them unused", () => {
  for (const sizeClass of CLASSES) {
    const { blocks, blockBytes, chunks } = SIZE_CLASSES[sizeClass] as (typeof SIZE_CLASSES)[number];
    assert.ok(chunks >= 1 && chunks <= 5);
    assert.ok(blocks * blockBytes >= chunks * CHUNK_BYTES * 0.875, `class ${sizeClass}`);
  }
});
