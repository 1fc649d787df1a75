/**
 * Bug checks of the pool and of drivers: each has the parameters that its documentation gives, and says them
 * in words.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DISPATCH_LEVEL,
  ExAllocateFromNPagedLookasideList,
  ExAllocatePoolWithQuotaTag,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExFreePoolWithTag,
  ExFreeToNPagedLookasideList,
  KeLowerIrql,
  KeRaiseIrql,
  NonPagedPool,
  NonPagedPoolMustSucceed,
  NonPagedPoolNx,
  NonPagedPoolNxCacheAligned,
  PagedPool,
  PagedPoolCacheAligned,
  tag,
} from "lookaside/wdk";
import { bugCheckOf, freshMachine, nonpagedList } from "../../conformance/bench.js";

const TAG = tag("Para");

/** Runs a call at a level. */
function at(level: number, call: () => unknown): () => unknown {
  return () => {
    KeRaiseIrql(level);
    try {
      return call();
    } finally {
      KeLowerIrql(0);
    }
  };
}

/** What is done, what stops the machine, and words that say its parameters. */
type Case = readonly [call: () => unknown, code: number, parameters: number[], words: RegExp];

/** In either mode. */
const EVERY_MODE: Record<string, Case> = {
  "paged pool above APC_LEVEL": [
    at(DISPATCH_LEVEL, () => ExAllocatePoolWithTag(PagedPoolCacheAligned, 100, TAG)),
    0xc4,
    [0x01, 2, PagedPoolCacheAligned, 100],
    /100 bytes of paged pool \(type 5\) at IRQL 2/,
  ],
  "nonpaged pool above DISPATCH_LEVEL": [
    at(5, () => ExAllocatePoolWithQuotaTag(NonPagedPoolNx, 64, TAG)),
    0xc4,
    [0x02, 5, NonPagedPoolNx, 64],
    /64 bytes of nonpaged pool \(type 512\) at IRQL 5/,
  ],
  "a must-succeed allocation that fails": [
    () => ExAllocatePoolWithTag(NonPagedPoolMustSucceed, 2 ** 24, TAG),
    0x41,
    [2 ** 24, 16, 0, 240],
    /16777216 bytes that must succeed under "Para": the pool has 16 pages in use and 240 more/,
  ],
};

/** In checked mode. */
const CHECKED_MODE: Record<string, Case> = {
  "zero bytes": [
    at(1, () => ExAllocatePoolWithTag(NonPagedPoolNx, 0, TAG)),
    0xc4,
    [0x00, 1, NonPagedPoolNx, 0],
    /0 bytes of pool type 512, at IRQL 1/,
  ],
  "tag 0": [
    () => ExAllocatePoolWithTag(PagedPool, 40, 0),
    0xc2,
    [0x9b, PagedPool, 40, 0],
    /40 bytes of pool type 1 under tag 0/,
  ],
  'the tag "BIG"': [
    () => ExAllocatePoolWithTag(NonPagedPoolNxCacheAligned, 40, tag("BIG")),
    0xc2,
    [0x9c, NonPagedPoolNxCacheAligned, 40, 0],
    /40 bytes of pool type 516 under the tag "BIG"/,
  ],
  "a tag without letter or digit": [
    () => ExAllocatePoolWithTag(PagedPool, 40, tag("-- !")),
    0xc2,
    [0x9d, tag("-- !"), PagedPool, 0],
    /40 bytes of pool type 1 under tag 0x21202d2d/,
  ],
};

for (const [what, [call, code, parameters, words]] of Object.entries(EVERY_MODE)) {
  for (const checked of [false, true]) {
    test(`${what}${checked ? ", in checked mode" : ""}: the documented parameters`, (t) => {
      freshMachine(t, { checked });
      ExAllocatePoolWithTag(NonPagedPool, 16, TAG); // one chunk is in use
      const found = bugCheckOf(call);
      assert.deepEqual([found.code, [...found.parameters]], [code, parameters]);
      assert.match(found.message, words);
    });
  }
}

for (const [what, [call, code, parameters, words]] of Object.entries(CHECKED_MODE)) {
  test(`${what}: the documented parameters in checked mode`, (t) => {
    freshMachine(t, { checked: true });
    const found = bugCheckOf(call);
    assert.deepEqual([found.code, [...found.parameters]], [code, parameters]);
    assert.match(found.message, words);
  });
}

test("frees: the documented parameters", (t) => {
  freshMachine(t);
  const block = ExAllocatePoolWithTag(PagedPool, 40, TAG);
  const tooHigh = bugCheckOf(at(DISPATCH_LEVEL, () => ExFreePool(block)));
  assert.deepEqual([...tooHigh.parameters], [0x11, 2, 1, block]);
  assert.match(tooHigh.message, new RegExp(`paged pool at 0x${block.toString(16)} at IRQL 2`));
  const wrongTag = bugCheckOf(() => ExFreePoolWithTag(block, tag("Othr")));
  assert.deepEqual([...wrongTag.parameters], [0x0a, block, TAG, tag("Othr")]);
  ExFreePool(block);
  const twice = bugCheckOf(() => ExFreePool(block));
  assert.deepEqual([...twice.parameters], [0x07, 0, 0, block]);
  const none = bugCheckOf(() => ExFreePool(block + 8));
  assert.deepEqual([...none.parameters], [0x99, block + 8, 0, 0]);
});

test("frees in checked mode: the documented parameters, with the block for its header", (t) => {
  freshMachine(t, { checked: true });
  const list = nonpagedList();
  const parked = ExAllocateFromNPagedLookasideList(list);
  ExFreeToNPagedLookasideList(list, parked);
  const freed = ExAllocatePoolWithTag(NonPagedPool, 40, TAG);
  ExFreePool(freed);
  for (const [address, rule] of [
    [freed, 0x13],
    [parked, 0x14],
    [list + 16, 0x16],
  ] as const) {
    const { code, parameters } = bugCheckOf(() => ExFreePool(address));
    assert.deepEqual([code, ...parameters], [0xc4, rule, 0, address, 0]);
  }
});
