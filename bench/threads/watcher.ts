/**
 * The thread of a monitor: takes snapshots of a system at a steady rate while it is told to, and counts them.
 * Told to end, it leaves the system and says so; who started it then ends the thread.
 */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { System, type Ticket } from "lookaside";

/** What a watcher is started with. */
export interface WatcherOrders {
  readonly ticket: Ticket;
  /** Milliseconds from one snapshot to the next. */
  readonly everyMs: number;
  /** Two shared words: {@link TAKEN} and {@link LOOKING}. */
  readonly board: SharedArrayBuffer;
}

/** Word of a watcher's board: snapshots that were taken. */
export const TAKEN = 0;
/** Word of a watcher's board: 1 while it is to take snapshots. */
export const LOOKING = 1;

function watch(parent: MessagePort): void {
  const { ticket, everyMs, board } = workerData as WatcherOrders;
  const words = new Int32Array(board);
  const system = System.attach(ticket);
  system.snapshot(); // the first one is the dearest, and no part of what is measured
  const timer = setInterval(() => {
    if (Atomics.load(words, LOOKING) === 0) return;
    system.snapshot();
    Atomics.add(words, TAKEN, 1);
  }, everyMs);
  parent.once("message", () => {
    clearInterval(timer);
    system.detach();
    parent.postMessage("ended");
  });
  parent.postMessage("ready");
}

if (parentPort !== null && (workerData as Partial<WatcherOrders> | null)?.everyMs !== undefined) {
  watch(parentPort);
}
