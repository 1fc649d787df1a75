/**
 * Loaded before the program: lets hashing threads end badly, or never, at their third piece of a file.
 *
 * How is told by the environment variable TROUBLE, and in which thread by TROUBLE_THREAD (1 is the first;
 * all unless given). The wrapped call is the only one of a thread that takes bytes.
 */
import { Hash } from "node:crypto";
import { openSync, writeSync } from "node:fs";
import { isMainThread, threadId } from "node:worker_threads";

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
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
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
if (!isMainThread && thread === String(threadId)) {
  const update = Hash.prototype.update;
  let pieces = 0;
  Hash.prototype.update = function (this: Hash, ...args: Parameters<Hash["update"]>): Hash {
    pieces++;
    if (pieces === 3) act();
    return update.apply(this, args);
  } as Hash["update"];
}
