/**
 * Counts garbage: the bytes that an operation leaves behind, on the engine's heap and behind its buffers.
 *
 * Two ways. Sampled: what short runs grow the memory by, the middle of many; a collection spoils only the
 * sample that it falls into. Total: one long run, what it grew the heap by and what each collection
 * meanwhile gave back; exact for the heap, so it is what a claim of none rests on. (Of buffers' bytes the
 * long way sees only those that are still there: the engine frees them beside the collections.)
 */
import { GCProfiler, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/** Runs the collector. */
export const collect = runInNewContext("gc") as () => void;

/** Does operations, and gives back what the memory grew by. */
export type GarbageRun = (operations: number) => Promise<number>;

/** Bytes in use by this thread, on the engine's heap and behind its buffers. */
export function bytesInUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The middle of the growths of `samples` runs. */
async function medianGrowth(run: GarbageRun, operations: number, samples: number): Promise<number> {
  const growths: number[] = [];
  for (let sample = 0; sample < samples; sample++) growths.push(await run(operations));
  return growths.sort((one, other) => one - other)[samples >> 1] as number;
}

/** Operations of the shortest runs, and bytes of an operation from which on those are believed. */
const FEW_OPERATIONS = 50;
const MANY_BYTES = 100;

/**
 * Bytes per operation by short runs: what they grow the memory by, less what runs of nothing do. Large
 * buffers bring a collection into most runs of any length, so those are counted over very few.
 */
export async function sampledGarbage(
  run: GarbageRun,
  operations: number,
  samples: number,
): Promise<number> {
  const usual = await garbageOver(run, operations, samples);
  const few = await garbageOver(run, FEW_OPERATIONS, samples);
  return few > MANY_BYTES ? Math.max(few, usual) : usual;
}

async function garbageOver(run: GarbageRun, operations: number, samples: number): Promise<number> {
  collect();
  await medianGrowth(run, 0, samples); // what the engine learns of this code must not count
  const own = await medianGrowth(run, 0, samples);
  return Math.max(0, (await medianGrowth(run, operations, samples)) - own) / operations;
}

/** Bytes per operation over one long run, after another one that lets the engine learn. */
export function totalGarbage(run: (operations: number) => void, operations: number): number {
  run(operations);
  collect();
  const profiler = new GCProfiler();
  profiler.start();
  const before = bytesInUse();
  run(operations);
  let bytes = bytesInUse() - before;
  for (const { beforeGC, afterGC } of profiler.stop()?.statistics ?? []) {
    bytes += beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize;
    bytes += beforeGC.heapStatistics.externalMemory - afterGC.heapStatistics.externalMemory;
  }
  return Math.max(0, bytes) / operations;
}
