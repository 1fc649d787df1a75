/** Questions about an address: whose block, what kind of memory, free or not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegion, HEADER } from "#src/memory/index.js";
import { Pool } from "#src/pool/index.js";

function newPool(): Pool {
  const region = createRegion(1, 64);
  region.words[HEADER.CHUNK_LIMIT] = 32;
  region.words[HEADER.CHUNK_LIMIT + 1] = 32;
  return new Pool(region, 1);
}

const SIZES = [24, 100, 1_000, 2_049, 5_000, 28_672, 61_440, 100_000, 300_000];

test("every byte of a held block leads to it, in slabs of one and of several chunks and in runs", () => {
  const pool = newPool();
  for (const kind of [0, 1]) {
    const blocks = SIZES.flatMap((bytes) =>
      [1, 2, 3].map(() => pool.allocate(kind, bytes, 5, false, 0, 0, 0)),
    );
    for (const address of blocks.filter((one) => one !== 0)) {
      const block = pool.inspect(address) ?? assert.fail("no block starts there");
      for (const at of [0, 1, 15, 16, block.bytes >> 1, block.bytes - 1, block.blockBytes - 1]) {
        assert.deepEqual(pool.blockAround(address + at), block);
        assert.equal(pool.isFree(address + at), false);
        assert.equal(pool.kindAt(address + at), kind);
        if (at !== 0) assert.equal(pool.inspect(address + at), null);
      }
    }
    for (const address of blocks.filter((one) => one !== 0)) pool.free(address, -1);
  }
});

test("a block that was freed is free, and its memory keeps its kind until it is trimmed", () => {
  const pool = newPool();
  const address = pool.allocate(1, 100, 5, false, 0, 0, 0);
  pool.free(address, -1);
  assert.equal(pool.inspect(address), null);
  assert.equal(pool.isFree(address + 8), true);
  assert.equal(pool.kindAt(address), 1);
  pool.trim();
  assert.equal(pool.kindAt(address), -1);
  assert.equal(pool.isFree(address), true);
});

test("bookkeeping and what lies beyond the end belong to no pool and are not free", () => {
  const pool = newPool();
  const { dataByte, endByte } = pool.region.layout;
  for (const address of [0, 4_096, dataByte - 16, endByte, 2 ** 32 - 16]) {
    assert.equal(pool.kindAt(address), -1);
    assert.equal(pool.isFree(address), false);
    assert.equal(pool.blockAround(address), null);
    assert.equal(pool.inspect(address), null);
  }
});
