/**
 * Runs contenders against each other: interleaved in one run, round by round, so that what the machine
 * does meanwhile hits all of them alike. The best round of each counts.
 *
 * Goals: ratios that can be repeated; work that cannot be optimised away (every contender returns a
 * hash of what it did, and a wrong one fails the run); bytes of garbage per operation. Not a goal:
 * absolute times, which drift.
 */
import { bytesInUse, collect, type GarbageRun, sampledGarbage, totalGarbage } from "./garbage.js";

/** What a contender that measures itself says of a round: threads and other processes do. */
export interface Timing {
  readonly nanoseconds: number;
  readonly hash: number;
  /** Bytes that the engine's heaps and buffers grew by meanwhile, over all its threads. */
  readonly growth: number;
}

/** One way to do the work of a scenario. */
export interface Contender {
  readonly name: string;
  /** Does `operations` operations, and gives back a hash of them: alone, or with its own timing. */
  run(operations: number): number | Promise<Timing>;
  /** What the hash of `operations` operations must be. */
  expected(operations: number): number;
  /** Operations of a round, for one that cannot do a few only. Others are calibrated. */
  readonly operations?: number;
  /** Undoes what setting it up did. */
  dispose?(): void | Promise<void>;
}

/** A contender that could not be run, and why. */
export interface NotRun {
  readonly name: string;
  readonly notRun: string;
}

/** A question that contenders answer. */
export interface Scenario {
  readonly name: string;
  /** Sets the contenders up. One that cannot run here gives back why. */
  contenders(effort: Effort): Promise<readonly (Contender | NotRun)[]>;
  /** "threads": rounds are longer and fewer, for threads have to meet. "rare": each round is dear. */
  readonly pace?: "threads" | "rare";
  /** Rounds, where the usual number is too few to find a good one. */
  readonly rounds?: number;
  /** Garbage is counted over that many operations, collections included. */
  readonly garbageOver?: number;
}

/** What one contender cost. */
export interface Result {
  readonly nsPerOp: number;
  readonly bytesPerOp: number;
}

/** Results by contender; those that were not run have the reason instead. */
export type Results = Record<string, Result | { readonly notRun: string }>;

/** How long and how often to measure. */
export interface Effort {
  readonly rounds: number;
  /** Milliseconds of one measurement. */
  readonly roundMs: number;
  /** Operations of one run of those that count garbage: few enough that most see no collection. */
  readonly garbageOperations: number;
  /** Whether this is only to see that everything runs: live blocks, parked blocks and such are few. */
  readonly quick: boolean;
}

export const FULL: Effort = { rounds: 60, roundMs: 10, garbageOperations: 2_000, quick: false };
export const QUICK: Effort = { rounds: 1, roundMs: 0.2, garbageOperations: 200, quick: true };

/** Runs that count garbage, of each contender, and of those whose runs take the work of several threads. */
const GARBAGE_SAMPLES = 31;
const GARBAGE_SAMPLES_THREADS = 11;

/** The effort of a scenario. */
function effortOf(effort: Effort, { pace, rounds }: Scenario): Effort {
  if (effort.quick || pace === undefined) return effort;
  if (pace === "rare") return { ...effort, rounds: 5 };
  return { ...effort, rounds: rounds ?? 15, roundMs: 60 };
}

/** One round: its nanoseconds, and what the heaps grew by if the contender knows. */
async function check(contender: Contender, operations: number): Promise<Timing> {
  const before = process.hrtime.bigint();
  const answer = contender.run(operations);
  const nanoseconds = Number(process.hrtime.bigint() - before);
  const timing =
    typeof answer === "number" ? { nanoseconds, hash: answer, growth: 0 } : await answer;
  if (timing.hash !== contender.expected(operations)) {
    throw new Error(
      `${contender.name} did other work than was asked for: ${timing.hash}, ` +
        `not ${contender.expected(operations)}`,
    );
  }
  return timing;
}

/** Operations that take about `milliseconds`; runs the contender warm meanwhile. */
async function calibrate(contender: Contender, milliseconds: number): Promise<number> {
  if (contender.operations !== undefined) return contender.operations;
  let operations = 100;
  for (;;) {
    const { nanoseconds } = await check(contender, operations);
    if (nanoseconds >= milliseconds * 1e6 || operations >= 1e8) return operations;
    const wanted = (milliseconds * 1e6 * operations) / Math.max(nanoseconds, 1);
    operations = Math.ceil(Math.min(operations * 10, Math.max(operations * 1.5, wanted)));
  }
}

/** A contender at work. */
interface Running {
  readonly contender: Contender;
  readonly operations: number;
  readonly timings: Timing[];
}

/** A round that says what the heaps grew by: measured here when the contender does not know. */
async function garbageRound(contender: Contender, operations: number): Promise<number> {
  const before = bytesInUse();
  const answer = contender.run(operations);
  if (typeof answer === "number") return bytesInUse() - before;
  return (await answer).growth;
}

/** Bytes of garbage per operation, counted as the scenario and the contender allow it. */
async function garbageOf(one: Running, scenario: Scenario, effort: Effort): Promise<number> {
  const { contender, operations, timings } = one;
  const run: GarbageRun = (count) => garbageRound(contender, count);
  if (scenario.garbageOver !== undefined) {
    const over = effort.quick ? effort.garbageOperations : scenario.garbageOver;
    return totalGarbage((count) => void contender.run(count), over);
  }
  if (contender.operations !== undefined) {
    const growths = timings.map(({ growth }) => growth).sort((a, b) => a - b);
    return Math.max(0, growths[growths.length >> 1] ?? 0) / operations;
  }
  const samples = scenario.pace === "threads" ? GARBAGE_SAMPLES_THREADS : GARBAGE_SAMPLES;
  return sampledGarbage(run, effort.garbageOperations, effort.quick ? 3 : samples);
}

/** Measures one scenario. */
export async function measure(scenario: Scenario, wanted: Effort): Promise<Results> {
  const effort = effortOf(wanted, scenario);
  const results: Results = {};
  const running: Running[] = [];
  for (const entry of await scenario.contenders(effort)) {
    if ("notRun" in entry) results[entry.name] = { notRun: entry.notRun };
    else {
      const operations = await calibrate(entry, effort.roundMs);
      running.push({ contender: entry, operations, timings: [] });
    }
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (const { contender, operations, timings } of running)
      timings.push(await check(contender, operations));
  }
  collect();
  for (const one of running) {
    const best = Math.min(...one.timings.map(({ nanoseconds }) => nanoseconds));
    const bytesPerOp = await garbageOf(one, scenario, effort);
    results[one.contender.name] = {
      nsPerOp: Math.max(0.01, Math.round((best / one.operations) * 100) / 100),
      bytesPerOp: bytesPerOp < 0.01 ? 0 : Math.round(bytesPerOp * 100) / 100,
    };
  }
  for (const { contender } of running.reverse()) await contender.dispose?.();
  return results;
}
