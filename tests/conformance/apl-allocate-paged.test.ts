/**
 * ExAllocateFromPagedLookasideList: what it takes, what it gives, and from where. At which IRQL it may
 * be called, and its entries touched, is in apl-allocate-paged-irql.test.ts.
 */
import assert from "node:assert/strict";
import {
  BUG_CHECK,
  ExAllocateFromPagedLookasideList,
  ExAllocatePoolWithTag,
  ExDeletePagedLookasideList,
  ExFreeToPagedLookasideList,
  loadDriver,
  NonPagedPool,
  PagedPool,
  POOL_NX_ALLOCATION,
  POOL_RAISE_IF_ALLOCATION_FAILURE,
  poolUsage,
  queryPoolBlock,
  STATUS_INSUFFICIENT_RESOURCES,
  tag,
  VERIFIER_RULE,
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
  exList,
  freshMachine,
  nonpagedList,
  pagedList,
  raisedBy,
  snapshot,
  spy,
  spyAllocate,
  storage,
  times,
} from "./bench.js";
import { clause } from "./clause.js";

/** Parks `count` entries. Gives them back in the order in which they were freed. */
function park(list: number, count: number): number[] {
  const entries = times(count, () => ExAllocateFromPagedLookasideList(list));
  for (const entry of entries) ExFreeToPagedLookasideList(list, entry);
  return entries;
}

clause("APL-01", "a paged descriptor's address goes in, an entry's address comes out", (t) => {
  freshMachine(t);
  const list = pagedList();
  const given = times(20, () => ExAllocateFromPagedLookasideList(list));
  for (const entry of given) {
    assert.ok(Number.isSafeInteger(entry) && entry > 0, `${entry} is an address`);
    assert.notEqual(queryPoolBlock(entry), null, "a block starts there");
  }
  assert.equal(new Set(given).size, given.length);
});

clause("APL-02", "each call, hit or miss, raises TotalAllocates in the descriptor by one", (t) => {
  freshMachine(t);
  const list = pagedList({ size: 112, tag: tag("Page") });
  const before = snapshot(list);
  park(list, 3);
  for (let call = 1; call <= 6; call++) {
    ExAllocateFromPagedLookasideList(list);
    assert.equal(snapshot(list).TotalAllocates, 3 + call);
  }
  const after = snapshot(list);
  assert.equal(after.AllocateMisses, 6);
  for (const field of ["Depth", "MaximumDepth", "Type", "Tag", "Size", "Allocate", "Free"] as const)
    assert.equal(after[field], before[field], field);
});

clause("APL-03", "checked mode finds a list that the paged routine did not prepare", (t) => {
  freshMachine(t, { checked: true });
  const deleted = pagedList();
  ExDeletePagedLookasideList(deleted);
  const pagedEx = exList({ poolType: PagedPool });
  for (const list of [
    descriptor(0),
    descriptor(0xff),
    deleted,
    nonpagedList(),
    exList(),
    pagedEx,
  ]) {
    const before = snapshot(list).bytes;
    const { code, parameters } = bugCheckOf(() => ExAllocateFromPagedLookasideList(list));
    assert.equal(code, BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION);
    assert.deepEqual(parameters.slice(0, 2), [VERIFIER_RULE.LIST_NOT_INITIALIZED, list]);
    assert.deepEqual(snapshot(list).bytes, before, "a refused call changes nothing");
  }
  assert.notEqual(ExAllocateFromPagedLookasideList(pagedList()), 0);
});

clause("APL-04", "the first parked entry is removed and given back, and no other", (t) => {
  freshMachine(t);
  for (let parked = 1; parked <= 4; parked++) {
    const list = pagedList();
    const newest = park(list, parked).at(-1);
    const [first, ...rest] = chainOf(list);
    assert.equal(first, newest);
    assert.equal(ExAllocateFromPagedLookasideList(list), first);
    assert.deepEqual(chainOf(list), rest);
    assert.equal(countOf(list), parked - 1);
  }
});

clause("APL-05", "on a hit neither the Allocate routine nor the pool runs", (t) => {
  freshMachine(t);
  const allocate = spyAllocate();
  for (const list of [pagedList({ allocate }), pagedList()]) {
    park(list, 4);
    const calls = allocate.calls.length;
    const before = poolUsage();
    times(4, () => assert.notEqual(ExAllocateFromPagedLookasideList(list), 0));
    assert.deepEqual(poolUsage(), before);
    assert.equal(allocate.calls.length, calls);
  }
});

clause(
  "APL-06",
  "a miss calls the Allocate routine once, with type and flags, size and tag",
  (t) => {
    freshMachine(t);
    for (const flags of [
      0,
      POOL_RAISE_IF_ALLOCATION_FAILURE,
      POOL_NX_ALLOCATION,
      POOL_RAISE_IF_ALLOCATION_FAILURE | POOL_NX_ALLOCATION,
    ]) {
      const known = storage(96, PagedPool);
      const allocate = spy(() => known);
      const list = pagedList({ allocate, flags, size: 96 });
      assert.equal(ExAllocateFromPagedLookasideList(list), known, "what it gives is handed on");
      assert.deepEqual(allocate.calls, [[PagedPool | flags, 96, ENTRY_TAG]]);
      assert.equal(countOf(list), 0, "the entry was not parked on the way");
    }
  },
);

clause("APL-07", "without a routine a miss is one tagged allocation of Size bytes, paged", (t) => {
  freshMachine(t);
  const list = pagedList({ size: 120, tag: tag("Dflt") });
  for (let miss = 1; miss <= 3; miss++) {
    const block = queryPoolBlock(ExAllocateFromPagedLookasideList(list));
    assert.ok(block);
    assert.deepEqual([block.tag, block.bytes, block.kind], [tag("Dflt"), 120, 1]);
    const { NonPaged, Paged } = poolUsage(tag("Dflt"));
    assert.deepEqual([Paged.Allocs, Paged.Bytes, NonPaged.Allocs], [miss, 120 * miss, 0]);
  }
});

clause("APL-08", "an entry is given out as long as one is parked or the pool can give one", (t) => {
  freshMachine(t);
  const list = pagedList();
  const [parked] = park(list, 1);
  const release = exhaust(PagedPool);
  assert.equal(ExAllocateFromPagedLookasideList(list), parked);
  assert.equal(ExAllocateFromPagedLookasideList(list), 0);
  release();
  assert.notEqual(ExAllocateFromPagedLookasideList(list), 0);
});

clause("APL-09", "NULL comes back when paged pool is exhausted, while nonpaged has room", (t) => {
  freshMachine(t);
  const list = pagedList();
  exhaust(PagedPool);
  assert.equal(ExAllocateFromPagedLookasideList(list), 0);
  assert.notEqual(ExAllocatePoolWithTag(NonPagedPool, 64, BENCH_TAG), 0);
  const { TotalAllocates, AllocateMisses } = snapshot(list);
  assert.deepEqual([TotalAllocates, AllocateMisses], [1, 1], "a failure is a counted miss");
});

clause("APL-09", "an exhausted nonpaged pool does not keep a paged list from giving", (t) => {
  freshMachine(t);
  const list = pagedList();
  exhaust(NonPagedPool);
  assert.notEqual(ExAllocateFromPagedLookasideList(list), 0);
});

clause("APL-09", "only Flags 0 gives NULL: with the raise flag the failure is raised", (t) => {
  freshMachine(t);
  const list = pagedList({ flags: POOL_RAISE_IF_ALLOCATION_FAILURE });
  exhaust(PagedPool);
  const status = raisedBy(() => ExAllocateFromPagedLookasideList(list));
  assert.equal(status, STATUS_INSUFFICIENT_RESOURCES);
});

clause("APL-11", "a caller may put any data into the Size bytes of an entry", (t) => {
  freshMachine(t);
  for (const size of [8, 24, 100, 4_096]) {
    const list = pagedList({ size });
    const entries = times(5, () => ExAllocateFromPagedLookasideList(list));
    for (const entry of entries) bytesAt(entry, size).fill(0x5a);
    const middle = entries[2] as number;
    for (let value = 0; value <= 0xff; value++) {
      bytesAt(middle, size).fill(value);
      assert.ok(bytesAt(middle, size).every((byte) => byte === value));
    }
    const untouched = new Uint8Array(size).fill(0x5a);
    for (const entry of entries) {
      if (entry !== middle) assert.deepEqual(bytesAt(entry, size), untouched, "a neighbour");
    }
    for (const entry of entries) ExFreeToPagedLookasideList(list, entry);
    ExDeletePagedLookasideList(list);
  }
  assert.equal(charged().blocks, 0);
});

clause("APL-11", "a reused entry is not cleared: behind the link it holds what it held", (t) => {
  freshMachine(t);
  const list = pagedList({ size: 64 });
  const entry = ExAllocateFromPagedLookasideList(list);
  bytesAt(entry, 64).fill(0x77);
  ExFreeToPagedLookasideList(list, entry);
  assert.equal(ExAllocateFromPagedLookasideList(list), entry);
  assert.deepEqual(bytesAt(entry + 8, 56), new Uint8Array(56).fill(0x77));
});

clause("APL-12", "a finished entry given back through the paged free routine is parked", (t) => {
  freshMachine(t);
  const list = pagedList();
  const entry = ExAllocateFromPagedLookasideList(list);
  ExFreeToPagedLookasideList(list, entry);
  assert.deepEqual(chainOf(list), [entry]);
  assert.equal(ExAllocateFromPagedLookasideList(list), entry);
});

clause("APL-12", "the leak report names what was not released with the paged free routine", (t) => {
  freshMachine(t);
  const driver = loadDriver("leaky.sys", [ENTRY_TAG]);
  const list = pagedList({ size: 48 });
  const [returned] = times(3, () => ExAllocateFromPagedLookasideList(list));
  ExFreeToPagedLookasideList(list, returned as number);
  ExDeletePagedLookasideList(list);
  assert.deepEqual(driver.unload(), {
    lists: [],
    tags: [{ tag: ENTRY_TAG, blocks: 2, bytes: 96 }],
  });
});
