/**
 * ExAllocateFromLookasideListEx and the simulated interrupt request level. Nothing here pre-empts
 * anything: what is shown is that the model refuses a call at a level where it may not be made.
 */
import assert from "node:assert/strict";
import {
  APC_LEVEL,
  BUG_CHECK,
  DISPATCH_LEVEL,
  ExAllocateFromLookasideListEx,
  ExFreeToLookasideListEx,
  HIGH_LEVEL,
  KeGetCurrentIrql,
  NonPagedPool,
  PASSIVE_LEVEL,
  PagedPool,
  queryPoolBlock,
} from "lookaside/wdk";
import { atIrql, bugCheckOf, chainOf, exList, freshMachine, snapshot, times } from "./bench.js";
import { clause } from "./clause.js";

/** Driver Verifier's rule id for paged routines above APC_LEVEL (semantics section 8). */
const RULE_IRQL_APC = 0x2_0006;

/** A list with one parked entry, so that its next allocate is a hit and the one after it a miss. */
function listWithOne(poolType: number): { list: number; entry: number } {
  const list = exList({ poolType });
  const entry = ExAllocateFromLookasideListEx(list);
  ExFreeToLookasideListEx(list, entry);
  return { list, entry };
}

clause("AEX-17", "hits and misses of nonpaged lists succeed up to DISPATCH_LEVEL", (t) => {
  freshMachine(t);
  for (const level of [PASSIVE_LEVEL, APC_LEVEL, DISPATCH_LEVEL]) {
    const { list, entry } = listWithOne(NonPagedPool);
    atIrql(level, () => {
      assert.equal(KeGetCurrentIrql(), level);
      assert.equal(ExAllocateFromLookasideListEx(list), entry);
      assert.notEqual(ExAllocateFromLookasideListEx(list), 0);
    });
    assert.equal(snapshot(list).AllocateMisses, 2);
  }
});

clause("AEX-17", "at every level above DISPATCH_LEVEL the call is a violation", (t) => {
  freshMachine(t);
  refusesAboveDispatch();
});

clause("AEX-17", "in checked mode too, every level above DISPATCH_LEVEL is a violation", (t) => {
  freshMachine(t, { checked: true });
  refusesAboveDispatch();
});

function refusesAboveDispatch(): void {
  const { list, entry } = listWithOne(NonPagedPool);
  const before = snapshot(list).bytes;
  for (let level = DISPATCH_LEVEL + 1; level <= HIGH_LEVEL; level++) {
    const call = (): number => ExAllocateFromLookasideListEx(list);
    const { code, parameters } = atIrql(level, () => bugCheckOf(call));
    assert.equal(code, BUG_CHECK.IRQL_NOT_LESS_OR_EQUAL);
    assert.deepEqual(parameters.slice(0, 2), [list, level]);
  }
  assert.deepEqual(snapshot(list).bytes, before, "a refused call changes nothing");
  assert.deepEqual(chainOf(list), [entry]);
}

clause("AEX-18", "entries live in the pool that the list was initialized for", (t) => {
  freshMachine(t);
  const kinds = [NonPagedPool, PagedPool].map((poolType) => {
    const list = exList({ poolType });
    return times(3, () => queryPoolBlock(ExAllocateFromLookasideListEx(list))?.kind);
  });
  assert.deepEqual(kinds, [
    [0, 0, 0],
    [1, 1, 1],
  ]);
});

clause("AEX-18", "a list of paged entries serves hits and misses up to APC_LEVEL", (t) => {
  freshMachine(t);
  for (const level of [PASSIVE_LEVEL, APC_LEVEL]) {
    const { list, entry } = listWithOne(PagedPool);
    atIrql(level, () => {
      assert.equal(ExAllocateFromLookasideListEx(list), entry);
      assert.equal(queryPoolBlock(ExAllocateFromLookasideListEx(list))?.kind, 1);
    });
  }
});

clause("AEX-18", "from DISPATCH_LEVEL on, a list of paged entries refuses hits and misses", (t) => {
  freshMachine(t);
  const { list: hit } = listWithOne(PagedPool);
  const miss = exList({ poolType: PagedPool });
  for (const list of [hit, miss]) {
    const before = snapshot(list).bytes;
    const call = (): number => ExAllocateFromLookasideListEx(list);
    const { code, parameters } = atIrql(DISPATCH_LEVEL, () => bugCheckOf(call));
    assert.equal(code, BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION);
    assert.deepEqual(parameters.slice(0, 2), [RULE_IRQL_APC, DISPATCH_LEVEL]);
    for (let level = DISPATCH_LEVEL + 1; level <= HIGH_LEVEL; level++) {
      atIrql(level, () => bugCheckOf(call));
    }
    assert.deepEqual(snapshot(list).bytes, before, "a refused call changes nothing");
  }
});
