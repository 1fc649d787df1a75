/**
 * What the three families of lookaside lists share: initialization, the miss and the overflow. Their end is
 * in `lookaside-end.ts`.
 *
 * The hot paths are in `lookaside-nonpaged.ts`, `lookaside-paged.ts` and `lookaside-ex.ts`; they come
 * here when the list has no entry, when it is full, or when a gate is closed (see `machine.ts`).
 */
import { LookasideError, show } from "../base/index.js";
import {
  allLists,
  FIELD,
  INITIAL_DEPTH,
  INITIAL_MAXIMUM_DEPTH,
  isActiveList,
  linkList,
  unlinkList,
  withListSets,
} from "../list/index.js";
import { peek, poke } from "../memory/index.js";
import {
  checkedFree,
  checkedTake,
  checkInitialize,
  guardedPark,
  guardedTake,
  noteEntry,
  releaseEntry,
  reportNoList,
} from "./checked-lookaside.js";
import {
  APC_LEVEL,
  POOL_QUOTA_FAIL_INSTEAD_OF_RAISE,
  STATUS_DATATYPE_MISALIGNMENT,
} from "./constants.js";
import { rethrowFault } from "./fault.js";
import { demandApc, demandDispatch } from "./irql.js";
import { bugCheck, type Machine, machine } from "./machine.js";
import { ExAllocatePoolWithQuotaTag, ExAllocatePoolWithTag, ExFreePool } from "./pool.js";
import { BUG_CHECK, StatusError } from "./raise.js";
import { type GivenCallback, handleOf } from "./routine.js";
import type { RoutineHandle } from "./types.js";

/** The families: what the family byte of a descriptor says. */
export const NONPAGED_FAMILY = 1;
export const PAGED_FAMILY = 2;
export const EX_FAMILY = 3;
export type Family = typeof NONPAGED_FAMILY | typeof PAGED_FAMILY | typeof EX_FAMILY;

/** What initialization writes into a descriptor. */
export interface NewList {
  readonly routine: string;
  readonly family: Family;
  readonly address: number;
  readonly allocate: GivenCallback;
  readonly free: GivenCallback;
  /** Pool type with its flag bits. */
  readonly type: number;
  readonly size: number;
  readonly tag: number;
}

/** A 32-bit field of a descriptor. The caller has covered the descriptor. */
export function field(here: Machine, list: number, offset: number): number {
  return peek(here.system.region.words, (list + offset) >>> 2);
}

/** Demands that a descriptor lies where one can: aligned, inside the memory. */
export function demandDescriptor(here: Machine, routine: string, list: number): void {
  if ((list & 15) !== 0) {
    const message = `${routine} needs a descriptor on a 16-byte boundary, not 0x${list.toString(16)}`;
    throw new StatusError(STATUS_DATATYPE_MISALIGNMENT, message);
  }
  const { region } = here.system;
  if (list < region.layout.dataByte || !region.cover(list + 0x80)) {
    const message = `${routine} cannot use a descriptor at 0x${list.toString(16)}: no pool memory is there`;
    bugCheck(BUG_CHECK.IRQL_NOT_LESS_OR_EQUAL, [list, here.irql, 1, 0], message);
  }
}

/**
 * Builds an empty list at an address and links it into the set of its pool.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT when the address is not on a 16-byte boundary.
 * @throws {BugCheck} as checked mode finds misuse. @throws {LookasideError} ERR_ROUTINES_FULL,
 * ERR_LOCK_STALLED, and ERR_ARGUMENT for a handle that is none any more; nothing has changed then.
 */
export function initializeList(list: NewList): void {
  const here = machine();
  const { region, thread } = here.system;
  demandDescriptor(here, list.routine, list.address);
  const { words, interlocked } = region; // not before the descriptor is covered: the memory may have grown
  const at = list.address >>> 2;
  withListSets(region, thread, () => {
    if (here.checked) checkInitialize(here, list);
    const allocate = handleOf(here, list.routine, "Allocate", list.allocate, 0);
    const free = handleOf(here, list.routine, "Free", list.free, allocate);
    if (looksLinked(here, list.address)) unlinkList(region, list.address);
    interlocked.initialize(list.address);
    for (let word = 4; word < 24; word++) poke(words, at + word, 0);
    poke(words, (list.address >>> 2) + 1, list.family << 24);
    poke(words, at + FIELD.Depth / 4, INITIAL_DEPTH | (INITIAL_MAXIMUM_DEPTH << 16));
    poke(words, at + FIELD.Type / 4, list.type);
    poke(words, at + FIELD.Tag / 4, list.tag);
    poke(words, at + FIELD.Size / 4, list.size);
    poke(words, at + FIELD.Allocate / 4, allocate || defaultAllocate(here, list));
    poke(words, at + FIELD.Free / 4, free || here.defaultFree);
    linkList(region, setOf(list), list.address);
  });
  here.driver?.lists.add(list.address);
}

/** The set that a list joins: its family's, whatever its Flags say; that of its pool for a unified list. */
function setOf({ family, type }: NewList): number {
  if (family === EX_FAMILY) return type & 1;
  return family === PAGED_FAMILY ? 1 : 0;
}

/** The routine behind Allocate NULL: the quota allocator when the Ex flags said that failure gives NULL. */
function defaultAllocate(here: Machine, list: NewList): RoutineHandle {
  const quota = list.family === EX_FAMILY && (list.type & POOL_QUOTA_FAIL_INSTEAD_OF_RAISE) !== 0;
  return quota ? here.defaultQuotaAllocate : here.defaultAllocate;
}

/** Whether the neighbours in the set point at a descriptor: O(1), for storage that is initialized again. */
export function looksLinked(here: Machine, list: number): boolean {
  const { region } = here.system;
  const entry = list + FIELD.ListEntry;
  const next = field(here, list, FIELD.ListEntry) >>> 0;
  const previous = field(here, list, FIELD.ListEntry + 8) >>> 0;
  if ((next & 15) !== 0 || (previous & 15) !== 0 || next === 0 || previous === 0) return false;
  if (!region.cover(next + 16) || !region.cover(previous + 16)) return false;
  return (
    peek(region.words, (next + 8) >>> 2) >>> 0 === entry &&
    peek(region.words, previous >>> 2) >>> 0 === entry
  );
}

/** Whether a list is in its set: also when a neighbour was overwritten. Callers hold the set lock. */
export function isInSet(here: Machine, list: number): boolean {
  const { region } = here.system;
  return looksLinked(here, list) || isActiveList(region, list);
}

/** Demands the level that a routine of a family needs to have, give or touch an entry. */
export function demandLevel(here: Machine, routine: string, family: Family, list: number): void {
  if (family === PAGED_FAMILY) {
    demandApc(here, routine, list);
    return;
  }
  demandDispatch(here, routine, list);
  if (family === EX_FAMILY && here.irql > APC_LEVEL && (field(here, list, FIELD.Type) & 1) !== 0) {
    demandApc(here, routine, list);
  }
}

/** Allocate when a gate is closed. */
export function allocateCarefully(routine: string, family: Family, list: number): number {
  const here = machine();
  demandDescriptor(here, routine, list);
  demandLevel(here, routine, family, list);
  if (here.checked) {
    const parked = checkedTake(here, routine, family, list);
    if (parked !== 0) return parked;
    return noteEntry(here, routine, list, allocateMiss(here, routine, family, list));
  }
  return guardedTake(here, routine, list) || allocateMiss(here, routine, family, list);
}

/**
 * Reports memory that is no list of the family, which only a miss has the time to look for. What was there
 * has been counted in by now.
 */
function demandFamily(here: Machine, routine: string, family: Family, list: number): void {
  here.system.region.cover(list + 0x80);
  const found = field(here, list, FIELD.ListHead + 4) >>> 24;
  if (found !== family) reportNoList(routine, family, list, found);
}

/**
 * Allocate when nothing is parked: the list's Allocate routine, or the pool. The miss is counted already.
 */
export function allocateMiss(here: Machine, routine: string, family: Family, list: number): number {
  demandFamily(here, routine, family, list);
  const type = field(here, list, FIELD.Type) >>> 0;
  const size = field(here, list, FIELD.Size) >>> 0;
  const tag = field(here, list, FIELD.Tag) >>> 0;
  const handle = field(here, list, FIELD.Allocate);
  if (handle === here.defaultAllocate) return ExAllocatePoolWithTag(type, size, tag);
  if (handle === here.defaultQuotaAllocate) return ExAllocatePoolWithQuotaTag(type, size, tag);
  const allocate = here.system.routines.resolve(handle);
  const given = family === EX_FAMILY ? allocate(type, size, tag, list) : allocate(type, size, tag);
  return addressGiven(list, given);
}

/** What an Allocate routine gave, as an address: nothing is NULL, and a negative one is WebAssembly's. */
function addressGiven(list: number, given: unknown): number {
  if (given === undefined || given === null) return 0;
  if (typeof given === "number" && ((given | 0) === given || given >>> 0 === given))
    return given >>> 0;
  throw new LookasideError(
    "ERR_ARGUMENT",
    `Cannot take ${show(given)} from the Allocate routine of the list at 0x${list.toString(16)}: ` +
      "an address or NULL is needed",
  );
}

/** Free when a gate is closed. */
export function freeCarefully(routine: string, family: Family, list: number, entry: number): void {
  const here = machine();
  demandDescriptor(here, routine, list);
  demandLevel(here, routine, family, list);
  if (!here.checked) {
    demandEntry(here, routine, entry);
    if (!guardedPark(here, routine, list, entry)) freeOverflow(here, routine, family, list, entry);
    return;
  }
  const { region, thread } = here.system;
  const isParked = withListSets(region, thread, () => {
    if (checkedFree(here, routine, family, list, entry)) return true;
    demandFreeRoutine(here, list); // before the list forgets the entry: without it the caller keeps it
    releaseEntry(here, entry);
    return false;
  });
  if (!isParked) freeMiss(here, family, list, entry);
}

/**
 * Demands that an entry lies where one can: its first bytes become a link.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT. @throws {BugCheck} 0x0A
 */
function demandEntry(here: Machine, routine: string, entry: number): void {
  const { region } = here.system;
  if ((entry & 15) !== 0) {
    const message = `${routine} needs an entry on a 16-byte boundary, not 0x${entry.toString(16)}`;
    throw new StatusError(STATUS_DATATYPE_MISALIGNMENT, message);
  }
  if (entry >= region.layout.dataByte && region.cover(entry + 8)) return;
  const message = `${routine} cannot park 0x${entry.toString(16)}: no pool memory is there`;
  bugCheck(BUG_CHECK.IRQL_NOT_LESS_OR_EQUAL, [entry, here.irql, 1, 0], message);
}

/** Says what a trap of an open gate came from: an address beyond the memory, or a damaged link. */
export function reportFault(routine: string, error: unknown, list: number, entry?: number): never {
  const here = machine();
  if (error instanceof WebAssembly.RuntimeError) {
    demandDescriptor(here, routine, list);
    if (entry !== undefined) demandEntry(here, routine, entry);
  }
  return rethrowFault(here, routine, list, error);
}

/** Free to a full list whose gate is open: the miss is counted already. */
export function freeOverflow(
  here: Machine,
  routine: string,
  family: Family,
  list: number,
  entry: number,
): void {
  demandFamily(here, routine, family, list);
  freeMiss(here, family, list, entry);
}

/** Free when the list is full: the list's Free routine, or the pool. The miss is counted already. */
export function freeMiss(here: Machine, family: Family, list: number, entry: number): void {
  here.system.region.cover(list + 0x80);
  const handle = field(here, list, FIELD.Free);
  if (handle === here.defaultFree) {
    ExFreePool(entry);
    return;
  }
  const free = here.system.routines.resolve(handle);
  if (family === EX_FAMILY) free(entry, list);
  else free(entry);
}

/** @throws {LookasideError} ERR_ROUTINE_MISSING when this thread has not the list's Free routine. */
export function demandFreeRoutine(here: Machine, list: number): void {
  const handle = field(here, list, FIELD.Free);
  if (handle !== here.defaultFree) here.system.routines.resolve(handle);
}

/**
 * Addresses of every list in use, oldest first, nonpaged before paged. Any thread, any IRQL; O(lists), under
 * the lock of the set. @throws {LookasideError} ERR_LOCK_STALLED, ERR_NOT_ATTACHED
 *
 * @example
 * ```ts
 * boot();
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, tag("Demo"));
 * ExInitializeLookasideListEx(list, NULL, NULL, PagedPool, 0, 64, tag("Demo"), 0);
 * console.log(activeLists().length); // 1
 * shutdown();
 * ```
 */
export function activeLists(): number[] {
  const { region, thread } = machine().system;
  return withListSets(region, thread, () => allLists(region));
}
