/**
 * Misuse of sequenced lists in checked mode: each is found by its own bug check, and nothing has changed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  activeLists,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExFreePoolWithTag,
  ExInterlockedFlushSList,
  ExInterlockedPopEntrySList,
  ExInterlockedPushEntrySList,
  FirstEntrySList,
  InitializeSListHead,
  NonPagedPool,
  PagedPool,
  parkedEntries,
  QueryDepthSList,
  tag,
  VERIFIER_RULE,
} from "lookaside/wdk";
import { bugCheckOf, bytesAt, freshMachine } from "../conformance/bench.js";
import { LIST_FAMILIES } from "../unit/wdk/list-families.js";

const TAG = tag("Sequ");

function block(bytes = 256, type: number = NonPagedPool): number {
  return ExAllocatePoolWithTag(type, bytes, TAG);
}

/** A header with `count` entries in one block: they follow it, each 16 bytes. */
function sequenced(count = 0): number {
  const head = block();
  InitializeSListHead(head);
  for (let entry = 1; entry <= count; entry++) ExInterlockedPushEntrySList(head, head + entry * 16);
  return head;
}

/** Demands that a call is reported by a rule, and that it changes none of some bytes. */
function refuses(call: () => unknown, rule: number, head: number, at: number, bytes = 0): void {
  const before = bytesAt(bytes === 0 ? head : bytes, 0x60).slice();
  const { code, parameters } = bugCheckOf(call);
  assert.deepEqual([code, ...parameters], [0xc4, rule, head, at, 0]);
  assert.deepEqual(bytesAt(bytes === 0 ? head : bytes, 0x60).slice(), before);
}

const { ENTRY_PARKED_TWICE, SLIST_MISPLACED } = VERIFIER_RULE;

/** What changes a sequenced list, by a header; a block is made for it now, before any other is freed. */
function changes(): ((head: number) => unknown)[] {
  const spare = block();
  const push = (head: number): number => ExInterlockedPushEntrySList(head, spare);
  return [InitializeSListHead, push, ExInterlockedPopEntrySList, ExInterlockedFlushSList];
}

for (const family of LIST_FAMILIES) {
  test(`no part of an active descriptor is a header or an entry: ${family.name}`, (t) => {
    freshMachine(t, { checked: true });
    const list = family.make();
    family.free(list, family.allocate(list));
    const parked = parkedEntries(list);
    for (const at of [list, list + 16, list + 0x50]) {
      for (const change of changes()) refuses(() => change(at), SLIST_MISPLACED, at, at, list);
    }
    const head = sequenced();
    const push = (): number => ExInterlockedPushEntrySList(head, list + 0x40);
    refuses(push, SLIST_MISPLACED, head, list + 0x40, list);
    assert.deepEqual(activeLists(), [list]);
    assert.deepEqual(parkedEntries(list), parked);
    assert.deepEqual([QueryDepthSList(list), FirstEntrySList(list)], [1, parked[0]]); // only looks
    family.remove(list);
    InitializeSListHead(list); // now it is ordinary memory
  });

  test(`an entry that is parked in a lookaside list is not pushed: ${family.name}`, (t) => {
    freshMachine(t, { checked: true });
    const list = family.make();
    const entry = family.allocate(list);
    family.free(list, entry);
    const head = sequenced();
    const push = (): number => ExInterlockedPushEntrySList(head, entry);
    refuses(push, SLIST_MISPLACED, head, entry, entry);
    assert.equal(family.allocate(list), entry);
    ExInterlockedPushEntrySList(head, entry);
  });
}

test("headers and entries lie in held blocks, whole", (t) => {
  freshMachine(t, { checked: true });
  const head = sequenced();
  const uses = [...changes(), QueryDepthSList, FirstEntrySList];
  const freed = block();
  ExFreePool(freed);
  const small = block(40); // its last 8 bytes are no header
  for (const at of [freed, small + 32]) {
    for (const use of uses) refuses(() => use(at), SLIST_MISPLACED, at, at);
  }
  refuses(() => ExInterlockedPushEntrySList(head, freed), SLIST_MISPLACED, head, freed);
  assert.equal(ExInterlockedPushEntrySList(head, small + 32), 0);
  assert.equal(ExInterlockedPushEntrySList(head, block(16, PagedPool)), small + 32);
});

test("an entry that is freed while it is pushed is found by the next change", (t) => {
  freshMachine(t, { checked: true });
  const head = sequenced();
  const entry = block();
  const [, ...others] = changes();
  ExInterlockedPushEntrySList(head, entry);
  ExFreePoolWithTag(entry, TAG);
  for (const change of others) refuses(() => change(head), SLIST_MISPLACED, head, entry);
  InitializeSListHead(head);
  assert.equal(ExInterlockedPopEntrySList(head), 0);
});

test("an entry is pushed once, wherever it is on its list, and is not the header", (t) => {
  freshMachine(t, { checked: true });
  const head = sequenced(3);
  for (const entry of [head + 16, head + 32, head + 48]) {
    const push = (): number => ExInterlockedPushEntrySList(head, entry);
    refuses(push, ENTRY_PARKED_TWICE, head, entry);
  }
  refuses(() => ExInterlockedPushEntrySList(head, head), SLIST_MISPLACED, head, head);
  assert.equal(QueryDepthSList(head), 3);
  for (const entry of [48, 32, 16]) assert.equal(ExInterlockedPopEntrySList(head), head + entry);
  assert.equal(ExInterlockedPushEntrySList(head, head + 16), 0);
});
