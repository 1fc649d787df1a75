/**
 * Several threads whose lists grow and release while they run, some of them ended under way: nothing is
 * lost or held twice, the budget cannot leak, depth never allows more than it says.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { parkedAllowance } from "#src/list/index.js";
import { crew, startCrew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import { type churn, LISTS, type work } from "./depth.tasks.js";

const isLong = process.env["LOOKASIDE_LONG"] === "1";
const STEPS = isLong ? 20_000 : 1_500;
const ROUNDS = isLong ? 500 : 12;
const SYSTEM = {
  nonPaged: "4 MiB",
  threads: 8,
  parkedBytes: "16 KiB",
  depth: { periodMs: 0 },
} as const;
const tasks = new URL("./depth.tasks.js", import.meta.url);

test("two threads grow and release lists that they share, and every block stays in its place", async () => {
  const { seed } = seeded(import.meta.url);
  const system = System.create(SYSTEM);
  const lists = LISTS.map((options) => system.blockList(options));
  const data = { ticket: system.ticket(), seed, steps: STEPS };
  await crew<typeof churn>(tasks, { threads: 2, run: "churn", data });
  assert.deepEqual(system.audit().problems, []);
  assert.ok(parkedAllowance(system.region) <= 16);
  for (const list of lists) {
    const { held, allocates, allocateMisses, depth, maximumDepth } = list.statistics();
    assert.equal(held, 0);
    assert.ok(allocateMisses < allocates, "some allocations were hits");
    assert.ok(depth <= maximumDepth);
  }
  system.tick(20);
  for (const list of lists) {
    const { parked, depth } = list.statistics();
    assert.ok(parked <= depth && parked <= 8, `${parked} parked when all is idle`);
  }
  assert.deepEqual(system.audit().problems, []);
  system.detach();
});

test("threads that are ended while they tick leave lists that work, and a budget that is whole", async () => {
  const random = seeded(import.meta.url);
  const system = System.create(SYSTEM);
  const lists = LISTS.map((options) => system.blockList(options));
  for (let round = 0; round < ROUNDS; round++) {
    const data = { ticket: system.ticket(), seed: random.next(), steps: 0 };
    const ended = startCrew<typeof work>(tasks, { threads: 2, run: "work", data });
    const recovered = ended.workers.map((worker) => system.watch(worker));
    await Promise.all(
      ended.workers.map(async (_, rank) => {
        await ended.gates.reached(rank, 1 + random.int(30));
        await ended.terminate(rank);
      }),
    );
    assert.equal((await Promise.all(recovered)).flat().length, 2);
    assert.deepEqual(system.audit().problems, []);
    assert.ok(parkedAllowance(system.region) <= 16);
    system.tick();
  }
  for (const list of lists) {
    assert.equal(list.statistics().held, 0);
    const blocks = Array.from({ length: 50 }, () => list.allocate());
    for (const block of blocks) block?.free();
  }
  system.tick(20);
  for (const list of lists) list.trim();
  const { problems, held, cached, depot } = system.audit();
  assert.deepEqual({ problems, cached, depot }, { problems: [], cached: 0, depot: 0 });
  assert.equal(held, LISTS.length, "only their records");
  system.detach();
});
