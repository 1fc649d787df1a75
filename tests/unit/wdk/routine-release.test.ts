/** Functions that lists are given without a name: a server may pass new ones for ever. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import {
  boot,
  ExAllocateFromLookasideListEx,
  ExAllocatePoolWithTag,
  ExDeleteLookasideListEx,
  ExFreePool,
  ExFreeToLookasideListEx,
  ExInitializeLookasideListEx,
  NonPagedPool,
  NULL,
  queryLookaside,
  SIZEOF_LOOKASIDE_LIST_EX,
  setLookasideDepth,
  shutdown,
  tag,
} from "lookaside/wdk";

const TAG = tag("Rout");

/** More lists than a system has names. */
const CYCLES = 1_200;

function descriptor(): number {
  return ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, TAG);
}

function initialize(list: number, allocate: unknown, free: unknown): void {
  ExInitializeLookasideListEx(list, allocate as 0, free as 0, NonPagedPool, 0, 64, TAG, 0);
}

function allocate(type: number, bytes: number, Tag: number): number {
  return ExAllocatePoolWithTag(type, bytes, Tag);
}

function free(buffer: number): void {
  ExFreePool(buffer);
}

test("a list that is made with new functions each time calls the ones it was made with", (t) => {
  boot({ depth: { periodMs: 0 } });
  t.after(shutdown);
  const list = descriptor();
  const block = ExAllocatePoolWithTag(NonPagedPool, 64, TAG);
  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    const calls: number[] = [];
    const give = (): number => {
      calls.push(cycle);
      return block;
    };
    const take = (entry: number): void => {
      calls.push(cycle, entry);
    };
    initialize(list, give, take);
    setLookasideDepth(list, 0);
    ExFreeToLookasideListEx(list, ExAllocateFromLookasideListEx(list));
    assert.deepEqual(calls, [cycle, cycle, block]);
    ExDeleteLookasideListEx(list);
  }
});

test("two functions of a thread that comes and goes are passed each time it comes", () => {
  const system = System.create({ depth: { periodMs: 0 } });
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    boot(system.ticket());
    const list = descriptor();
    initialize(list, allocate, free);
    const entry = ExAllocateFromLookasideListEx(list);
    assert.notEqual(entry, NULL);
    ExFreeToLookasideListEx(list, entry);
    ExDeleteLookasideListEx(list);
    ExFreePool(list);
    shutdown();
  }
  system.detach();
});

test("a list that is left behind keeps the name of its routine, and none but its own is called", () => {
  const system = System.create({ depth: { periodMs: 0 } });
  boot(system.ticket());
  const left = descriptor();
  const missing = function leaver(): number {
    return 0x40;
  };
  initialize(left, missing, NULL);
  shutdown();
  boot(system.ticket());
  const list = descriptor();
  for (let cycle = 1; cycle <= CYCLES; cycle++) {
    initialize(
      list,
      () => cycle * 16,
      () => {},
    );
    assert.equal(ExAllocateFromLookasideListEx(list), cycle * 16);
    ExDeleteLookasideListEx(list);
  }
  assert.throws(() => ExAllocateFromLookasideListEx(left), {
    code: "ERR_ROUTINE_MISSING",
    message: /"leaver \(unnamed 1 of thread 2\)"/,
  });
  shutdown();
  system.detach();
});

test("a handle that a query told is good for another list while one names the routine", (t) => {
  boot({ depth: { periodMs: 0 } });
  t.after(shutdown);
  const [first, second, third] = [descriptor(), descriptor(), descriptor()];
  initialize(first, () => 0x70, NULL);
  const handle = queryLookaside(first).Allocate;
  initialize(second, handle, NULL);
  ExDeleteLookasideListEx(first);
  const renew = (): void => {
    for (let cycle = 0; cycle < 64; cycle++) {
      initialize(third, () => cycle, NULL);
      ExDeleteLookasideListEx(third);
    }
  };
  renew();
  assert.equal(ExAllocateFromLookasideListEx(second), 0x70);
  ExDeleteLookasideListEx(second);
  renew();
  assert.throws(() => initialize(second, handle, NULL), { code: "ERR_ARGUMENT" });
});
