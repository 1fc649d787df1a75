/**
 * The tuner under its documented name, and a clock for tests.
 */
import { FIELD } from "../list/index.js";
import { load, store } from "../memory/index.js";
import { refuse, ulong } from "./arguments.js";
import { rethrowFault } from "./fault.js";
import { machine } from "./machine.js";
import { listAt } from "./query.js";

/** Most virtual seconds of one call: a day. A visit of many lists takes its time. */
const SECONDS_MAX = 86_400;

/**
 * Adjusts the Depth of every list once, as the balance set manager does (semantics 5.12 and 10).
 * Reserved for the system: programs do not need it.
 */
export function ExAdjustLookasideDepth(): void {
  machine().system.adjustDepths();
}

/**
 * Lets virtual seconds pass, at most a day: one visit of the balance set manager for each. For
 * `boot({ depth: { periodMs: 0 } })`.
 */
export function advanceClock(Seconds: number): void {
  const here = machine();
  const seconds = ulong("advanceClock", "Seconds", Seconds);
  if (seconds > SECONDS_MAX) {
    refuse("advanceClock", "Seconds", Seconds, `at most ${SECONDS_MAX} pass in one call`);
  }
  for (let second = seconds; second > 0; second--) here.system.tick();
}

/**
 * Sets the Depth of one list, as the debugger's `!lookaside <address> 2 <depth>` does; at most
 * MaximumDepth.
 * @throws {LookasideError} ERR_ARGUMENT when no list is there.
 */
export function setLookasideDepth(Lookaside: number, Depth: number): void {
  const here = machine();
  const { region } = here.system;
  const list = listAt(here, "setLookasideDepth", Lookaside);
  const depth = ulong("setLookasideDepth", "Depth", Depth);
  const limits = load(region.words, (list + FIELD.Depth) >>> 2);
  store(
    region.words,
    (list + FIELD.Depth) >>> 2,
    (limits & ~0xffff) | Math.min(depth, limits >>> 16),
  );
}

/**
 * Starts the counters of one list at zero, as `!lookaside <address> 1` does. No thread may use the
 * list meanwhile.
 * @throws {LookasideError} ERR_ARGUMENT when no list is there.
 */
export function resetLookasideCounters(Lookaside: number): void {
  const here = machine();
  const { region } = here.system;
  const list = listAt(here, "resetLookasideCounters", Lookaside);
  try {
    region.interlocked.reset(list);
  } catch (error) {
    rethrowFault(here, "resetLookasideCounters", list, error);
  }
  store(region.words, (list + FIELD.LastTotalAllocates) >>> 2, 0);
  store(region.words, (list + FIELD.LastAllocateMisses) >>> 2, 0);
}
