/**
 * The limits of nonpaged lists: they follow demand and available memory while the system runs, by a clock
 * moved by hand, and by the real one without any call of the driver.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  advanceClock,
  ExAllocateFromNPagedLookasideList,
  ExFreeToNPagedLookasideList,
  NonPagedPool,
  queryLookaside,
  setLookasideDepth,
  ticket,
} from "lookaside/wdk";
import { crew, startCrew } from "../support/crew.js";
import { repositoryRoot } from "../support/repository.js";
import { chainOf, countOf, exhaust, freshMachine, nonpagedList, snapshot, times } from "./bench.js";
import { clause } from "./clause.js";
import { demand, NONPAGED } from "./demand.js";
import {
  ATTACHED,
  type bootAndReturn,
  GO,
  TUNED,
  type turnUntilTuned,
} from "./inp-tuning.tasks.js";

const tasks = new URL("./inp-tuning.tasks.js", import.meta.url);

/** The period of the tests in real time, and how long they wait for what takes a few periods. */
const PERIOD_MS = 10;
const PATIENCE_MS = 20_000;

/** Lets this thread's event loop turn until `come` says so. */
async function until(what: string, come: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!come()) {
    if (performance.now() > deadline) assert.fail(`${what} did not come within ${PATIENCE_MS} ms`);
    await turn();
  }
}

clause(
  "INP-42",
  "the limit is adjusted upward when demand is higher, and more entries are held",
  (t) => {
    freshMachine(t);
    const list = nonpagedList();
    let before = 4;
    for (const expected of [135, 200, 233, 249, 256, 256]) {
      demand(NONPAGED, list, 100, 100);
      advanceClock(1);
      const { Depth } = snapshot(list);
      assert.equal(Depth, expected);
      assert.ok(Depth >= before && Depth <= 256);
      before = Depth;
    }
    const entries = times(300, () => ExAllocateFromNPagedLookasideList(list));
    for (const entry of entries) ExFreeToNPagedLookasideList(list, entry);
    assert.equal(countOf(list), 256);
  },
);

clause("INP-42", "the less of the demand misses, the less the limit grows", (t) => {
  freshMachine(t);
  for (const [misses, after] of [
    [1_000, 135],
    [500, 72],
    [100, 21],
    [5, 9],
    [4, 4],
    [0, 4],
  ] as const) {
    const list = nonpagedList();
    demand(NONPAGED, list, 1_000, misses);
    advanceClock(1);
    assert.equal(snapshot(list).Depth, after, `${misses} of 1,000`);
  }
});

clause(
  "INP-43",
  "the limit is adjusted downward when demand is lower, down to the minimum",
  (t) => {
    freshMachine(t);
    const [idle, served] = [nonpagedList(), nonpagedList()];
    for (const list of [idle, served]) setLookasideDepth(list, 30);
    for (const [afterIdle, afterServed] of [
      [20, 29],
      [10, 28],
      [4, 27],
      [4, 26],
    ]) {
      demand(NONPAGED, served, 1_000, 0); // busy, and nothing misses: one less is enough
      advanceClock(1);
      assert.deepEqual([snapshot(idle).Depth, snapshot(served).Depth], [afterIdle, afterServed]);
    }
    for (let second = 0; second < 40; second++) {
      demand(NONPAGED, served, 1_000, 0);
      advanceClock(1);
    }
    assert.equal(snapshot(served).Depth, 4);
  },
);

clause("INP-43", "a lower limit lets parked entries overflow as they are freed again", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  setLookasideDepth(list, 30);
  const entries = times(30, () => ExAllocateFromNPagedLookasideList(list));
  for (const entry of entries) ExFreeToNPagedLookasideList(list, entry);
  advanceClock(1); // 30 misses of 30: more
  advanceClock(30);
  assert.equal(snapshot(list).Depth, 4);
  assert.equal(chainOf(list).length, 30); // what is parked stays until it is used
  const held = times(30, () => ExAllocateFromNPagedLookasideList(list));
  for (const entry of held) ExFreeToNPagedLookasideList(list, entry);
  assert.equal(countOf(list), 4);
});

clause(
  "INP-47",
  "the limit follows available nonpaged memory: while it is short, only down",
  (t) => {
    freshMachine(t, { nonPagedPoolBytes: "2 MiB" });
    const list = nonpagedList();
    setLookasideDepth(list, 100);
    const refill = exhaust(NonPagedPool);
    for (const expected of [50, 25, 12, 6, 4, 4]) {
      demand(NONPAGED, list, 100, 100);
      advanceClock(1);
      assert.equal(snapshot(list).Depth, expected);
    }
    refill();
    demand(NONPAGED, list, 100, 100);
    advanceClock(1);
    assert.equal(snapshot(list).Depth, 135);
  },
);

clause(
  "INP-46",
  "limits follow demand while the system runs, without any call of the driver",
  async (t) => {
    freshMachine(t, { depth: { periodMs: PERIOD_MS } });
    const list = nonpagedList();
    demand(NONPAGED, list, 100, 100);
    await until("growth", () => snapshot(list).Depth > 4);
    const { LastTotalAllocates, LastAllocateMisses } = snapshot(list);
    assert.deepEqual([LastTotalAllocates, LastAllocateMisses], [100, 100]);
    await until("shrinking", () => snapshot(list).Depth === 4);
  },
);

clause(
  "INP-46",
  "when the thread whose timer did it ends, the timer of another goes on",
  async (t) => {
    freshMachine(t, { depth: { periodMs: PERIOD_MS } });
    const list = nonpagedList();
    const data = { ticket: ticket(), list, allocates: 100 };
    const run = "turnUntilTuned";
    const { gates, terminate, outcomes } = startCrew<typeof turnUntilTuned>(tasks, {
      threads: 1,
      run,
      data,
    });
    await gates.reached(ATTACHED);
    demand(NONPAGED, list, 100, 100);
    gates.raise(GO);
    gates.wait(TUNED); // this thread stands still: no timer of its own can have fired
    assert.equal(queryLookaside(list).LastTotalAllocates, 100);
    await terminate(0);
    assert.deepEqual(await outcomes, [{ kind: "terminated" }]);
    await until("shrinking", () => snapshot(list).Depth === 4);
    demand(NONPAGED, list, 100, 100);
    await until("growth", () => snapshot(list).Depth > 4);
  },
);

clause("INP-46", "the timer keeps neither a process nor a thread alive", async (t) => {
  const script = 'import { boot } from "lookaside/wdk"; boot(); console.log("booted");';
  const args = ["--input-type=module", "--eval", script];
  const bounds = { cwd: fileURLToPath(repositoryRoot), timeout: PATIENCE_MS };
  const { stdout } = await promisify(execFile)(process.execPath, args, bounds);
  assert.equal(stdout, "booted\n");
  freshMachine(t, { depth: { periodMs: PERIOD_MS } });
  await crew<typeof bootAndReturn>(tasks, { threads: 2, run: "bootAndReturn", data: ticket() });
});
