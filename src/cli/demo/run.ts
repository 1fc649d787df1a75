/**
 * One run: finds the files, hashes them by way of blocks, and says what the lists and channels did meanwhile.
 *
 * When a hashing thread dies, the system gets back all blocks that it had, and the run goes on with new
 * threads and the files that have no digest yet. Only so often, for what kills one thread may kill them all.
 */
import type { System } from "../../system/index.js";
import { counted } from "./amounts.js";
import { type BlockStore, BlockWay } from "./block-way.js";
import type { Ledger } from "./ledger.js";
import type { DemoOptions } from "./options.js";
import { Pace } from "./pace.js";
import { type PassResult, pass } from "./pass.js";
import { showPath } from "./path-text.js";
import { poolsOf, tagsOf } from "./pools.js";
import type { Progress } from "./progress.js";
import type { Outcome } from "./report.js";
import { type Found, walk } from "./walk.js";

/** What a run works with. */
export interface RunSetting {
  readonly options: DemoOptions;
  readonly system: System;
  readonly store: BlockStore;
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

/** Passes of a run at most: each but the last ended by the death of a thread. */
const PASSES_MAX = 5;

/** Runs. @throws {CommandFailed} when threads die again and again. */
export async function run(setting: RunSetting): Promise<RunResult> {
  const { options, system, root, manifest, ledger, progress, measure, interrupt } = setting;
  const started = performance.now();
  const pace = new Pace();
  const found = await walk({ root, ledger, pace, signal: interrupt, manifest, measure });
  const { paths } = found;
  // A thread without a file of its own would only cost its start.
  const threads = interrupt.aborted ? 0 : Math.min(options.threads, paths.length);
  announce(setting, found, threads, started);
  const passes = await passesOver(setting, paths, threads);
  progress.end();
  const interrupted = interrupt.aborted;
  // The end of the threads themselves is not counted: what is measured is over with the last answer.
  const ended = interrupted ? performance.now() : Math.max(...passes.map((one) => one.answered));
  return {
    ledger,
    seconds: (ended - started) / 1e3,
    threads,
    interrupted,
    found: paths.length,
    paths,
    deaths: passes.flatMap(({ death }) => (death === null ? [] : [death.message])),
    recovered: passes.reduce((blocks, { way }) => blocks + way.recovered, 0),
    lists: system.lists(),
    channels: passes.flatMap(({ way }) => way.channelStatistics),
    pools: poolsOf(system),
    tags: tagsOf(system),
    problems: system.audit().problems,
  };
}

/** As many passes as it takes. */
async function passesOver(
  { store, root, ledger, progress, interrupt }: RunSetting,
  paths: readonly Buffer[],
  threads: number,
): Promise<PassResult<BlockWay>[]> {
  const passes: PassResult<BlockWay>[] = [];
  for (;;) {
    const result = await pass(
      { root, paths, threads, ledger, interrupt },
      (count, signal) => new BlockWay(store, count, ledger, signal),
    );
    passes.push(result);
    const { death, way } = result;
    if (death === null || interrupt.aborted) return passes;
    if (passes.length === PASSES_MAX) throw death;
    const blocks = counted(way.recovered, "block");
    progress.line(`${capital(death.message)}: ${blocks} recovered, going on with new threads`);
  }
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
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
