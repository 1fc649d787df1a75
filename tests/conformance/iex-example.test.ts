/**
 * The worked example of ExInitializeLookasideListEx, ported with its slips repaired (reading K-4): the
 * record is reached by pointer, and the interlocked routines are given addresses.
 */
import assert from "node:assert/strict";
import {
  CONTAINING_RECORD,
  ExAllocateFromLookasideListEx,
  ExAllocatePoolWithTag,
  ExDeleteLookasideListEx,
  ExFreePool,
  ExFreePoolWithTag,
  ExFreeToLookasideListEx,
  ExInitializeLookasideListEx,
  InterlockedIncrement,
  NonPagedPool,
  NT_SUCCESS,
  NULL,
  poolUsage,
  queryLookaside,
  queryPoolBlock,
  SIZEOF_LOOKASIDE_LIST_EX,
  tag,
  tagText,
} from "lookaside/wdk";
import { bytesAt, exhaust, freshMachine, snapshot, storage, times, wordAt } from "./bench.js";
import { analogue, clause } from "./clause.js";

const ENTRY_SIZE = 256;
/** 'tsLL' as a C compiler reads it. */
const MY_POOL_TAG = 0x7473_4c4c;

/** MY_PRIVATE_DATA: the descriptor's alignment of 16 leaves 8 bytes between the counters and it. */
const NumberOfAllocations = 0;
const NumberOfFrees = 4;
const LookasideField = 16;
const SIZEOF_MY_PRIVATE_DATA = LookasideField + SIZEOF_LOOKASIDE_LIST_EX;

function MyLookasideListAllocateEx(
  PoolType: number,
  NumberOfBytes: number,
  Tag: number,
  Lookaside: number,
): number {
  const MyContext = CONTAINING_RECORD(Lookaside, LookasideField);
  const NewEntry = ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
  if (NewEntry !== NULL) InterlockedIncrement(MyContext + NumberOfAllocations);
  return NewEntry;
}

function MyLookasideListFreeEx(Buffer: number, Lookaside: number): void {
  const MyContext = CONTAINING_RECORD(Lookaside, LookasideField);
  ExFreePool(Buffer);
  InterlockedIncrement(MyContext + NumberOfFrees);
}

/** The record of the example, its list initialized. */
function initializeExample(): { MyContext: number; list: number } {
  const MyContext = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_MY_PRIVATE_DATA, MY_POOL_TAG);
  assert.notEqual(MyContext, NULL);
  bytesAt(MyContext, 8).fill(0);
  const list = MyContext + LookasideField;
  const status = ExInitializeLookasideListEx(
    list,
    MyLookasideListAllocateEx,
    MyLookasideListFreeEx,
    NonPagedPool,
    0,
    ENTRY_SIZE,
    MY_POOL_TAG,
    0,
  );
  assert.ok(NT_SUCCESS(status));
  return { MyContext, list };
}

clause("IEX-68", "the worked example counts its allocations and frees", (t) => {
  freshMachine(t);
  const { MyContext, list } = initializeExample();
  const entries = times(10, () => ExAllocateFromLookasideListEx(list));
  for (const entry of entries) ExFreeToLookasideListEx(list, entry);
  for (const entry of times(4, () => ExAllocateFromLookasideListEx(list))) {
    ExFreeToLookasideListEx(list, entry); // hits: no allocation
  }
  assert.equal(wordAt(MyContext + NumberOfAllocations), 10);
  assert.equal(wordAt(MyContext + NumberOfAllocations), snapshot(list).AllocateMisses);
  assert.equal(wordAt(MyContext + NumberOfFrees), 6);
  ExDeleteLookasideListEx(list);
  assert.equal(wordAt(MyContext + NumberOfFrees), 10);
  ExFreePoolWithTag(MyContext, MY_POOL_TAG);
  assert.equal(poolUsage(MY_POOL_TAG).NonPaged.Diff, 0);
});

clause(
  "IEX-68",
  "the example's entries are 256 nonpaged bytes, its descriptor 16 bytes in",
  (t) => {
    freshMachine(t);
    const { MyContext, list } = initializeExample();
    assert.equal(list - MyContext, 16);
    assert.equal(list % 16, 0);
    const { Type, Size, Tag, Depth } = snapshot(list);
    assert.deepEqual([Type, Size, Tag, Depth], [NonPagedPool, ENTRY_SIZE, MY_POOL_TAG, 4]);
    const block = queryPoolBlock(ExAllocateFromLookasideListEx(list));
    assert.deepEqual([block?.kind, block?.bytes, block?.tag], [NonPagedPool, 256, MY_POOL_TAG]);
  },
);

clause("IEX-69", "the example counts only allocations that succeeded", (t) => {
  freshMachine(t);
  const { MyContext, list } = initializeExample();
  times(3, () => ExAllocateFromLookasideListEx(list));
  const refill = exhaust(NonPagedPool);
  assert.deepEqual(
    times(5, () => ExAllocateFromLookasideListEx(list)),
    [NULL, NULL, NULL, NULL, NULL],
  );
  assert.equal(wordAt(MyContext + NumberOfAllocations), 3);
  assert.equal(queryLookaside(list).AllocateMisses, 8);
  refill();
  ExAllocateFromLookasideListEx(list);
  assert.equal(wordAt(MyContext + NumberOfAllocations), 4);
});

clause("IEX-70", "the example's tag, written tsLL, reads LLst in memory", (t) => {
  freshMachine(t);
  const { list } = initializeExample();
  assert.equal(tagText(MY_POOL_TAG), "LLst");
  assert.equal(tag("LLst"), MY_POOL_TAG);
  assert.equal(String.fromCharCode(...bytesAt(list + 0x28, 4)), "LLst");
  assert.equal(poolUsage(MY_POOL_TAG).TagText, "LLst");
});

analogue(
  "IEX-81",
  "InterlockedIncrement is given the counter's address and changes the memory",
  (t) => {
    freshMachine(t);
    const counter = storage(16, NonPagedPool, 0);
    for (let count = 1; count <= 3; count++) {
      assert.equal(InterlockedIncrement(counter), count);
      assert.equal(wordAt(counter), count);
    }
    // The counter's value in place of its address is no address of the pool.
    assert.throws(() => InterlockedIncrement(wordAt(counter) + 1), { name: "BugCheck" });
    assert.equal(wordAt(counter), 3);
  },
);
