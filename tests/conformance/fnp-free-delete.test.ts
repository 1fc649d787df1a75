/**
 * What the page of ExFreeToNPagedLookasideList says of ExDeleteNPagedLookasideList: what it releases,
 * what it leaves, what it clears, and in which order.
 */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import {
  activeLists,
  advanceClock,
  ExAdjustLookasideDepth,
  ExAllocateFromNPagedLookasideList,
  ExDeleteNPagedLookasideList,
  ExFreePool,
  ExFreeToNPagedLookasideList,
  queryLookaside,
  queryLookasideLists,
  queryPoolBlock,
  reportLookaside,
  setLookasideDepth,
} from "lookaside/wdk";
import {
  bytesAt,
  chainOf,
  charged,
  countOf,
  freshMachine,
  nonpagedList,
  snapshot,
  spy,
  spyFree,
  times,
} from "./bench.js";
import { clause } from "./clause.js";

/** Parks `count` entries. */
function park(list: number, count: number): void {
  const entries = times(count, () => ExAllocateFromNPagedLookasideList(list));
  setLookasideDepth(list, Math.max(4, count));
  for (const entry of entries) ExFreeToNPagedLookasideList(list, entry);
  assert.equal(countOf(list), count);
}

clause("FNP-13", "delete releases each parked entry once, through the Free routine", (t) => {
  freshMachine(t);
  for (const count of [0, 1, 4, 30]) {
    const free = spyFree();
    const list = nonpagedList({ free });
    park(list, count);
    const parked = chainOf(list);
    ExDeleteNPagedLookasideList(list);
    assert.deepEqual(
      free.calls,
      parked.map((entry) => [entry]),
    );
    assert.equal(charged().blocks, 0);
  }
});

clause("FNP-13", "delete without a Free routine releases the parked entries to the pool", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  park(list, 30);
  const parked = chainOf(list);
  ExDeleteNPagedLookasideList(list);
  assert.deepEqual(charged(), { allocs: 30, frees: 30, blocks: 0, bytes: 0 });
  assert.ok(parked.every((entry) => queryPoolBlock(entry) === null));
});

clause("FNP-14", "entries that callers hold stay allocated and readable", (t) => {
  freshMachine(t);
  const free = spyFree();
  const list = nonpagedList({ free, size: 48 });
  const held = times(6, () => ExAllocateFromNPagedLookasideList(list));
  held.forEach((entry, index) => {
    bytesAt(entry, 48).fill(index + 1);
  });
  park(list, 4);
  const parked = chainOf(list);
  ExDeleteNPagedLookasideList(list);
  assert.deepEqual(
    free.calls.map(([entry]) => entry),
    parked,
  );
  assert.equal(charged().blocks, 6);
  held.forEach((entry, index) => {
    assert.equal(queryPoolBlock(entry)?.bytes, 48);
    assert.ok(bytesAt(entry, 48).every((byte) => byte === index + 1));
    ExFreePool(entry); // the holder releases them by other means
  });
  assert.equal(charged().blocks, 0);
});

clause("FNP-15", "a deleted list is no longer active, and its counters are not reported", (t) => {
  freshMachine(t);
  const [before, list, after] = [nonpagedList(), nonpagedList(), nonpagedList()];
  park(list, 3);
  assert.deepEqual(activeLists(), [before, list, after]);
  ExDeleteNPagedLookasideList(list);
  assert.deepEqual(activeLists(), [before, after]);
  assert.deepEqual(
    queryLookasideLists().map(({ Address }) => Address),
    [before, after],
  );
  const { Family, CurrentDepth } = queryLookaside(list);
  assert.deepEqual([Family, CurrentDepth], ["None", 0]);
  const address = list.toString(16).toUpperCase();
  assert.equal(reportLookaside().includes(address), false, "no report shows it");
  ExDeleteNPagedLookasideList(before);
  ExDeleteNPagedLookasideList(after);
  assert.deepEqual(activeLists(), []);
});

clause("FNP-15", "the tuner no longer visits a deleted list", (t) => {
  freshMachine(t);
  const deleted = nonpagedList();
  const active = nonpagedList();
  for (const list of [deleted, active]) {
    park(list, 50); // fifty misses: a visit would let it grow, and write what it has sampled
    setLookasideDepth(list, 10);
  }
  ExDeleteNPagedLookasideList(deleted);
  const left = snapshot(deleted).bytes;
  advanceClock(10);
  ExAdjustLookasideDepth();
  assert.deepEqual(snapshot(deleted).bytes, left);
  assert.equal(snapshot(active).LastTotalAllocates, 50, "the other one was visited");
});

clause(
  "FNP-15",
  "the storage of a deleted list may become anything, a list again included",
  (t) => {
    freshMachine(t);
    const list = nonpagedList();
    const other = nonpagedList();
    park(list, 4);
    ExDeleteNPagedLookasideList(list);
    bytesAt(list, 0x80).fill(0xee);
    advanceClock(3);
    assert.ok(bytesAt(list, 0x80).every((byte) => byte === 0xee));
    nonpagedList({ at: list });
    assert.deepEqual(activeLists(), [other, list]);
    assert.deepEqual([countOf(list), snapshot(list).TotalAllocates], [0, 0]);
  },
);

clause("FNP-16", "the entries are released while the list is still active", (t) => {
  freshMachine(t);
  let list = 0;
  const active: boolean[] = [];
  const free = spy((buffer = 0) => {
    active.push(activeLists().includes(list));
    ExFreePool(buffer);
  });
  list = nonpagedList({ free });
  park(list, 4);
  ExDeleteNPagedLookasideList(list);
  assert.deepEqual(active, [true, true, true, true]);
  assert.equal(activeLists().includes(list), false);
});

clause("FNP-17", "when delete returns all is done, and nothing happens afterwards", async (t) => {
  freshMachine(t);
  const free = spyFree();
  const list = nonpagedList({ free });
  park(list, 4);
  ExDeleteNPagedLookasideList(list);
  const now = { calls: free.calls.length, active: activeLists(), pool: charged() };
  assert.deepEqual(now, {
    calls: 4,
    active: [],
    pool: { allocs: 4, frees: 4, blocks: 0, bytes: 0 },
  });
  const bytes = snapshot(list).bytes;
  await setImmediate(); // whatever delete had left for later would have its turn now
  const later = { calls: free.calls.length, active: activeLists(), pool: charged() };
  assert.deepEqual(later, now);
  assert.deepEqual(snapshot(list).bytes, bytes);
});
