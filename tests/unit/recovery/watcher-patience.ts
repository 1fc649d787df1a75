/**
 * Waits for a lock that nobody gives back, in a thread that watches another: a program of its own, for a
 * thread that has watched once is less patient ever after.
 */
import { EventEmitter } from "node:events";
import { type LookasideError, System } from "lookaside";
import { HEADER, store } from "#src/memory/index.js";

const system = System.create({ nonPaged: "1 MiB", depth: { periodMs: 0 } });
const worker = Object.assign(new EventEmitter(), { threadId: 7 });
void system.watch(worker);
store(system.region.words, HEADER.RUN_LOCK, 9);
const begin = performance.now();
let code = "none";
try {
  system.pool.allocate(0, 100, 1, false, 0, 0, 0);
} catch (error) {
  code = (error as LookasideError).code;
}
console.log(JSON.stringify({ milliseconds: performance.now() - begin, code }));
