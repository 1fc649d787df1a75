/**
 * What is to be reached: ratios against another contender of the same run, and two absolute bounds.
 */
import type { Result, Results } from "./harness.js";

/** What is looked at: cost, or garbage. */
type Measure = keyof Result;

/** A contender of a scenario is to cost at most `most` times what `against` costs; or `most` itself. */
export interface Target {
  readonly scenario: string;
  readonly contender: string;
  /** Another contender, of the same scenario. Null: `most` is nanoseconds, or bytes, per operation. */
  readonly against: string | null;
  readonly most: number;
  readonly measure: Measure;
}

function ratio(scenario: string, contender: string, against: string, most: number): Target {
  return { scenario, contender, against, most, measure: "nsPerOp" };
}

function bound(scenario: string, contender: string, measure: Measure, most: number): Target {
  return { scenario, contender, against: null, most, measure };
}

const BARE = "interlocked pop + push";

const DOCUMENTED: readonly Target[] = [
  ...["NPagedLookasideList", "PagedLookasideList", "LookasideListEx"].map((contender) =>
    ratio("lists", contender, BARE, 1.25),
  ),
  ratio("lists", "guest: LookasideListEx", "LookasideListEx", 2.5),
  ...[64, 1_024].flatMap((bytes) => [
    ratio("pool", `pool ${bytes} B, 10 live`, BARE, 4),
    ratio("pool", `pool ${bytes} B, 100000 live`, `pool ${bytes} B, 10 live`, 1.3),
  ]),
  ratio("ring", "lookaside pool", "@thi.ng/malloc", 1 / 20),
];

const PAIRS: readonly Target[] = [
  ...[64, 1_024, 16_384].flatMap((bytes) => [
    ratio(`blocks-${bytes}`, "BlockList", "malloc mimalloc", 1),
    ratio(`blocks-${bytes}`, "BlockList", "array stack", 2.5),
  ]),
  ratio("blocks-1024", "BlockList", "Buffer.allocUnsafe", 1 / 6),
  ratio("blocks-16384", "BlockList", "Buffer.allocUnsafe", 1 / 50),
  ratio("objects", "ObjectList", "reusify", 1.5),
  ...["BlockList", "BlockList handles", "ObjectList"].map((contender) =>
    bound("garbage", contender, "bytesPerOp", 0),
  ),
];

const THREADS: readonly Target[] = [
  ratio("two-threads", "BlockList, two threads", "BlockList, one thread", 1 / 1.9),
  ratio("producer-consumer", "BlockList", "BlockList, same-thread pair", 5),
  ratio("hand-over-256", "BlockList", "postMessage transfer", 1 / 8),
  ratio("hand-over-4096", "BlockList", "postMessage transfer", 1 / 3),
  ...[64, 1_024].map((bytes) => bound("recovery", `parked, ${bytes} B`, "nsPerOp", 3)),
];

const SEEN: readonly Target[] = [
  ...["BlockList", "BlockList beside 1,000 lists"].flatMap((contender) => [
    ratio("monitor", `${contender}, watched`, contender, 1.05),
    bound("monitor", `${contender}, watched`, "bytesPerOp", 0),
  ]),
  bound("snapshot", "1,000 lists, 8 threads", "nsPerOp", 20e6),
];

export const TARGETS: readonly Target[] = [...DOCUMENTED, ...PAIRS, ...THREADS, ...SEEN];

/** What a target came to: its number, or null when there is none. */
export interface Outcome {
  readonly target: Target;
  readonly found: number | null;
  readonly reached: boolean;
}

/** What a contender cost, or null when it was not run. */
function costOf(results: Results, contender: string, measure: Measure): number | null {
  const result = results[contender];
  return result === undefined || "notRun" in result ? null : result[measure];
}

function outcomeOf(target: Target, results: Results): Outcome {
  const { contender, against, measure, most } = target;
  const cost = costOf(results, contender, measure);
  const unit = against === null ? 1 : costOf(results, against, measure);
  if (cost === null || unit === null) return { target, found: null, reached: false };
  return { target, found: cost / unit, reached: cost / unit <= most };
}

/** Holds results against the targets of the scenarios that were run. */
export function outcomes(all: Readonly<Record<string, Results>>): Outcome[] {
  return TARGETS.flatMap((target) => {
    const results = all[target.scenario];
    return results === undefined ? [] : [outcomeOf(target, results)];
  });
}
