/**
 * One run: starts the crew, finds the files, reads for every lane, ends the crew.
 *
 * All lanes take files from one queue, each when its thread has room for more: so a thread that is given
 * long files simply takes fewer. The lanes run in this thread, in turns, since every wait is a promise.
 * A run ends early when it is interrupted, when a thread fails, or when the pools cannot hold an entry;
 * the first of these is the one that is told.
 */

import { LookasideError } from "../../base/index.js";
import { boot, shutdown, ticket } from "../../wdk/index.js";
import { CommandFailed } from "../failure.js";
import { counted } from "./amounts.js";
import { Crew } from "./crew.js";
import { EntryLists } from "./entry-lists.js";
import type { Lane } from "./lane.js";
import type { Ledger } from "./ledger.js";
import type { DemoOptions } from "./options.js";
import { Pace } from "./pace.js";
import { showPath } from "./path-text.js";
import type { Progress } from "./progress.js";
import { type Reading, readFile } from "./reader.js";
import type { Outcome } from "./report.js";
import { type Found, walk } from "./walk.js";

/** How long an interrupted run waits for its threads before it ends them. */
const GRACE_MS = 500;

/** What a run works with. */
export interface RunSetting {
  readonly options: DemoOptions;
  /** The folder, ending with a slash. */
  readonly root: Buffer;
  /** Relative path that is left out, because the manifest will be written there. */
  readonly manifest: Buffer | null;
  readonly ledger: Ledger;
  readonly progress: Progress;
  /** Whether a bar will be drawn, so that sizes are worth asking for. */
  readonly measure: boolean;
  /** Aborted by Ctrl-C. */
  readonly interrupt: AbortSignal;
}

/** What a run has come to. */
export interface RunResult extends Outcome {
  readonly paths: readonly Buffer[];
}

/**
 * Runs. `report` is called while the lists are still there and all threads have left.
 * @throws {CommandFailed}
 */
export async function run(
  setting: RunSetting,
  report: (result: RunResult) => void,
): Promise<RunResult> {
  const { nonPagedPoolBytes, pagedPoolBytes, threads } = setting.options;
  try {
    boot({ nonPagedPoolBytes, pagedPoolBytes, threads: threads + 1 });
  } catch (error) {
    if (error instanceof LookasideError) throw new CommandFailed(error.message);
    throw error;
  }
  try {
    const lists = new EntryLists();
    const result = await hashAll(setting, lists);
    report(result);
    const lost = lists.delete();
    if (lost !== 0 && !result.interrupted)
      throw new Error(`${counted(lost, "entry", "entries")} never came home`);
    return result;
  } finally {
    shutdown();
  }
}

async function hashAll(setting: RunSetting, lists: EntryLists): Promise<RunResult> {
  const { options, root, manifest, ledger, progress, measure, interrupt } = setting;
  const started = performance.now();
  let answered = started;
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

  const pace = new Pace();
  const found = await walk({ root, ledger, pace, signal, manifest, measure });
  // A thread without a file of its own would only cost its start.
  const threads = signal.aborted ? 0 : Math.min(options.threads, found.paths.length);
  announce(setting, found, threads, started);
  const orders = { ticket: ticket(), descriptors: lists.descriptors };
  const crew = new Crew(threads, orders, {
    answered: ({ files, digests, bytes }) => {
      ledger.hashed(files, digests, bytes);
      answered = performance.now();
    },
    failed: fail,
  });
  signal.addEventListener("abort", () => crew.release());

  const reading: Reading = { root, lists, crew, ledger, pace, signal };
  const queue = found.paths.entries();
  await Promise.all(
    crew.lanes.map((lane) => feed(reading, lane, queue).catch((error: Error) => fail(error))),
  );
  await settle(crew, signal, () => failure !== null);
  progress.end();
  interrupt.removeEventListener("abort", stopNow);
  if (failure !== null) throw failure;
  const interrupted = interrupt.aborted;
  // The end of the threads themselves is not counted: what is measured is over with the last answer.
  const seconds = ((interrupted ? performance.now() : answered) - started) / 1e3;
  return { ledger, seconds, threads, interrupted, found: found.paths.length, paths: found.paths };
}

/** Says what is going to be done, and from now on how far it has come. */
function announce(setting: RunSetting, found: Found, threads: number, started: number): void {
  const { options, ledger, progress } = setting;
  if (options.quiet || setting.interrupt.aborted) return;
  const files = counted(found.paths.length, "file");
  const folder = showPath(Buffer.from(options.folder));
  progress.line(`Hashing ${files} of ${folder} with ${counted(threads, "thread")}`);
  progress.start(() => ({
    files: ledger.files,
    filesTotal: found.paths.length,
    bytes: ledger.bytesRead,
    bytesTotal: found.bytes,
    seconds: (performance.now() - started) / 1e3,
  }));
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
  lane.post();
}

/** Waits until all threads have ended; ends them when the run has failed or takes too long to stop. */
async function settle(crew: Crew, signal: AbortSignal, failed: () => boolean): Promise<void> {
  if (!failed()) await Promise.race([crew.end(), grace(signal)]);
  await crew.terminate();
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
