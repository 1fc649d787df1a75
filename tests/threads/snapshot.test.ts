/**
 * Snapshots from one thread while others work, and while they are ended: no number that cannot have been,
 * counters that only grow, and all laws again when everybody stands still.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { crew, startCrew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import { brokenLaws } from "../support/snapshot-laws.js";
import { LIST, type outlive, type work } from "./death.tasks.js";
import type { observe } from "./snapshot.tasks.js";

const SNAPSHOTS = process.env["LOOKASIDE_LONG"] === "1" ? 20_000 : 80;
const observers = new URL("./snapshot.tasks.js", import.meta.url);
const workers = new URL("./death.tasks.js", import.meta.url);

test("another thread's snapshots are sound while lists are hard at work", async () => {
  const random = seeded(import.meta.url);
  const system = System.create({ nonPaged: "4 MiB", threads: 8 });
  const list = system.blockList(LIST);
  const data = { ticket: system.ticket(), seed: random.next() };
  // Rank 0 works for ever: it is ended; rank 1 leaves in peace.
  const busy = startCrew<typeof outlive>(workers, { threads: 2, run: "outlive", data });
  const recovered = busy.workers.map((worker) => system.watch(worker));
  const watch = { ticket: system.ticket(), snapshots: SNAPSHOTS };
  const [problems] = await crew<typeof observe>(observers, {
    threads: 1,
    run: "observe",
    data: watch,
  });
  assert.deepEqual(problems, []);
  await busy.terminate(0);
  busy.gates.raise(15);
  await Promise.all([busy.outcomes, ...recovered]);
  const snapshot = system.snapshot({ blocks: true });
  assert.deepEqual(brokenLaws(snapshot), []);
  assert.equal(snapshot.lists[0]?.held, 0);
  assert.equal(snapshot.recoveries.threads, 1);
  assert.ok(list.statistics().allocates > 0);
  system.detach();
});

test("recoveries are counted, and a thread that took no part in them can read the counts", async () => {
  const random = seeded(import.meta.url);
  const system = System.create({ nonPaged: "4 MiB", threads: 8 });
  const onlooker = System.attach(system.ticket());
  const reports = [];
  for (let round = 0; round < 3; round++) {
    const data = { ticket: system.ticket(), seed: random.next() };
    const one = startCrew<typeof work>(workers, { threads: 1, run: "work", data });
    const [worker] = one.workers;
    assert.ok(worker);
    const report = system.watch(worker);
    await one.gates.reached(0, 1 + random.int(20));
    await one.terminate(0);
    reports.push(...(await report));
    assert.deepEqual(brokenLaws(onlooker.snapshot({ blocks: true })), []);
  }
  const { recoveries } = onlooker.snapshot();
  assert.equal(recoveries.threads, 3);
  assert.equal(
    recoveries.parked,
    reports.reduce((sum, report) => sum + report.parked, 0),
  );
  assert.equal(
    recoveries.reclaimed,
    reports.reduce((sum, report) => sum + report.reclaimed, 0),
  );
  for (const each of [onlooker, system]) each.detach();
});
