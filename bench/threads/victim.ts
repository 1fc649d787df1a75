/**
 * A worker that takes its orders, holds or parks blocks, says so, and waits to be ended.
 */
import { parentPort, workerData } from "node:worker_threads";
import { System, type Ticket } from "lookaside";

/** What a victim is to do. */
export interface VictimOrders {
  readonly ticket: Ticket;
  readonly bytes: number;
  /** Blocks to hold, and blocks to park. */
  readonly held: number;
  readonly parked: number;
  readonly maximumDepth: number;
}

const { ticket, bytes, held, parked, maximumDepth } = workerData as VictimOrders;
const system = System.attach(ticket);
const list = system.blockList({ tag: "Benc", size: bytes, maximumDepth, policy: "fixed" });
const blocks = Array.from({ length: held + parked }, () => list.allocate());
for (const block of blocks.slice(0, parked)) block?.free();
parentPort?.postMessage(blocks.includes(null) ? "the bench needs more pool" : "ready");
parentPort?.once("message", () => {}); // stay
