/**
 * What it costs to be looked at, and to look.
 *
 * `monitor`: pairs in a thread whose system another thread takes snapshots of, ten a second; against the same
 * without. A round holds a snapshot, or it does not count. `snapshot`: one snapshot of 1,000 lists
 * that eight threads have used.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { System } from "lookaside";
import type { Contender, Scenario, Timing } from "../harness.js";
import { crewContender } from "../threads/crew.js";
import type { AllocatorOrders } from "../threads/shared-allocator.js";
import type { WatcherOrders } from "../threads/watcher.js";

/** Ten a second. */
const EVERY_MS = 100;

/** Pairs of a round: some 100 ms, so that a snapshot falls into it. */
const PAIRS = 10_000_000;

/** Rounds that saw no snapshot, one after the other, until something must be wrong. */
const BLIND_ROUNDS = 20;

/** Opens lists in a system and uses each. */
function useLists(system: System, lists: number): void {
  for (let list = 0; list < lists; list++) {
    const options = { tag: `L${list % 100}`, name: `list ${list}`, size: 64, batch: 4 } as const;
    system
      .blockList({ ...options, maximumDepth: 16 })
      .allocate()
      ?.free();
  }
}

/** Pairs of one thread in a system of its own. */
async function pairsIn(system: System, name: string, operations: number): Promise<Contender> {
  const orders = { kind: "BlockList", ticket: system.ticket(), bytes: 64, most: 256 } as const;
  const crew = await crewContender({
    name,
    threads: 1,
    module: new URL("../threads/works/pairs.js", import.meta.url),
    open: "pairs",
    data: orders satisfies AllocatorOrders,
    expected: (pairs) => pairs,
    dispose: () => system.detach(),
  });
  return { ...crew, operations };
}

function systemFor(lists: number): System {
  const system = System.create({ nonPaged: "128 MiB", threads: 4 });
  useLists(system, lists);
  return system;
}

/** The same pairs while another thread takes snapshots of the system, with so many lists besides. */
async function watchedPairs(name: string, lists: number, operations: number): Promise<Contender> {
  const system = systemFor(lists);
  const taken = new SharedArrayBuffer(4);
  const count = new Int32Array(taken);
  const orders: WatcherOrders = { ticket: system.ticket(), everyMs: EVERY_MS, taken };
  const watcher = new Worker(new URL("../threads/watcher.js", import.meta.url), {
    workerData: orders,
  });
  await once(watcher, "message");
  const crew = await pairsIn(system, name, operations);
  return {
    ...crew,
    async run(pairs) {
      for (let round = 0; round < BLIND_ROUNDS; round++) {
        const before = Atomics.load(count, 0);
        const timing = (await crew.run(pairs)) as Timing;
        // A tiny round is over before the next snapshot: it is only to see that it runs.
        if (operations < PAIRS || Atomics.load(count, 0) > before) return timing;
      }
      throw new Error("The watcher of the bench takes no snapshots");
    },
    async dispose() {
      const exit = once(watcher, "exit");
      watcher.postMessage("end");
      await exit;
      await crew.dispose?.();
    },
  };
}

/** Pairs with and without a monitor. */
export const monitor: Scenario = {
  name: "monitor",
  pace: "threads",
  contenders: async ({ quick }) => {
    const pairs = quick ? 2_000 : PAIRS;
    const lists = quick ? 10 : 1_000;
    return [
      await pairsIn(systemFor(0), "BlockList", pairs),
      await watchedPairs("BlockList, watched", 0, pairs),
      await watchedPairs("BlockList, watched with 1,000 lists", lists, pairs),
    ];
  },
};

/** A snapshot of so many lists in a system of eight threads that used all of them. */
function snapshotOf(name: string, lists: number): Contender {
  const first = System.create({ nonPaged: "256 MiB", threads: 8, depth: { periodMs: 0 } });
  const systems = [first];
  while (systems.length < 8) systems.push(System.attach(first.ticket()));
  for (const system of systems) useLists(system, lists);
  return {
    name,
    run(snapshots) {
      let seen = 0;
      for (let at = 0; at < snapshots; at++) seen += first.snapshot().lists.length;
      return seen;
    },
    expected: (snapshots) => snapshots * lists,
    operations: 4,
    dispose: () => {
      for (const system of systems.reverse()) system.detach();
    },
  };
}

/** What a snapshot costs who takes it. */
export const snapshot: Scenario = {
  name: "snapshot",
  contenders: async ({ quick }) => [
    snapshotOf("1,000 lists, 8 threads", quick ? 10 : 1_000),
    snapshotOf("10 lists, 8 threads", 10),
  ],
};
