/**
 * The end of what a lookaside list holds: flush and delete, for all three families.
 *
 * All entries leave the list at once; then each is given to the Free routine. What a routine throws does not
 * keep the others from it, nor a deleted list in the set.
 */
import { isActiveList, mendListSets, unlinkList, withListSets } from "../list/index.js";
import { peek, store } from "../memory/index.js";
import {
  checkFirst,
  checkInitialized,
  checkLeaving,
  isLink,
  releaseEntry,
} from "./checked-lookaside.js";
import { rethrowFault } from "./fault.js";
import { demandDispatch } from "./irql.js";
import {
  demandDescriptor,
  demandFreeRoutine,
  demandLevel,
  EX_FAMILY,
  type Family,
  freeMiss,
  isInSet,
  looksLinked,
} from "./lookaside.js";
import { bugCheck, type Machine, machine } from "./machine.js";
import { BUG_CHECK } from "./raise.js";

/** What a Free routine, or a check, threw while a list was drained. */
interface Failure {
  readonly error: unknown;
}

/** What came of it: null, or what it threw. */
function failureOf(action: () => void): Failure | null {
  try {
    action();
    return null;
  } catch (error) {
    return { error };
  }
}

/**
 * Gives every parked entry to the Free routine. One that throws does not keep the others from it: gives back
 * the first failure, for the caller to throw when its own work is done.
 * @throws {LookasideError} ERR_ROUTINE_MISSING, with nothing changed.
 */
function drain(here: Machine, routine: string, family: Family, list: number): Failure | null {
  if (here.system.region.interlocked.first(list) === 0) return null;
  demandFreeRoutine(here, list);
  let first = 0;
  const failure = failureOf(() => {
    first = here.checked ? checkedFlush(here, routine, family, list) : flushed(here, routine, list);
  });
  return failure ?? giveAway(here, family, list, first);
}

/** Gives the entries of a chain that has left its list to the Free routine. Gives back the first failure. */
function giveAway(here: Machine, family: Family, list: number, first: number): Failure | null {
  const { region } = here.system;
  let failure = failureOf(() => {
    if (here.checked) checkFirst(here, list, first);
  });
  const given = new Set<number>(); // a damaged chain may be a ring
  let entry = first;
  while (!given.has(entry) && isEntry(here, list, entry)) {
    const leaving = entry;
    given.add(leaving);
    const next = peek(region.words, leaving >>> 2) >>> 0; // before the Free routine has the entry
    const touched = failureOf(() => {
      if (here.checked) checkLeaving(here, list, leaving);
    });
    const refused = failureOf(() => {
      if (here.checked) releaseEntry(here, leaving);
      freeMiss(here, family, list, leaving);
    });
    failure ??= touched ?? refused;
    entry = next;
  }
  return failure;
}

/** Takes all entries at once. @throws {BugCheck} 0x0A when the header leads out of the memory. */
function flushed(here: Machine, routine: string, list: number): number {
  try {
    return here.system.region.interlocked.flush(list) >>> 0;
  } catch (error) {
    return rethrowFault(here, routine, list, error);
  }
}

/** The same of a list that must be in use; not while another thread is looking at its entries. */
function checkedFlush(here: Machine, routine: string, family: Family, list: number): number {
  const { region, thread } = here.system;
  return withListSets(region, thread, () => {
    checkInitialized(here, routine, family, list);
    return flushed(here, routine, list);
  });
}

/** Whether a link leads to an entry, and not to the end or, damaged, to where no entry can be. */
function isEntry(here: Machine, list: number, link: number): boolean {
  const { region } = here.system;
  if (link < region.layout.dataByte || !region.cover(link + 8)) return false;
  return !here.checked || isLink(here, list, link);
}

/** Demands the level for a flush or delete: an empty unified list has no paged entry to touch. */
function demandDrainLevel(here: Machine, routine: string, family: Family, list: number): void {
  const isEmpty = here.system.region.interlocked.first(list) === 0;
  if (family === EX_FAMILY && isEmpty) demandDispatch(here, routine, list);
  else demandLevel(here, routine, family, list);
}

/** Empties a list; it stays in use. */
export function flushList(routine: string, family: Family, list: number): void {
  const here = machine();
  demandDescriptor(here, routine, list);
  demandDrainLevel(here, routine, family, list);
  const { region, thread } = here.system;
  if (here.checked) {
    withListSets(region, thread, () => checkInitialized(here, routine, family, list));
  }
  const failure = drain(here, routine, family, list);
  if (failure !== null) throw failure.error;
}

/** Takes a list out of its set, and first makes the set whole where a neighbour was overwritten. */
function takeOut(here: Machine, list: number): void {
  const { region } = here.system;
  if (!looksLinked(here, list) && isInSet(here, list)) mendListSets(region);
  if (looksLinked(here, list)) unlinkList(region, list);
}

/**
 * Empties a list, then takes it out of the set: entries that callers hold are not touched. What was freed to
 * it meanwhile is found as it leaves the set, and goes the same way.
 */
export function deleteList(routine: string, family: Family, list: number): void {
  const here = machine();
  demandDescriptor(here, routine, list);
  demandDrainLevel(here, routine, family, list);
  const { region, thread } = here.system;
  if (here.checked) withListSets(region, thread, () => checkDelete(here, routine, family, list));
  const deletedBefore = here.listsDeleted;
  const drained = drain(here, routine, family, list);
  let late = 0;
  withListSets(region, thread, () => {
    if (here.checked && !isActiveList(region, list)) {
      // Its memory may be another's by now. A Free routine that has deleted its own list has done no harm.
      if (here.listsDeleted === deletedBefore) checkDelete(here, routine, family, list);
      return;
    }
    if (drained === null && region.interlocked.first(list) !== 0)
      late = region.interlocked.flush(list);
    takeOut(here, list);
    store(region.words, (list >>> 2) + 1, 0);
    here.listsDeleted++;
  });
  here.driver?.lists.delete(list);
  const failure = drained ?? giveAway(here, family, list, late >>> 0);
  if (failure !== null) throw failure.error;
}

/** Reports memory that is no list in use. Under the set lock. @throws {BugCheck} 0xC4, 0xCB */
function checkDelete(here: Machine, routine: string, family: Family, list: number): void {
  if (!isActiveList(here.system.region, list)) {
    const message = `${routine} cannot delete 0x${list.toString(16)}: no list was initialized there`;
    bugCheck(BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION, [0xcb, list, 0, 0], message);
  }
  checkInitialized(here, routine, family, list);
}
