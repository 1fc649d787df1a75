/**
 * ExInitializeNPagedLookasideList, its parameters and what it writes into the descriptor. Flags and
 * failure are in inp-flags.test.ts, routines in inp-callbacks.test.ts.
 */
import assert from "node:assert/strict";
import * as wdk from "lookaside/wdk";
import {
  activeLists,
  BUG_CHECK,
  ExAllocateFromNPagedLookasideList,
  ExAllocatePoolWithTag,
  ExDeleteNPagedLookasideList,
  ExFreePool,
  ExFreeToNPagedLookasideList,
  ExInitializeNPagedLookasideList,
  HIGH_LEVEL,
  LOOKASIDE_MINIMUM_BLOCK_SIZE,
  NonPagedPool,
  NULL,
  PagedPool,
  poolUsage,
  queryPoolBlock,
  routine,
  STATUS_DATATYPE_MISALIGNMENT,
  tag,
  VERIFIER_RULE,
} from "lookaside/wdk";
import {
  atIrql,
  bugCheckOf,
  bytesAt,
  chainOf,
  countOf,
  descriptor,
  ENTRY_TAG,
  freshMachine,
  nonpagedList,
  raisedBy,
  snapshot,
  spyAllocate,
  spyFree,
  storage,
  times,
} from "./bench.js";
import { clause } from "./clause.js";

/** Initializes with what is given, and everything else plain. */
function initialize(at: number, size = 64, depth = 0): unknown {
  return ExInitializeNPagedLookasideList(at, NULL, NULL, 0, size, ENTRY_TAG, depth);
}

clause("INP-01", "it prepares a list of nonpaged entries of the size given", (t) => {
  freshMachine(t);
  for (const size of [8, 64, 100, 4_096, 10_000]) {
    const list = nonpagedList({ size });
    const block = queryPoolBlock(ExAllocateFromNPagedLookasideList(list));
    assert.deepEqual([block?.kind, block?.bytes], [NonPagedPool, size]);
  }
});

clause("INP-02", "seven arguments are taken in the documented order", (t) => {
  freshMachine(t);
  assert.equal(ExInitializeNPagedLookasideList.length, 7);
  const at = descriptor();
  const [allocate, free] = [spyAllocate(), spyFree()];
  const [flags, size, entryTag] = [512 | 16, 0x120, tag("Posi")];
  ExInitializeNPagedLookasideList(at, allocate, free, flags, size, entryTag, 0);
  assert.deepEqual(activeLists(), [at]);
  const { Type, Size, Tag } = snapshot(at);
  assert.deepEqual([Type, Size, Tag], [flags, size, entryTag]);
  const entries = times(5, () => ExAllocateFromNPagedLookasideList(at));
  for (const entry of entries) ExFreeToNPagedLookasideList(at, entry);
  assert.deepEqual(allocate.calls[0], [flags, size, entryTag]);
  assert.deepEqual(free.calls, [[entries[4]]]);
});

clause("INP-03", "the descriptor lies in nonpaged memory", (t) => {
  freshMachine(t, { checked: true });
  const wrong = storage(0x80, PagedPool);
  const { code, parameters } = bugCheckOf(() => initialize(wrong));
  assert.equal(code, BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION);
  assert.deepEqual(parameters, [VERIFIER_RULE.DESCRIPTOR_NOT_NONPAGED, wrong, 0, 0]);
  assert.deepEqual(activeLists(), []);
  const right = descriptor();
  initialize(right);
  assert.deepEqual(activeLists(), [right]);
});

clause("INP-04", "the descriptor is 16-byte aligned", (t) => {
  freshMachine(t);
  const room = storage(0x100);
  for (let offset = 0; offset <= 32; offset++) {
    const at = room + offset;
    if (offset % 16 === 0) {
      initialize(at);
      assert.deepEqual(activeLists(), [at]);
      ExDeleteNPagedLookasideList(at);
      continue;
    }
    assert.equal(
      raisedBy(() => initialize(at)),
      STATUS_DATATYPE_MISALIGNMENT,
    );
    assert.deepEqual(activeLists(), []);
  }
});

clause(["INP-05", "INP-06"], "Allocate and Free are each a function or NULL, in every way", (t) => {
  freshMachine(t);
  for (const [hasAllocate, hasFree] of [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ]) {
    const [allocate, free] = [spyAllocate(), spyFree()];
    const list = nonpagedList({
      allocate: hasAllocate ? allocate : NULL,
      free: hasFree ? free : NULL,
    });
    const entries = times(6, () => ExAllocateFromNPagedLookasideList(list));
    for (const entry of entries) ExFreeToNPagedLookasideList(list, entry);
    assert.equal(countOf(list), 4);
    assert.equal(allocate.calls.length, hasAllocate ? 6 : 0);
    assert.equal(free.calls.length, hasFree ? 2 : 0);
    ExDeleteNPagedLookasideList(list);
    assert.equal(free.calls.length, hasFree ? 6 : 0);
    assert.equal(poolUsage(ENTRY_TAG).NonPaged.Diff, 0);
  }
});

clause("INP-24", "Size is the bytes of every entry allocated later", (t) => {
  freshMachine(t);
  const allocate = spyAllocate();
  for (const size of [8, 20, 100, 1_000, 5_000]) {
    const list = nonpagedList({ allocate, size });
    const entries = times(4, () => ExAllocateFromNPagedLookasideList(list));
    for (const call of allocate.calls.slice(-4)) assert.equal(call[1], size);
    entries.forEach((entry, index) => void bytesAt(entry, size).fill(index + 1));
    entries.forEach((entry, index) => {
      assert.ok(
        bytesAt(entry, size).every((byte) => byte === index + 1),
        `entries of ${size} bytes`,
      );
    });
  }
});

clause(
  "INP-25",
  "Size is at least LOOKASIDE_MINIMUM_BLOCK_SIZE, or checked mode reports it",
  (t) => {
    freshMachine(t, { checked: true });
    const at = descriptor();
    for (const size of [0, 1, LOOKASIDE_MINIMUM_BLOCK_SIZE - 1]) {
      const { code, parameters } = bugCheckOf(() => initialize(at, size));
      assert.equal(code, BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION);
      assert.deepEqual(parameters, [0xcd, at, size, LOOKASIDE_MINIMUM_BLOCK_SIZE]);
    }
    assert.deepEqual(activeLists(), []);
    initialize(at, LOOKASIDE_MINIMUM_BLOCK_SIZE);
    const entries = times(2, () => ExAllocateFromNPagedLookasideList(at));
    for (const entry of entries) ExFreeToNPagedLookasideList(at, entry);
    assert.deepEqual(chainOf(at), entries.toReversed());
  },
);

clause("INP-26", "LOOKASIDE_MINIMUM_BLOCK_SIZE is exported: 8 in the 64-bit profile", () => {
  assert.equal(wdk.LOOKASIDE_MINIMUM_BLOCK_SIZE, 8);
});

clause("INP-27", "Tag marks the entries when they are allocated", (t) => {
  freshMachine(t);
  for (const entryTag of [tag("Npag"), 0x8000_0001, 0xffff_ffff]) {
    const list = nonpagedList({ tag: entryTag });
    const entries = times(3, () => ExAllocateFromNPagedLookasideList(list));
    assert.equal(queryPoolBlock(entries[0] as number)?.tag, entryTag);
    assert.equal(poolUsage(entryTag).NonPaged.Diff, 3);
  }
});

clause("INP-28", "Depth is reserved: zero is meant, and another value is ignored", (t) => {
  freshMachine(t);
  for (const depth of [0, 1, 20, 256, 65_535]) {
    const at = descriptor();
    assert.equal(initialize(at, 64, depth), undefined);
    const { Depth, MaximumDepth } = snapshot(at);
    assert.deepEqual([Depth, MaximumDepth], [4, 256]);
  }
});

clause("INP-33", "all counters start at zero, whatever the storage held", (t) => {
  freshMachine(t);
  const seen = snapshot(nonpagedList({ at: descriptor(0xff) }));
  assert.deepEqual(
    [seen.TotalAllocates, seen.AllocateMisses, seen.TotalFrees, seen.FreeMisses],
    [0, 0, 0, 0],
  );
  assert.deepEqual([seen.LastTotalAllocates, seen.LastAllocateMisses], [0, 0]);
});

clause("INP-36", "without Allocate the stored entry point is ExAllocatePoolWithTag", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  const handle = routine("ExAllocatePoolWithTag", ExAllocatePoolWithTag);
  assert.equal(snapshot(list).Allocate, handle);
  const before = poolUsage(ENTRY_TAG).NonPaged.Allocs;
  ExAllocateFromNPagedLookasideList(list);
  assert.equal(poolUsage(ENTRY_TAG).NonPaged.Allocs, before + 1);
});

clause("INP-37", "without Free the stored entry point is ExFreePool", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  assert.equal(snapshot(list).Free, routine("ExFreePool", ExFreePool));
  const entries = times(5, () => ExAllocateFromNPagedLookasideList(list));
  for (const entry of entries) ExFreeToNPagedLookasideList(list, entry);
  assert.equal(poolUsage(ENTRY_TAG).NonPaged.Frees, 1);
});

clause(["INP-39", "INP-40"], "Size and Tag are stored", (t) => {
  freshMachine(t);
  for (const [size, entryTag] of [
    [8, 1],
    [0x1234, 0x8765_4321],
    [0x10_0000, 0xffff_fffe],
  ] as const) {
    const { Size, Tag } = snapshot(nonpagedList({ size, tag: entryTag }));
    assert.deepEqual([Size, Tag], [size, entryTag]);
  }
});

clause("INP-41", "the limits are set: 4 entries now, at most 256", (t) => {
  freshMachine(t);
  const { Depth, MaximumDepth } = snapshot(nonpagedList({ at: descriptor(0xff) }));
  assert.deepEqual([Depth, MaximumDepth], [4, 256]);
});

clause("INP-65", "it may be called up to DISPATCH_LEVEL", (t) => {
  freshMachine(t);
  for (let level = 0; level <= HIGH_LEVEL; level++) {
    const at = descriptor();
    if (level <= 2) {
      atIrql(level, () => initialize(at));
      assert.ok(activeLists().includes(at));
      continue;
    }
    const { code, parameters } = bugCheckOf(() => atIrql(level, () => initialize(at)));
    assert.deepEqual([code, parameters[1]], [BUG_CHECK.IRQL_NOT_LESS_OR_EQUAL, level]);
    assert.ok(!activeLists().includes(at));
  }
});

clause("INP-67", "it gives back nothing, also when misused", (t) => {
  freshMachine(t);
  const at = descriptor();
  for (const [flags, size, depth] of [
    [0, 64, 0],
    [0, 0, 0],
    [0, 1, 20],
    [0xffff_ffff, 64, 0],
    [1, 64, 65_535],
  ] as const) {
    const given: unknown = ExInitializeNPagedLookasideList(
      at,
      NULL,
      NULL,
      flags,
      size,
      ENTRY_TAG,
      depth,
    );
    assert.equal(given, undefined);
  }
});
