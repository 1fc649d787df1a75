/** A thread's memory of freed blocks: youngest first, as many as a chunk holds, and never a lie. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CAREFUL_STOPPED, createRegion, HEADER } from "#src/memory/index.js";
import { FREED, Pool } from "#src/pool/index.js";
import { canRemember, ownOf, recall, remember } from "#src/pool/own.js";
import { SIZE_CLASSES } from "#src/pool/size-classes.js";

const TAG = 0x206e_774f;

test("what was remembered last comes back first, and nothing comes from an empty row", () => {
  const own = ownOf(createRegion(1, 4), 1, 0);
  for (const slot of [1, 47, 95]) {
    assert.equal(recall(own, slot), 0);
    for (const address of [0x10, 0xffff_fff0, 0x8000_0000]) remember(own, slot, address);
    assert.deepEqual(
      [recall(own, slot), recall(own, slot), recall(own, slot), recall(own, slot)],
      [0x8000_0000, 0xffff_fff0, 0x10, 0],
    );
  }
});

test("a row holds a chunk's worth of blocks, at least 8 and at most 126, and no other row's", () => {
  const own = ownOf(createRegion(1, 4), 1, 0);
  SIZE_CLASSES.forEach(({ blockBytes }, slot) => {
    if (blockBytes === 0) return;
    const places = Math.min(126, Math.max(8, Math.floor(65_536 / blockBytes)));
    let count = 0;
    for (; canRemember(own, slot); count++) remember(own, slot, (count + 1) * 16);
    assert.equal(count, places, `blocks of ${blockBytes} bytes`);
    assert.equal(recall(own, slot + 1), 0);
    for (; count > 0; count--) assert.equal(recall(own, slot), count * 16);
  });
});

test("remembered blocks are free for every other thread", () => {
  const region = createRegion(2, 1);
  region.words[HEADER.CHUNK_LIMIT] = 1;
  const one = new Pool(region, 1);
  const other = new Pool(region, 2);
  const take = (pool: Pool): number => pool.allocate(0, 1_024, TAG, false, 0, 0, 0);
  const all = Array.from({ length: 64 }, () => take(one));
  assert.equal(take(one), 0, "the pool is empty");
  for (const block of all) assert.equal(one.free(block, TAG), FREED);
  const again = Array.from({ length: 64 }, () => take(other));
  assert.deepEqual(again.sort(), all.sort());
  assert.equal(take(one), 0, "what the first thread remembers was taken by the second");
});

test("a pool goes on when a bug check has stopped the machine above it", () => {
  const region = createRegion(1, 8);
  region.words[HEADER.CHUNK_LIMIT] = 8;
  const pool = new Pool(region, 1);
  const take = (): number => pool.allocate(0, 64, TAG, false, 0, 0, 0);
  const block = take();
  region.words[HEADER.CAREFUL] = CAREFUL_STOPPED;
  assert.equal(pool.free(block, TAG), FREED);
  assert.equal(take(), block);
  assert.equal(pool.allocateShort(0, 64, TAG, 0), 0);
  assert.equal(pool.freeShort(block, TAG), false);
  assert.equal(pool.free(block, TAG), FREED);
});
