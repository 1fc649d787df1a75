/** Two systems at work at once, each with threads of its own: neither sees anything of the other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { crew } from "../support/crew.js";
import { auditPool } from "../support/pool-audit.js";
import { seeded } from "../support/seed.js";
import { heldBlocks, makeRegistry } from "./ownership.js";
import type { churn } from "./pool.tasks.js";

const random = seeded(import.meta.url);
const CALLS = process.env["LOOKASIDE_LONG"] === "1" ? 1_000_000 : 10_000;
const tasks = new URL("./pool.tasks.js", import.meta.url);

test("two crews on two systems keep their blocks, their counts and their numbers apart", async () => {
  const options = { nonPaged: "1 MiB", paged: "1 MiB", depth: { periodMs: 0 } } as const;
  const systems = [System.create(options), System.create(options)];
  const running = systems.map((system, index) => {
    const registry = makeRegistry(system.region.layout.endByte);
    const orders = { ticket: system.ticket(), registry, bytesMax: 900 * (index + 1), heldMax: 100 };
    const data = { ...orders, calls: CALLS, seed: random.next() };
    return { registry, done: crew<typeof churn>(tasks, { threads: 2, run: "churn", data }) };
  });
  for (const [index, { registry, done }] of running.entries()) {
    const tallies = await done;
    const region = (systems[index] as System).region;
    const frees = tallies.reduce((sum, tally) => sum + tally.frees, 0);
    const given = tallies.reduce((sum, tally) => sum + tally.allocates - tally.refused, 0);
    assert.equal(given, frees);
    assert.equal(heldBlocks(registry), 0);
    assert.deepEqual(auditPool(region).problems, []);
    assert.deepEqual(auditPool(region).blocks, []);
  }
  for (const system of systems) {
    assert.equal(system.threads, 1);
    system.detach();
  }
});
