/** The pool of one thread: what it gives, what it refuses and why, and what a free comes to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CHUNK_BYTES } from "#src/base/index.js";
import { createRegion, HEADER, type Region } from "#src/memory/index.js";
import {
  ALREADY_FREE,
  allocationCounts,
  FREED,
  IS_PARKED,
  kindOf,
  NOT_A_BLOCK,
  PARKED,
  Pool,
  quotaUsed,
  setQuotaLimit,
  simulateIn,
  stateIndex,
  stateWord,
  WRONG_TAG,
} from "#src/pool/index.js";
import { auditPool } from "../../support/pool-audit.js";

const TAG = 0x6c6f_6f50;

/** A pool of `chunks` chunks of each kind. */
function newPool(chunks = 64): { region: Region; pool: Pool } {
  const region = createRegion(4, chunks * 2);
  region.words[HEADER.CHUNK_LIMIT] = chunks;
  region.words[HEADER.CHUNK_LIMIT + 1] = chunks;
  for (const account of [1, 2, 3, 4]) {
    for (const kind of [0, 1]) setQuotaLimit(region, account, kind, 0x7fff_ffff);
  }
  return { region, pool: new Pool(region, 1) };
}

function take(pool: Pool, bytes: number, kind = 0, tag = TAG, account = 0, least = 0): number {
  return pool.allocate(kind, bytes, tag, false, 0, account, least);
}

test("what is allocated is known with every detail", () => {
  const { pool } = newPool();
  const address = pool.allocate(1, 1_000, TAG, true, 1, 3, 0);
  const { generation, ...known } = pool.inspect(address) ?? assert.fail("no block is there");
  assert.ok(generation > 0);
  assert.deepEqual(known, {
    address,
    kind: 1,
    bytes: 1_000,
    blockBytes: 1_024,
    tag: TAG,
    owner: 1,
    account: 3,
    nx: true,
    parked: false,
  });
});

test("bytes asked for come back exactly for every size, fenced or not", () => {
  const { region, pool } = newPool();
  for (const fence of [0, 16]) {
    for (const bytes of [
      1, 16, 4_080, 4_081, 4_095, 4_096, 8_192, 12_280, 61_424, 61_440, 61_441, 300_000,
    ]) {
      const address = take(pool, bytes, 0, TAG, 2, fence === 0 ? 0 : Math.max(80, bytes + fence));
      assert.equal(pool.inspect(address)?.bytes, bytes);
      assert.equal(pool.inspect(address)?.account, 2);
      assert.equal(quotaUsed(region, 2, 0), bytes);
      assert.deepEqual(auditPool(region).problems, []);
      assert.equal(pool.free(address, TAG), FREED);
      assert.equal(quotaUsed(region, 2, 0), 0);
    }
  }
});

test("the block that was freed last comes back first, in a new generation", () => {
  const { pool } = newPool();
  const blocks = [1, 2, 3].map(() => take(pool, 256));
  const before = pool.inspect(blocks[0] as number)?.generation ?? 0;
  for (const block of blocks.toReversed()) pool.free(block, -1);
  assert.deepEqual(
    [1, 2, 3].map(() => take(pool, 256)),
    blocks,
  );
  assert.equal(pool.inspect(blocks[0] as number)?.generation, before + 1);
});

test("a run keeps counting its generations", () => {
  const { pool } = newPool();
  const generations = [1, 2, 3].map(() => {
    const run = take(pool, 100_000);
    const { generation } = pool.inspect(run) ?? assert.fail("no run");
    pool.free(run, -1);
    return generation;
  });
  assert.deepEqual(generations, [1, 2, 3]);
});

test("a free of what is free, parked, foreign or of another tag frees nothing and says why", () => {
  const { region, pool } = newPool();
  const small = take(pool, 100);
  const run = take(pool, 100_000);
  for (const block of [small, run]) {
    assert.equal(pool.free(block, TAG + 1), WRONG_TAG);
    assert.equal(pool.free(block + 16, -1), NOT_A_BLOCK);
    assert.equal(pool.free(block + 8, -1), NOT_A_BLOCK);
    assert.notEqual(pool.inspect(block), null);
  }
  const state = stateIndex(region, small);
  const held = region.words[state] as number;
  region.words[state] = stateWord(PARKED, 1, held);
  assert.equal(pool.free(small, -1), IS_PARKED);
  region.words[state] = held;
  assert.deepEqual([pool.free(small, TAG), pool.free(small, TAG)], [FREED, ALREADY_FREE]);
  assert.deepEqual([pool.free(run, TAG), pool.free(run, TAG)], [FREED, NOT_A_BLOCK]);
  for (const nowhere of [
    0,
    16,
    region.layout.dataByte - 16,
    region.layout.endByte,
    2 ** 32 - 16,
    -16,
  ]) {
    assert.equal(pool.free(nowhere, -1), NOT_A_BLOCK);
  }
  assert.deepEqual(auditPool(region).problems, []);
});

test("a tag of 32 set bits is checked like any other", () => {
  const { pool } = newPool();
  const block = take(pool, 64);
  assert.equal(pool.free(block, 0xffff_ffff), WRONG_TAG);
  assert.equal(pool.free(block, TAG), FREED);
});

test("another thread's pool frees a block, and the tag's account is even", () => {
  const { region, pool } = newPool();
  const other = new Pool(region, 2);
  const blocks = [48, 9_000, 200_000].map((bytes) => take(pool, bytes));
  for (const block of blocks) assert.equal(other.free(block, TAG), FREED);
  assert.deepEqual(auditPool(region), {
    problems: [],
    blocks: [],
    chunks: auditPool(region).chunks,
  });
});

test("each reason for giving nothing is named", () => {
  const { region, pool } = newPool(2);
  assert.equal(take(pool, 3 * CHUNK_BYTES), 0);
  assert.equal(pool.refusal, "limit");
  setQuotaLimit(region, 1, 0, 100);
  assert.equal(take(pool, 101, 0, TAG, 1), 0);
  assert.equal(pool.refusal, "quota");
  simulateIn(region, 1, { onlyNth: 1 });
  assert.equal(take(pool, 8), 0);
  assert.equal(pool.refusal, "simulated");
  assert.deepEqual(allocationCounts(region), { succeeded: 0, failed: 3, failedOnPurpose: 1 });
});

test("a refused allocation charges no quota", () => {
  const { region, pool } = newPool(2);
  assert.equal(take(pool, 3 * CHUNK_BYTES, 0, TAG, 1), 0);
  assert.equal(quotaUsed(region, 1, 0), 0);
  assert.deepEqual(auditPool(region).problems, []);
});

test("what one size keeps in reserve serves another before the pool says no", () => {
  const { region, pool } = newPool(2);
  const small = Array.from({ length: 500 }, () => take(pool, 256));
  for (const block of small) pool.free(block, -1);
  assert.notEqual(take(pool, 2 * CHUNK_BYTES - 100), 0);
  assert.deepEqual(auditPool(region).problems, []);
});

test("blocks that another thread remembers are found before the pool says no", () => {
  const { region, pool } = newPool(1);
  const other = new Pool(region, 2);
  const all: number[] = [];
  for (let block = take(pool, 4_096); block !== 0; block = take(pool, 4_096)) all.push(block);
  assert.equal(all.length, 16);
  for (const block of all.slice(0, 5)) other.free(block, -1);
  assert.deepEqual([1, 2, 3, 4, 5].map(() => take(pool, 4_096)).sort(), all.slice(0, 5).sort());
  assert.equal(take(pool, 4_096), 0);
});

test("trim gives back every slab without a held block, and says how many chunks", () => {
  const { region, pool } = newPool();
  const blocks = [40, 400, 5_000].flatMap((bytes) => [take(pool, bytes), take(pool, bytes, 1)]);
  for (const block of blocks.slice(1)) pool.free(block, -1);
  const chunks = auditPool(region).chunks;
  assert.equal(pool.trim(), chunks[0] + chunks[1] - 1);
  assert.deepEqual(auditPool(region).chunks, [1, 0]);
  assert.equal(pool.trim(), 0);
});

test("a run above 2 GiB has a size, and no word of it passes for a block", () => {
  const bytes = 0xa800_0000;
  const region = createRegion(1, 44_000);
  region.words[HEADER.CHUNK_LIMIT] = 44_000;
  const pool = new Pool(region, 1);
  const run = take(pool, bytes);
  if (run === 0) return; // the host has not so much address space
  assert.equal(pool.inspect(run)?.bytes, bytes);
  for (let at = 16; at <= 128; at += 16) assert.equal(pool.free(run + at, -1), NOT_A_BLOCK);
  assert.equal(pool.free(run, TAG), FREED);
  assert.ok(kindOf(region.words[stateIndex(region, run)] as number) < 8);
});
