/**
 * Loaded before the program: lets hashing threads end badly, or never, at one of their first pieces.
 *
 * How is told by the environment variable TROUBLE, in which thread by TROUBLE_THREAD (1 is the first; all
 * unless given), at which piece by TROUBLE_AT (the third unless given). The wrapped call is the only
 * one of a thread that takes bytes; the thread holds a block then.
 */
import { Hash } from "node:crypto";
import { openSync, writeSync } from "node:fs";
import { BroadcastChannel, isMainThread, threadId, type Worker } from "node:worker_threads";

/** A thread that wants to be ended says its number here. */
const END_ME = "end me";

function waitForEver(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const HOW: Readonly<Record<string, () => void>> = {
  throw: () => {
    throw new Error("simulated trouble");
  },
  exit: () => {
    process.exit(7);
  },
  // Where `terminate` can end it.
  wait: () => {
    writeSync(2, "a thread waits\n");
    waitForEver();
  },
  // Where `terminate` does end it.
  terminate: () => {
    new BroadcastChannel(END_ME).postMessage(threadId);
    waitForEver();
  },
  // Where nothing but the end of the process can: in a call of the operating system.
  block: () => {
    writeSync(2, "a thread is blocked\n");
    openSync(process.env["PIPE"] as string, "r");
  },
};

const act = HOW[process.env["TROUBLE"] as string];
if (act === undefined) throw new Error(`unknown trouble ${process.env["TROUBLE"]}`);
const thread = process.env["TROUBLE_THREAD"] ?? String(threadId);
const troubleAt = Number(process.env["TROUBLE_AT"] ?? "3");
if (isMainThread) {
  const workers = new Map<number, Worker>();
  process.on("worker", (worker: Worker) => workers.set(worker.threadId, worker));
  const wishes = new BroadcastChannel(END_ME);
  wishes.onmessage = ({ data }: { readonly data: unknown }) => {
    void workers.get(data as number)?.terminate();
  };
  wishes.unref();
}
if (!isMainThread && thread === String(threadId)) {
  const update = Hash.prototype.update;
  let pieces = 0;
  Hash.prototype.update = function (this: Hash, ...args: Parameters<Hash["update"]>): Hash {
    pieces++;
    if (pieces === troubleAt) act();
    return update.apply(this, args);
  } as Hash["update"];
}
