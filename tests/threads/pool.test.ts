/**
 * Several threads on both pools, with blocks freed by other threads than allocated them: no block is held
 * twice, none is lost, and at rest every count of the pool is exact.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { ExAllocatePoolWithTag, poolInformation, poolUsage, tag, ticket } from "lookaside/wdk";
import { freshMachine } from "../conformance/bench.js";
import { crew } from "../support/crew.js";
import { auditPool } from "../support/pool-audit.js";
import { seeded } from "../support/seed.js";
import { heldBlocks, makeRegistry } from "./ownership.js";
import { type churn, type comeAndGo, TAGS } from "./pool.tasks.js";

const random = seeded(import.meta.url);
const FACTOR = process.env["LOOKASIDE_LONG"] === "1" ? 40 : 1;
const tasks = new URL("./pool.tasks.js", import.meta.url);

/** Roomy, and so tight that slabs are taken apart for each other and requests fail all the time. */
const TRIALS = [
  { threads: 2, limit: 2 ** 24, bytesMax: 600, heldMax: 400, calls: 60_000 },
  { threads: 4, limit: 2 ** 24, bytesMax: 5_000, heldMax: 300, calls: 20_000 },
  { threads: 3, limit: 2 ** 19, bytesMax: 20_000, heldMax: 60, calls: 12_000 },
  { threads: 4, limit: 2 ** 18, bytesMax: 300, heldMax: 300, calls: 12_000 },
  { threads: 3, limit: 2 ** 20, bytesMax: 200_000, heldMax: 12, calls: 2_500 },
];

for (const { threads, limit, bytesMax, heldMax, calls } of TRIALS) {
  const what = `${threads} threads, ${limit / 1_024} KiB, blocks of up to ${bytesMax} bytes`;
  test(`nothing is lost or doubled: ${what}`, async (t) => {
    freshMachine(t, { nonPagedPoolBytes: limit, pagedPoolBytes: limit });
    const system = System.attach(ticket());
    t.after(() => system.detach());
    const registry = makeRegistry(system.region.layout.endByte);
    const orders = { ticket: ticket(), registry, bytesMax, heldMax };
    const data = { ...orders, calls: calls * FACTOR, seed: random.next() };
    const tallies = await crew<typeof churn>(tasks, { threads, run: "churn", data });

    const [allocates, frees, refused] = (["allocates", "frees", "refused"] as const).map((name) =>
      tallies.reduce((sum, tally) => sum + tally[name], 0),
    ) as [number, number, number];
    assert.equal(allocates - refused, frees);
    assert.equal(heldBlocks(registry), 0);
    const usage = TAGS.map((one) => poolUsage(one));
    const total = usage.reduce(
      (sum, { NonPaged, Paged }) => sum + NonPaged.Allocs + Paged.Allocs,
      0,
    );
    assert.equal(total, allocates - refused);
    const { problems, blocks } = auditPool(system.region);
    assert.deepEqual(problems, []);
    assert.equal(blocks.length, 0);
    system.trim();
    const { NonPaged, Paged } = poolInformation();
    assert.deepEqual([NonPaged.UsedBytes, Paged.UsedBytes], [0, 0]);
    for (const type of [0, 1]) assert.notEqual(ExAllocatePoolWithTag(type, limit, tag("Whol")), 0);
  });
}

test("threads that attach and detach all the time leave nothing but what they left on purpose", async (t) => {
  freshMachine(t, { nonPagedPoolBytes: "4 MiB", pagedPoolBytes: "4 MiB", threads: 4 });
  const system = System.attach(ticket());
  t.after(() => system.detach());
  const registry = makeRegistry(system.region.layout.endByte);
  const orders = { ticket: ticket(), registry, bytesMax: 3_000, heldMax: 30 };
  const data = { ...orders, calls: 300 * FACTOR, seed: random.next() };
  const tallies = await crew<typeof comeAndGo>(tasks, { threads: 2, run: "comeAndGo", data });
  const held = tallies.reduce((sum, one) => sum + one.allocates - one.refused - one.frees, 0);
  assert.equal(held, 0);
  assert.equal(system.threads, 2, "numbers are given back");
  const { problems, blocks } = auditPool(system.region);
  assert.deepEqual([problems, blocks.length], [[], 0]);
  system.trim();
  assert.equal(poolInformation().NonPaged.UsedBytes + poolInformation().Paged.UsedBytes, 0);
});
