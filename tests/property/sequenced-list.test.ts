/**
 * Sequenced lists under their documented names against a plain array, on any sequence of calls (fast-check).
 *
 * - push gives the entry that was first, pop and flush the first, first shows it, the count is exact;
 * - both spellings of a routine are one routine;
 * - the count that callers see has 16 bits.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  ExAllocatePoolWithTag,
  ExInterlockedFlushSList,
  ExInterlockedPopEntrySList,
  ExInterlockedPushEntrySList,
  ExQueryDepthSList,
  FirstEntrySList,
  InitializeSListHead,
  InterlockedFlushSList,
  InterlockedPopEntrySList,
  InterlockedPushEntrySList,
  NonPagedPool,
  QueryDepthSList,
  RtlFirstEntrySList,
  tag,
} from "lookaside/wdk";
import { freshMachine, wordAt } from "../conformance/bench.js";
import { seeded } from "../support/seed.js";

const { seed } = seeded(import.meta.url);
const RUNS = process.env["LOOKASIDE_LONG"] === "1" ? 20_000 : 300;

const call = fc.record({
  do: fc.oneof(
    { weight: 8, arbitrary: fc.constant("push" as const) },
    { weight: 6, arbitrary: fc.constant("pop" as const) },
    { weight: 1, arbitrary: fc.constant("flush" as const) },
    { weight: 1, arbitrary: fc.constant("initialize" as const) },
  ),
  list: fc.nat(1),
  isOther: fc.boolean(),
});

test("two lists do what two arrays do, whichever name a routine is called by", (t) => {
  freshMachine(t);
  const area = ExAllocatePoolWithTag(NonPagedPool, 4_096, tag("SLst"));
  const heads = [area, area + 16];
  const property = fc.property(fc.array(call, { maxLength: 200, size: "max" }), (calls) => {
    const arrays: number[][] = [[], []];
    const spare = Array.from({ length: 200 }, (_, index) => area + 64 + index * 16);
    for (const head of heads) InitializeSListHead(head);
    for (const { do: what, list, isOther } of calls) {
      const head = heads[list] as number;
      const array = arrays[list] as number[];
      if (what === "push") {
        const entry = spare.pop() as number;
        const push = isOther ? InterlockedPushEntrySList : ExInterlockedPushEntrySList;
        assert.equal(push(head, entry), array.at(-1) ?? 0);
        array.push(entry);
      } else if (what === "pop") {
        const pop = isOther ? InterlockedPopEntrySList : ExInterlockedPopEntrySList;
        const entry = array.pop();
        assert.equal(pop(head), entry ?? 0);
        if (entry !== undefined) spare.push(entry);
      } else if (what === "flush") {
        const flush = isOther ? InterlockedFlushSList : ExInterlockedFlushSList;
        const chain: number[] = [];
        for (let entry = flush(head); entry !== 0; entry = wordAt(entry)) chain.push(entry);
        assert.deepEqual(chain, array.toReversed());
        spare.push(...array.splice(0));
      } else {
        InitializeSListHead(head);
        spare.push(...array.splice(0));
      }
      assert.equal((isOther ? FirstEntrySList : RtlFirstEntrySList)(head), array.at(-1) ?? 0);
      assert.equal((isOther ? ExQueryDepthSList : QueryDepthSList)(head), array.length);
    }
  });
  fc.assert(property, { seed: seed | 0, numRuns: RUNS });
});

test("the count comes round at 65,536, and no entry is lost by it", (t) => {
  freshMachine(t, { nonPagedPoolBytes: "4 MiB" });
  const count = 65_538;
  const area = ExAllocatePoolWithTag(NonPagedPool, 16 * (count + 1), tag("SLst"));
  InitializeSListHead(area);
  for (let entry = 1; entry <= count; entry++) ExInterlockedPushEntrySList(area, area + entry * 16);
  assert.equal(ExQueryDepthSList(area), 2);
  for (let entry = count; entry > 0; entry--) {
    assert.equal(ExInterlockedPopEntrySList(area), area + entry * 16);
  }
  assert.equal(ExInterlockedPopEntrySList(area), 0);
});
