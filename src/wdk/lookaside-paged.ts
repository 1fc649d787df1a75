/**
 * Paged lookaside lists under their documented names (semantics 5.2, 5.5, 5.8, 5.11).
 *
 * Any thread, IRQL <= APC_LEVEL. A hit costs one call into the interlocked module: one compare-exchange.
 */
import { pointer, sizeT, ulong } from "./arguments.js";
import { APC_LEVEL, PagedPool } from "./constants.js";
import { demandApc } from "./irql.js";
import {
  allocateCarefully,
  allocateMiss,
  deleteList,
  freeCarefully,
  freeOverflow,
  initializeList,
  PAGED_FAMILY,
  reportFault,
} from "./lookaside.js";
import { machine } from "./machine.js";
import { handleOf } from "./routine.js";
import { SHORT_WAYS } from "./short-ways.js";
import type { ALLOCATE_FUNCTION, FREE_FUNCTION, Pointer } from "./types.js";

const short = SHORT_WAYS;

/**
 * Makes an empty list of paged entries in the descriptor at `Lookaside`.
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
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT. @throws {BugCheck} 0xC4, 0x20006 above
 * APC_LEVEL; in checked mode 0xC4 with 0xCA (active already), 0xCD (Size), or a rule of VERIFIER_RULE.
 */
export function ExInitializePagedLookasideList(
  Lookaside: number,
  Allocate: Pointer<ALLOCATE_FUNCTION>,
  Free: Pointer<FREE_FUNCTION>,
  Flags: number,
  Size: number,
  Tag: number,
  Depth: number,
): void {
  const routine = "ExInitializePagedLookasideList";
  const here = machine();
  const address = pointer(routine, "Lookaside", Lookaside);
  if (here.irql > APC_LEVEL) demandApc(here, routine, address);
  ulong(routine, "Depth", Depth);
  initializeList({
    routine,
    family: PAGED_FAMILY,
    address,
    allocate: handleOf(here, routine, "Allocate", Allocate),
    free: handleOf(here, routine, "Free", Free),
    type: PagedPool | ulong(routine, "Flags", Flags),
    size: sizeT(routine, "Size", Size) >>> 0,
    tag: ulong(routine, "Tag", Tag),
  });
}

/**
 * Takes the entry freed last, or asks the Allocate routine for a fresh one.
 * @returns the entry's address, or NULL when nothing is parked and nothing can be had.
 * @throws {StatusError} what the Allocate routine raises (with POOL_RAISE_IF_ALLOCATION_FAILURE).
 */
export function ExAllocateFromPagedLookasideList(Lookaside: number): number {
  const routine = "ExAllocateFromPagedLookasideList";
  if (
    short.gatePaged ||
    typeof Lookaside !== "number" ||
    (Lookaside & -16) >>> 0 !== Lookaside ||
    Lookaside < short.lowest
  ) {
    return allocateCarefully(routine, PAGED_FAMILY, pointer(routine, "Lookaside", Lookaside));
  }
  let entry: number;
  try {
    entry = short.take(Lookaside);
  } catch (error) {
    return reportFault(routine, error, Lookaside);
  }
  return entry !== 0 ? entry >>> 0 : allocateMiss(machine(), routine, PAGED_FAMILY, Lookaside);
}

/** Parks the entry, or gives it to the Free routine when Depth entries are parked. */
export function ExFreeToPagedLookasideList(Lookaside: number, Entry: number): void {
  const routine = "ExFreeToPagedLookasideList";
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
    freeCarefully(routine, PAGED_FAMILY, list, pointer(routine, "Entry", Entry));
    return;
  }
  let parked: number;
  try {
    parked = short.park(Lookaside, Entry);
  } catch (error) {
    reportFault(routine, error, Lookaside, Entry);
  }
  if (parked === 0) freeOverflow(machine(), routine, PAGED_FAMILY, Lookaside, Entry);
}

/** Gives every parked entry to the Free routine, then takes the list out of the system's set. */
export function ExDeletePagedLookasideList(Lookaside: number): void {
  const routine = "ExDeletePagedLookasideList";
  machine();
  deleteList(routine, PAGED_FAMILY, pointer(routine, "Lookaside", Lookaside));
}
