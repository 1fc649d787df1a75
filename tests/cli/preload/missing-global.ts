/** Takes a global away, or makes worker threads fail: what a poorer runtime is like. */
import { isMainThread } from "node:worker_threads";

const missing = process.env["MISSING"];

if (missing === "worker") {
  if (!isMainThread) throw new Error("no thread today");
} else if (missing !== undefined) {
  delete (globalThis as Record<string, unknown>)[missing];
}
