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
import { LOOKING, TAKEN, type WatcherOrders } from "../threads/watcher.js";

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

/** A thread that takes snapshots of a system, while `looking`. */
interface Watcher {
  /** Switches it on or off. */
  look(looking: boolean): void;
  /** Snapshots that it has taken. */
  taken(): number;
  end(): Promise<void>;
}

async function startWatcher(system: System): Promise<Watcher> {
  const board = new SharedArrayBuffer(8);
  const words = new Int32Array(board);
  const orders: WatcherOrders = { ticket: system.ticket(), everyMs: EVERY_MS, board };
  const url = new URL("../threads/watcher.js", import.meta.url);
  const watcher = new Worker(url, { workerData: orders });
  await once(watcher, "message");
  return {
    look: (looking) => void Atomics.store(words, LOOKING, looking ? 1 : 0),
    taken: () => Atomics.load(words, TAKEN),
    async end() {
      const ended = once(watcher, "message");
      watcher.postMessage("end");
      await ended;
      await watcher.terminate();
    },
  };
}

/**
 * Pairs of one thread in a system with so many lists besides: alone, and watched. One and the same thread
 * does both, round by round, for two threads differ by more than what is looked for; and its own time counts.
 */
async function pairsOf(name: string, lists: number, operations: number): Promise<Contender[]> {
  const system = System.create({ nonPaged: "128 MiB", threads: 4 });
  useLists(system, lists);
  const watcher = await startWatcher(system);
  const orders = { kind: "BlockList", ticket: system.ticket(), bytes: 64, most: 256 } as const;
  const crew = await crewContender({
    name,
    threads: 1,
    module: new URL("../threads/works/pairs.js", import.meta.url),
    open: "pairs",
    data: orders satisfies AllocatorOrders,
    cpuTime: true,
    expected: (pairs) => pairs,
    dispose: () => system.detach(),
  });
  const alone: Contender = {
    ...crew,
    operations,
    async dispose() {
      await watcher.end();
      await crew.dispose?.();
    },
  };
  const watched: Contender = {
    name: `${name}, watched`,
    operations,
    expected: crew.expected,
    async run(pairs) {
      watcher.look(true);
      try {
        return await watchedRound(() => crew.run(pairs) as Promise<Timing>, watcher, operations);
      } finally {
        watcher.look(false);
      }
    },
  };
  return [alone, watched];
}

/** A round that a snapshot fell into. */
async function watchedRound(
  round: () => Promise<Timing>,
  watcher: Watcher,
  operations: number,
): Promise<Timing> {
  for (let tries = 0; tries < BLIND_ROUNDS; tries++) {
    const before = watcher.taken();
    const timing = await round();
    // A tiny round is over before the next snapshot: it is only to see that it runs.
    if (operations < PAIRS || watcher.taken() > before) return timing;
  }
  throw new Error("The watcher of the bench takes no snapshots");
}

/** Pairs with and without a monitor. */
export const monitor: Scenario = {
  name: "monitor",
  pace: "threads",
  rounds: 40,
  contenders: async ({ quick }) => {
    const pairs = quick ? 2_000 : PAIRS;
    return [
      ...(await pairsOf("BlockList", 0, pairs)),
      ...(await pairsOf("BlockList beside 1,000 lists", quick ? 10 : 1_000, pairs)),
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
