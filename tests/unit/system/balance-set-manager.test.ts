/** The balance set manager: one visit a period whoever makes it, and no list can stop it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FIELD, INITIAL_DEPTH, linkList, withListSets } from "#src/list/index.js";
import { HEADER } from "#src/memory/index.js";
import { isDue, readTuning } from "#src/system/balance-set-manager.js";
import { System } from "#src/system/index.js";

const SMALL = { nonPaged: "1 MiB", paged: "1 MiB", threads: 4 } as const;

/** Links a list of depth 30 that had all-missing demand, and gives its address. */
function demanding(system: System): number {
  const { region } = system;
  const list = system.pool.allocate(0, 0x80, 1, false, 0, 0, 0);
  region.cover(list + 0x80);
  region.bytes.fill(0, list, list + 0x80);
  region.words[(list + FIELD.Depth) / 4] = 30 | (256 << 16);
  region.words[(list + FIELD.AllocateMisses) / 4] = 1_000;
  withListSets(region, system.thread, () => linkList(region, 0, list));
  return list;
}

function depthOf(system: System, list: number): number {
  return (system.region.words[(list + FIELD.Depth) / 4] as number) & 0xffff;
}

test("the tuning that a system was made with is what every thread reads", () => {
  const depth = { periodMs: 0, scansPerAdjustment: 3, growthStep: 9 };
  const system = System.create({ ...SMALL, depth });
  const other = System.attach(system.ticket());
  assert.deepEqual(readTuning(other.region), readTuning(system.region));
  assert.equal(readTuning(other.region).scansPerAdjustment, 3);
  assert.equal(readTuning(other.region).depth.growthStep, 9);
  for (const one of [system, other]) one.detach();
});

test("visits of all threads count together towards an adjustment", () => {
  const system = System.create({ ...SMALL, depth: { periodMs: 0, scansPerAdjustment: 3 } });
  const other = System.attach(system.ticket());
  const list = demanding(system);
  system.tick();
  other.tick();
  assert.equal(depthOf(system, list), 30);
  other.tick();
  assert.equal(depthOf(system, list), 30 + 113 + 5);
  for (const one of [system, other]) one.detach();
});

test("a list whose header was overwritten is left alone, and the others are adjusted", () => {
  const system = System.create({ ...SMALL, depth: { periodMs: 0 } });
  const [before, damaged, after] = [demanding(system), demanding(system), demanding(system)];
  system.region.words.fill(-1, damaged / 4, damaged / 4 + 4);
  system.adjustDepths();
  assert.deepEqual(
    [before, damaged, after].map((list) => depthOf(system, list)),
    [148, 30, 148],
  );
  assert.equal(system.region.words[HEADER.SET_LOCK], 0);
  system.detach();
});

test("the timers of several threads make one visit a period", async () => {
  const system = System.create({ ...SMALL, depth: { periodMs: 40 } });
  const others = [1, 2, 3].map(() => System.attach(system.ticket()));
  const from = Date.now();
  const visits = (): number => system.region.words[HEADER.VISITS] as number;
  while (visits() < 5) await new Promise((go) => setTimeout(go, 5)); // tidy: the clock is under test
  const periods = Math.floor((Date.now() - from) / 40);
  assert.ok(visits() <= periods + 1, `${visits()} visits in ${periods} periods`);
  for (const one of [system, ...others]) one.detach();
});

test("a visit is due from its time on, also across the end of the 32-bit clock", () => {
  for (const now of [0, 1_000_000, 2 ** 31 - 3, 2 ** 31 + 3, 2 ** 32 - 3, 1.8e12]) {
    const due = (now + 100) | 0;
    const at = (later: number): boolean => isDue(due, (now + later) | 0, 100);
    assert.deepEqual([0, 1, 99, 100, 101, 5_000, 3_600_000].map(at), [
      ...[false, false, false, true, true, true, true],
    ]);
  }
});

test("a clock that was set back or far ahead holds no visit up", () => {
  const due = 1_000_000;
  for (const step of [-3_600_000, -(2 ** 31), -101, 3_600_000, 2 ** 31 - 1, 2 ** 31 + 50]) {
    assert.ok(isDue(due, (due - 100 + step) | 0, 100), `${step}`);
  }
  assert.equal(isDue(due, due - 100 + 99, 100), false);
});

test("lists are tuned on when somebody sets the clock of the host back", async (t) => {
  const system = System.create({ ...SMALL, depth: { periodMs: 5 } });
  const visits = (): number => system.region.words[HEADER.VISITS] as number;
  const moreVisits = async (): Promise<void> => {
    const from = visits();
    const patience = performance.now() + 20_000;
    while (visits() < from + 3 && performance.now() < patience) {
      await new Promise((go) => setTimeout(go, 2)); // tidy: the clock is under test
    }
    assert.ok(visits() >= from + 3, "no visit is made any more");
  };
  await moreVisits();
  const { now } = Date;
  t.after(() => {
    Date.now = now;
  });
  for (const step of [-3_600_000, 7_200_000, -(2 ** 31)]) {
    Date.now = () => now() + step;
    await moreVisits();
  }
  system.detach();
});

test("without a period there is no timer", () => {
  const system = System.create({ ...SMALL, depth: { periodMs: 0 } });
  const list = demanding(system);
  assert.equal(depthOf(system, list), 30);
  assert.equal(system.region.words[HEADER.VISITS], 0);
  assert.ok(INITIAL_DEPTH < 30);
  system.detach();
});
