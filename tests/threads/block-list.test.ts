/**
 * Several threads on one block list: nothing lost, nothing held twice, hand-over by handle, depth a hard cap.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { crew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import { type churn, LANE } from "./block-list.tasks.js";

const STEPS = process.env["LOOKASIDE_LONG"] === "1" ? 3_000_000 : 150_000;
const tasks = new URL("./block-list.tasks.js", import.meta.url);

for (const threads of [2, 4]) {
  test(`${threads} threads allocate, free and hand on blocks of one list: none is lost`, async () => {
    const { seed } = seeded(import.meta.url);
    const system = System.create({ nonPaged: "16 MiB" });
    const list = system.blockList({ tag: "Chrn", size: 64, maximumDepth: 200 });
    const lanes = new SharedArrayBuffer(threads * LANE * (8 + 4));
    const data = { ticket: system.ticket(), steps: STEPS, seed, lanes };
    const [one] = await crew<typeof churn>(tasks, { threads, run: "churn", data });
    assert.ok(one);
    assert.equal(one.held, 0, "all threads freed all they held");
    assert.ok(one.parked <= 200, `${one.parked} parked`);
    assert.ok(one.adopted > 0, "blocks were handed over");
    assert.equal(one.allocates - one.allocateMisses, one.frees - one.freeMisses - one.parked);
    system.trim();
    const after = list.statistics();
    assert.deepEqual({ parked: after.parked, held: after.held }, { parked: 0, held: 0 });
    system.detach();
  });
}
