/**
 * Block lists under the policy `idle`, on real memory: growth on proof, release of what stayed idle, and
 * the budget of parked bytes.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import {
  type Block,
  type BlockList,
  type BlockListOptions,
  System,
  type SystemOptions,
} from "lookaside";
import { memoryPrice, parkedAllowance } from "#src/list/index.js";
import { HEADER } from "#src/memory/index.js";
import { recoverThread } from "#src/recovery/index.js";

const SYSTEM = { nonPaged: "8 MiB", paged: "1 MiB", depth: { periodMs: 0 } } as const;
const IDLE = { name: "idle", idleTicks: 2 } as const;

let system: System;

beforeEach(() => {
  system = System.create(SYSTEM);
});

afterEach(() => {
  assert.deepEqual(system.audit().problems, []);
  system.detach();
});

function listOf(options: Partial<BlockListOptions> = {}, from = system): BlockList {
  return from.blockList({ tag: "Idle", size: 64, policy: IDLE, batch: 4, ...options });
}

/** Takes `count` blocks and gives them all back. */
function burst(list: BlockList, count: number): void {
  const blocks = Array.from({ length: count }, () => list.allocate() as Block);
  for (const block of blocks) block.free();
}

function replaceSystem(options: SystemOptions): void {
  system.detach();
  system = System.create({ ...SYSTEM, ...options });
}

test("a list begins small, and the second burst has taught it the size of the first", () => {
  const list = listOf();
  burst(list, 100);
  assert.deepEqual([list.depth, list.statistics().parked], [4, 4]);
  burst(list, 100);
  assert.deepEqual([list.depth, list.statistics().parked], [100, 100]);
  const { allocateMisses } = list.statistics();
  burst(list, 100);
  assert.equal(list.statistics().allocateMisses, allocateMisses, "from then on nothing misses");
});

test("misses alone do not raise depth, and neither do rejected frees alone", () => {
  const list = listOf();
  const blocks = Array.from({ length: 50 }, () => list.allocate() as Block);
  assert.equal(list.depth, 4);
  for (const block of blocks) block.free();
  assert.equal(list.depth, 4);
});

test("a rejected free that two ticks have passed is no proof any more", () => {
  const list = listOf();
  burst(list, 100);
  system.tick(2);
  burst(list, 100);
  assert.equal(list.depth, 4);
});

for (const batch of [1, 4, 32]) {
  test(`with batches of ${batch}, what is parked all through two ticks goes, and what is used stays`, () => {
    const list = listOf({ batch });
    burst(list, 100);
    burst(list, 100);
    for (let tick = 0; tick < 12; tick++) {
      burst(list, 10);
      system.tick();
    }
    const { parked, depth } = list.statistics();
    // Batches and steps make it coarse, never less than is used.
    assert.ok(parked >= 10 && parked <= 10 + 2 * batch + 2, `${parked} parked`);
    assert.ok(depth <= 100 && depth >= parked, `depth ${depth}`);
    const { allocateMisses } = list.statistics();
    burst(list, 10);
    assert.equal(list.statistics().allocateMisses, allocateMisses);
    system.tick(8);
    assert.deepEqual([list.depth, list.statistics().parked], [4, 4]);
  });
}

test("release leaves the order of one stack", () => {
  const list = listOf({ maximumDepth: 200, batch: 4 });
  burst(list, 150);
  const blocks = Array.from({ length: 150 }, () => list.allocate() as Block);
  for (const block of blocks) block.free();
  const order: Block[] = [];
  for (let tick = 0; tick < 3; tick++) {
    const some = Array.from({ length: 60 }, () => list.allocate() as Block);
    order.splice(0, order.length, ...some);
    for (const block of some.reverse()) block.free();
    system.tick();
  }
  assert.ok(list.statistics().parked < 100, "some were released below those that are used");
  for (const block of order) assert.equal(list.allocate(), block, "the last freed comes first");
  for (const block of order) block.free();
});

test("a miss in one thread grows depth for a free that another one had rejected", () => {
  const other = System.attach(system.ticket());
  const [makes, takes] = [listOf(), listOf({}, other)];
  for (let round = 0; round < 40; round++) {
    const blocks = Array.from({ length: 20 }, () =>
      takes.adopt((makes.allocate() as Block).handle),
    );
    for (const block of blocks) block.free();
  }
  const { allocateMisses, refills } = makes.statistics();
  assert.ok(makes.depth >= 8 && refills > 0, `depth ${makes.depth}`);
  assert.ok(allocateMisses < 400, `${allocateMisses} of 800 missed`);
  other.detach();
});

test("each thread releases what is idle in its own ring, at its own tick", () => {
  const other = System.attach(system.ticket());
  const [mine, theirs] = [listOf({ batch: 32 }), listOf({ batch: 32 }, other)];
  for (const list of [mine, theirs]) {
    burst(list, 40);
    burst(list, 40);
  }
  const before = mine.statistics().parked;
  assert.ok(before >= 60, `${before} parked`);
  for (let tick = 0; tick < 6; tick++) system.tick();
  const between = mine.statistics().parked;
  assert.ok(between < before && between >= 30, `${between} of ${before}: theirs are theirs`);
  for (let tick = 0; tick < 6; tick++) for (const one of [other, system]) one.tick();
  assert.ok(mine.statistics().parked <= 8, `${mine.statistics().parked} parked`);
  other.detach();
});

test("depth that is set by hand holds, and the policy goes on from there", () => {
  const list = listOf({ depth: 50 });
  burst(list, 60);
  assert.equal(list.statistics().parked, 50);
  list.depth = 20;
  assert.equal(list.statistics().parked, 50, "they stay until they are used or idle");
  system.tick(3);
  assert.equal(list.statistics().parked, 4);
  list.depth = 0;
  assert.equal(list.depth, 0);
  system.tick(5);
  assert.deepEqual([list.depth, list.statistics().parked], [0, 0], "a tick does not raise it");
});

test("reserve raises depth for what it parks, as far as ceiling and budget allow", () => {
  replaceSystem({ parkedBytes: 64 * 40 });
  const list = listOf({ maximumDepth: 30 });
  assert.equal(list.reserve(20), 20);
  assert.equal(list.reserve(20), 10);
  assert.ok(listOf({ tag: "More" }).reserve(100) <= 14, "the budget is for all lists");
});

test("fixed and windows give up nothing by themselves", () => {
  const fixed = listOf({ tag: "Fixd", policy: "fixed", maximumDepth: 50 });
  const windows = listOf({ tag: "Wind", policy: "windows", depth: 50, maximumDepth: 50 });
  for (const list of [fixed, windows]) burst(list, 50);
  system.tick(100);
  assert.deepEqual([fixed.depth, fixed.statistics().parked], [50, 50]);
  assert.deepEqual([windows.depth, windows.statistics().parked], [4, 50]);
});

test("windows follows the documented rule", () => {
  const list = listOf({ policy: "windows", depth: 4, maximumDepth: 256 });
  const blocks = Array.from({ length: 25 }, () => list.allocate() as Block);
  system.tick();
  assert.equal(list.depth, 135, "semantics 10.3");
  for (const block of blocks) block.free();
});

test("no growth by policy passes the budget, and what one list gives up another one gets", () => {
  replaceSystem({ parkedBytes: "16 KiB" });
  const [first, second] = [listOf({ tag: "Frst" }), listOf({ tag: "Scnd" })]; // 64 bytes: 256 blocks in all
  burst(first, 240);
  burst(first, 240);
  assert.equal(first.depth, 240);
  for (let round = 0; round < 3; round++) burst(second, 100);
  assert.ok(second.depth <= 16, `depth ${second.depth}`);
  assert.ok(parkedAllowance(system.region) <= 16);
  system.tick();
  assert.equal(memoryPrice(system.region), 2, "a growth was refused");
  for (let round = 0; round < 6; round++) {
    burst(second, 100);
    system.tick();
    assert.ok(parkedAllowance(system.region) <= 16);
  }
  assert.equal(second.depth, 100);
  assert.ok(first.depth <= 156, `depth ${first.depth}`);
  system.tick(8);
  assert.equal(memoryPrice(system.region), 1, "it suffices again");
});

test("object lists of a system share its budget, its ticks and its register", () => {
  replaceSystem({ parkedBytes: "16 KiB" });
  const objects = system.objectList({
    tag: "Objs",
    bytes: 1_024,
    create: () => ({}),
    policy: IDLE,
  });
  const take = (count: number): void => {
    const held = Array.from({ length: count }, () => objects.allocate() as object);
    for (const item of held) objects.free(item);
  };
  for (let round = 0; round < 3; round++) take(30);
  assert.deepEqual([objects.depth, parkedAllowance(system.region)], [16, 16]);
  const list = listOf({ size: 1_024, depth: 0 });
  for (let round = 0; round < 2; round++) burst(list, 2);
  assert.equal(list.depth, 0, "nothing is left of the budget");
  assert.deepEqual(
    system.lists().map(({ kind, tag, depth }) => ({ kind, tag, depth })),
    [
      { kind: "block", tag: "Idle", depth: 0 },
      { kind: "object", tag: "Objs", depth: 16 },
    ],
  );
  system.tick(3);
  assert.deepEqual([objects.depth, objects.statistics().parked], [4, 4]);
  objects.delete();
  assert.equal(parkedAllowance(system.region), 0);
  assert.deepEqual(system.lists().length, 1);
});

test("a thread that leaves takes its object lists out of the budget, for good", () => {
  const other = System.attach(system.ticket());
  const objects = other.objectList({ tag: "Gone", bytes: 4_096, create: () => ({}), policy: IDLE });
  assert.equal(parkedAllowance(system.region), 16);
  other.detach();
  assert.equal(parkedAllowance(system.region), 0);
  objects.depth = 100;
  assert.equal(parkedAllowance(system.region), 0);
});

test("a thread that dies while it lets a list grow stops no other thread, and growth only until then", () => {
  const dead = System.attach(system.ticket());
  const { region } = system;
  region.words[HEADER.BUDGET_LOCK] = dead.thread;
  const list = listOf();
  for (let round = 0; round < 3; round++) burst(list, 20);
  assert.equal(list.depth, 4);
  const [report] = recoverThread(region, system.pool, { thread: dead.thread, epoch: 0 }, "reclaim");
  assert.deepEqual(report?.locks, ["budget"]);
  for (let round = 0; round < 2; round++) burst(list, 20);
  assert.ok(list.depth >= 20, `depth ${list.depth}`);
});

test("wrong budgets and counts of ticks are refused", () => {
  for (const parkedBytes of [-1, "1 PiB", Number.NaN]) {
    assert.throws(() => System.create({ parkedBytes: parkedBytes as number }), {
      code: "ERR_OPTION",
      message: /parkedBytes/,
    });
  }
  for (const count of [0, -1, 1.5, Number.NaN, 1e7])
    assert.throws(() => system.tick(count), { code: "ERR_ARGUMENT", message: /count/ });
});
