/**
 * Real threads and the host's own Web Locks: a thread that is ended is recovered without its event `exit`.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type RecoveryReport, System } from "lookaside";
import { startCrew } from "../support/crew.js";
import { type hold, LIST } from "./web-locks.tasks.js";

const tasks = new URL("./web-locks.tasks.js", import.meta.url);
const { locks } = (globalThis as { navigator?: { locks?: LockManager } }).navigator ?? {};
const skip = locks === undefined && "this host has no Web Locks (Node has them from 24)";

test("threads that are ended give their locks away, and everything they held", {
  skip,
}, async () => {
  const system = System.create({ nonPaged: "2 MiB", locks: locks ?? null });
  const list = system.blockList(LIST);
  for (let round = 0; round < 3; round++) {
    const data = { ticket: system.ticket() };
    const crew = startCrew<typeof hold>(tasks, { threads: 2, run: "hold", data });
    await crew.gates.reached(0, 2);
    const reports: RecoveryReport[] = [];
    let tell = (): void => {};
    const both = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const watch = system.watchThreads({
      periodMs: 20,
      recovered: (report) => {
        reports.push(report);
        if (reports.length === 2) tell();
      },
    });
    assert.deepEqual([watch.watched, list.statistics().held], [2, 20]);
    await Promise.all([crew.terminate(0), crew.terminate(1)]);
    const alive = setInterval(() => {}, 1_000); // a watch keeps no thread alive, so the test does
    await both;
    clearInterval(alive);
    watch.stop();
    assert.deepEqual(
      reports.map(({ reclaimed }) => reclaimed),
      [10, 10],
    );
    assert.deepEqual(system.audit().problems, []);
    assert.deepEqual([system.threads, list.statistics().held], [1, 0]);
  }
  system.detach();
});
