/**
 * One run: finds the files, hashes them by way of blocks, and says what the lists and channels did meanwhile.
 */
import type { System } from "../../system/index.js";
import { counted } from "./amounts.js";
import { BlockWay } from "./block-way.js";
import type { Ledger } from "./ledger.js";
import { depthFor, openLists } from "./lists.js";
import type { DemoOptions } from "./options.js";
import { Pace } from "./pace.js";
import { pass } from "./pass.js";
import { showPath } from "./path-text.js";
import { poolsOf, tagsOf } from "./pools.js";
import type { Progress } from "./progress.js";
import type { Outcome } from "./report.js";
import { type Found, walk } from "./walk.js";

/** What a run works with. */
export interface RunSetting {
  readonly options: DemoOptions;
  readonly system: System;
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

/** Runs. @throws {CommandFailed} */
export async function run(setting: RunSetting): Promise<RunResult> {
  const { options, system, root, manifest, ledger, progress, measure, interrupt } = setting;
  const started = performance.now();
  const lists = openLists(system, depthFor(options));
  const pace = new Pace();
  const found = await walk({ root, ledger, pace, signal: interrupt, manifest, measure });
  const { paths } = found;
  // A thread without a file of its own would only cost its start.
  const threads = interrupt.aborted ? 0 : Math.min(options.threads, paths.length);
  announce(setting, found, threads, started);
  const { answered, way } = await pass(
    { root, paths, threads, ledger, interrupt },
    (count, signal) => new BlockWay(system, depthFor(options), count, ledger, signal),
  );
  progress.end();
  const interrupted = interrupt.aborted;
  // The end of the threads themselves is not counted: what is measured is over with the last answer.
  const seconds = ((interrupted ? performance.now() : answered) - started) / 1e3;
  return {
    ledger,
    seconds,
    threads,
    interrupted,
    found: paths.length,
    paths,
    lists: lists.map((list) => list.statistics()),
    channels: way.channelStatistics,
    pools: poolsOf(system),
    tags: tagsOf(system),
    problems: system.audit().problems,
  };
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
