/**
 * ExFreeToNPagedLookasideList at the limit: whose limit it is, and where the entry goes that finds no
 * room in the list.
 */
import assert from "node:assert/strict";
import {
  advanceClock,
  ExAllocateFromNPagedLookasideList,
  ExAllocatePoolWithTag,
  ExFreeToNPagedLookasideList,
  NonPagedPool,
  poolInformation,
  poolUsage,
  queryPoolBlock,
  routine,
  ticket,
} from "lookaside/wdk";
import { crew } from "../support/crew.js";
import {
  BENCH_TAG,
  chainOf,
  charged,
  countOf,
  ENTRY_TAG,
  exhaust,
  freshMachine,
  nonpagedList,
  snapshot,
  spy,
  spyFree,
  times,
} from "./bench.js";
import { clause } from "./clause.js";
import type { freeAllCounted } from "./fnp-free.tasks.js";

/** `count` entries in the caller's hands. */
function hold(list: number, count: number): number[] {
  return times(count, () => ExAllocateFromNPagedLookasideList(list));
}

/** Frees entries until the list is full. Gives back the others, still held. */
function fill(list: number, entries: readonly number[]): number[] {
  const room = snapshot(list).Depth - countOf(list);
  for (const entry of entries.slice(0, room)) ExFreeToNPagedLookasideList(list, entry);
  return entries.slice(room);
}

/** How many entries of `count` the list keeps. */
function keeps(list: number, count: number): number {
  for (const entry of hold(list, count)) ExFreeToNPagedLookasideList(list, entry);
  return countOf(list);
}

clause("FNP-18", "the limit is the system's, whatever the caller passes as Depth", (t) => {
  freshMachine(t);
  for (const depth of [0, 1, 20, 256, 0xffff]) {
    const list = nonpagedList({ depth, size: 32 });
    assert.equal(snapshot(list).Depth, 4);
    assert.equal(keeps(list, 10), 4, `asked for ${depth}`);
  }
});

clause("FNP-18", "the list is full at the limit that the system has set at present", (t) => {
  freshMachine(t);
  const list = nonpagedList({ size: 32 });
  keeps(list, 100); // a hundred misses: the tuner lets the list grow
  advanceClock(1);
  const { Depth, MaximumDepth } = snapshot(list);
  assert.ok(Depth > 4 && Depth < MaximumDepth, `grown to ${Depth}`);
  assert.equal(keeps(list, MaximumDepth + 10), Depth, "full at Depth, not at MaximumDepth");
  for (let second = 0; second < 60; second++) advanceClock(1); // no demand: the tuner shrinks it
  assert.equal(snapshot(list).Depth, 4);
  const held = hold(list, Depth);
  assert.equal(countOf(list), 0);
  for (const entry of held) ExFreeToNPagedLookasideList(list, entry);
  assert.equal(countOf(list), 4);
});

clause(
  "FNP-19",
  "at the limit the caller's Free routine gets that entry, and nothing else",
  (t) => {
    freshMachine(t);
    const kept: number[] = [];
    const free = spy((buffer = 0) => void kept.push(buffer));
    const list = nonpagedList({ free });
    const rest = fill(list, hold(list, 7));
    assert.equal(rest.length, 3);
    assert.equal(free.calls.length, 0);
    const parked = chainOf(list);
    const before = poolUsage(ENTRY_TAG);
    for (const entry of rest) ExFreeToNPagedLookasideList(list, entry);
    assert.deepEqual(
      free.calls,
      rest.map((entry) => [entry]),
    );
    assert.deepEqual(chainOf(list), parked);
    assert.deepEqual(poolUsage(ENTRY_TAG), before, "releasing it is the routine's business alone");
    assert.ok(kept.every((entry) => queryPoolBlock(entry) !== null));
  },
);

clause("FNP-19", "an overflow in another thread calls that thread's routine", async (t) => {
  freshMachine(t);
  const here = spyFree();
  const list = nonpagedList({ free: routine("Counted free", here) });
  const rest = fill(list, hold(list, 6));
  const [there] = await crew<typeof freeAllCounted>(
    new URL("./fnp-free.tasks.js", import.meta.url),
    { threads: 1, run: "freeAllCounted", data: { ticket: ticket(), list, entries: rest } },
  );
  assert.deepEqual(
    there,
    rest.map((entry) => [entry]),
  );
  assert.equal(here.calls.length, 0);
  assert.equal(charged().blocks, 4, "what the other thread released is free here too");
});

clause("FNP-20", "at the limit without a routine the entry is freed to the pool", (t) => {
  freshMachine(t);
  const list = nonpagedList({ size: 72 });
  const rest = fill(list, hold(list, 8));
  rest.forEach((entry, index) => {
    const before = charged();
    ExFreeToNPagedLookasideList(list, entry);
    assert.deepEqual(charged(), {
      allocs: before.allocs,
      frees: before.frees + 1,
      blocks: before.blocks - 1,
      bytes: before.bytes - 72,
    });
    assert.equal(queryPoolBlock(entry), null, "the block is gone from the pool");
    assert.equal(snapshot(list).FreeMisses, index + 1);
  });
});

clause("FNP-21", "nonpaged free bytes rise by the size of the released block", (t) => {
  freshMachine(t, { nonPagedPoolBytes: "2 MiB" });
  const list = nonpagedList({ size: 65_536 }); // blocks of whole chunks, which the total counts in
  const [released] = fill(list, hold(list, 5)) as [number];
  const before = poolInformation();
  ExFreeToNPagedLookasideList(list, released);
  const after = poolInformation();
  assert.equal(after.NonPaged.FreeBytes - before.NonPaged.FreeBytes, 65_536);
  assert.deepEqual(after.Paged, before.Paged);
});

clause("FNP-21", "a later pool allocation can have the released storage", (t) => {
  freshMachine(t);
  for (const size of [64, 4_096]) {
    const list = nonpagedList({ size });
    const [released] = fill(list, hold(list, 5)) as [number];
    const giveBack = exhaust(NonPagedPool);
    assert.equal(ExAllocatePoolWithTag(NonPagedPool, size, BENCH_TAG), 0);
    ExFreeToNPagedLookasideList(list, released);
    assert.equal(ExAllocatePoolWithTag(NonPagedPool, size, BENCH_TAG), released);
    giveBack();
  }
});
