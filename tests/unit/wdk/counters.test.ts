/**
 * The counters of documented lists and the conservation laws between them (semantics section 9), on
 * random histories of one thread and of several.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ExFlushLookasideListEx,
  poolUsage,
  queryLookaside,
  resetLookasideCounters,
  routine,
  setLookasideDepth,
  simulateLowResources,
  tag,
  ticket,
} from "lookaside/wdk";
import {
  bytesAt,
  chainOf,
  countOf,
  exhaust,
  freshMachine,
  OFFSET,
  snapshot,
  spyAllocate,
  spyFree,
  times,
} from "../../conformance/bench.js";
import { ShadowList } from "../../conformance/shadow-list.js";
import { crew } from "../../support/crew.js";
import { type Random, seeded } from "../../support/seed.js";
import { CHURN_ALLOCATE, CHURN_FREE, type churn, type Tally } from "./counters.tasks.js";
import { LIST_FAMILIES, type ListFamily } from "./list-families.js";

const random = seeded(import.meta.url);
const TAG = tag("Laws");

/** The laws, from the four counters, what is parked, X (flushed) and N (failed), and the pool. */
function obeysTheLaws(list: number, flushed: number, failed: number, outstanding: number): void {
  const { TotalAllocates: a, AllocateMisses: am, ...rest } = queryLookaside(list);
  const { TotalFrees: f, FreeMisses: fm, CurrentDepth: n } = rest;
  assert.equal(n, f - fm - (a - am) - flushed, "parked = free hits - allocate hits - flushed");
  assert.equal(outstanding, a - f - failed, "outstanding = allocates - frees - failed");
  assert.equal(am - failed, fm + flushed + n + outstanding, "obtained = given back + there");
  const { NonPaged, Paged } = poolUsage(TAG);
  assert.equal(NonPaged.Allocs + Paged.Allocs, am - failed, "blocks obtained from the allocator");
  assert.equal(NonPaged.Frees + Paged.Frees, fm + flushed, "blocks given back");
}

/** One random call on a list and its shadow. */
function step(family: ListFamily, list: number, shadow: ShadowList, draw: Random): void {
  const choice = draw.int(100);
  if (choice < 2 && family.unified) {
    ExFlushLookasideListEx(list);
    shadow.drained();
  } else if (choice < 4) {
    shadow.depth = draw.int(20);
    setLookasideDepth(list, shadow.depth);
  } else if (shadow.held.size === 0 || (choice < 54 && shadow.held.size < 60)) {
    shadow.allocated(family.allocate(list));
  } else {
    const entry = draw.pick([...shadow.held]);
    shadow.freed(entry);
    family.free(list, entry);
  }
}

for (const family of LIST_FAMILIES) {
  test(`the laws hold after every call of a random history: ${family.name}`, (t) => {
    freshMachine(t);
    simulateLowResources({ perTenThousand: 2_000, seed: random.next(), tags: [TAG] });
    const list = family.make({ tag: TAG });
    const shadow = new ShadowList();
    for (let call = 0; call < 3_000; call++) {
      step(family, list, shadow, random);
      shadow.agreesWith(list);
      if (call % 20 === 0) obeysTheLaws(list, shadow.flushed, shadow.failed, shadow.held.size);
    }
    assert.ok(shadow.failed > 0, "some allocations failed");
    obeysTheLaws(list, shadow.flushed, shadow.failed, shadow.held.size);
    const before = poolUsage(TAG);
    const parked = countOf(list);
    family.remove(list);
    const after = poolUsage(TAG);
    const frees = (usage: typeof before): number => usage.NonPaged.Frees + usage.Paged.Frees;
    assert.equal(frees(after) - frees(before), parked, "and what delete drains is given back too");
  });

  test(`routines see each block obtained and given back: ${family.name}`, (t) => {
    freshMachine(t);
    const [allocate, free] = [spyAllocate(), spyFree()];
    const list = family.make({ tag: TAG, allocate, free });
    const shadow = new ShadowList();
    for (let call = 0; call < 1_000; call++) {
      step(family, list, shadow, random);
      const { AllocateMisses, FreeMisses } = snapshot(list);
      assert.equal(allocate.calls.length, AllocateMisses);
      assert.equal(free.calls.length, FreeMisses + shadow.flushed);
    }
  });

  test(`a failed allocation counts as one allocate and one miss: ${family.name}`, (t) => {
    freshMachine(t);
    const empty = family.make({ tag: TAG });
    const thrower = family.make({
      tag: TAG,
      allocate: () => {
        throw new RangeError("no entry today");
      },
    });
    exhaust(family.poolType);
    for (let failed = 1; failed <= 3; failed++) {
      assert.equal(family.allocate(empty), 0);
      assert.throws(() => family.allocate(thrower), RangeError);
      obeysTheLaws(empty, 0, failed, 0);
      const { TotalAllocates, AllocateMisses } = snapshot(thrower);
      assert.deepEqual([TotalAllocates, AllocateMisses], [failed, failed]);
    }
  });

  test(`counters count modulo 2^32: ${family.name}`, (t) => {
    freshMachine(t);
    const list = family.make({ tag: TAG });
    for (const field of ["TotalAllocates", "AllocateMisses", "TotalFrees", "FreeMisses"] as const)
      bytesAt(list + OFFSET[field], 4).set([0xfe, 0xff, 0xff, 0xff]);
    setLookasideDepth(list, 0);
    for (const entry of times(5, () => family.allocate(list))) family.free(list, entry);
    const { TotalAllocates, AllocateMisses, TotalFrees, FreeMisses } = snapshot(list);
    assert.deepEqual([TotalAllocates, AllocateMisses, TotalFrees, FreeMisses], [3, 3, 3, 3]);
    const asked = queryLookaside(list);
    assert.deepEqual([asked.TotalAllocates, asked.TotalFrees], [3, 3]);
  });

  test(`after a reset the counters start at zero and go on exactly: ${family.name}`, (t) => {
    freshMachine(t);
    const list = family.make({ tag: TAG });
    const shadow = new ShadowList();
    for (let call = 0; call < 500; call++) step(family, list, shadow, random);
    resetLookasideCounters(list);
    Object.assign(shadow, { TotalAllocates: 0, AllocateMisses: 0, TotalFrees: 0, FreeMisses: 0 });
    shadow.agreesWith(list);
    for (let call = 0; call < 500; call++) {
      step(family, list, shadow, random);
      shadow.agreesWith(list);
    }
    const { TotalAllocates, TotalFrees } = queryLookaside(list);
    assert.deepEqual([TotalAllocates, TotalFrees], [shadow.TotalAllocates, shadow.TotalFrees]);
  });

  for (const threads of [2, 4]) {
    test(`the laws hold when ${threads} threads have come to rest: ${family.name}`, async (t) => {
      freshMachine(t);
      const list = family.make({
        tag: TAG,
        allocate: routine(CHURN_ALLOCATE, spyAllocate()),
        free: routine(CHURN_FREE, spyFree()),
      });
      setLookasideDepth(list, 7);
      const results = await crew<typeof churn>(new URL("./counters.tasks.js", import.meta.url), {
        threads,
        run: "churn",
        data: {
          ticket: ticket(),
          list,
          family: LIST_FAMILIES.indexOf(family),
          calls: 4_000,
          seed: random.next(),
        },
      });
      atRest(list, results);
    });
  }
}

/** What several threads did, held against the counters of the list that they did it to. */
function atRest(list: number, results: readonly Tally[]): void {
  const sum = (pick: (tally: Tally) => number): number =>
    results.reduce((total, tally) => total + pick(tally), 0);
  const asked = queryLookaside(list);
  assert.equal(
    asked.TotalAllocates,
    sum(({ allocates }) => allocates),
  );
  assert.equal(
    asked.TotalFrees,
    sum(({ frees }) => frees),
  );
  assert.equal(
    asked.AllocateMisses,
    sum(({ obtained }) => obtained),
  );
  const flushed = sum(({ released }) => released) - asked.FreeMisses;
  const held = results.flatMap((tally) => tally.held);
  obeysTheLaws(list, flushed, 0, held.length);
  const parked = chainOf(list);
  assert.equal(parked.length, asked.CurrentDepth);
  assert.equal(new Set([...held, ...parked]).size, held.length + parked.length, "none is twice");
  assert.ok(parked.length <= asked.Depth);
}
