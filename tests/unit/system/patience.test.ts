/**
 * Two threads end at once, and one has the lock that the recovery of the other needs. The workers are played:
 * second attachments of this thread, whose host numbers are written into the thread table.
 */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { type BlockList, System } from "lookaside";
import { HEADER, load, store } from "#src/memory/index.js";

const LIST = { tag: "Ptnc", size: 200_000, policy: "fixed", maximumDepth: 2, batch: 1 } as const;

/** A worker that ends when it is told to. */
class Played extends EventEmitter {
  readonly threadId: number;
  constructor(threadId: number) {
    super();
    this.threadId = threadId;
  }
}

/** A played worker's thread: what it has is its own, and its number is `host` to the host. */
function playedThread(
  system: System,
  host: number,
): { worker: Played; list: BlockList; thread: number } {
  const attached = System.attach(system.ticket());
  const { layout, words } = system.region;
  store(words, layout.threads + attached.thread * layout.threadWords + 1, host + 1);
  return { worker: new Played(host), list: attached.blockList(LIST), thread: attached.thread };
}

for (const [name, lock] of [
  ["the run table", HEADER.RUN_LOCK],
  ["the set of lists", HEADER.SET_LOCK],
] as const) {
  test(`the lock of ${name}, held by a second dead thread, stops nobody`, async () => {
    const system = System.create({ nonPaged: "8 MiB", depth: { periodMs: 0 } });
    const before = system.audit().held;
    const [first, second] = [playedThread(system, 7), playedThread(system, 8)];
    for (const { list } of [first, second]) {
      for (let block = 0; block < 4; block++) list.allocate(); // runs: to free one takes the run lock
      list.allocate()?.free();
    }
    store(system.region.words, lock, second.thread); // it died holding it
    const ended = [system.watch(first.worker), system.watch(second.worker)];
    const begin = performance.now();
    first.worker.emit("exit"); // heard first, and cannot be recovered yet
    assert.equal(load(system.region.words, lock) & 0xff, second.thread);
    assert.ok(performance.now() - begin < 2_000, "the thread that recovers went on");
    second.worker.emit("exit");
    const reports = (await Promise.all(ended)).flat();
    assert.deepEqual(
      reports.map(({ thread }) => thread).sort(),
      [first.thread, second.thread].sort(),
    );
    assert.equal(load(system.region.words, lock), 0);
    const { problems, held, cached } = system.audit();
    assert.deepEqual({ problems, cached }, { problems: [], cached: 0 });
    const list = system.blockList(LIST);
    assert.equal(list.statistics().held, 0);
    list.delete();
    assert.ok(held - before <= 1, "nothing is held but the record of the list");
    assert.equal(system.threads, 1);
    system.detach();
  });
}
