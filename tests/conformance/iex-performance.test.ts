/**
 * What the pages say of performance. Nothing is asserted about time: the ratios are reported, and the
 * counters show that what was measured is what is meant.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import {
  ExAllocateFromLookasideListEx,
  ExAllocateFromNPagedLookasideList,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExFreeToLookasideListEx,
  ExFreeToNPagedLookasideList,
  NonPagedPool,
  setLookasideDepth,
  tag,
} from "lookaside/wdk";
import { charged, exList, freshMachine, nonpagedList, snapshot } from "./bench.js";
import { clause } from "./clause.js";

const PAIRS = 20_000;
const ROUNDS = 5;

/** A routine that forwards to the pool, and counts. */
function forwarding() {
  const calls = { allocates: 0, frees: 0 };
  const allocate = (type: number, bytes: number, Tag: number): number => {
    calls.allocates++;
    return ExAllocatePoolWithTag(type, bytes, Tag);
  };
  const free = (buffer: number): void => {
    calls.frees++;
    ExFreePool(buffer);
  };
  return { calls, allocate, free };
}

/** Runs both in turns, and reports how the best round of the second compares to that of the first. */
function report(t: TestContext, what: string, first: () => void, second: () => void): void {
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < ROUNDS; round++) {
    [first, second].forEach((run, index) => {
      const before = performance.now();
      run();
      best[index] = Math.min(best[index] as number, performance.now() - before);
    });
  }
  const [one, other] = best.map((ms) => (ms * 1e6) / PAIRS) as [number, number];
  t.diagnostic(
    `${what}: ${(other / one).toFixed(2)} (${one.toFixed(1)} ns to ${other.toFixed(1)} ns)`,
  );
}

clause("IEX-40", "the facility is there for performance: a list against the bare pool", (t) => {
  freshMachine(t);
  const [listed, bare] = [tag("List"), tag("Bare")];
  const list = exList({ tag: listed });
  const byList = (): void => {
    for (let pair = 0; pair < PAIRS; pair++) {
      ExFreeToLookasideListEx(list, ExAllocateFromLookasideListEx(list));
    }
  };
  const byPool = (): void => {
    for (let pair = 0; pair < PAIRS; pair++)
      ExFreePool(ExAllocatePoolWithTag(NonPagedPool, 64, bare));
  };
  report(t, "pool to list, one pair", byList, byPool);
  const pairs = PAIRS * ROUNDS;
  const { TotalAllocates, AllocateMisses, TotalFrees, FreeMisses } = snapshot(list);
  assert.deepEqual([TotalAllocates, AllocateMisses, TotalFrees, FreeMisses], [pairs, 1, pairs, 0]);
  assert.deepEqual([charged(listed).allocs, charged(listed).frees], [1, 0]);
  assert.deepEqual([charged(bare).allocs, charged(bare).frees], [pairs, pairs]);
});

clause("IEX-52", "NULL serves better than routines that only forward: unified lists", (t) => {
  freshMachine(t);
  const { calls, allocate, free } = forwarding();
  const tags = [tag("Null"), tag("Forw")] as const;
  const [plain, custom] = [exList({ tag: tags[0] }), exList({ tag: tags[1], allocate, free })];
  for (const list of [plain, custom]) setLookasideDepth(list, 0); // every call is a miss
  const pairsOn = (list: number) => (): void => {
    for (let pair = 0; pair < PAIRS; pair++) {
      ExFreeToLookasideListEx(list, ExAllocateFromLookasideListEx(list));
    }
  };
  report(t, "forwarding to NULL, one pair of misses", pairsOn(plain), pairsOn(custom));
  const pairs = PAIRS * ROUNDS;
  assert.deepEqual(calls, { allocates: pairs, frees: pairs });
  for (const list of [plain, custom]) {
    const { TotalAllocates, AllocateMisses, TotalFrees, FreeMisses } = snapshot(list);
    assert.deepEqual(
      [TotalAllocates, AllocateMisses, TotalFrees, FreeMisses],
      Array(4).fill(pairs),
    );
  }
  for (const entryTag of tags) {
    assert.deepEqual([charged(entryTag).allocs, charged(entryTag).frees], [pairs, pairs]);
  }
});

clause("INP-58", "NULL serves better than functions that only forward: nonpaged lists", (t) => {
  freshMachine(t);
  const { calls, allocate, free } = forwarding();
  const tags = [tag("Null"), tag("Forw")] as const;
  const plain = nonpagedList({ tag: tags[0] });
  const custom = nonpagedList({ tag: tags[1], allocate, free });
  for (const list of [plain, custom]) setLookasideDepth(list, 0); // every call is a miss
  const pairsOn = (list: number) => (): void => {
    for (let pair = 0; pair < PAIRS; pair++) {
      ExFreeToNPagedLookasideList(list, ExAllocateFromNPagedLookasideList(list));
    }
  };
  report(t, "forwarding to NULL, one pair of misses", pairsOn(plain), pairsOn(custom));
  const pairs = PAIRS * ROUNDS;
  assert.deepEqual(calls, { allocates: pairs, frees: pairs });
  for (const list of [plain, custom]) {
    const { TotalAllocates, AllocateMisses, TotalFrees, FreeMisses } = snapshot(list);
    assert.deepEqual(
      [TotalAllocates, AllocateMisses, TotalFrees, FreeMisses],
      Array(4).fill(pairs),
    );
  }
  for (const entryTag of tags) {
    assert.deepEqual([charged(entryTag).allocs, charged(entryTag).frees], [pairs, pairs]);
  }
});
