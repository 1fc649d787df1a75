/**
 * Nonpaged lookaside lists under their documented names (semantics 5.1, 5.4, 5.7, 5.11).
 *
 * Any thread, IRQL <= DISPATCH_LEVEL. A hit costs one call into the interlocked module: one
 * compare-exchange.
 */
import { pointer, sizeT, ulong } from "./arguments.js";
import { DISPATCH_LEVEL, NonPagedPool } from "./constants.js";
import { demandDispatch } from "./irql.js";
import {
  allocateCarefully,
  allocateMiss,
  deleteList,
  freeCarefully,
  freeMiss,
  initializeList,
  NONPAGED_FAMILY,
} from "./lookaside.js";
import { machine } from "./machine.js";
import { callbackOf } from "./routine.js";
import { SHORT_WAYS } from "./short-ways.js";
import type { ALLOCATE_FUNCTION, FREE_FUNCTION, Pointer } from "./types.js";

const short = SHORT_WAYS;

/**
 * Makes an empty list of nonpaged entries in the descriptor at `Lookaside`.
 *
 * @param Lookaside address of 0x80 bytes of nonpaged memory, 16-byte aligned.
 * @param Allocate called as (PoolType, NumberOfBytes, Tag) when the list is empty; NULL:
 * ExAllocatePoolWithTag.
 * @param Free called as (Buffer) when the list is full; NULL: ExFreePool.
 * @param Flags 0, POOL_RAISE_IF_ALLOCATION_FAILURE (16), POOL_NX_ALLOCATION (512), or both; stored
 * unfiltered.
 * @param Size bytes of each entry, at least LOOKASIDE_MINIMUM_BLOCK_SIZE.
 * @param Tag of the pool blocks.
 * @param Depth reserved; ignored, as on the real system.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT. @throws {BugCheck} 0x0A above DISPATCH_LEVEL; in
 * checked mode 0xC4 with 0xCA (active already), 0xCD (Size), or a rule of VERIFIER_RULE.
 * @throws {LookasideError} ERR_ARGUMENT, ERR_ROUTINES_FULL, ERR_LOCK_STALLED
 */
export function ExInitializeNPagedLookasideList(
  Lookaside: number,
  Allocate: Pointer<ALLOCATE_FUNCTION>,
  Free: Pointer<FREE_FUNCTION>,
  Flags: number,
  Size: number,
  Tag: number,
  Depth: number,
): void {
  const routine = "ExInitializeNPagedLookasideList";
  const here = machine();
  const address = pointer(routine, "Lookaside", Lookaside);
  if (here.irql > DISPATCH_LEVEL) demandDispatch(here, routine, address);
  ulong(routine, "Depth", Depth);
  initializeList({
    routine,
    family: NONPAGED_FAMILY,
    address,
    allocate: callbackOf(here, routine, "Allocate", Allocate),
    free: callbackOf(here, routine, "Free", Free),
    type: NonPagedPool | ulong(routine, "Flags", Flags),
    size: sizeT(routine, "Size", Size) >>> 0,
    tag: ulong(routine, "Tag", Tag),
  });
}

/**
 * Takes the entry freed last, or asks the Allocate routine for a fresh one.
 * @returns the entry's address, or NULL when nothing is parked and nothing can be had.
 * @throws {StatusError} what the Allocate routine raises (with POOL_RAISE_IF_ALLOCATION_FAILURE).
 */
export function ExAllocateFromNPagedLookasideList(Lookaside: number): number {
  if (short.gateNonpaged || !(Lookaside >= short.lowest)) {
    const routine = "ExAllocateFromNPagedLookasideList";
    return allocateCarefully(routine, NONPAGED_FAMILY, pointer(routine, "Lookaside", Lookaside));
  }
  const entry = short.take(Lookaside);
  return entry !== 0 ? entry >>> 0 : allocateMiss(machine(), NONPAGED_FAMILY, Lookaside);
}

/** Parks the entry, or gives it to the Free routine when Depth entries are parked. */
export function ExFreeToNPagedLookasideList(Lookaside: number, Entry: number): void {
  if (short.gateNonpaged || !(Lookaside >= short.lowest && Entry >= short.lowest)) {
    const routine = "ExFreeToNPagedLookasideList";
    const list = pointer(routine, "Lookaside", Lookaside);
    freeCarefully(routine, NONPAGED_FAMILY, list, pointer(routine, "Entry", Entry));
    return;
  }
  if (short.park(Lookaside, Entry) === 0) freeMiss(machine(), NONPAGED_FAMILY, Lookaside, Entry);
}

/** Gives every parked entry to the Free routine, then takes the list out of the system's set. */
export function ExDeleteNPagedLookasideList(Lookaside: number): void {
  const routine = "ExDeleteNPagedLookasideList";
  machine();
  deleteList(routine, NONPAGED_FAMILY, pointer(routine, "Lookaside", Lookaside));
}
