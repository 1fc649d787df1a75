/**
 * The tuner of documented lists, driven through the door with real calls: the worked values of the
 * published rule (semantics 10.3), its cadence, what it samples, and what it leaves alone.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  advanceClock,
  ExAdjustLookasideDepth,
  LookasideError,
  queryLookaside,
  resetLookasideCounters,
  setLookasideDepth,
} from "lookaside/wdk";
import {
  bytesAt,
  chainOf,
  charged,
  countOf,
  descriptor,
  exhaust,
  freshMachine,
  OFFSET,
  snapshot,
  times,
} from "../../conformance/bench.js";
import { LIST_FAMILIES, type ListFamily } from "./list-families.js";

/** Depth before, allocations and misses since the last adjustment, Depth after; MaximumDepth is 256. */
const WORKED_VALUES = [
  [4, 0, 0, 4],
  [30, 24, 24, 20],
  [12, 10, 10, 4],
  [30, 1_000, 4, 29],
  [30, 1_000, 5, 35],
  [4, 25, 25, 135],
  [135, 1_000, 500, 170],
  [254, 100, 100, 256],
  [4, 1_000, 3, 4],
] as const;

/** Makes exactly `allocates` calls of allocate on an empty list, `misses` of which miss. */
function demand(family: ListFamily, list: number, allocates: number, misses: number): void {
  const held = times(misses, () => family.allocate(list));
  for (let hit = misses; hit < allocates; hit++) {
    family.free(list, held[0] as number); // with a hit after each free, one entry goes to and fro
    assert.equal(family.allocate(list), held[0]);
  }
}

for (const family of LIST_FAMILIES) {
  test(`the worked values of the rule come out of real calls: ${family.name}`, (t) => {
    freshMachine(t);
    for (const [before, allocates, misses, after] of WORKED_VALUES) {
      const list = family.make({ size: 16 });
      setLookasideDepth(list, 4);
      demand(family, list, allocates, misses);
      setLookasideDepth(list, before);
      const counters = snapshot(list);
      assert.deepEqual(
        [counters.TotalAllocates, counters.AllocateMisses, counters.MaximumDepth],
        [allocates, misses, 256],
      );
      ExAdjustLookasideDepth();
      const { Depth, MaximumDepth, LastTotalAllocates, LastAllocateMisses } = snapshot(list);
      assert.equal(Depth, after, `Depth ${before}, ${misses} misses of ${allocates}`);
      assert.equal(MaximumDepth, 256);
      assert.deepEqual([LastTotalAllocates, LastAllocateMisses], [allocates, misses]);
      family.remove(list);
    }
  });

  test(`each adjustment looks at what came since the last one: ${family.name}`, (t) => {
    freshMachine(t);
    const list = family.make({ size: 16 });
    demand(family, list, 25, 25);
    ExAdjustLookasideDepth();
    assert.equal(snapshot(list).Depth, 135);
    demand(family, list, 1_000, 500);
    ExAdjustLookasideDepth();
    assert.equal(snapshot(list).Depth, 170, "1,000 and 500, not 1,025 and 525");
    assert.equal(snapshot(list).LastTotalAllocates, 1_025);
    assert.equal(snapshot(list).LastAllocateMisses, 525);
    const falling = times(18, () => {
      ExAdjustLookasideDepth();
      return snapshot(list).Depth;
    });
    assert.deepEqual(falling, [
      ...[160, 150, 140, 130, 120, 110, 100, 90, 80, 70, 60, 50, 40, 30, 20, 10],
      ...[4, 4],
    ]);
  });
}

const [nonpaged, paged] = LIST_FAMILIES as [ListFamily, ListFamily];

test("what it samples counts modulo 2^32", (t) => {
  freshMachine(t);
  const list = nonpaged.make({ size: 16 });
  for (const [field, value] of [
    [OFFSET.TotalAllocates, 0xffff_fff0],
    [OFFSET.AllocateMisses, 0xffff_fff0],
    [OFFSET.LastTotalAllocates, 0xffff_fff0],
    [OFFSET.LastAllocateMisses, 0xffff_fff0],
  ] as const) {
    const bytes = bytesAt(list + field, 4);
    new DataView(bytes.buffer).setUint32(bytes.byteOffset, value, true);
  }
  demand(nonpaged, list, 25, 25);
  assert.equal(snapshot(list).TotalAllocates, 9, "the counters came round");
  ExAdjustLookasideDepth();
  assert.equal(snapshot(list).Depth, 135);
});

test("every list is adjusted, each by its own demand", (t) => {
  freshMachine(t);
  const busy = LIST_FAMILIES.map((family) => family.make({ size: 16 }));
  const idle = LIST_FAMILIES.map((family) => family.make({ size: 16 }));
  LIST_FAMILIES.forEach((family, index) => {
    demand(family, busy[index] as number, 25, 25);
    setLookasideDepth(idle[index] as number, 30);
  });
  ExAdjustLookasideDepth();
  assert.deepEqual(
    busy.map((list) => snapshot(list).Depth),
    [135, 135, 135, 135],
  );
  assert.deepEqual(
    idle.map((list) => snapshot(list).Depth),
    [20, 20, 20, 20],
  );
});

test("an adjustment changes Depth and the two samples, and no other byte of a descriptor", (t) => {
  freshMachine(t);
  const list = nonpaged.make({ size: 16 });
  demand(nonpaged, list, 60, 30);
  const before = snapshot(list).bytes;
  ExAdjustLookasideDepth();
  const after = snapshot(list).bytes;
  const changed = [...after.keys()].filter((at) => after[at] !== before[at]);
  const allowed = [OFFSET.Depth, OFFSET.LastTotalAllocates, OFFSET.LastAllocateMisses];
  assert.deepEqual(changed, allowed);
});

test("a lower Depth releases nothing by itself: the next free compares with it", (t) => {
  freshMachine(t);
  const list = nonpaged.make();
  setLookasideDepth(list, 30);
  const entries = times(24, () => nonpaged.allocate(list));
  for (const entry of entries.slice(1)) nonpaged.free(list, entry);
  advanceClock(3);
  assert.deepEqual([snapshot(list).Depth, countOf(list), charged().blocks], [4, 23, 24]);
  nonpaged.free(list, entries[0] as number);
  assert.deepEqual([countOf(list), charged().blocks], [23, 23]);
  assert.deepEqual(chainOf(list), entries.slice(1).toReversed());
});

test("a second of the clock is one visit, and by default each visit adjusts", (t) => {
  freshMachine(t);
  const list = nonpaged.make();
  setLookasideDepth(list, 200);
  advanceClock(0);
  assert.equal(snapshot(list).Depth, 200);
  advanceClock(1);
  assert.equal(snapshot(list).Depth, 190);
  advanceClock(5);
  assert.equal(snapshot(list).Depth, 140);
});

test("visits without an adjustment leave the sample to grow: the cadence is an option", (t) => {
  freshMachine(t, { depth: { periodMs: 0, scansPerAdjustment: 3 } });
  const list = nonpaged.make({ size: 16 });
  for (const demanded of [10, 10, 5]) {
    assert.equal(snapshot(list).Depth, 4);
    demand(nonpaged, list, demanded, demanded);
    advanceClock(1);
  }
  assert.equal(snapshot(list).Depth, 135, "25 misses of 25 over three visits");
});

test("the constants of the rule are options", (t) => {
  const depth = {
    periodMs: 0,
    allocationThreshold: 10,
    lowUseStep: 3,
    lowMissPerMille: 500,
    growthStep: 7,
    minimumDepth: 2,
  };
  freshMachine(t, { depth });
  const depthAfter = (before: number, allocates: number, misses: number): number => {
    const list = nonpaged.make({ size: 16 });
    demand(nonpaged, list, allocates, misses);
    setLookasideDepth(list, before);
    ExAdjustLookasideDepth();
    return snapshot(list).Depth;
  };
  assert.equal(depthAfter(30, 9, 9), 27, "low use is below 10, and takes off 3");
  assert.equal(depthAfter(4, 0, 0), 2, "down to 2");
  assert.equal(depthAfter(30, 10, 4), 29, "400 per mille of misses are few");
  assert.equal(depthAfter(56, 10, 10), 56 + 100 + 7, "growth ends with 7");
});

test("while a pool is nearly exhausted no list of it grows, and each is halved to the least", (t) => {
  freshMachine(t);
  const list = nonpaged.make({ size: 16 });
  const other = paged.make({ size: 16 });
  demand(nonpaged, list, 25, 25);
  demand(paged, other, 25, 25);
  setLookasideDepth(list, 100);
  exhaust(nonpaged.poolType);
  const depths = times(5, () => {
    ExAdjustLookasideDepth();
    return snapshot(list).Depth;
  });
  assert.equal(depths[0], 50, "25 misses of 25 would have let it grow");
  assert.deepEqual(depths.slice(1), [25, 12, 4, 4], "halved, or less where use is low");
  assert.equal(snapshot(other).Depth, 95, "135, then low use: the paged pool has room");
});

test("Depth set by hand is at most MaximumDepth, and tuning goes on from there", (t) => {
  freshMachine(t);
  const list = nonpaged.make();
  setLookasideDepth(list, 7);
  assert.deepEqual([snapshot(list).Depth, snapshot(list).MaximumDepth], [7, 256]);
  setLookasideDepth(list, 1_000);
  assert.deepEqual([snapshot(list).Depth, snapshot(list).MaximumDepth], [256, 256]);
  advanceClock(1);
  assert.equal(snapshot(list).Depth, 246);
  setLookasideDepth(list, 0);
  nonpaged.free(list, nonpaged.allocate(list));
  assert.equal(countOf(list), 0, "a limit of 0 parks nothing");
});

test("a reset of the counters starts the sample at zero too", (t) => {
  freshMachine(t);
  const list = nonpaged.make({ size: 16 });
  demand(nonpaged, list, 40, 40);
  ExAdjustLookasideDepth();
  resetLookasideCounters(list);
  const { LastTotalAllocates, LastAllocateMisses } = queryLookaside(list);
  assert.deepEqual([LastTotalAllocates, LastAllocateMisses], [0, 0]);
  setLookasideDepth(list, 4);
  demand(nonpaged, list, 25, 25);
  ExAdjustLookasideDepth();
  assert.equal(snapshot(list).Depth, 135);
});

test("what is no list, no depth and no number of seconds is refused", (t) => {
  freshMachine(t);
  const list = nonpaged.make();
  const deleted = nonpaged.make();
  nonpaged.remove(deleted);
  const before = [list, deleted].map((one) => snapshot(one).bytes);
  const wrongValues = ["4", 1.5, Number.NaN, null] as unknown as number[];
  for (const wrong of [0, 64, list + 8, descriptor(0), deleted, 0xffff_fff0, ...wrongValues]) {
    assert.throws(() => setLookasideDepth(wrong, 4), LookasideError);
    assert.throws(() => resetLookasideCounters(wrong), LookasideError);
  }
  for (const wrong of wrongValues) {
    assert.throws(() => setLookasideDepth(list, wrong), LookasideError);
    assert.throws(() => advanceClock(wrong), LookasideError);
  }
  assert.deepEqual(
    [list, deleted].map((one) => snapshot(one).bytes),
    before,
  );
});
