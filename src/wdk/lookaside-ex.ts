/**
 * Unified lookaside lists under their documented names (semantics 5.3, 5.6, 5.9 to 5.11).
 *
 * Any thread, IRQL <= DISPATCH_LEVEL, or <= APC_LEVEL for a list of paged entries. A hit costs one
 * call into the interlocked module: one compare-exchange.
 */
import { pointer, sizeT, ulong } from "./arguments.js";
import {
  EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE,
  POOL_QUOTA_FAIL_INSTEAD_OF_RAISE,
  POOL_RAISE_IF_ALLOCATION_FAILURE,
  POOL_TYPE,
  STATUS_INVALID_PARAMETER_4,
  STATUS_INVALID_PARAMETER_5,
  STATUS_SUCCESS,
} from "./constants.js";
import { demandDispatch } from "./irql.js";
import {
  allocateCarefully,
  allocateMiss,
  deleteList,
  EX_FAMILY,
  flushList,
  freeCarefully,
  freeOverflow,
  initializeList,
  reportFault,
} from "./lookaside.js";
import { machine } from "./machine.js";
import { handleOf } from "./routine.js";
import { SHORT_WAYS } from "./short-ways.js";
import type { ALLOCATE_FUNCTION_EX, FREE_FUNCTION_EX, Pointer } from "./types.js";

const short = SHORT_WAYS;

/** The pool types that are valid: the published enumeration without what says it is not to be used. */
const VALID_POOL_TYPES: ReadonlySet<number> = new Set<number>(
  Object.entries(POOL_TYPE)
    .filter(([name]) => !name.startsWith("DontUse") && name !== "MaxPoolType")
    .map(([, value]) => value),
);

/** Pool-type bits that the Ex flags turn into, by flag. */
const TYPE_BITS = [0, POOL_RAISE_IF_ALLOCATION_FAILURE, POOL_QUOTA_FAIL_INSTEAD_OF_RAISE] as const;

/**
 * Makes an empty list in the descriptor at `Lookaside`, of entries from the pool that `PoolType` names.
 *
 * @param Lookaside address of 0x60 bytes of nonpaged memory, 16-byte aligned.
 * @param Allocate called as (PoolType, NumberOfBytes, Tag, Lookaside) when the list is empty; NULL:
 * the pool.
 * @param Free called as (Buffer, Lookaside) when the list is full; NULL: the pool.
 * @param PoolType a valid POOL_TYPE.
 * @param Flags 0, EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL (1) or
 * EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE (2).
 * @param Size bytes of each entry.
 * @param Tag of the pool blocks.
 * @param Depth reserved; ignored.
 * @returns STATUS_SUCCESS, STATUS_INVALID_PARAMETER_4 (PoolType) or STATUS_INVALID_PARAMETER_5 (Flags).
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT. @throws {BugCheck} 0x0A above DISPATCH_LEVEL; in
 * checked mode 0xC4 with 0xCA (active already), 0xCD (Size), or a rule of VERIFIER_RULE.
 */
export function ExInitializeLookasideListEx(
  Lookaside: number,
  Allocate: Pointer<ALLOCATE_FUNCTION_EX>,
  Free: Pointer<FREE_FUNCTION_EX>,
  PoolType: number,
  Flags: number,
  Size: number,
  Tag: number,
  Depth: number,
): number {
  const routine = "ExInitializeLookasideListEx";
  const here = machine();
  const address = pointer(routine, "Lookaside", Lookaside);
  demandDispatch(here, routine, address);
  const type = ulong(routine, "PoolType", PoolType);
  const flags = ulong(routine, "Flags", Flags);
  const size = sizeT(routine, "Size", Size) >>> 0;
  const tag = ulong(routine, "Tag", Tag);
  ulong(routine, "Depth", Depth);
  if (!VALID_POOL_TYPES.has(type)) return STATUS_INVALID_PARAMETER_4;
  if (flags > EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE) return STATUS_INVALID_PARAMETER_5;
  initializeList({
    routine,
    family: EX_FAMILY,
    address,
    allocate: handleOf(here, routine, "Allocate", Allocate),
    free: handleOf(here, routine, "Free", Free),
    type: type | (TYPE_BITS[flags] as number),
    size,
    tag,
  });
  return STATUS_SUCCESS;
}

/**
 * Takes the entry freed last, or asks the Allocate routine for a fresh one.
 * @returns the entry's address, or NULL when nothing is parked and nothing can be had.
 * @throws {StatusError} what the Allocate routine raises (with RAISE_ON_FAIL).
 */
export function ExAllocateFromLookasideListEx(Lookaside: number): number {
  const routine = "ExAllocateFromLookasideListEx";
  if (
    short.gatePaged ||
    typeof Lookaside !== "number" ||
    (Lookaside & -16) >>> 0 !== Lookaside ||
    Lookaside < short.lowest
  ) {
    return allocateCarefully(routine, EX_FAMILY, pointer(routine, "Lookaside", Lookaside));
  }
  let entry: number;
  try {
    entry = short.take(Lookaside);
  } catch (error) {
    return reportFault(routine, error, Lookaside);
  }
  return entry !== 0 ? entry >>> 0 : allocateMiss(machine(), routine, EX_FAMILY, Lookaside);
}

/** Parks the entry, or gives it to the Free routine when Depth entries are parked. */
export function ExFreeToLookasideListEx(Lookaside: number, Entry: number): void {
  const routine = "ExFreeToLookasideListEx";
  if (
    short.gatePaged ||
    typeof Lookaside !== "number" ||
    (Lookaside & -16) >>> 0 !== Lookaside ||
    Lookaside < short.lowest ||
    typeof Entry !== "number" ||
    (Entry & -16) >>> 0 !== Entry ||
    Entry < short.lowest
  ) {
    const list = pointer(routine, "Lookaside", Lookaside);
    freeCarefully(routine, EX_FAMILY, list, pointer(routine, "Entry", Entry));
    return;
  }
  let parked: number;
  try {
    parked = short.park(Lookaside, Entry);
  } catch (error) {
    reportFault(routine, error, Lookaside, Entry);
  }
  if (parked === 0) freeOverflow(machine(), routine, EX_FAMILY, Lookaside, Entry);
}

/** Gives every parked entry to the Free routine; the list stays in use. No counter and no limit changes. */
export function ExFlushLookasideListEx(Lookaside: number): void {
  const routine = "ExFlushLookasideListEx";
  machine();
  flushList(routine, EX_FAMILY, pointer(routine, "Lookaside", Lookaside));
}

/** Gives every parked entry to the Free routine, then takes the list out of the system's set. */
export function ExDeleteLookasideListEx(Lookaside: number): void {
  const routine = "ExDeleteLookasideListEx";
  machine();
  deleteList(routine, EX_FAMILY, pointer(routine, "Lookaside", Lookaside));
}
