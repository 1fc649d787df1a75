/**
 * Runs one test file in this page, in a worker of it, or in an AudioWorklet of it: what the program that
 * drives the browser calls.
 */
import type { Case } from "./case.js";

/** Where a file is run. */
export type Place = "page" | "worker" | "worklet";

/** Addresses of the modules that begin a context; `entry` is made by the server. */
function entryOf(place: Place, file: string): string {
  return `/entry/${place}.js?file=${encodeURIComponent(file)}`;
}

/** Runs the file, and gives back how its tests ended. */
export async function runFile(place: Place, file: string): Promise<Case[]> {
  if (place === "page") {
    const entry = (await import(entryOf(place, file))) as { run(): Promise<Case[]> };
    return entry.run();
  }
  return place === "worker" ? runInWorker(file) : runInWorklet(file);
}

function runInWorker(file: string): Promise<Case[]> {
  const worker = new Worker(entryOf("worker", file), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Case[]>) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message || "the worker did not start"));
  });
}

async function runInWorklet(file: string): Promise<Case[]> {
  const context = new OfflineAudioContext(1, 128, 48_000);
  await context.audioWorklet.addModule(entryOf("worklet", file));
  const node = new AudioWorkletNode(context, "tests");
  return new Promise((resolve, reject) => {
    node.port.onmessage = ({ data }: MessageEvent<Case[]>) => resolve(data);
    node.onprocessorerror = () => reject(new Error("the worklet's processor failed"));
  });
}

Object.assign(globalThis, { runFile });
