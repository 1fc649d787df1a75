/**
 * ExFreeToNPagedLookasideList and what checked mode reports: lists and entries that are none, and the
 * simulated IRQL. In unchecked mode the page promises nothing for these.
 */
import assert from "node:assert/strict";
import {
  BUG_CHECK,
  DISPATCH_LEVEL,
  ExAllocateFromLookasideListEx,
  ExAllocateFromNPagedLookasideList,
  ExAllocateFromPagedLookasideList,
  ExAllocatePoolWithTag,
  ExDeleteNPagedLookasideList,
  ExFreePool,
  ExFreeToNPagedLookasideList,
  HIGH_LEVEL,
  NonPagedPool,
  VERIFIER_RULE,
} from "lookaside/wdk";
import {
  atIrql,
  bugCheckOf,
  chainOf,
  charged,
  countOf,
  descriptor,
  ENTRY_TAG,
  exList,
  freshMachine,
  nonpagedList,
  pagedList,
  snapshot,
  spyFree,
  storage,
  times,
} from "./bench.js";
import { analogue, clause } from "./clause.js";

const { DRIVER_VERIFIER_DETECTED_VIOLATION, IRQL_NOT_LESS_OR_EQUAL } = BUG_CHECK;

/** The call must be refused, by this rule first, and must leave the list as it was. */
function refuses(list: number, entry: number, rule: number): void {
  const before = snapshot(list).bytes;
  const { code, parameters } = bugCheckOf(() => ExFreeToNPagedLookasideList(list, entry));
  assert.deepEqual([code, parameters[0]], [DRIVER_VERIFIER_DETECTED_VIOLATION, rule]);
  assert.equal(parameters[1], list);
  if (rule !== VERIFIER_RULE.LIST_NOT_INITIALIZED) assert.equal(parameters[2], entry);
  assert.deepEqual(snapshot(list).bytes, before, "a refused call changes nothing");
}

clause("FNP-04", "checked mode finds a list that the nonpaged routine did not prepare", (t) => {
  freshMachine(t, { checked: true });
  const deleted = nonpagedList();
  const entry = ExAllocateFromNPagedLookasideList(deleted);
  ExDeleteNPagedLookasideList(deleted);
  for (const list of [descriptor(0), descriptor(0xff), deleted, pagedList(), exList()]) {
    refuses(list, entry, VERIFIER_RULE.LIST_NOT_INITIALIZED);
  }
  assert.equal(charged().blocks, 1, "the entry was not released");
});

clause("FNP-05", "checked mode finds NULL and addresses where no entry can be", (t) => {
  freshMachine(t, { checked: true });
  const list = nonpagedList();
  const entry = ExAllocateFromNPagedLookasideList(list);
  for (const address of [0, 16, entry + 8, entry + 1, entry + 16, 0xffff_fff0]) {
    refuses(list, address, VERIFIER_RULE.ENTRY_NOT_OF_LIST);
  }
  ExFreeToNPagedLookasideList(list, entry);
  assert.deepEqual(chainOf(list), [entry]);
});

clause("FNP-05", "checked mode finds a block that no list gave out, and one that is free", (t) => {
  freshMachine(t, { checked: true });
  const list = nonpagedList();
  const foreign = ExAllocatePoolWithTag(NonPagedPool, 64, ENTRY_TAG);
  refuses(list, foreign, VERIFIER_RULE.ENTRY_NOT_OF_LIST);
  ExFreePool(foreign);
  refuses(list, foreign, VERIFIER_RULE.ENTRY_NOT_OF_LIST);
  refuses(list, storage(64), VERIFIER_RULE.ENTRY_NOT_OF_LIST);
});

clause("FNP-05", "checked mode finds an entry of another list, and says of which", (t) => {
  freshMachine(t, { checked: true });
  const list = nonpagedList();
  const [other, paged, ex] = [nonpagedList(), pagedList(), exList()];
  for (const [owner, entry] of [
    [other, ExAllocateFromNPagedLookasideList(other)],
    [paged, ExAllocateFromPagedLookasideList(paged)],
    [ex, ExAllocateFromLookasideListEx(ex)],
  ] as const) {
    refuses(list, entry, VERIFIER_RULE.ENTRY_NOT_OF_LIST);
    const { parameters } = bugCheckOf(() => ExFreeToNPagedLookasideList(list, entry));
    assert.equal(parameters[3], owner);
  }
});

clause(
  "FNP-05",
  "checked mode finds an entry that is parked already, first or further down",
  (t) => {
    freshMachine(t, { checked: true });
    const list = nonpagedList();
    const entries = times(3, () => ExAllocateFromNPagedLookasideList(list));
    for (const entry of entries) ExFreeToNPagedLookasideList(list, entry);
    for (const entry of entries) refuses(list, entry, VERIFIER_RULE.ENTRY_PARKED_TWICE);
    assert.deepEqual(chainOf(list), entries.toReversed());
    assert.deepEqual(
      times(3, () => ExAllocateFromNPagedLookasideList(list)),
      entries.toReversed(),
      "nothing is given out twice",
    );
  },
);

clause("FNP-05", "checked mode finds an entry that went to the pool and is freed again", (t) => {
  freshMachine(t, { checked: true });
  const list = nonpagedList();
  const entries = times(5, () => ExAllocateFromNPagedLookasideList(list));
  for (const entry of entries) ExFreeToNPagedLookasideList(list, entry);
  refuses(list, entries[4] as number, VERIFIER_RULE.ENTRY_NOT_OF_LIST);
});

clause("FNP-05", "checked mode finds misaligned and parked entries that are no blocks", (t) => {
  freshMachine(t, { checked: true });
  const block = storage(256);
  const places = [block + 16, block + 48];
  const list = nonpagedList({ size: 32, allocate: () => places.shift() ?? 0, free: () => {} });
  const [first, second] = times(2, () => ExAllocateFromNPagedLookasideList(list)) as [
    number,
    number,
  ];
  for (const address of [0, first + 4, first + 8]) {
    refuses(list, address, VERIFIER_RULE.ENTRY_NOT_OF_LIST);
  }
  ExFreeToNPagedLookasideList(list, first);
  ExFreeToNPagedLookasideList(list, second);
  refuses(list, first, VERIFIER_RULE.ENTRY_PARKED_TWICE);
  refuses(list, second, VERIFIER_RULE.ENTRY_PARKED_TWICE);
  assert.deepEqual(chainOf(list), [second, first]);
});

clause("FNP-05", "checked mode lets the entries of the list itself go in and out", (t) => {
  freshMachine(t, { checked: true });
  const free = spyFree();
  const list = nonpagedList({ free });
  for (let round = 0; round < 3; round++) {
    const entries = times(7, () => ExAllocateFromNPagedLookasideList(list));
    for (const entry of entries) ExFreeToNPagedLookasideList(list, entry);
    assert.deepEqual(chainOf(list), entries.slice(0, 4).toReversed());
  }
  assert.equal(free.calls.length, 9);
});

clause("FNP-22", "frees with and without room succeed up to DISPATCH_LEVEL", (t) => {
  freshMachine(t);
  for (let level = 0; level <= DISPATCH_LEVEL; level++) {
    const list = nonpagedList();
    const entries = times(6, () => ExAllocateFromNPagedLookasideList(list));
    atIrql(level, () => {
      for (const entry of entries) ExFreeToNPagedLookasideList(list, entry);
    });
    assert.equal(countOf(list), 4);
    assert.equal(snapshot(list).FreeMisses, 2);
  }
});

/** Refused at every level above DISPATCH_LEVEL, with room and without, and nothing changed. */
function refusesAboveDispatch(): void {
  const free = spyFree();
  for (const parked of [0, 4]) {
    const list = nonpagedList({ free });
    const [entry, ...others] = times(5, () => ExAllocateFromNPagedLookasideList(list));
    for (const other of others.slice(0, parked)) ExFreeToNPagedLookasideList(list, other);
    const before = snapshot(list).bytes;
    for (let level = DISPATCH_LEVEL + 1; level <= HIGH_LEVEL; level++) {
      const call = (): void => ExFreeToNPagedLookasideList(list, entry as number);
      const { code, parameters } = atIrql(level, () => bugCheckOf(call));
      assert.equal(code, IRQL_NOT_LESS_OR_EQUAL);
      assert.deepEqual(parameters.slice(0, 2), [list, level]);
    }
    assert.deepEqual(snapshot(list).bytes, before, "a refused call changes nothing");
  }
  assert.equal(free.calls.length, 0);
}

clause("FNP-22", "at every level above DISPATCH_LEVEL the call is a violation", (t) => {
  freshMachine(t);
  refusesAboveDispatch();
});

analogue("FNP-23", "the simulated IRQL check refuses the routine above DISPATCH_LEVEL", (t) => {
  freshMachine(t, { checked: true });
  refusesAboveDispatch();
});
