/**
 * One pass over files: reads for every lane of a way, until all digests have come or the pass ends early.
 *
 * All lanes take files from one queue, each when there is room for more: so a lane that is given long files
 * simply takes fewer. The lanes run in this thread, in turns, since every wait is a promise. A pass ends
 * early when it is interrupted or when a hashing thread dies: then the others finish what they were given,
 * and what is left is for another pass, with threads of its own.
 */
import type { CommandFailed } from "../failure.js";
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
  /** Relative paths of all files: a file's number is its place here. */
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
  /** Why it ended early: the first thread that died. Null when none did. */
  readonly death: CommandFailed | null;
}

/** Makes a pass over the files that the ledger has not settled. */
export async function pass<W extends Way>(
  setting: PassSetting,
  makeWay: WayMaker<W>,
): Promise<PassResult<W>> {
  const { root, paths, threads, ledger, interrupt } = setting;
  let death: CommandFailed | null = null;
  let defect: Error | null = null;
  const stop = new AbortController();
  const { signal } = stop;
  const fail = (error: Error): void => {
    defect ??= error;
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
    died: (why) => {
      death ??= why;
      stop.abort();
    },
  });
  if (setting.awaitThreads === true) await crew.ready;
  const began = performance.now();
  const reading: Reading = { root, ledger, pace: new Pace(), signal };
  const queue = unsettled(paths, ledger);
  await Promise.all(way.lanes.map((lane) => feed(reading, lane, queue).catch(fail)));
  way.close();
  await Promise.race([crew.ended, grace(signal)]);
  await crew.terminate();
  await way.settle();
  interrupt.removeEventListener("abort", stopNow);
  if (defect !== null) throw defect;
  return { began, answered, way, death };
}

/** The files that are left, each once. */
function* unsettled(paths: readonly Buffer[], ledger: Ledger): Generator<[number, Buffer], void> {
  for (const [file, path] of paths.entries()) if (!ledger.isSettled(file)) yield [file, path];
}

/** Reads one file after the other for a lane, until the queue is empty or the run is over. */
async function feed(
  reading: Reading,
  lane: Lane,
  queue: Iterator<[number, Buffer], void>,
): Promise<void> {
  // No for-of: a lane that leaves it would end the queue for the others.
  while (!reading.signal.aborted) {
    const next = queue.next();
    if (next.done) break;
    const [file, path] = next.value;
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
