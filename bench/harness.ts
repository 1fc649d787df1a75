/**
 * Runs contenders against each other: interleaved in one process, round by round, so that what the
 * machine does meanwhile hits all of them alike. The best round of each counts.
 *
 * Goals: ratios that can be repeated; work that cannot be optimised away (every contender returns a
 * hash of what it did, and a wrong one fails the run); bytes of garbage per operation. Not a goal:
 * absolute times, which drift.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** One way to do the work of a scenario. */
export interface Contender {
  readonly name: string;
  /** Does `operations` operations, and gives back a hash of them. */
  run(operations: number): number;
  /** What the hash of `operations` operations must be. */
  expected(operations: number): number;
  /** Undoes what setting it up did. */
  dispose?(): void;
}

/** A question that contenders answer. */
export interface Scenario {
  readonly name: string;
  /** Sets the contenders up. One that cannot run here gives back why. */
  contenders(): Promise<readonly (Contender | NotRun)[]>;
}

/** A contender that could not be run, and why. */
export interface NotRun {
  readonly name: string;
  readonly notRun: string;
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
}

export const FULL: Effort = { rounds: 60, roundMs: 10, garbageOperations: 2_000 };
export const QUICK: Effort = { rounds: 1, roundMs: 0.2, garbageOperations: 200 };

/** Runs that count garbage, of each contender. */
const GARBAGE_SAMPLES = 31;

function check(contender: Contender, operations: number): number {
  const before = process.hrtime.bigint();
  const hash = contender.run(operations);
  const nanoseconds = Number(process.hrtime.bigint() - before);
  if (hash !== contender.expected(operations)) {
    throw new Error(`${contender.name} did other work than was asked for: ${hash}`);
  }
  return nanoseconds;
}

/** Operations that take about `milliseconds`; runs the contender warm meanwhile. */
function calibrate(contender: Contender, milliseconds: number): number {
  let operations = 100;
  for (;;) {
    const taken = check(contender, operations);
    if (taken >= milliseconds * 1e6 || operations >= 1e8) return operations;
    const wanted = (milliseconds * 1e6 * operations) / Math.max(taken, 1);
    operations = Math.ceil(Math.min(operations * 10, Math.max(operations * 1.5, wanted)));
  }
}

/** Bytes in use, on the engine's heap and behind its buffers. */
function bytesInUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The middle of many growths over one run each: a collection spoils only the sample that it falls into. */
function medianGrowth(contender: Contender, operations: number): number {
  const growths = Array.from({ length: GARBAGE_SAMPLES }, () => {
    const before = bytesInUse();
    check(contender, operations);
    return bytesInUse() - before;
  });
  return growths.sort((one, other) => one - other)[GARBAGE_SAMPLES >> 1] as number;
}

/** Bytes that an operation leaves behind: what a run grows the memory by, less what a run of nothing does. */
function garbagePerOperation(contender: Contender, operations: number): number {
  collect();
  medianGrowth(contender, 0); // what the engine learns of this code must not count
  const own = medianGrowth(contender, 0);
  return Math.max(0, medianGrowth(contender, operations) - own) / operations;
}

/** Measures one scenario. */
export async function measure(scenario: Scenario, effort: Effort): Promise<Results> {
  const results: Results = {};
  const running: { contender: Contender; operations: number; best: number }[] = [];
  for (const entry of await scenario.contenders()) {
    if ("notRun" in entry) results[entry.name] = { notRun: entry.notRun };
    else
      running.push({
        contender: entry,
        operations: calibrate(entry, effort.roundMs),
        best: Infinity,
      });
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (const one of running) {
      one.best = Math.min(one.best, check(one.contender, one.operations) / one.operations);
    }
  }
  for (const { contender, best } of running) {
    const bytesPerOp = garbagePerOperation(contender, effort.garbageOperations);
    results[contender.name] = {
      nsPerOp: Math.round(best * 100) / 100,
      bytesPerOp: bytesPerOp < 0.01 ? 0 : Math.round(bytesPerOp * 100) / 100,
    };
  }
  for (const { contender } of running.reverse()) contender.dispose?.();
  return results;
}
