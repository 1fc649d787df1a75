/**
 * One pass over all files: reads for every lane of a way, until all digests have come or the run ends early.
 *
 * All lanes take files from one queue, each when there is room for more: so a lane that is given long files
 * simply takes fewer. The lanes run in this thread, in turns, since every wait is a promise. A pass ends
 * early when it is interrupted or when a thread fails; the first failure is the one that is told.
 */
import { Crew } from "./crew.js";
import type { Ledger } from "./ledger.js";
import { Pace } from "./pace.js";
import { type Reading, readFile } from "./reader.js";
import type { Lane, Way, WayMaker } from "./way.js";

/** How long a pass that was ended waits for its threads before it ends them. */
const GRACE_MS = 500;

/** What a pass works with. */
export interface PassSetting {
  /** The folder, ending with a slash. */
  readonly root: Buffer;
  /** Relative paths of the files: a file's number is its place here. */
  readonly paths: readonly Buffer[];
  readonly threads: number;
  readonly ledger: Ledger;
  /** Aborted by Ctrl-C. */
  readonly interrupt: AbortSignal;
  /** Whether to start reading only when all threads are ready, so that their start is not measured. */
  readonly awaitThreads?: boolean;
}

/** When a pass began to read and had its last answer, by `performance.now()`; and what it left behind. */
export interface PassResult<W extends Way> {
  readonly began: number;
  readonly answered: number;
  readonly way: W;
}

/** Makes the pass. @throws {CommandFailed} when a thread fails. */
export async function pass<W extends Way>(
  setting: PassSetting,
  makeWay: WayMaker<W>,
): Promise<PassResult<W>> {
  const { root, paths, threads, ledger, interrupt } = setting;
  let failure: Error | null = null;
  const stop = new AbortController();
  const { signal } = stop;
  const fail = (error: Error): void => {
    failure ??= error;
    stop.abort();
  };
  const stopNow = (): void => stop.abort();
  interrupt.addEventListener("abort", stopNow);
  if (interrupt.aborted) stopNow();

  const way = makeWay(threads, signal);
  let answered = performance.now();
  const crew = new Crew(way.workers, {
    answered: ({ files, digests, bytes }) => {
      ledger.hashed(files, digests, bytes);
      answered = performance.now();
    },
    failed: fail,
  });
  if (setting.awaitThreads === true) await crew.ready;
  const began = performance.now();
  const reading: Reading = { root, ledger, pace: new Pace(), signal };
  const queue = paths.entries();
  await Promise.all(way.lanes.map((lane) => feed(reading, lane, queue).catch(fail)));
  way.close();
  if (failure === null) await Promise.race([crew.ended, grace(signal)]);
  await crew.terminate();
  await way.settle();
  interrupt.removeEventListener("abort", stopNow);
  if (failure !== null) throw failure;
  return { began, answered, way };
}

/** Reads one file after the other for a lane, until the queue is empty or the run is over. */
async function feed(
  reading: Reading,
  lane: Lane,
  queue: IterableIterator<[number, Buffer]>,
): Promise<void> {
  for (const [file, path] of queue) {
    if (reading.signal.aborted) break;
    await readFile(reading, lane, file, path);
  }
}

/** Settles a while after the signal is aborted, and never before. */
function grace(signal: AbortSignal): Promise<void> {
  return new Promise((settle) => {
    const start = (): void => {
      setTimeout(settle, GRACE_MS).unref();
    };
    if (signal.aborted) start();
    else signal.addEventListener("abort", start, { once: true });
  });
}
