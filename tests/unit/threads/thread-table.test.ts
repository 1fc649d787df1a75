/** The thread table: numbers from 1, lowest first, told apart by epochs when they are used again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegion, HEADER } from "#src/memory/index.js";
import {
  attachedThreads,
  claimRecovery,
  claimThread,
  countRecovered,
  endRecovery,
  isAttached,
  recoveredThreads,
  releaseThread,
} from "#src/threads/index.js";
import { crew } from "../../support/crew.js";
import type { churn } from "./thread-table.tasks.js";

/** The main thread of the host. */
const MAIN = { host: 0, ancestors: [] };

const tasks = new URL("./thread-table.tasks.js", import.meta.url);

test("numbers are given lowest first, and thread 0 is nobody", () => {
  const region = createRegion(4, 8);
  assert.equal(attachedThreads(region), 0);
  assert.deepEqual(
    [1, 2, 3].map(() => claimThread(region, MAIN).thread),
    [1, 2, 3],
  );
  assert.equal(attachedThreads(region), 3);
  assert.deepEqual(
    [0, 1, 3, 4].map((thread) => isAttached(region, thread)),
    [false, true, true, false],
  );
});

test("a full table is an error that says how many it holds, and one that leaves makes room", () => {
  const region = createRegion(3, 8);
  const all = [1, 2, 3].map(() => claimThread(region, MAIN));
  const full = { code: "ERR_THREADS_FULL", message: /all 3 threads/ };
  assert.throws(() => claimThread(region, MAIN), full);
  releaseThread(region, all[1] ?? assert.fail());
  assert.equal(isAttached(region, 2), false);
  assert.equal(claimThread(region, MAIN).thread, 2);
  assert.throws(() => claimThread(region, MAIN), full);
});

test("a thread is counted as recovered once, however often its recovery is begun again", () => {
  const region = createRegion(3, 8);
  const recoverer = claimThread(region, MAIN);
  for (let recovered = 1; recovered <= 3; recovered++) {
    const dead = claimThread(region, MAIN);
    assert.equal(dead.thread, 2);
    assert.ok(claimRecovery(region, dead, recoverer.thread));
    for (const _ of [1, 2, 3]) countRecovered(region, dead);
    assert.equal(recoveredThreads(region), recovered);
    endRecovery(region, dead, recoverer.thread);
    releaseThread(region, claimThread(region, MAIN)); // who leaves in peace is not counted
  }
  assert.equal(recoveredThreads(region), 3);
});

test("a number that is used again has another epoch", () => {
  const region = createRegion(1, 8);
  const epochs = [0, 1, 2].map(() => {
    const identity = claimThread(region, MAIN);
    releaseThread(region, identity);
    return identity.epoch;
  });
  assert.deepEqual(epochs, [0, 1, 2]);
});

test("a former user of a number cannot give it back for the present one", () => {
  const region = createRegion(1, 8);
  const former = claimThread(region, MAIN);
  releaseThread(region, former);
  claimThread(region, MAIN);
  releaseThread(region, former);
  assert.equal(isAttached(region, 1), true);
});

test("an epoch comes round without touching the status", () => {
  const region = createRegion(1, 8);
  for (let round = 0; round < 65_537; round++) releaseThread(region, claimThread(region, MAIN));
  assert.deepEqual(claimThread(region, MAIN), { thread: 1, epoch: 1 });
  assert.equal(attachedThreads(region), 1);
});

test("threads that come and go at once never have the same number", async () => {
  const region = createRegion(3, 8);
  const data = { memory: region.memory, rounds: 20_000 };
  const doubles = await crew<typeof churn>(tasks, { threads: 3, run: "churn", data });
  assert.deepEqual(doubles, [0, 0, 0]);
  assert.equal(attachedThreads(region), 0);
  assert.equal(region.words[HEADER.RUN_LOCK], 0);
});
