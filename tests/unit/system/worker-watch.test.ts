/**
 * Watching workers: what can be watched, twice, too late, by whom; the workers are played.
 */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { afterEach, beforeEach, test } from "node:test";
import { Worker } from "node:worker_threads";
import { System } from "lookaside";
import { claimThread, releaseThread, threadsEndedWith } from "#src/threads/index.js";

const SMALL = { nonPaged: "1 MiB", paged: "1 MiB", threads: 8, depth: { periodMs: 0 } } as const;

/** A worker that ends when it is told to. */
class Played extends EventEmitter {
  readonly threadId: number;

  constructor(threadId: number) {
    super();
    this.threadId = threadId;
  }
}

let system: System;

beforeEach(() => {
  system = System.create(SMALL);
});

afterEach(() => system.detach());

/** Numbers that a played thread of the host took, by its number and its ancestors. */
function attached(on: System, host: number, ...ancestors: number[]): number {
  return claimThread(on.region, { host, ancestors }).thread;
}

async function recovered(worker: Played, on = system): Promise<number[]> {
  const ended = on.watch(worker);
  worker.emit("exit");
  return (await ended).map(({ thread }) => thread);
}

test("a worker's end is the end of every thread that it attached, and of no other", async () => {
  const own = [attached(system, 7), attached(system, 7)];
  const other = attached(system, 8);
  assert.deepEqual(await recovered(new Played(7)), own);
  assert.equal(system.threads, 2);
  assert.deepEqual(await recovered(new Played(8)), [other]);
});

test("it is the end of all below it, also when those between have gone or never attached", async () => {
  const child = attached(system, 8, 7);
  const grandchild = attached(system, 9, 8, 7);
  const stepchild = attached(system, 11, 10, 7);
  const sibling = attached(system, 12, 6);
  assert.deepEqual(await recovered(new Played(8)), [child, grandchild]);
  assert.deepEqual(await recovered(new Played(7)), [stepchild]);
  assert.deepEqual(await recovered(new Played(6)), [sibling]);
});

test("a worker with threads in two systems ends in both", async () => {
  const second = System.create(SMALL);
  attached(system, 7);
  attached(second, 7);
  const worker = new Played(7);
  const ended = [system.watch(worker), second.watch(worker)];
  worker.emit("exit");
  assert.deepEqual(
    (await Promise.all(ended)).map((reports) => reports.length),
    [1, 1],
  );
  second.detach();
});

test("a second watch of a worker is the first one, and another policy is refused", async () => {
  attached(system, 7);
  const worker = new Played(7);
  const ended = system.watch(worker, "report");
  assert.equal(system.watch(worker, "report"), ended);
  assert.throws(() => system.watch(worker), { code: "ERR_ARGUMENT", message: /another policy/ });
  assert.equal(worker.listenerCount("exit"), 1);
  worker.emit("exit");
  assert.equal((await ended).length, 1);
});

test("who is attached twice may watch twice: one recovers, the other has nothing left to do", async () => {
  const second = System.attach(system.ticket());
  attached(system, 7);
  const worker = new Played(7);
  const ended = [system.watch(worker), second.watch(worker)];
  worker.emit("exit");
  assert.deepEqual(
    (await Promise.all(ended)).map((reports) => reports.length),
    [1, 0],
  );
  second.detach();
});

test("a watcher that has detached recovers nobody", async () => {
  const watcher = System.attach(system.ticket());
  attached(system, 7);
  const worker = new Played(7);
  const ended = watcher.watch(worker);
  watcher.detach();
  worker.emit("exit");
  assert.deepEqual(await ended, []);
  assert.equal(system.threads, 2);
});

test("an exit that proves nothing recovers nobody, and says so (Deno's, after terminate)", async (t) => {
  const versions = Object.getOwnPropertyDescriptor(process, "versions");
  if (versions === undefined || !("value" in versions)) return t.skip("this host has no versions");
  t.after(() => Object.defineProperty(process, "versions", versions));
  const value = { ...process.versions, deno: "2.9.6" };
  Object.defineProperty(process, "versions", { ...versions, value });
  const thread = attached(system, 7);
  const ended = (worker: Played, code: number): Promise<unknown> => {
    const watched = system.watch(worker);
    worker.emit("exit", code);
    return watched;
  };
  const refused = { code: "ERR_UNSUPPORTED", message: new RegExp(`thread ${thread}: .*terminate`) };
  await assert.rejects(ended(new Played(7), 1), refused);
  assert.equal(system.threads, 2);
  assert.deepEqual(await ended(new Played(9), 1), [], "nobody was attached");
  await ended(new Played(7), 0);
  assert.equal(system.threads, 1);
});

test("a worker that has ended is refused: its number is gone", async () => {
  const worker = new Worker("0", { eval: true });
  await once(worker, "exit");
  const tooLate = { code: "ERR_ARGUMENT", message: /has ended; watch it right after it was made/ };
  assert.throws(() => system.watch(worker), tooLate);
});

test("a worker without an event for its end is refused, and what hears of it is named", () => {
  const dom = { postMessage: () => {}, terminate: () => {}, addEventListener: () => {} };
  const other = { code: "ERR_ARGUMENT", message: /watchThreads\(\) hears of it by Web Locks/ };
  assert.throws(() => system.watch(dom as never), other);
});

test("what is no policy is refused", () => {
  for (const policy of ["keep", null, 5, {}]) {
    const refused = { code: "ERR_ARGUMENT", message: /"reclaim", "report" or a function/ };
    assert.throws(() => system.watch(new Played(7), policy as never), refused);
  }
});

test("a policy that throws keeps the block, and the watch rejects when all is done", async () => {
  const dead = System.attach(system.ticket());
  const list = dead.blockList({ tag: "Trou", size: 64 });
  const handles = [list.allocate(), list.allocate()].map((block) => block?.handle ?? assert.fail());
  const { words, layout } = system.region;
  words[layout.threads + dead.thread * layout.threadWords + 1] = 7 + 1; // as if attached by worker 7
  const worker = new Played(7);
  const ended = system.watch(worker, () => {
    throw new Error("no idea");
  });
  worker.emit("exit");
  await assert.rejects(ended, /no idea/);
  assert.equal(system.threads, 1);
  assert.deepEqual(system.audit().problems, []);
  const mine = system.blockList({ tag: "Trou", size: 64 });
  for (const handle of handles) mine.adopt(handle).free();
});

test("a number that was claimed or left when its thread ended is free after that end is known", () => {
  const { words, layout } = system.region;
  const hostWord = layout.threads + 2 * layout.threadWords + 1;
  for (const [host, eldest] of [
    [7, 7],
    [9, 7],
  ] as const) {
    words[hostWord] = -(eldest + 2); // FREE, and being claimed or left
    assert.equal(claimThread(system.region, { host: 20, ancestors: [] }).thread, 3, "it is taken");
    releaseThread(system.region, { thread: 3, epoch: host === 7 ? 0 : 1 });
    assert.deepEqual(threadsEndedWith(system.region, eldest), []);
    assert.equal(words[hostWord], 0);
  }
});
