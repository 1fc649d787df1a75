/**
 * ExInitializeNPagedLookasideList, its Flags: pool-type bits, which decide the kind of memory and what a
 * failed allocation does.
 */
import assert from "node:assert/strict";
import {
  ExAllocateFromNPagedLookasideList,
  NonPagedPool,
  NULL,
  POOL_NX_ALLOCATION,
  POOL_RAISE_IF_ALLOCATION_FAILURE,
  queryPoolBlock,
  STATUS_INSUFFICIENT_RESOURCES,
} from "lookaside/wdk";
import { exhaust, freshMachine, nonpagedList, raisedBy, snapshot, spyAllocate } from "./bench.js";
import { clause } from "./clause.js";

const RAISE = POOL_RAISE_IF_ALLOCATION_FAILURE;
const NX = POOL_NX_ALLOCATION;

clause("INP-17", "Flags may carry POOL_RAISE_IF_ALLOCATION_FAILURE, which is 16", (t) => {
  freshMachine(t);
  assert.equal(RAISE, 16);
  const list = nonpagedList({ flags: 16 });
  assert.equal(snapshot(list).Type, 16);
  assert.notEqual(ExAllocateFromNPagedLookasideList(list), NULL);
});

clause("INP-18", "with the raise bit a failed allocation raises", (t) => {
  freshMachine(t);
  for (const allocate of [NULL, spyAllocate()]) {
    const list = nonpagedList({ allocate, flags: RAISE });
    const refill = exhaust(NonPagedPool);
    const status = raisedBy(() => ExAllocateFromNPagedLookasideList(list));
    assert.equal(status, STATUS_INSUFFICIENT_RESOURCES);
    const { TotalAllocates, AllocateMisses } = snapshot(list);
    assert.deepEqual([TotalAllocates, AllocateMisses], [1, 1]);
    refill();
    assert.notEqual(ExAllocateFromNPagedLookasideList(list), NULL);
  }
});

clause("INP-19", "without the raise bit a failed allocation gives NULL", (t) => {
  freshMachine(t);
  for (const flags of [0, NX]) {
    for (const allocate of [NULL, spyAllocate()]) {
      const list = nonpagedList({ allocate, flags });
      const refill = exhaust(NonPagedPool);
      assert.equal(ExAllocateFromNPagedLookasideList(list), NULL);
      refill();
      assert.notEqual(ExAllocateFromNPagedLookasideList(list), NULL);
    }
  }
});

clause(
  "INP-20",
  "Flags may carry POOL_NX_ALLOCATION, which is 512, and the pool records it",
  (t) => {
    freshMachine(t);
    assert.equal(NX, 512);
    const [plain, nx] = [nonpagedList(), nonpagedList({ flags: 512 })];
    assert.equal(snapshot(nx).Type, 512);
    assert.equal(queryPoolBlock(ExAllocateFromNPagedLookasideList(nx))?.nx, true);
    assert.equal(queryPoolBlock(ExAllocateFromNPagedLookasideList(plain))?.nx, false);
  },
);

clause("INP-21", "the two bits may be combined, and both have their effect", (t) => {
  freshMachine(t);
  const list = nonpagedList({ flags: RAISE | NX });
  assert.equal(snapshot(list).Type, 528);
  assert.equal(queryPoolBlock(ExAllocateFromNPagedLookasideList(list))?.nx, true);
  exhaust(NonPagedPool);
  const status = raisedBy(() => ExAllocateFromNPagedLookasideList(list));
  assert.equal(status, STATUS_INSUFFICIENT_RESOURCES);
});

clause("INP-23", "Flags zero is the default: the stored type is NonPagedPool", (t) => {
  freshMachine(t);
  const list = nonpagedList({ flags: 0 });
  assert.equal(snapshot(list).Type, NonPagedPool);
  const block = queryPoolBlock(ExAllocateFromNPagedLookasideList(list));
  assert.deepEqual([block?.kind, block?.nx], [NonPagedPool, false]);
});

clause("INP-44", "the flags that decide the kind of memory are stored with the pool type", (t) => {
  freshMachine(t);
  for (const flags of [0, 16, 512, 528]) {
    const allocate = spyAllocate();
    const list = nonpagedList({ allocate, flags });
    assert.equal(snapshot(list).Type, NonPagedPool | flags);
    ExAllocateFromNPagedLookasideList(list);
    assert.equal(allocate.calls[0]?.[0], NonPagedPool | flags);
  }
});
