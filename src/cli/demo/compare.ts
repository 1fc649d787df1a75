/**
 * `--compare`: the same files hashed again, by way of blocks, of copied and of transferred buffers.
 *
 * The rounds take the ways in turn, so that a machine that is slow for a while is slow for all; what is
 * shown is the round in the middle. The run before has read every file, so none has to come from the
 * disk. The clock runs from the first file, when all threads are ready, to the last digest.
 */

import { DEMO_ROUNDS as ROUNDS } from "../catalog.js";
import { CommandFailed } from "../failure.js";
import { megabytesPerSecond } from "./amounts.js";
import { BlockWay } from "./block-way.js";
import type { Comparison } from "./comparison.js";
import { Ledger } from "./ledger.js";
import { MessageWay } from "./message-way.js";
import { pass } from "./pass.js";
import { showPath } from "./path-text.js";
import type { RunResult, RunSetting } from "./run.js";
import type { Way, WayMaker } from "./way.js";

/** What a way took in one round. */
interface Lap {
  readonly seconds: number;
  readonly bytes: number;
  readonly garbageBytes: number;
}

/**
 * Compares, after a run. Null when it was interrupted.
 * @throws {CommandFailed} when a way gives another digest, or a thread fails.
 */
export async function compare(setting: RunSetting, result: RunResult): Promise<Comparison | null> {
  const { store, options, progress, interrupt } = setting;
  const makers: readonly (readonly [string, (ledger: Ledger) => WayMaker])[] = [
    [
      "blocks through channels",
      (ledger) => (threads, signal) => new BlockWay(store, threads, ledger, signal),
    ],
    ["messages, copied", () => (threads, signal) => new MessageWay("copied", threads, signal)],
    [
      "messages, transferred",
      () => (threads, signal) => new MessageWay("transferred", threads, signal),
    ],
  ];
  if (!options.quiet) progress.line(`Comparing ${makers.length} ways in ${ROUNDS} rounds`);
  const laps: Lap[][] = makers.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, [name, maker]] of makers.entries()) {
      const ledger = new Ledger(() => {}); // what cannot be read has been told
      const lap = await lapOf(setting, result, ledger, maker(ledger));
      if (interrupt.aborted) return null;
      demandSameDigests(name, result, ledger);
      laps[at]?.push(lap);
    }
  }
  const middle = laps.map(middleOf);
  const base = (middle[0] as Lap).seconds;
  const ways = middle.map(({ seconds, bytes, garbageBytes }, at) => ({
    way: (makers[at] as (typeof makers)[number])[0],
    seconds,
    megabytesPerSecond: megabytesPerSecond(bytes, seconds),
    ratio: base > 0 ? seconds / base : 1,
    garbageBytes,
  }));
  return { rounds: ROUNDS, threads: result.threads, bytes: result.ledger.bytes, ways };
}

async function lapOf(
  { root, interrupt }: RunSetting,
  { paths, threads }: RunResult,
  ledger: Ledger,
  makeWay: WayMaker,
): Promise<Lap> {
  const { began, answered, way, death } = await pass<Way>(
    { root, paths, threads, ledger, interrupt, awaitThreads: true },
    makeWay,
  );
  if (death !== null) throw death;
  const { garbageBytes } = way;
  return { seconds: Math.max(0, answered - began) / 1e3, bytes: ledger.bytes, garbageBytes };
}

/** A file that changed in between may be read differently, or not at all: that is told, and ends it. */
function demandSameDigests(way: string, { paths, ledger }: RunResult, other: Ledger): void {
  const file = paths.findIndex((_, at) => ledger.digests[at] !== other.digests[at]);
  if (file < 0) return;
  const path = showPath(paths[file] as Buffer);
  throw new CommandFailed(`${path} has another digest by way of ${way}: did it change meanwhile?`);
}

function middleOf(laps: readonly Lap[]): Lap {
  const sorted = laps.toSorted((left, right) => left.seconds - right.seconds);
  return sorted[Math.floor(sorted.length / 2)] as Lap;
}
