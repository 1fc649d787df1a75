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
 * Adjusts the Depth of every list once, as the balance set manager does each second. Reserved for the
 * system: programs do not need it.
 *
 * Any thread, any IRQL. O(lists), under the lock of their set. Source: semantics 5.12 and 10.
 *
 * @throws {LookasideError} ERR_LOCK_STALLED, ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot({ depth: { periodMs: 0 } }); // a clock that is moved by hand
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, tag("Demo"));
 * ExInitializeLookasideListEx(list, NULL, NULL, NonPagedPool, 0, 64, tag("Demo"), 0);
 * for (let turn = 0; turn < 25; turn++) ExAllocateFromLookasideListEx(list); // misses, all of them
 * ExAdjustLookasideDepth();
 * console.log(queryLookaside(list).Depth); // 135
 * shutdown();
 * ```
 */
export function ExAdjustLookasideDepth(): void {
  machine().system.adjustDepths();
}

/**
 * Lets virtual seconds pass: one visit of the balance set manager for each. For tests, with `boot({ depth: {
 * periodMs: 0 } })`. Any thread, any IRQL; O(seconds × lists).
 *
 * @param Seconds whole seconds, at most a day (86,400).
 * @throws {LookasideError} ERR_ARGUMENT, ERR_LOCK_STALLED, ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot({ depth: { periodMs: 0 } }); // a clock that is moved by hand
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, tag("Demo"));
 * ExInitializeLookasideListEx(list, NULL, NULL, NonPagedPool, 0, 64, tag("Demo"), 0);
 * for (let turn = 0; turn < 25; turn++) ExAllocateFromLookasideListEx(list); // misses, all of them
 * advanceClock(1);
 * console.log(queryLookaside(list).Depth > 4); // true
 * shutdown();
 * ```
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
 * Sets the Depth of one list, as the debugger's `!lookaside <address> 2 <depth>` does. Entries beyond it
 * stay parked until they are taken. Any thread, any IRQL; O(1).
 *
 * @param Depth entries; more than MaximumDepth is MaximumDepth.
 * @throws {LookasideError} ERR_ARGUMENT when no list is there; ERR_LOCK_STALLED, ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot({ depth: { periodMs: 0 } }); // a clock that is moved by hand
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, tag("Demo"));
 * ExInitializeLookasideListEx(list, NULL, NULL, NonPagedPool, 0, 64, tag("Demo"), 0);
 * setLookasideDepth(list, 1_000);
 * console.log(queryLookaside(list).Depth); // 256
 * shutdown();
 * ```
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
 * Starts the counters of one list at zero, as `!lookaside <address> 1` does. No thread may use the list
 * meanwhile. Any IRQL; O(1).
 *
 * @throws {LookasideError} ERR_ARGUMENT when no list is there; ERR_LOCK_STALLED, ERR_NOT_ATTACHED.
 * @throws {BugCheck} 0x0A when its header leads out of the memory.
 *
 * @example
 * ```ts
 * boot({ depth: { periodMs: 0 } }); // a clock that is moved by hand
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, tag("Demo"));
 * ExInitializeLookasideListEx(list, NULL, NULL, NonPagedPool, 0, 64, tag("Demo"), 0);
 * ExAllocateFromLookasideListEx(list);
 * resetLookasideCounters(list);
 * console.log(queryLookaside(list).TotalAllocates); // 0
 * shutdown();
 * ```
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
