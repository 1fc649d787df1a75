/** Every documented routine does for a guest in C what it does for TypeScript. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type Guest, loadGuest } from "lookaside/guest";
import * as wdk from "lookaside/wdk";
import { descriptor, type Probe, probeModule } from "./guests.js";

const module = await probeModule();
let guest: Guest<Probe>;
let call: Probe;

beforeEach(async () => {
  wdk.boot({ depth: { periodMs: 0 } });
  guest = await loadGuest<Probe>(module, { name: "probe" });
  call = guest.functions;
});
afterEach(() => wdk.shutdown());

function counters(list: number) {
  const { TotalAllocates, AllocateMisses, TotalFrees, FreeMisses } = wdk.queryLookaside(list);
  return { TotalAllocates, AllocateMisses, TotalFrees, FreeMisses };
}

test("a list that a guest makes is the list that TypeScript sees", () => {
  const list = descriptor();
  assert.equal(call.makeList(list, 0), wdk.STATUS_SUCCESS);
  const { Family, Size, Tag, Type } = wdk.queryLookaside(list);
  assert.deepEqual([Family, Size, Type], ["Ex", 64, wdk.NonPagedPool]);
  assert.equal(wdk.tagText(Tag), "Prob");
  assert.deepEqual(wdk.activeLists(), [list]);
});

test("a guest and TypeScript take and free in one order, last in first out", () => {
  const list = descriptor();
  call.makeList(list, 0);
  const [first, second] = [call.allocate(list), wdk.ExAllocateFromLookasideListEx(list)];
  wdk.ExFreeToLookasideListEx(list, first);
  call.release(list, second);
  assert.equal(call.allocate(list), second);
  assert.equal(wdk.ExAllocateFromLookasideListEx(list), first);
});

test("what a guest does moves the counters as the same calls of TypeScript do", () => {
  const lists = [descriptor(), descriptor()] as const;
  const [allocate, free] = [call.countedAllocateEx(), call.countedFreeEx()];
  for (const list of lists) {
    const routines = [guest.routine(allocate), guest.routine(free)] as const;
    wdk.ExInitializeLookasideListEx(list, ...routines, wdk.NonPagedPool, 0, 64, wdk.tag("Test"), 0);
  }
  const actors = [
    { allocate: wdk.ExAllocateFromLookasideListEx, free: wdk.ExFreeToLookasideListEx },
    { allocate: call.allocate, free: call.release },
  ];
  for (const [index, actor] of actors.entries()) {
    const list = lists[index] as number;
    for (const burst of [1, 3, 7, 2]) {
      const held = Array.from({ length: burst }, () => actor.allocate(list));
      for (const entry of held) actor.free(list, entry);
    }
  }
  assert.deepEqual(counters(lists[1]), counters(lists[0]));
  assert.deepEqual(counters(lists[0]), {
    TotalAllocates: 13,
    AllocateMisses: 7,
    TotalFrees: 13,
    FreeMisses: 3,
  });
});

test("a miss calls the guest's Allocate routine, an overflow its Free routine", () => {
  const list = descriptor();
  call.makeList(list, 0);
  const held = Array.from({ length: 6 }, () => call.allocate(list));
  assert.equal(call.allocateCalls(), 6);
  for (const entry of held) call.release(list, entry);
  assert.equal(call.freeCalls(), 2);
  wdk.ExDeleteLookasideListEx(list);
  assert.equal(call.freeCalls(), 6);
});

test("TypeScript's misses and overflows call the guest's routines too", () => {
  const list = descriptor();
  call.makeList(list, 0);
  const held = Array.from({ length: 5 }, () => wdk.ExAllocateFromLookasideListEx(list));
  for (const entry of held) wdk.ExFreeToLookasideListEx(list, entry);
  wdk.ExFlushLookasideListEx(list);
  assert.deepEqual([call.allocateCalls(), call.freeCalls()], [5, 5]);
});

test("nonpaged and paged lists call routines of three parameters and of one", () => {
  for (const [make, round, end] of [
    [call.makeNPagedList, call.npagedRound, wdk.ExDeleteNPagedLookasideList],
    [call.makePagedList, call.pagedRound, wdk.ExDeletePagedLookasideList],
  ] as const) {
    const [allocated, freed] = [call.allocateCalls(), call.freeCalls()];
    const list = descriptor();
    make(list);
    assert.equal(round(list), round(list));
    end(list);
    assert.deepEqual([call.allocateCalls() - allocated, call.freeCalls() - freed], [1, 1]);
    assert.equal(counters(list).AllocateMisses, 1);
  }
});

test("a guest may pass the address of a documented routine", () => {
  const list = descriptor();
  call.makeListOfPoolRoutines(list);
  const entry = call.npagedRound(list) >>> 0;
  assert.equal(wdk.queryPoolBlock(entry)?.bytes, 64);
  wdk.ExDeleteNPagedLookasideList(list);
  assert.equal(wdk.queryPoolBlock(entry), null);
});

test("a list of TypeScript's takes the guest's function pointers as handles", () => {
  const list = descriptor();
  const allocate = guest.routine(call.countedAllocate());
  wdk.ExInitializeNPagedLookasideList(list, allocate, wdk.NULL, 0, 64, wdk.tag("Test"), 0);
  assert.notEqual(wdk.ExAllocateFromNPagedLookasideList(list), wdk.NULL);
  assert.equal(call.allocateCalls(), 1);
  assert.equal(guest.routine(0), wdk.NULL);
  for (const index of [Number.NaN, 0.5, "1" as never])
    assert.throws(() => guest.routine(index), {
      code: "ERR_ARGUMENT",
      message: /a whole number is needed/,
    });
});

test("pool routines take a guest's i32 as unsigned, and i64 flags", () => {
  const block = call.poolBlock(wdk.NonPagedPoolNx, 100) >>> 0;
  assert.equal(wdk.queryPoolBlock(block)?.bytes, 100);
  assert.equal(call.poolBlock(wdk.NonPagedPool, -1), wdk.NULL, "SIZE_T -1 is the largest size");
  const second = call.poolBlock2(BigInt(wdk.POOL_FLAG_PAGED | wdk.POOL_FLAG_USE_QUOTA), 32) >>> 0;
  assert.equal(wdk.queryPoolBlock(second)?.kind, 1);
  assert.equal(call.poolBlock2(BigInt(wdk.POOL_FLAG_PAGED) | (1n << 63n), 32), wdk.NULL);
});

test("interlocked words and sequenced lists give a guest the documented results", () => {
  const word = descriptor();
  assert.equal(call.words(word), 11 * 1e8 + 10 * 1e6 + 15 * 1e4 + 15 * 100 + 12);
  assert.equal(new Int32Array(wdk.memory().buffer)[word >>> 2], 7);
  const memory = wdk.ExAllocatePoolWithTag(wdk.NonPagedPool, 64, wdk.tag("Test"));
  assert.equal(call.sequenced(memory, memory + 16), 9);
});

test("levels are this thread's, whoever raises them", () => {
  assert.equal(call.raiseIrql(wdk.APC_LEVEL), wdk.PASSIVE_LEVEL);
  assert.equal(wdk.KeGetCurrentIrql(), wdk.APC_LEVEL);
  wdk.KeRaiseIrql(wdk.DISPATCH_LEVEL);
  assert.equal(call.irql(), wdk.DISPATCH_LEVEL);
  call.lowerIrql(wdk.PASSIVE_LEVEL);
  assert.equal(wdk.KeGetCurrentIrql(), wdk.PASSIVE_LEVEL);
});
