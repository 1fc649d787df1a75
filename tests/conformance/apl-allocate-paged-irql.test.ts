/**
 * ExAllocateFromPagedLookasideList and pageable memory. Nothing here pages, and nothing pre-empts:
 * what is shown is that the model keeps the pools apart and refuses what a real machine could not do.
 */
import assert from "node:assert/strict";
import {
  APC_LEVEL,
  BUG_CHECK,
  DISPATCH_LEVEL,
  ExAllocateFromNPagedLookasideList,
  ExAllocateFromPagedLookasideList,
  ExFreeToPagedLookasideList,
  HIGH_LEVEL,
  PASSIVE_LEVEL,
  queryPoolBlock,
  touch,
} from "lookaside/wdk";
import {
  atIrql,
  bugCheckOf,
  freshMachine,
  nonpagedList,
  pagedList,
  snapshot,
  spyAllocate,
  times,
} from "./bench.js";
import { clause } from "./clause.js";

/** Driver Verifier's rule id for paged routines above APC_LEVEL (semantics section 8). */
const RULE_IRQL_APC = 0x2_0006;

const LEVELS = times(HIGH_LEVEL + 1, (level) => level);

clause("APL-10", "every entry of a paged list lies in the paged region", (t) => {
  freshMachine(t);
  const list = pagedList({ size: 48 });
  const kinds = times(200, () => queryPoolBlock(ExAllocateFromPagedLookasideList(list))?.kind);
  assert.deepEqual(new Set(kinds), new Set([1]));
  assert.equal(queryPoolBlock(list)?.kind, 0, "the descriptor does not");
});

clause("APL-13", "a paged entry can be touched up to APC_LEVEL and faults above", (t) => {
  freshMachine(t);
  const list = pagedList();
  const entry = ExAllocateFromPagedLookasideList(list);
  for (const level of LEVELS) {
    if (level <= APC_LEVEL) {
      atIrql(level, () => touch(entry, 64).fill(level + 1));
      assert.ok(touch(entry, 64).every((byte) => byte === level + 1));
      continue;
    }
    for (const address of [entry, entry + 63]) {
      const { code, parameters } = atIrql(level, () => bugCheckOf(() => touch(address, 1)));
      assert.equal(code, BUG_CHECK.IRQL_NOT_LESS_OR_EQUAL);
      assert.deepEqual(parameters.slice(0, 2), [address, level]);
    }
  }
  assert.ok(
    touch(entry, 64).every((byte) => byte === APC_LEVEL + 1),
    "nothing was written above",
  );
});

clause("APL-14", "an entry of a nonpaged list can be touched at DISPATCH_LEVEL and above", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  for (const level of LEVELS) {
    const entry = ExAllocateFromNPagedLookasideList(list);
    atIrql(level, () => touch(entry, 64).fill(level));
    assert.ok(touch(entry, 64).every((byte) => byte === level));
  }
});

clause("APL-15", "hits and misses succeed at PASSIVE_LEVEL and APC_LEVEL", (t) => {
  freshMachine(t);
  for (const level of [PASSIVE_LEVEL, APC_LEVEL]) {
    const list = pagedList();
    const entry = atIrql(level, () => ExAllocateFromPagedLookasideList(list));
    ExFreeToPagedLookasideList(list, entry);
    assert.equal(
      atIrql(level, () => ExAllocateFromPagedLookasideList(list)),
      entry,
    );
    assert.equal(snapshot(list).AllocateMisses, 1);
  }
});

clause("APL-15", "from DISPATCH_LEVEL on the call is a violation, on a hit and on a miss", (t) => {
  freshMachine(t);
  refusesAboveApc();
});

clause("APL-15", "in checked mode too, DISPATCH_LEVEL and above is a violation", (t) => {
  freshMachine(t, { checked: true });
  refusesAboveApc();
});

function refusesAboveApc(): void {
  const hit = pagedList();
  ExFreeToPagedLookasideList(hit, ExAllocateFromPagedLookasideList(hit));
  const miss = pagedList();
  for (const list of [hit, miss]) {
    const before = snapshot(list).bytes;
    for (const level of LEVELS.slice(DISPATCH_LEVEL)) {
      const call = (): number => ExAllocateFromPagedLookasideList(list);
      const { code, parameters } = atIrql(level, () => bugCheckOf(call));
      assert.equal(code, BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION);
      assert.deepEqual(parameters.slice(0, 2), [RULE_IRQL_APC, level]);
    }
    assert.deepEqual(snapshot(list).bytes, before, "a refused call changes nothing");
  }
}

clause("APL-15", "a routine of the caller does not lift the limit: it is not even called", (t) => {
  freshMachine(t);
  const allocate = spyAllocate();
  const list = pagedList({ allocate });
  for (const level of LEVELS.slice(DISPATCH_LEVEL)) {
    atIrql(level, () => bugCheckOf(() => ExAllocateFromPagedLookasideList(list)));
  }
  assert.equal(allocate.calls.length, 0);
  atIrql(APC_LEVEL, () => ExAllocateFromPagedLookasideList(list));
  assert.equal(allocate.calls.length, 1);
});
