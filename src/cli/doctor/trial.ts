/**
 * The library at work, as a proof: a system is made, a worker thread attaches, takes over a block by its
 * handle, frees it, and another one is recovered from it when it ends.
 */
import { Worker } from "node:worker_threads";
import { type Finding, needed } from "./finding.js";

/** What the worker thread is given. */
export interface TrialData {
  readonly ticket: unknown;
  readonly handle: number;
}

/** Longer than any worker thread takes to start. */
const PATIENCE_MS = 15_000;

/** What the worker writes, and the main thread reads. */
export const TRIAL_BYTE = 0x2a;

async function tryLibrary(): Promise<string> {
  const { System } = await import("../../system/index.js");
  const system = System.create({ nonPaged: "1 MiB", paged: "64 KiB", depth: { periodMs: 0 } });
  try {
    const list = system.blockList({ tag: "Doct", size: 64, maximumDepth: 4 });
    const kept = list.allocate();
    const handed = list.allocate();
    if (kept === null || handed === null) throw new Error("a fresh system has no block");
    const { bytes } = handed;
    const data = { ticket: system.ticket(), handle: handed.handle };
    const worker = new Worker(new URL("./trial-thread.js", import.meta.url), { workerData: data });
    const broken = new Promise<never>((_, fail) => worker.once("error", fail));
    const late = AbortSignal.timeout(PATIENCE_MS);
    late.addEventListener("abort", () => worker.terminate());
    const reports = await Promise.race([system.watch(worker), broken]);
    if (late.aborted) throw new Error(`a worker thread did not end in ${PATIENCE_MS / 1_000} s`);
    kept.free();
    const { held } = list.statistics();
    const problems = system.audit().problems;
    if (bytes[0] !== TRIAL_BYTE) throw new Error("what a worker thread wrote was not to be seen");
    if (reports[0]?.reclaimed !== 1)
      throw new Error("what an ended thread held was not given back");
    if (held !== 0 || problems.length > 0)
      throw new Error(problems[0] ?? `${held} blocks are held`);
    return "a block went to a worker thread and back, and its end was noticed";
  } finally {
    system.detach();
  }
}

/** Whether the library does its work here. */
export async function trialFinding(): Promise<Finding> {
  const name = "The library at work";
  const meaning = "a system, a worker thread, a block handed over, recovery and an audit";
  try {
    return needed(name, true, await tryLibrary(), meaning);
  } catch (error) {
    return needed(name, false, error instanceof Error ? error.message : String(error), meaning);
  }
}
