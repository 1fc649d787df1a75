/** Checked mode: who writes into freed pool memory is found when the memory is given out again. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  BugCheck,
  ExAllocatePool2,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExFreePoolWithTag,
  NonPagedPool,
  PagedPool,
  POOL_FLAG_NON_PAGED,
  poolInformation,
  poolUsage,
  queryPoolBlock,
  system,
  tag,
} from "lookaside/wdk";
import { bytesAt, freshMachine } from "../../conformance/bench.js";

const TAG = tag("Free");

function checkedMachine(t: TestContext): void {
  freshMachine(t, {
    checked: true,
    bugChecks: "continue",
    nonPagedPoolBytes: "1 MiB",
    pagedPoolBytes: "1 MiB",
  });
}

function bugCheckOf(call: () => unknown): readonly number[] {
  try {
    call();
  } catch (error) {
    if (error instanceof BugCheck) return [error.code, ...error.parameters];
    throw error;
  }
  return [];
}

function take(bytes: number, type: number = NonPagedPool): number {
  return ExAllocatePoolWithTag(type, bytes, TAG);
}

test("a write into a freed block of up to a page is found at its next allocation", (t) => {
  checkedMachine(t);
  for (const type of [NonPagedPool, PagedPool]) {
    for (const bytes of [1, 8, 64, 100, 500, 2_000, 4_080]) {
      for (const at of [0, bytes >>> 1, bytes - 1]) {
        const block = take(bytes, type);
        ExFreePool(block);
        bytesAt(block, bytes)[at] = 0x11;
        const found = bugCheckOf(() => take(bytes, type));
        assert.deepEqual(found, [0xcc, block + at, 1, 0, block], `byte ${at} of ${bytes}`);
      }
    }
  }
  assert.equal(poolUsage(TAG).NonPaged.Diff, 0, "nobody has the block");
  assert.equal(poolUsage(TAG).Paged.Diff, 0);
});

test("the bytes of a freed block are not the user's any more", (t) => {
  checkedMachine(t);
  const block = take(200);
  bytesAt(block, 200).fill(1);
  ExFreePool(block);
  assert.ok(bytesAt(block, 200).every((byte) => byte === 0xf6));
});

test("once told, a write is not told again", (t) => {
  checkedMachine(t);
  const block = take(100);
  ExFreePool(block);
  bytesAt(block, 8).fill(7);
  assert.equal(bugCheckOf(() => take(100))[0], 0xcc);
  assert.equal(take(100), block);
  ExFreePool(block);
  assert.equal(take(100), block);
});

test("nothing is found where nobody wrote, whatever became of the memory meanwhile", (t) => {
  checkedMachine(t);
  const { pool } = system();
  const sizes = [64, 300, 1_000, 4_000];
  for (let round = 0; round < 4; round++) {
    for (const bytes of sizes) {
      const blocks = Array.from({ length: 40 }, () => take(bytes));
      for (const block of blocks) bytesAt(block, bytes).fill(round);
      for (const block of blocks) ExFreePoolWithTag(block, TAG);
    }
    pool.trim();
    const run = take(poolInformation().NonPaged.FreeBytes - 16);
    assert.notEqual(run, 0);
    bytesAt(run, 2 ** 19).fill(0x5a); // where the small blocks were
    ExFreePool(run);
  }
});

test("a block that a block list had in between is not mistaken", (t) => {
  checkedMachine(t);
  const block = take(240);
  ExFreePool(block);
  const list = system().blockList({ tag: "Idio", size: 256 });
  const held = list.allocate();
  held?.bytes.fill(3);
  held?.free();
  list.delete();
  const again = Array.from({ length: 300 }, () => take(240));
  assert.ok(again.every((address) => address !== 0));
});

test("zeroed memory is zeroed after the look", (t) => {
  checkedMachine(t);
  ExFreePool(take(128));
  const block = ExAllocatePool2(POOL_FLAG_NON_PAGED, 128, TAG);
  assert.ok(bytesAt(block, 128).every((byte) => byte === 0));
});

test("misuse of a free is told as before, and leaves the block as it was", (t) => {
  checkedMachine(t);
  const block = take(100);
  bytesAt(block, 100).fill(9);
  assert.deepEqual(
    bugCheckOf(() => ExFreePoolWithTag(block, tag("Othr"))),
    [0xc2, 0x0a, block, TAG, tag("Othr")],
  );
  assert.ok(bytesAt(block, 100).every((byte) => byte === 9));
  ExFreePool(block);
  assert.deepEqual(
    bugCheckOf(() => ExFreePool(block)),
    [0xc4, 0x13, block, 0, 0],
  );
  assert.equal(queryPoolBlock(block), null);
});
