/**
 * Watching threads by Web Locks: a grant is proof, and nothing is proved before the lock was held.
 *
 * The threads are played: attachments of this thread, each with a lock manager of its own that ends with it.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type RecoveryReport, System, type ThreadWatchOptions } from "lookaside";
import { PlayedLocks, type PlayedThread, settled } from "../../support/played-locks.js";

const LIST = { tag: "Lock", size: 64, maximumDepth: 16, batch: 4 } as const;
const CLOCKLESS = { periodMs: 0 } as const;

let host: PlayedLocks;
let system: System;

beforeEach(() => {
  host = new PlayedLocks();
  const locks = host.thread();
  system = System.create({ nonPaged: "1 MiB", paged: "1 MiB", depth: { periodMs: 0 }, locks });
});

afterEach(() => system.detach());

interface Played {
  readonly locks: PlayedThread;
  readonly system: System;
}

/** A thread that holds three blocks and has parked one. */
function played(delayed = false): Played {
  const locks = host.thread();
  locks.delayed = delayed;
  const own = System.attach(system.ticket(), { locks });
  const list = own.blockList(LIST);
  const blocks = Array.from({ length: 4 }, () => list.allocate());
  blocks.pop()?.free();
  return { locks, system: own };
}

/** Watches in a thread; gives back what is recovered. */
function watching(watcher: System, options: ThreadWatchOptions = {}): RecoveryReport[] {
  const reports: RecoveryReport[] = [];
  watcher.watchThreads({ ...CLOCKLESS, recovered: (report) => reports.push(report), ...options });
  return reports;
}

function demandWhole(held: number): void {
  assert.deepEqual(system.audit().problems, []);
  assert.equal(system.blockList(LIST).statistics().held, held);
}

test("a thread that ends is recovered by who is granted its lock", async () => {
  const { locks } = played();
  await settled();
  const reports = watching(system);
  await settled();
  assert.deepEqual(reports, [], "while it lives its lock is not granted");
  locks.end();
  await settled();
  assert.deepEqual(
    reports.map(({ thread, reclaimed, parked }) => [thread, reclaimed, parked]),
    [[2, 3, 1]],
  );
  demandWhole(0);
  assert.equal(system.threads, 1);
});

test("a thread whose lock is not granted yet is not taken for dead", async () => {
  const late = played(true);
  const reports = watching(system);
  const watch = system.watchThreads(CLOCKLESS);
  await settled();
  assert.equal(watch.watched, 0, "its lock is free, and nobody asks for it");
  assert.deepEqual(reports, []);
  demandWhole(3);
  late.locks.goOn();
  await settled();
  watch.look();
  assert.equal(watch.watched, 1);
  await settled();
  assert.equal(system.threads, 2);
  late.locks.end();
  await settled();
  assert.equal(system.threads, 1);
  demandWhole(0);
});

test("a thread that ends before its lock was granted is left alone", async () => {
  const { locks } = played(true);
  locks.end();
  const reports = watching(system);
  await settled();
  assert.deepEqual(reports, []);
  assert.equal(system.threads, 2);
  demandWhole(3);
});

test("a thread that detaches gives its lock back, and its number's next user is another", async () => {
  const first = played();
  await settled();
  const reports: RecoveryReport[] = [];
  const watch = system.watchThreads({
    ...CLOCKLESS,
    recovered: (report) => reports.push(report),
  });
  first.system.detach();
  const second = played();
  assert.equal(second.system.thread, first.system.thread);
  await settled();
  assert.deepEqual(reports, []);
  assert.deepEqual([watch.watched, system.threads], [0, 2]);
  watch.look();
  assert.equal(watch.watched, 1);
  second.locks.end();
  await settled();
  assert.deepEqual(
    reports.map(({ reclaimed }) => reclaimed),
    [3],
    "what the first one left is nobody's",
  );
  demandWhole(3);
});

test("a thread that detaches before its lock is granted never holds it", async () => {
  const { locks, system: own } = played(true);
  own.detach();
  locks.goOn();
  await settled();
  assert.equal(host.held.length, 1, "the creator's alone");
});

test("of several watchers one recovers, and a watcher that ends is watched too", async () => {
  const worker = played();
  const other = played();
  await settled();
  const reports = [watching(system), watching(other.system)];
  worker.locks.end();
  await settled();
  assert.equal(reports.flat().length, 1);
  other.locks.end();
  await settled();
  assert.equal(reports.flat().length, 2);
  demandWhole(0);
  assert.equal(system.threads, 1);
});

test("who stops watching, or detaches, asks for no lock any more", async () => {
  const worker = played();
  const other = played();
  await settled();
  const watch = system.watchThreads(CLOCKLESS);
  watching(other.system);
  await settled();
  assert.equal(host.pending.length, 4, "each watches the other, the worker, or the creator");
  watch.stop();
  watch.stop();
  other.system.detach();
  await settled();
  assert.deepEqual(host.pending, []);
  watch.look();
  worker.locks.end();
  await settled();
  assert.equal(system.threads, 2, "nobody heard of it");
});

test("systems of one host have locks of different names", async () => {
  const locks = host.thread();
  const second = System.create({ nonPaged: "1 MiB", locks });
  await settled();
  assert.equal(new Set(host.held).size, 2);
  for (const name of host.held) assert.match(name, /^lookaside:[0-9a-f]{32}:1:0$/);
  second.detach();
});

test("the timer finds threads that attach later, and ends with the watch", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval"] });
  const watch = system.watchThreads({ periodMs: 500 });
  const { locks } = played();
  await settled();
  assert.equal(watch.watched, 0);
  t.mock.timers.tick(500);
  assert.equal(watch.watched, 1);
  locks.end();
  await settled();
  assert.equal(system.threads, 1);
  watch.stop();
  played();
  await settled();
  t.mock.timers.tick(5_000);
  assert.equal(watch.watched, 0);
});

test("a policy that throws is told, and the thread is recovered all the same", async () => {
  const { locks } = played();
  await settled();
  const errors: unknown[] = [];
  watching(system, {
    orphans: () => {
      throw new Error("no idea");
    },
    failed: (error) => errors.push(error),
  });
  locks.end();
  await settled();
  assert.match(String(errors), /no idea/);
  assert.equal(system.threads, 1);
  demandWhole(3);
});

test("a host that refuses locks leaves a thread that works and is never taken for dead", async () => {
  const refusing = { request: () => Promise.reject(new Error("SecurityError")) };
  const throwing = {
    request: () => {
      throw new Error("no locks here");
    },
  };
  for (const locks of [refusing, throwing]) System.attach(system.ticket(), { locks });
  await settled();
  const watch = system.watchThreads(CLOCKLESS);
  assert.deepEqual([watch.watched, system.threads], [0, 3]);
});

test("without a lock manager watching is refused, and the other ways are named", () => {
  for (const options of [{}, { locks: null }]) {
    const own = System.attach(system.ticket(), options);
    const refused = { code: "ERR_NO_LOCKS", message: /watch\(worker\) and recoverEnded/ };
    assert.throws(() => own.watchThreads(), refused);
    own.detach();
    assert.throws(() => own.watchThreads(), { code: "ERR_SYSTEM_CLOSED" });
  }
});

test("wrong options are refused by their names", () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ period: 5 }, /"period" of a watch: there are orphans, /],
    [{ periodMs: -1 }, /periodMs/],
    [{ recovered: 5 }, /recovered/],
    [{ failed: null }, /failed/],
    [[], /options must be an object/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => system.watchThreads(options), { code: "ERR_OPTION", message });
  }
  assert.throws(() => system.watchThreads({ orphans: "no" as never }), { code: "ERR_ARGUMENT" });
  for (const options of [{ locks: 5 }, { locks: {} }, { lock: null }, []]) {
    assert.throws(() => System.attach(system.ticket(), options as never), { code: "ERR_OPTION" });
  }
  assert.throws(() => System.create({ locks: {} as never }), { code: "ERR_OPTION" });
  assert.equal(system.threads, 1);
});

test("a host's own locks whose grants prove nothing are refused, another's are not (Deno's)", (t) => {
  const replaced = (target: object, name: string, value: unknown): void => {
    const before = Object.getOwnPropertyDescriptor(target, name);
    t.after(() => {
      if (before === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, before);
    });
    Object.defineProperty(target, name, { configurable: true, value });
  };
  const own = host.thread();
  replaced(globalThis, "navigator", { locks: own });
  replaced(globalThis, "process", { versions: { deno: "2.9.6" } });
  const watcher = System.attach(system.ticket(), { locks: own });
  const refused = { code: "ERR_UNSUPPORTED", message: /terminate\(\).*recoverEnded/ };
  assert.throws(() => watcher.watchThreads(CLOCKLESS), refused);
  watcher.detach();
  system.watchThreads(CLOCKLESS).stop();
});
