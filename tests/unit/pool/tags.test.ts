/** Tags: found again in every thread, counted by each in its own tally, summed exactly. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TAGS_MAX } from "#src/base/index.js";
import { createRegion } from "#src/memory/index.js";
import { TagTally, tagAt, tagUsage } from "#src/pool/tags.js";

function newRegion() {
  return createRegion(4, 8);
}

test("a tag has one index, the same for every thread", () => {
  const region = newRegion();
  const [one, other] = [new TagTally(region, 1), new TagTally(region, 2)];
  for (const tag of [0x6b63_6f42, 1, 0xffff_ffff, 0x8000_0000]) {
    const index = one.indexOf(tag);
    assert.ok(index > 0 && index < TAGS_MAX);
    assert.equal(one.indexOf(tag), index);
    assert.equal(other.indexOf(tag), index);
    assert.equal(tagAt(region, index), tag);
  }
});

test("tag 0 is counted together with what finds no room", () => {
  const region = newRegion();
  const tally = new TagTally(region, 1);
  assert.equal(tally.indexOf(0), 0);
  const indices = new Set<number>();
  for (let tag = 1; tag < TAGS_MAX; tag++) indices.add(tally.indexOf(tag * 7_919));
  assert.equal(indices.size, TAGS_MAX - 1);
  assert.ok(!indices.has(0));
  assert.equal(tally.indexOf(0x1234_5678), 0);
  assert.equal(tally.indexOf(7_919), new TagTally(region, 3).indexOf(7_919));
});

test("usage is the sum over threads: who frees need not be who allocated", () => {
  const region = newRegion();
  const [one, other] = [new TagTally(region, 1), new TagTally(region, 4)];
  const index = one.indexOf(77);
  one.allocated(index, 0, 100);
  one.allocated(index, 0, 50);
  other.freed(index, 0, 100);
  other.allocated(index, 1, 8);
  assert.deepEqual(tagUsage(region, index, 0), {
    tag: 77,
    kind: 0,
    allocs: 2,
    frees: 1,
    bytes: 50,
    peakBytes: 50,
  });
  assert.deepEqual([tagUsage(region, index, 1).allocs, tagUsage(region, index, 1).bytes], [1, 8]);
});

test("the peak of a tag that one thread uses is exact", () => {
  const region = newRegion();
  const tally = new TagTally(region, 2);
  const index = tally.indexOf(5);
  for (const bytes of [10, 20, 30]) tally.allocated(index, 0, bytes);
  for (const bytes of [20, 30]) tally.freed(index, 0, bytes);
  tally.allocated(index, 0, 15);
  const { bytes, peakBytes } = tagUsage(region, index, 0);
  assert.deepEqual([bytes, peakBytes], [25, 60]);
});

test("sums stay right when the words come round", () => {
  const region = newRegion();
  const tally = new TagTally(region, 1);
  const index = tally.indexOf(9);
  for (let round = 0; round < 6; round++) {
    tally.allocated(index, 0, 0x4000_0000);
    tally.freed(index, 0, 0x4000_0000);
  }
  tally.allocated(index, 0, 0xa000_0000);
  assert.equal(tagUsage(region, index, 0).bytes, 0xa000_0000);
});
