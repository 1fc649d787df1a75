/**
 * The death of real web workers, told by Web Locks alone: what pages and workers both show.
 *
 * A terminated web worker tells nobody, and `terminate()` gives back before it has ended. So nothing here
 * waits for a time: each test waits for the recovery itself, and a recovery that never comes is the file's
 * time-out.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type BlockList, type RecoveryReport, System, type ThreadWatch } from "lookaside";
import { seeded } from "../../support/seed.js";
import { CHANNEL, type Course, LIST, type Orders, type Ready } from "./mortal.js";

let system: System;
let list: BlockList;
let watch: ThreadWatch;
let reports: RecoveryReport[];
let told: () => void;

beforeEach(() => {
  system = System.create({ nonPaged: "2 MiB", paged: "64 KiB", threads: 16 });
  list = system.blockList(LIST);
  reports = [];
  told = () => {};
  const recovered = (report: RecoveryReport): void => {
    reports.push(report);
    told();
  };
  watch = system.watchThreads({ periodMs: 20, recovered });
});

afterEach(() => system.detach());

/** Settles when so many threads have been recovered. */
async function recoveries(count: number): Promise<void> {
  while (reports.length < count) {
    await new Promise<void>((resolve) => {
      told = resolve;
    });
  }
}

/** Starts a worker, and waits until so many threads of it hold their locks. */
async function start(
  course: Course,
  blocks: number,
  threads = 1,
): Promise<{ worker: Worker; thread: number }> {
  const url = new URL("./mortal.worker.js", import.meta.url);
  const worker = new Worker(url, { type: "module" });
  worker.postMessage({ ticket: system.ticket(), course, blocks } satisfies Orders);
  let [thread, count] = [0, 0];
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Ready>) => {
      ({ thread } = data);
      if (++count === threads) resolve();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
  });
  watch.look();
  return { worker, thread };
}

function demandWhole(threads = 1): void {
  assert.deepEqual(system.audit().problems, []);
  assert.deepEqual([system.threads, list.statistics().held], [threads, 0]);
}

test("a worker that is terminated in a loop without end gives everything back", async () => {
  const { worker, thread } = await start("spin", 10);
  assert.equal(list.statistics().held, 10);
  worker.terminate();
  await recoveries(1);
  assert.deepEqual(
    reports.map((report) => [report.thread, report.reclaimed]),
    [[thread, 10]],
  );
  demandWhole();
});

test("a worker that closes itself is recovered too", async () => {
  await start("close", 3);
  await recoveries(1);
  assert.equal(reports[0]?.reclaimed, 3);
  demandWhole();
});

test("a worker that failed lives on until it is ended, and is never taken for dead", async () => {
  const { worker } = await start("throw", 4);
  for (let look = 0; look < 20; look++) {
    watch.look();
    await navigator.locks.query();
  }
  assert.deepEqual([reports.length, list.statistics().held], [0, 4]);
  worker.terminate();
  await recoveries(1);
  demandWhole();
});

test("a worker that runs is never taken for dead, however busy it is", async () => {
  const { worker } = await start("spin", 2);
  for (let look = 0; look < 50; look++) {
    watch.look();
    await navigator.locks.query();
  }
  assert.deepEqual([reports.length, system.threads], [0, 2]);
  worker.terminate();
  await recoveries(1);
  demandWhole();
});

test("workers of a worker end with it, and are recovered as well", async () => {
  const { worker } = await start("nest", 5, 2);
  assert.equal(list.statistics().held, 10);
  worker.terminate();
  await recoveries(2);
  assert.deepEqual(
    reports.map(({ reclaimed }) => reclaimed),
    [5, 5],
  );
  demandWhole();
});

test("blocks that a worker sent before it ended are received, and nothing else is left", async () => {
  const { worker, thread } = await start("send", 6);
  worker.terminate();
  await recoveries(1);
  const lane = list.through(system.channel(CHANNEL));
  for (let count = 0; count < 6; count++) {
    const block = lane.receive();
    assert.ok(block?.bytes.every((byte) => byte === thread));
    block?.free();
  }
  assert.equal(lane.receive(), null);
  demandWhole();
});

test("workers that are terminated at any instruction lose and double nothing", async () => {
  const random = seeded(import.meta.url);
  for (let round = 1; round <= 4; round++) {
    const workers = [await start("churn", 2), await start("churn", 2)];
    const wait = random.int(40);
    for (let turn = 0; turn < wait; turn++) {
      const block = list.allocate();
      await navigator.locks.query();
      block?.free();
    }
    for (const { worker } of workers) worker.terminate();
    await recoveries(round * 2);
    demandWhole();
  }
});

test("a thread that leaves in order is recovered by nobody", async () => {
  const other = System.attach(system.ticket());
  other.blockList(LIST).allocate()?.free();
  other.detach();
  watch.look();
  await navigator.locks.query();
  assert.equal(reports.length, 0);
  demandWhole();
});
