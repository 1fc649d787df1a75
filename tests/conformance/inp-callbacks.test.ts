/**
 * ExInitializeNPagedLookasideList, its routines: when they are called, with what, and what serves where
 * they are NULL.
 */
import assert from "node:assert/strict";
import {
  advanceClock,
  CONTAINING_RECORD,
  ExAllocateFromLookasideListEx,
  ExAllocateFromNPagedLookasideList,
  ExAllocatePoolWithTag,
  ExDeleteNPagedLookasideList,
  ExFreePool,
  ExFreeToLookasideListEx,
  ExFreeToNPagedLookasideList,
  InterlockedIncrement,
  NonPagedPool,
  NULL,
  PagedPool,
  queryPoolBlock,
  routine,
  tag,
  ticket,
} from "lookaside/wdk";
import { crew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import {
  charged,
  countOf,
  ENTRY_TAG,
  exList,
  freshMachine,
  nonpagedList,
  snapshot,
  spy,
  spyAllocate,
  spyFree,
  storage,
  times,
  wordAt,
} from "./bench.js";
import { clause } from "./clause.js";
import { demand, NONPAGED, roomOf } from "./demand.js";
import type { missAndOverflow } from "./inp-callbacks.tasks.js";

const random = seeded(import.meta.url);

/** Takes `count` entries, then frees them all. Gives them back in the order in which they were freed. */
function cycle(list: number, count: number): number[] {
  const entries = times(count, () => ExAllocateFromNPagedLookasideList(list));
  for (const entry of entries) ExFreeToNPagedLookasideList(list, entry);
  return entries;
}

clause("INP-07", "a given Allocate function runs when the list is empty, and only then", (t) => {
  freshMachine(t);
  const allocate = spyAllocate();
  const list = nonpagedList({ allocate });
  assert.equal(allocate.calls.length, 0);
  cycle(list, 3);
  assert.equal(allocate.calls.length, 3);
  for (let round = 0; round < 20; round++) cycle(list, 3);
  assert.equal(allocate.calls.length, 3);
  times(4, () => ExAllocateFromNPagedLookasideList(list));
  assert.equal(allocate.calls.length, 4);
});

clause("INP-08", "it is given the pool type: NonPagedPool and the flags of the list", (t) => {
  freshMachine(t);
  for (const flags of [0, 16, 512, 528]) {
    const allocate = spyAllocate();
    cycle(nonpagedList({ allocate, flags }), 1);
    assert.equal(allocate.calls[0]?.[0], NonPagedPool | flags);
  }
});

clause("INP-09", "it is given the list's Size", (t) => {
  freshMachine(t);
  for (const size of [8, 33, 4_096, 70_000]) {
    const allocate = spyAllocate();
    cycle(nonpagedList({ allocate, size }), 1);
    assert.equal(allocate.calls[0]?.[1], size);
  }
});

clause("INP-10", "it is given the list's Tag, and nothing after it", (t) => {
  freshMachine(t);
  for (const entryTag of [tag("Tags"), 0x8000_0000, 0xffff_ffff]) {
    const allocate = spyAllocate();
    cycle(nonpagedList({ allocate, tag: entryTag }), 1);
    assert.equal(allocate.calls[0]?.length, 3);
    assert.equal(allocate.calls[0]?.[2], entryTag);
  }
});

clause("INP-11", "the address that it returns reaches the caller unchanged", (t) => {
  freshMachine(t);
  const own = times(3, () => storage(64));
  const answers = [...own, NULL, 0xffff_fff0];
  const list = nonpagedList({ allocate: spy(() => answers.shift() as number) });
  const given = times(5, () => ExAllocateFromNPagedLookasideList(list));
  assert.deepEqual(given, [...own, NULL, 0xffff_fff0]);
});

clause("INP-12", "with Allocate NULL, entries are allocated whenever the list is empty", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  for (let round = 1; round <= 4; round++) {
    const before = charged().allocs;
    times(round, () => ExAllocateFromNPagedLookasideList(list));
    assert.equal(charged().allocs, before + round);
  }
});

clause("INP-13", "a given Free function runs when the list is full, and only then", (t) => {
  freshMachine(t);
  const free = spyFree();
  const list = nonpagedList({ free });
  for (let round = 0; round < 20; round++) cycle(list, 4);
  assert.equal(free.calls.length, 0);
  const entries = cycle(list, 7);
  assert.deepEqual(
    free.calls.map((call) => call[0]),
    entries.slice(4),
  );
});

clause("INP-14", "it is given the buffer's address alone: overflow and delete", (t) => {
  freshMachine(t);
  const free = spyFree();
  const list = nonpagedList({ free });
  const entries = cycle(list, 6);
  assert.deepEqual(free.calls, [[entries[4]], [entries[5]]]);
  ExDeleteNPagedLookasideList(list);
  assert.deepEqual(
    free.calls.slice(2).toSorted(),
    entries
      .slice(0, 4)
      .map((entry) => [entry])
      .toSorted(),
  );
});

clause("INP-15", "with Free NULL, a full list releases the entry to nonpaged pool", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  const entries = times(5, () => ExAllocateFromNPagedLookasideList(list));
  for (const entry of entries.slice(0, 4)) ExFreeToNPagedLookasideList(list, entry);
  const [before, last] = [charged(), entries[4] as number];
  ExFreeToNPagedLookasideList(list, last);
  assert.deepEqual([charged().frees, charged().blocks], [before.frees + 1, before.blocks - 1]);
  assert.equal(queryPoolBlock(last), null);
  assert.equal(ExAllocatePoolWithTag(NonPagedPool, 64, ENTRY_TAG), last); // nonpaged pool has it back
});

clause("INP-16", "full means the limit that the system has set by now", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  assert.equal(roomOf(NONPAGED, list), 4);
  advanceClock(1);
  demand(NONPAGED, list, 25, 25);
  advanceClock(1);
  const { Depth } = snapshot(list);
  assert.ok(Depth > 4);
  assert.equal(roomOf(NONPAGED, list), Depth);
  advanceClock(50);
  assert.equal(roomOf(NONPAGED, list), 4);
});

clause(
  ["INP-34", "INP-35"],
  "both entry points are stored: other threads call them too",
  async (t) => {
    freshMachine(t);
    const [allocate, free] = [spyAllocate(), spyFree()];
    const [allocateHandle, freeHandle] = [
      routine("Stored allocate", allocate),
      routine("Stored free", free),
    ];
    const list = nonpagedList({ allocate: allocateHandle, free: freeHandle });
    const { Allocate, Free } = snapshot(list);
    assert.deepEqual([Allocate, Free], [allocateHandle, freeHandle]);
    cycle(list, 6);
    assert.deepEqual([allocate.calls.length, free.calls.length], [6, 2]);
    const module = new URL("./inp-callbacks.tasks.js", import.meta.url);
    const data = { ticket: ticket(), list };
    const [there] = await crew<typeof missAndOverflow>(module, {
      threads: 1,
      run: "missAndOverflow",
      data,
    });
    assert.deepEqual(there, { misses: 3, overflows: 3 });
    assert.deepEqual([allocate.calls.length, free.calls.length], [6, 2]);
  },
);

clause(
  "INP-59",
  "functions may do extra work, such as counting what is allocated and freed",
  (t) => {
    freshMachine(t);
    const [allocate, free] = [spyAllocate(), spyFree()];
    const list = nonpagedList({ allocate, free });
    const held: number[] = [];
    for (let step = 0; step < 5_000; step++) {
      if (held.length === 0 || random.int(2) === 0) {
        held.push(ExAllocateFromNPagedLookasideList(list));
      } else {
        ExFreeToNPagedLookasideList(list, held.splice(random.int(held.length), 1)[0] as number);
      }
      assert.equal(allocate.calls.length - free.calls.length, countOf(list) + held.length);
    }
  },
);

clause("INP-60", "a function that uses its input parameters makes entries as the list is", (t) => {
  freshMachine(t);
  for (const flags of [0, 512]) {
    const list = nonpagedList({ allocate: spyAllocate(), flags, size: 200 });
    const block = queryPoolBlock(ExAllocateFromNPagedLookasideList(list));
    const { kind, bytes, tag: entryTag, nx } = block ?? {};
    assert.deepEqual([kind, bytes, entryTag, nx], [NonPagedPool, 200, ENTRY_TAG, flags === 512]);
  }
  // One that does not is found out by what the pool knows of its blocks.
  const heedless = (): number => ExAllocatePoolWithTag(PagedPool, 300, tag("Othr"));
  const strange = queryPoolBlock(
    ExAllocateFromNPagedLookasideList(nonpagedList({ allocate: heedless })),
  );
  assert.deepEqual([strange?.kind, strange?.bytes, strange?.tag], [PagedPool, 300, tag("Othr")]);
});

clause(
  "INP-62",
  "routines of unified lists are given a context, those of nonpaged lists are not",
  (t) => {
    freshMachine(t);
    const [allocate, free] = [spyAllocate(), spyFree()];
    cycle(nonpagedList({ allocate, free }), 5);
    assert.deepEqual([allocate.calls[0]?.length, free.calls[0]?.length], [3, 1]);
    const [allocateEx, freeEx] = [spyAllocate(), spyFree()];
    const list = exList({ allocate: allocateEx, free: freeEx });
    const entries = times(5, () => ExAllocateFromLookasideListEx(list));
    for (const entry of entries) ExFreeToLookasideListEx(list, entry);
    assert.deepEqual([allocateEx.calls[0]?.length, freeEx.calls[0]?.length], [4, 2]);
    assert.deepEqual([allocateEx.calls[0]?.[3], freeEx.calls[0]?.[1]], [list, list]);
  },
);

clause("INP-63", "the context lets routines keep private data for each list", (t) => {
  freshMachine(t);
  const allocate = (type: number, bytes: number, Tag: number, Lookaside: number): number => {
    InterlockedIncrement(CONTAINING_RECORD(Lookaside, 32));
    return ExAllocatePoolWithTag(type, bytes, Tag);
  };
  const free = (buffer: number, Lookaside: number): void => {
    InterlockedIncrement(CONTAINING_RECORD(Lookaside, 32) + 4);
    ExFreePool(buffer);
  };
  const records = times(3, () => storage(32 + 0x60, NonPagedPool, 0));
  records.forEach((record, index) => {
    const list = exList({ allocate, free, at: record + 32 });
    const entries = times(5 + index, () => ExAllocateFromLookasideListEx(list));
    for (const entry of entries) ExFreeToLookasideListEx(list, entry);
  });
  assert.deepEqual(
    records.map((record) => [wordAt(record), wordAt(record + 4)]),
    [
      [5, 1],
      [6, 2],
      [7, 3],
    ],
  );
});
