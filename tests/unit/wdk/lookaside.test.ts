/**
 * What every family of documented lists does alike (semantics sections 5, 6, 12 and 14), where no clause
 * of the conformance suite says it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  activeLists,
  BUG_CHECK,
  ExAllocatePoolWithTag,
  ExFlushLookasideListEx,
  ExFreePool,
  ExInitializePagedLookasideList,
  PagedPool,
  POOL_NX_ALLOCATION,
  POOL_RAISE_IF_ALLOCATION_FAILURE,
  queryLookaside,
  queryPoolBlock,
  setLookasideDepth,
  ticket,
} from "lookaside/wdk";
import {
  BENCH_TAG,
  bugCheckOf,
  bytesAt,
  chainOf,
  charged,
  countOf,
  descriptor,
  ENTRY_TAG,
  exhaust,
  freshMachine,
  nonpagedList,
  pagedList,
  snapshot,
  spyAllocate,
  spyFree,
  times,
} from "../../conformance/bench.js";
import { crew } from "../../support/crew.js";
import { seeded } from "../../support/seed.js";
import { LIST_FAMILIES, type ListFamily } from "./list-families.js";
import type { freeTogether } from "./lookaside.tasks.js";

const random = seeded(import.meta.url);
const { DRIVER_VERIFIER_DETECTED_VIOLATION, MUST_SUCCEED_POOL_EMPTY } = BUG_CHECK;

/** Parks up to four entries. Gives them back, first to last on the chain. */
function park(family: ListFamily, list: number, count: number): number[] {
  for (const entry of times(count, () => family.allocate(list))) family.free(list, entry);
  return chainOf(list);
}

for (const family of LIST_FAMILIES) {
  test(`a new list is empty whatever its storage held: ${family.name}`, (t) => {
    freshMachine(t);
    const list = family.make({ at: descriptor(0xff), size: 100 });
    const { bytes: _, Allocate, Free, ...fields } = snapshot(list);
    assert.deepEqual(fields, {
      Depth: 4,
      MaximumDepth: 256,
      TotalAllocates: 0,
      AllocateMisses: 0,
      TotalFrees: 0,
      FreeMisses: 0,
      Type: family.poolType,
      Tag: ENTRY_TAG,
      Size: 100,
      LastTotalAllocates: 0,
      LastAllocateMisses: 0,
    });
    assert.ok(Allocate !== 0 && Free !== 0, "the defaults stand where NULL was given");
    assert.deepEqual([countOf(list), charged().allocs], [0, 0], "and nothing is preallocated");
    assert.deepEqual(activeLists(), [list]);
  });

  test(`what a miss obtains goes straight to the caller: ${family.name}`, (t) => {
    freshMachine(t);
    const list = family.make();
    const head = snapshot(list).bytes.slice(0, 16);
    for (const entry of times(10, () => family.allocate(list))) {
      assert.equal(queryPoolBlock(entry)?.kind, family.poolType);
      assert.deepEqual(snapshot(list).bytes.slice(0, 16), head, "the head was not touched");
    }
  });

  test(`a reused entry holds what it held, but for its first 8 bytes: ${family.name}`, (t) => {
    freshMachine(t);
    const list = family.make({ size: 64 });
    const entry = family.allocate(list);
    bytesAt(entry, 64).fill(0x77);
    family.free(list, entry);
    assert.equal(family.allocate(list), entry);
    assert.deepEqual(bytesAt(entry + 8, 56), new Uint8Array(56).fill(0x77));
  });

  test(`each routine may be given without the other: ${family.name}`, (t) => {
    freshMachine(t);
    const tail = (list: number): number[] => (family.unified ? [list] : []);
    for (const [withAllocate, withFree] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ]) {
      const [allocate, free] = [spyAllocate(), spyFree()];
      const list = family.make({
        size: 48,
        ...(withAllocate ? { allocate } : {}),
        ...(withFree ? { free } : {}),
      });
      const entries = times(6, () => family.allocate(list));
      for (const entry of entries) family.free(list, entry);
      family.remove(list);
      const call = [family.poolType, 48, ENTRY_TAG, ...tail(list)];
      assert.deepEqual(allocate.calls, withAllocate ? times(6, () => call) : []);
      const [a, b, c, d, ...overflow] = entries as [number, number, number, number, ...number[]];
      const released = [...overflow, d, c, b, a].map((entry) => [entry, ...tail(list)]);
      assert.deepEqual(free.calls, withFree ? released : []);
      assert.equal(charged().blocks, 0);
    }
  });

  test(`delete counts no frees and leaves what callers hold: ${family.name}`, (t) => {
    freshMachine(t);
    const list = family.make();
    const held = times(3, () => family.allocate(list));
    park(family, list, 4);
    const before = snapshot(list);
    family.remove(list);
    const after = snapshot(list);
    assert.deepEqual(
      [after.TotalFrees, after.FreeMisses, after.TotalAllocates],
      [before.TotalFrees, before.FreeMisses, before.TotalAllocates],
    );
    assert.deepEqual(activeLists(), []);
    assert.equal(charged().blocks, 3);
    for (const entry of held) ExFreePool(entry);
  });

  test(`Depth is never passed while several threads free at once: ${family.name}`, async (t) => {
    freshMachine(t);
    const list = family.make();
    setLookasideDepth(list, 5);
    const most = await crew<typeof freeTogether>(new URL("./lookaside.tasks.js", import.meta.url), {
      threads: 3,
      run: "freeTogether",
      data: {
        ticket: ticket(),
        list,
        family: LIST_FAMILIES.indexOf(family),
        rounds: 1_000,
        seed: random.next(),
      },
    });
    assert.ok(Math.max(...most) <= 5, `at most 5 were parked, seen: ${most}`);
    assert.equal(countOf(list), 5, "in the end it is full");
    assert.equal(charged().blocks, 5);
  });

  test(`to initialize an active list is bug check 0xC4, 0xCA in checked mode: ${family.name}`, (t) => {
    freshMachine(t, { checked: true });
    const list = family.make();
    park(family, list, 2);
    const before = snapshot(list).bytes;
    for (const other of LIST_FAMILIES) {
      const { code, parameters } = bugCheckOf(() => other.make({ at: list }));
      assert.equal(code, DRIVER_VERIFIER_DETECTED_VIOLATION);
      assert.deepEqual(parameters.slice(0, 2), [0xca, list]);
    }
    assert.deepEqual(snapshot(list).bytes, before);
    family.remove(list);
    assert.doesNotThrow(() => family.make({ at: list }));
  });

  test(`to delete what is no list is bug check 0xC4, 0xCB in checked mode: ${family.name}`, (t) => {
    freshMachine(t, { checked: true });
    const deleted = family.make();
    family.remove(deleted);
    for (const list of [descriptor(0), descriptor(0xff), deleted]) {
      const { code, parameters } = bugCheckOf(() => family.remove(list));
      assert.equal(code, DRIVER_VERIFIER_DETECTED_VIOLATION);
      assert.deepEqual(parameters.slice(0, 2), [0xcb, list]);
    }
  });

  test(`to free storage of an active list is bug check 0xC4, 0xCC in checked mode: ${family.name}`, (t) => {
    freshMachine(t, { checked: true });
    const block = ExAllocatePoolWithTag(0, 256, BENCH_TAG);
    const list = family.make({ at: block + 64 });
    const { code, parameters } = bugCheckOf(() => ExFreePool(block));
    assert.equal(code, DRIVER_VERIFIER_DETECTED_VIOLATION);
    assert.deepEqual(parameters.slice(0, 3), [0xcc, list, block]);
    family.remove(list);
    ExFreePool(block);
  });

  test(`entries below the minimum are bug check 0xC4, 0xCD in checked mode: ${family.name}`, (t) => {
    freshMachine(t, { checked: true });
    for (const size of [0, 1, 7]) {
      const list = descriptor();
      const { code, parameters } = bugCheckOf(() => family.make({ at: list, size }));
      assert.equal(code, DRIVER_VERIFIER_DETECTED_VIOLATION);
      assert.deepEqual(parameters, [0xcd, list, size, 8]);
    }
    assert.doesNotThrow(() => family.make({ size: 8 }));
    assert.equal(activeLists().length, 1);
  });
}

for (const family of LIST_FAMILIES.filter(({ unified }) => unified)) {
  test(`flush releases what is parked and changes no counter and no limit: ${family.name}`, (t) => {
    freshMachine(t);
    const free = spyFree();
    const list = family.make({ free });
    const held = family.allocate(list);
    const parked = park(family, list, 4);
    const { bytes: _before, ...before } = snapshot(list);
    ExFlushLookasideListEx(list);
    const { bytes: _after, ...after } = snapshot(list);
    assert.deepEqual(after, before);
    assert.deepEqual(
      free.calls,
      parked.map((entry) => [entry, list]),
    );
    assert.deepEqual([countOf(list), charged().blocks], [0, 1]);
    assert.deepEqual(queryLookaside(list).CurrentDepth, 0);
    family.free(list, held);
    assert.equal(family.allocate(list), held, "the list stays usable");
    assert.deepEqual(activeLists(), [list]);
  });
}

test("the set of lists is two: nonpaged entries before paged ones, the newest last in each", (t) => {
  freshMachine(t);
  const [a, b, c, d] = LIST_FAMILIES.map((family) => family.make());
  assert.deepEqual(activeLists(), [a, c, b, d]);
  const nonpaged = nonpagedList();
  const paged = pagedList();
  assert.deepEqual(activeLists(), [a, c, nonpaged, b, d, paged]);
});

test("the paged family stores PagedPool with the flags as given, and its own limits", (t) => {
  freshMachine(t);
  for (const flags of [0, POOL_RAISE_IF_ALLOCATION_FAILURE, POOL_NX_ALLOCATION, 528]) {
    const list = descriptor();
    const result: unknown = ExInitializePagedLookasideList(list, 0, 0, flags, 32, ENTRY_TAG, 20);
    assert.equal(result, undefined);
    const { Type, Depth, MaximumDepth } = snapshot(list);
    assert.deepEqual([Type, Depth, MaximumDepth], [PagedPool | flags, 4, 256]);
  }
});

test("flags of the legacy families reach the pool unfiltered: 2 makes an allocation must succeed", (t) => {
  freshMachine(t);
  for (const [make, allocate, poolType] of [
    [nonpagedList, LIST_FAMILIES[0]?.allocate, 0],
    [pagedList, LIST_FAMILIES[1]?.allocate, 1],
  ] as const) {
    const list = make({ flags: 2 });
    assert.equal(snapshot(list).Type, poolType | 2);
    assert.notEqual(allocate?.(list), 0);
    const release = exhaust(poolType);
    assert.equal(bugCheckOf(() => allocate?.(list)).code, MUST_SUCCEED_POOL_EMPTY);
    release();
  }
});
