/**
 * ExInitializeLookasideListEx, its routines: when Allocate and Free are called, with what, and what
 * serves where they are NULL. What Flags add to the type is in iex-flags.test.ts.
 */
import assert from "node:assert/strict";
import {
  CONTAINING_RECORD,
  ExAllocateFromLookasideListEx,
  ExAllocatePoolWithTag,
  ExDeleteLookasideListEx,
  ExFlushLookasideListEx,
  ExFreePool,
  ExFreeToLookasideListEx,
  memory,
  NonPagedPool,
  NULL,
  PagedPool,
  poolUsage,
  queryPoolBlock,
} from "lookaside/wdk";
import {
  BENCH_TAG,
  chainOf,
  charged,
  countOf,
  ENTRY_TAG,
  exList,
  freshMachine,
  spy,
  spyAllocate,
  spyFree,
  storage,
  times,
  wordAt,
} from "./bench.js";
import { analogue, clause } from "./clause.js";

/** Takes `count` entries, then frees them all. Gives them back in the order in which they were freed. */
function cycle(list: number, count: number): number[] {
  const entries = times(count, () => ExAllocateFromLookasideListEx(list));
  for (const entry of entries) ExFreeToLookasideListEx(list, entry);
  return entries;
}

clause("IEX-06", "Allocate may be NULL: the list works", (t) => {
  freshMachine(t);
  const list = exList({ allocate: NULL, free: spyFree() });
  const entry = ExAllocateFromLookasideListEx(list);
  assert.equal(queryPoolBlock(entry)?.tag, ENTRY_TAG);
});

clause("IEX-07", "a supplied Allocate routine is called when the list is empty", (t) => {
  freshMachine(t);
  const allocate = spyAllocate();
  const list = exList({ allocate });
  assert.equal(allocate.calls.length, 0);
  cycle(list, 1);
  assert.equal(allocate.calls.length, 1);
  times(2, () => ExAllocateFromLookasideListEx(list));
  assert.equal(allocate.calls.length, 2); // the first of these two was a hit
});

clause("IEX-08", "a supplied Allocate routine is called at no other time", (t) => {
  freshMachine(t);
  const allocate = spyAllocate();
  const list = exList({ allocate });
  cycle(list, 6);
  assert.equal(allocate.calls.length, 6);
  for (let round = 0; round < 100; round++) cycle(list, 4); // as many as are parked: hits all
  ExFlushLookasideListEx(list);
  ExDeleteLookasideListEx(list);
  assert.equal(allocate.calls.length, 6);
});

clause("IEX-09", "with Allocate NULL, entries come from the pool that PoolType names", (t) => {
  freshMachine(t);
  for (const [poolType, pool, other] of [
    [NonPagedPool, "NonPaged", "Paged"],
    [PagedPool, "Paged", "NonPaged"],
  ] as const) {
    const before = poolUsage(ENTRY_TAG);
    const entry = ExAllocateFromLookasideListEx(exList({ poolType }));
    const after = poolUsage(ENTRY_TAG);
    assert.equal(queryPoolBlock(entry)?.kind, poolType);
    assert.equal(after[pool].Allocs, before[pool].Allocs + 1);
    assert.deepEqual(after[other], before[other]);
  }
});

clause("IEX-10", "Free may be NULL: entries are parked, and overflow", (t) => {
  freshMachine(t);
  const list = exList({ allocate: spyAllocate(), free: NULL });
  cycle(list, 7);
  assert.equal(countOf(list), 4);
  assert.equal(charged().blocks, 4);
});

clause("IEX-11", "a supplied Free routine is called with the entry when the list is full", (t) => {
  freshMachine(t);
  const free = spyFree();
  const list = exList({ free });
  const entries = cycle(list, 6);
  assert.deepEqual(
    free.calls.map((call) => call[0]),
    entries.slice(4),
  );
});

clause("IEX-12", "a supplied Free routine is not called while there is room", (t) => {
  freshMachine(t);
  const free = spyFree();
  const list = exList({ free });
  for (let round = 0; round < 100; round++) cycle(list, 4);
  assert.deepEqual(free.calls, []);
});

clause("IEX-14", "with Free NULL, what overflows goes back to the pool it is from", (t) => {
  freshMachine(t);
  for (const [poolType, pool] of [
    [NonPagedPool, "NonPaged"],
    [PagedPool, "Paged"],
  ] as const) {
    const list = exList({ poolType });
    const entries = times(5, () => ExAllocateFromLookasideListEx(list));
    for (const entry of entries.slice(0, 4)) ExFreeToLookasideListEx(list, entry);
    const before = poolUsage(ENTRY_TAG)[pool];
    ExFreeToLookasideListEx(list, entries[4] as number);
    const after = poolUsage(ENTRY_TAG)[pool];
    assert.deepEqual([after.Frees, after.Diff], [before.Frees + 1, before.Diff - 1]);
    assert.equal(queryPoolBlock(entries[4] as number), null);
  }
});

clause("IEX-44", "the first request finds the list empty and calls the Allocate routine", (t) => {
  freshMachine(t);
  const allocate = spyAllocate();
  const list = exList({ allocate });
  const entry = ExAllocateFromLookasideListEx(list);
  assert.deepEqual(allocate.calls, [[NonPagedPool, 64, ENTRY_TAG, list]]);
  assert.notEqual(entry, NULL);
});

clause("IEX-45", "further requests allocate further entries", (t) => {
  freshMachine(t);
  const allocate = spyAllocate();
  const list = exList({ allocate });
  for (let count = 1; count <= 50; count++) {
    ExAllocateFromLookasideListEx(list);
    assert.equal(allocate.calls.length, count);
  }
  const entries = times(50, () => ExAllocateFromLookasideListEx(list));
  assert.equal(new Set(entries).size, 50);
});

clause("IEX-48", "at the limit the very entry goes to the Free routine, and no other", (t) => {
  freshMachine(t);
  const free = spyFree();
  const list = exList({ free });
  const entries = times(5, () => ExAllocateFromLookasideListEx(list));
  for (const entry of entries.slice(0, 4)) ExFreeToLookasideListEx(list, entry);
  const parked = chainOf(list);
  ExFreeToLookasideListEx(list, entries[4] as number);
  assert.deepEqual(free.calls, [[entries[4], list]]);
  assert.deepEqual(chainOf(list), parked);
});

clause("IEX-64", "the Allocate routine is given the address of the list's own descriptor", (t) => {
  freshMachine(t);
  const allocate = spyAllocate();
  const lists = times(3, () => exList({ allocate }));
  for (const list of [...lists, ...lists.toReversed()]) ExAllocateFromLookasideListEx(list);
  assert.ok(allocate.calls.every((call) => call.length === 4));
  assert.deepEqual(
    allocate.calls.map((call) => call[3]),
    [...lists, ...lists.toReversed()],
  );
});

clause(
  "IEX-65",
  "the Free routine is given the list's own descriptor: overflow, flush, delete",
  (t) => {
    freshMachine(t);
    const free = spyFree();
    const [first, second] = [exList({ free }), exList({ free })];
    const [overflowing, parked] = [cycle(first, 5)[4], chainOf(first)];
    ExFlushLookasideListEx(first);
    const [deleted] = cycle(second, 1);
    ExDeleteLookasideListEx(second);
    assert.deepEqual(free.calls, [
      [overflowing, first],
      ...parked.map((entry) => [entry, first]),
      [deleted, second],
    ]);
  },
);

/** Where the descriptor lies in a record that begins with data of the test's own. */
const FIELD_OFFSET = 48;

/** Routines that count calls in the first two words of the record around the descriptor. */
function counting() {
  const count = (Lookaside: number, word: number): void => {
    const record = CONTAINING_RECORD(Lookaside, FIELD_OFFSET);
    new DataView(memory().buffer).setUint32(record + word * 4, wordAt(record + word * 4) + 1, true);
  };
  return {
    allocate: (type: number, bytes: number, tag: number, Lookaside: number): number => {
      count(Lookaside, 0);
      return ExAllocatePoolWithTag(type, bytes, tag);
    },
    free: (buffer: number, Lookaside: number): void => {
      count(Lookaside, 1);
      ExFreePool(buffer);
    },
  };
}

clause("IEX-66", "routines reach private data around the descriptor", (t) => {
  freshMachine(t);
  const record = storage(FIELD_OFFSET + 0x60, NonPagedPool, 0);
  const list = exList({ ...counting(), at: record + FIELD_OFFSET });
  cycle(list, 9);
  assert.deepEqual([wordAt(record), wordAt(record + 4)], [9, 5]);
});

clause(
  "IEX-67",
  "each list has a private record of its own, though the routines are shared",
  (t) => {
    freshMachine(t);
    const routines = counting();
    const records = times(2, () => storage(FIELD_OFFSET + 0x60, NonPagedPool, 0));
    const lists = records.map((record) => exList({ ...routines, at: record + FIELD_OFFSET }));
    cycle(lists[0] as number, 9);
    cycle(lists[1] as number, 6);
    assert.deepEqual(
      records.map((record) => [wordAt(record), wordAt(record + 4)]),
      [
        [9, 5],
        [6, 2],
      ],
    );
  },
);

clause("IEX-85", "CONTAINING_RECORD gives the record that has the field at an address", (t) => {
  freshMachine(t);
  const record = storage(256);
  for (const offset of [0, 4, 16, 48, 240]) {
    assert.equal(CONTAINING_RECORD(record + offset, offset), record);
  }
  assert.equal(CONTAINING_RECORD(0xffff_fff0, 16), 0xffff_ffe0);
});

analogue("IEX-73", "what the Allocate routine gives goes to the caller and is not parked", (t) => {
  freshMachine(t);
  const allocate = spyAllocate();
  const list = exList({ allocate });
  for (let miss = 1; miss <= 3; miss++) {
    const entry = ExAllocateFromLookasideListEx(list);
    assert.equal(allocate.calls.length, miss);
    assert.equal(countOf(list), 0);
    assert.deepEqual(chainOf(list), []);
    assert.equal(queryPoolBlock(entry)?.parked, false);
  }
});

analogue("IEX-82", "the routines of a unified list are called by the Ex routines", (t) => {
  freshMachine(t);
  for (const poolType of [NonPagedPool, PagedPool]) {
    const entry = ExAllocatePoolWithTag(poolType, 64, BENCH_TAG);
    const [allocate, free] = [spy(() => entry), spy(() => {})];
    const list = exList({ allocate, free, poolType });
    assert.equal(ExAllocateFromLookasideListEx(list), entry);
    assert.equal(allocate.calls.length, 1);
    for (const parked of times(4, () => storage(64, poolType)))
      ExFreeToLookasideListEx(list, parked);
    ExFreeToLookasideListEx(list, entry);
    assert.deepEqual(free.calls, [[entry, list]]);
  }
});
