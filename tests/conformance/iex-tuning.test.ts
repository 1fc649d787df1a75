/**
 * The set of lists in use and their limits: every list is in the set, demand moves the limits of each,
 * memory pressure only lowers them. The clock is moved by hand; tests in real time are in
 * inp-tuning.test.ts. The rule is the published one, worked values and all.
 */
import assert from "node:assert/strict";
import {
  activeLists,
  advanceClock,
  ExAdjustLookasideDepth,
  ExDeleteLookasideListEx,
  ExDeleteNPagedLookasideList,
  ExDeletePagedLookasideList,
  NonPagedPool,
  PagedPool,
  queryLookaside,
  queryLookasideLists,
  setLookasideDepth,
  ticket,
} from "lookaside/wdk";
import { startCrew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import {
  atIrql,
  descriptor,
  exhaust,
  exList,
  freshMachine,
  nonpagedList,
  pagedList,
  snapshot,
  times,
} from "./bench.js";
import { clause } from "./clause.js";
import { demand, roomOf, UNIFIED } from "./demand.js";
import { DELETE, DELETED, INITIALIZED, type keepLists } from "./iex-tuning.tasks.js";

const random = seeded(import.meta.url);
const tasks = new URL("./iex-tuning.tasks.js", import.meta.url);

/** Depth before, allocations and misses since the last adjustment, Depth after. */
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

/** The published rule in whole numbers, written down anew. */
function published(depth: number, allocates: number, misses: number): number {
  if (allocates < 25) return Math.max(depth - 10, 4);
  const perMille = Math.floor((1_000 * misses) / allocates);
  if (perMille < 5) return Math.max(depth - 1, 4);
  return Math.min(depth + Math.floor((perMille * (256 - depth)) / 2_000) + 5, 256);
}

clause("IEX-58", "the system tracks every list of all three families, and no other", (t) => {
  freshMachine(t);
  const kinds = [
    { make: () => exList(), remove: ExDeleteLookasideListEx, paged: false },
    { make: () => exList({ poolType: PagedPool }), remove: ExDeleteLookasideListEx, paged: true },
    { make: () => nonpagedList(), remove: ExDeleteNPagedLookasideList, paged: false },
    { make: () => pagedList(), remove: ExDeletePagedLookasideList, paged: true },
  ] as const;
  const alive: { list: number; kind: (typeof kinds)[number] }[] = [];
  for (let step = 0; step < 600; step++) {
    if (alive.length > 0 && random.int(5) < 2) {
      const [{ list, kind }] = alive.splice(random.int(alive.length), 1) as [(typeof alive)[0]];
      kind.remove(list);
    } else if (alive.length < 100) {
      const kind = random.pick(kinds);
      alive.push({ list: kind.make(), kind });
    }
    const expected = [false, true].flatMap((paged) =>
      alive.filter(({ kind }) => kind.paged === paged).map(({ list }) => list),
    );
    assert.deepEqual(activeLists(), expected);
  }
  assert.deepEqual(
    queryLookasideLists().map((list) => list.Address),
    activeLists(),
  );
});

clause(
  "IEX-58",
  "the system tracks the lists of all threads, and each thread sees them all",
  async (t) => {
    freshMachine(t);
    const own = exList();
    const places = times(2, () => times(6, () => descriptor()));
    const data = { ticket: ticket(), places };
    const run = "keepLists";
    const { gates, outcomes } = startCrew<typeof keepLists>(tasks, { threads: 2, run, data });
    await gates.reached(INITIALIZED, 2);
    const all = activeLists();
    assert.deepEqual(all.toSorted(), [own, ...places.flat()].toSorted());
    gates.raise(DELETE);
    await gates.reached(DELETED, 2);
    const odd = places.flatMap((lists) => lists.filter((_, index) => index % 2 === 1));
    assert.deepEqual(activeLists().toSorted(), [own, ...odd].toSorted());
    const results = await outcomes;
    for (const outcome of results) {
      assert.deepEqual(outcome, { kind: "returned", result: { sawAll: true } });
    }
  },
);

clause("IEX-13", "full means the limit that the system has set by now", (t) => {
  freshMachine(t);
  const list = exList();
  assert.equal(roomOf(UNIFIED, list), 4);
  for (let adjustment = 0; adjustment < 4; adjustment++) {
    advanceClock(1);
    const { Depth } = snapshot(list);
    assert.ok(Depth > 4, "300 misses a second raise the limit");
    assert.equal(roomOf(UNIFIED, list), Depth);
  }
  advanceClock(100);
  assert.equal(roomOf(UNIFIED, list), 4);
});

clause("IEX-59", "demand moves a limit by the published rule, its worked values included", (t) => {
  freshMachine(t);
  const list = exList();
  for (const [before, allocates, misses, after] of WORKED_VALUES) {
    setLookasideDepth(list, before);
    demand(UNIFIED, list, allocates, misses);
    advanceClock(1);
    assert.equal(snapshot(list).Depth, after, `${before} after ${misses} of ${allocates}`);
  }
});

clause("IEX-59", "over any demand the limit follows the rule and stays within 4 and 256", (t) => {
  freshMachine(t);
  const list = exList();
  let depth = 4;
  for (let second = 0; second < 300; second++) {
    const allocates = random.pick([0, 3, 24, 25, 26, 100, 400]);
    const misses = random.pick([0, 1, 2, allocates >> 1, allocates].filter((n) => n <= allocates));
    demand(UNIFIED, list, allocates, misses);
    advanceClock(1);
    depth = published(depth, allocates, misses);
    assert.equal(snapshot(list).Depth, depth);
    assert.ok(depth >= 4 && depth <= 256);
  }
});

clause("IEX-59", "a busy list grows to the ceiling and an idle one shrinks to the least", (t) => {
  freshMachine(t);
  const list = exList();
  const depths = [4];
  while (depths.at(-1) !== 256 && depths.length < 100) {
    demand(UNIFIED, list, 100, 100);
    advanceClock(1);
    depths.push(snapshot(list).Depth);
  }
  assert.deepEqual(
    depths,
    depths.toSorted((a, b) => a - b),
  );
  assert.equal(depths.at(-1), 256);
  for (let second = 1; second <= 30; second++) {
    advanceClock(1);
    assert.equal(snapshot(list).Depth, Math.max(256 - 10 * second, 4));
  }
});

clause("IEX-59", "each list is adjusted by its own demand", (t) => {
  freshMachine(t);
  const [busy, idle] = [exList(), exList()];
  setLookasideDepth(idle, 30);
  demand(UNIFIED, busy, 100, 100);
  advanceClock(1);
  assert.ok(snapshot(busy).Depth > 4);
  assert.equal(snapshot(idle).Depth, 20);
});

clause("IEX-59", "ExAdjustLookasideDepth is that adjustment, and samples the counters", (t) => {
  freshMachine(t);
  const list = exList();
  demand(UNIFIED, list, 25, 25);
  atIrql(0, () => ExAdjustLookasideDepth());
  const { Depth, LastTotalAllocates, LastAllocateMisses } = snapshot(list);
  assert.deepEqual([Depth, LastTotalAllocates, LastAllocateMisses], [135, 25, 25]);
});

clause("IEX-60", "while nonpaged memory is short no limit grows, and each is halved", (t) => {
  freshMachine(t, { nonPagedPoolBytes: "2 MiB" });
  const lists = times(3, () => exList());
  for (const list of lists) setLookasideDepth(list, 200);
  const refill = exhaust(NonPagedPool);
  for (const expected of [100, 50, 25, 12, 6, 4, 4]) {
    for (const list of lists) demand(UNIFIED, list, 100, 100);
    advanceClock(1);
    for (const list of lists) assert.equal(snapshot(list).Depth, expected);
  }
  refill();
  demand(UNIFIED, lists[0] as number, 100, 100);
  advanceClock(1);
  assert.equal(snapshot(lists[0] as number).Depth, 135);
});

clause("IEX-60", "whatever the demand, pressure never raises a limit nor passes the least", (t) => {
  freshMachine(t, { nonPagedPoolBytes: "2 MiB" });
  const list = exList();
  exhaust(NonPagedPool);
  for (let second = 0; second < 200; second++) {
    const before = random.int(257);
    setLookasideDepth(list, before);
    const allocates = random.pick([0, 24, 25, 500]);
    demand(UNIFIED, list, allocates, allocates);
    advanceClock(1);
    const { Depth } = queryLookaside(list);
    assert.ok(Depth <= before, `${before} became ${Depth}`);
    assert.ok(Depth >= Math.min(before, 4));
  }
});

clause("IEX-60", "pressure on one kind of pool leaves the lists of the other alone", (t) => {
  freshMachine(t, { nonPagedPoolBytes: "2 MiB", pagedPoolBytes: "2 MiB" });
  const list = exList();
  exhaust(PagedPool);
  demand(UNIFIED, list, 25, 25);
  advanceClock(1);
  assert.equal(snapshot(list).Depth, 135);
});
