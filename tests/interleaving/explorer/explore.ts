/**
 * Explores a plan: finds what goes wrong in any schedule, and shows the shortest schedule it found.
 */
import { Conflicts } from "./conflicts.js";
import { type Limits, NO_LIMITS, type Plan } from "./plan.js";
import { readSchedule, replay, shorten, writeSchedule } from "./schedule.js";
import { type Counts, OutOfStates, Search, Violation } from "./search.js";
import { World } from "./world.js";

/** A schedule in which something goes wrong. */
export interface Fault {
  readonly problem: string;
  readonly schedule: string;
  readonly trace: readonly string[];
  readonly cause: unknown;
}

/** What an exploration found. */
export interface Exploration {
  readonly fault: Fault | null;
  /** Whether every schedule within the limits was seen. */
  readonly complete: boolean;
  readonly counts: Counts;
  readonly passes: number;
  /** Different histories of threads: what was run, and was not merely looked up. */
  readonly moments: number;
  /** Intended races that were seen, as `name: pair`. */
  readonly races: readonly string[];
  /** How often one thread went on after another in one schedule, at most. */
  readonly switches: number;
  readonly milliseconds: number;
}

/** Explores every schedule of a plan within limits. */
export function explore(plan: Plan, limits: Limits = NO_LIMITS): Exploration {
  const start = performance.now();
  const world = new World(plan);
  const conflicts = new Conflicts(world.memory.words.length);
  const search = new Search(world, limits, conflicts);
  const found = outcomeOf(search);
  const fault = found instanceof Violation ? faultOf(world, found) : null;
  return {
    fault,
    complete: found === "complete",
    counts: search.counts,
    passes: search.passes,
    moments: world.threads.reduce((sum, thread) => sum + thread.moments, 0),
    races: [...world.races.seen].sort(),
    switches: search.switches,
    milliseconds: performance.now() - start,
  };
}

function outcomeOf(search: Search): Violation | "complete" | "out of states" {
  try {
    search.run();
    return "complete";
  } catch (error) {
    if (error instanceof Violation) return error;
    if (error instanceof OutOfStates) return "out of states";
    throw error;
  }
}

function faultOf(world: World, violation: Violation): Fault {
  const short = shorten(world, violation.choices);
  const { lines, problem } = replay(world, short, true);
  return {
    problem: problem ?? `${violation.message} (which its schedule does not show again)`,
    schedule: writeSchedule(world, short),
    trace: lines,
    cause: violation.cause,
  };
}

/** Runs one schedule of a plan and shows it. */
export function replayText(
  plan: Plan,
  schedule: string,
  { timeouts }: Pick<Limits, "timeouts"> = NO_LIMITS,
): { problem: string | null; trace: readonly string[] } {
  const world = new World(plan);
  world.timeouts = timeouts;
  const { problem, lines } = replay(world, readSchedule(world, schedule), true);
  return { problem, trace: lines };
}
