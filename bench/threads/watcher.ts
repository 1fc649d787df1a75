/**
 * The thread of a monitor: takes snapshots of a system at a steady rate and counts them, until it is told to
 * end.
 */
import { parentPort, workerData } from "node:worker_threads";
import { System, type Ticket } from "lookaside";

/** What a watcher is started with. */
export interface WatcherOrders {
  readonly ticket: Ticket;
  /** Milliseconds from one snapshot to the next. */
  readonly everyMs: number;
  /** One shared word: snapshots that were taken. */
  readonly taken: SharedArrayBuffer;
}

if (parentPort === null) throw new Error("A watcher is started by a bench only");
const parent = parentPort;
const { ticket, everyMs, taken } = workerData as WatcherOrders;
const count = new Int32Array(taken);
const system = System.attach(ticket);
const look = (): void => {
  system.snapshot();
  Atomics.add(count, 0, 1);
};
look(); // the first one is the dearest, and no part of what is measured
const timer = setInterval(look, everyMs);
parent.once("message", () => {
  clearInterval(timer);
  system.detach();
  parent.close();
});
parent.postMessage("ready");
