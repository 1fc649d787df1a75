/** Threads that pass new functions to their lists, all in one table of names; some are ended at it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { crew, startCrew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import type { renew, renewForever } from "./routines.tasks.js";

const LONG = process.env["LOOKASIDE_LONG"] === "1";
const CYCLES = LONG ? 100_000 : 1_500;
const ROUNDS = LONG ? 400 : 6;
const tasks = new URL("./routines.tasks.js", import.meta.url);

test("each list calls the functions that it was made with, whoever sweeps the table meanwhile", async () => {
  const system = System.create({ depth: { periodMs: 0 } });
  const data = { ticket: system.ticket(), cycles: CYCLES };
  const wrong = await crew<typeof renew>(tasks, { threads: 3, run: "renew", data });
  assert.deepEqual(wrong, [0, 0, 0]);
  assert.deepEqual(system.audit().problems, []);
  system.detach();
});

test("threads that are ended while they pass functions leave a table that serves the others", async () => {
  const random = seeded(import.meta.url);
  const system = System.create({ depth: { periodMs: 0 } });
  const data = { ticket: system.ticket(), cycles: CYCLES };
  for (let round = 0; round < ROUNDS; round++) {
    const mortals = startCrew<typeof renewForever>(tasks, {
      threads: 2,
      run: "renewForever",
      data,
    });
    const recoveries = mortals.workers.map((worker) => system.watch(worker));
    await mortals.gates.reached(0, 1 + random.int(300));
    await Promise.all([mortals.terminate(0), mortals.terminate(1)]);
    await Promise.all(recoveries);
  }
  const wrong = await crew<typeof renew>(tasks, { threads: 1, run: "renew", data });
  assert.deepEqual(wrong, [0]);
  assert.deepEqual(system.audit().problems, []);
  system.detach();
});
