/**
 * Recovery: what it takes to find and reclaim what a dead worker left, per block of the list.
 *
 * Each round starts a worker, lets it park or hold blocks, ends it, and measures from its event `exit`
 * until `system.watch` has recovered it: the walk over the state words of all blocks, and what is done
 * about those that were the worker's.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { System } from "lookaside";
import { bytesInUse } from "../garbage.js";
import type { Contender, Scenario, Timing } from "../harness.js";
import type { VictimOrders } from "../threads/victim.js";

const MAXIMUM_DEPTH = 256;

/** Blocks that a ring of such a list keeps: more would be in the depot, and not the dead thread's. */
const PARKED = 60;

/**
 * Ends a worker that holds and parks blocks. Gives back how long its recovery took, and how many it
 * found.
 */
async function endOne(system: System, orders: VictimOrders): Promise<Timing> {
  const worker = new Worker(new URL("../threads/victim.js", import.meta.url), {
    workerData: orders,
  });
  let [start, before] = [0n, 0];
  worker.once("exit", () => {
    before = bytesInUse();
    start = process.hrtime.bigint();
  });
  const recovered = system.watch(worker);
  const [said] = await once(worker, "message");
  if (said !== "ready") throw new Error(said);
  await worker.terminate();
  const reports = await recovered;
  const nanoseconds = Number(process.hrtime.bigint() - start);
  const found = reports.reduce((sum, { parked, reclaimed }) => sum + parked + reclaimed, 0);
  return { nanoseconds, hash: found, growth: bytesInUse() - before };
}

/**
 * A contender whose operations are the blocks that the walk passes: held by this thread but for the
 * victim's.
 */
function recoveryOf(name: string, bytes: number, blocks: number, victims: number): Contender {
  const nonPaged = Math.ceil(blocks * bytes * 1.2) + 2 ** 24;
  const system = System.create({ nonPaged, threads: 4, depth: { periodMs: 0 } });
  const ours = name.startsWith("parked") ? blocks - victims : 0;
  const list = system.blockList({
    tag: "Benc",
    size: bytes,
    maximumDepth: MAXIMUM_DEPTH,
    policy: "fixed",
  });
  for (let block = 0; block < ours; block++)
    if (list.allocate() === null) throw new Error("the bench needs more pool");
  const orders: VictimOrders = {
    ticket: system.ticket(),
    bytes,
    held: ours === 0 ? victims : 0,
    parked: ours === 0 ? 0 : victims,
    maximumDepth: MAXIMUM_DEPTH,
  };
  return {
    name,
    operations: blocks,
    run: () => endOne(system, orders),
    expected: () => victims,
    dispose: () => system.detach(),
  };
}

/** Ended workers: one that had parked a few of all blocks, and one that held all of them. */
export const recovery: Scenario = {
  name: "recovery",
  pace: "rare",
  contenders: async ({ quick }) =>
    [
      { bytes: 64, blocks: quick ? 2_000 : 1_000_000 },
      { bytes: 1_024, blocks: quick ? 2_000 : 250_000 },
    ].flatMap(({ bytes, blocks }) => [
      recoveryOf(`parked, ${bytes} B`, bytes, blocks, PARKED),
      recoveryOf(`held, ${bytes} B`, bytes, blocks, blocks),
    ]),
};
