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
  freeCarefully,
  freeOverflow,
  initializeList,
  PAGED_FAMILY,
  reportFault,
} from "./lookaside.js";
import { deleteList } from "./lookaside-end.js";
import { machine } from "./machine.js";
import { callbackOf } from "./routine.js";
import { SHORT_WAYS } from "./short-ways.js";
import type { ALLOCATE_FUNCTION, FREE_FUNCTION, Pointer } from "./types.js";

const short = SHORT_WAYS;

/**
 * Makes an empty list of paged entries in the descriptor at `Lookaside`.
 *
 * IRQL <= APC_LEVEL. Any thread; no other may use the descriptor meanwhile. O(1), under the lock of the
 * system's set of lists; in checked mode every list in use is looked at. Depth begins at 4, MaximumDepth is
 * 256. Source: semantics 5.2.
 *
 * @param Lookaside address of 0x80 bytes of nonpaged memory, 16-byte aligned.
 * @param Allocate called as (PoolType, NumberOfBytes, Tag) when no entry is parked; NULL:
 * ExAllocatePoolWithTag.
 * @param Free called as (Buffer) when Depth entries are parked; NULL: ExFreePool.
 * @param Flags 0, POOL_RAISE_IF_ALLOCATION_FAILURE (16), POOL_NX_ALLOCATION (512), or both; stored
 * unfiltered.
 * @param Size bytes of each entry, at least LOOKASIDE_MINIMUM_BLOCK_SIZE; its first 8 are the list's while
 * it is parked.
 * @param Tag of the pool blocks.
 * @param Depth reserved; ignored, as on the real system.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for a list that is not on a 16-byte boundary.
 * @throws {BugCheck} 0xC4 with 0x20006 above APC_LEVEL, and where no pool memory is; in checked mode 0xC4
 * with 0xCA (active already), 0xCD (Size), or VERIFIER_RULE DESCRIPTOR_NOT_NONPAGED.
 * @throws {LookasideError} ERR_ARGUMENT for a value of the wrong type, ERR_ROUTINES_FULL, ERR_LOCK_STALLED,
 * ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_PAGED_LOOKASIDE_LIST, tag("Demo"));
 * ExInitializePagedLookasideList(list, NULL, NULL, 0, 64, tag("Demo"), 0);
 * console.log(queryLookaside(list).MaximumDepth); // 256
 * ExDeletePagedLookasideList(list);
 * shutdown();
 * ```
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
    allocate: callbackOf(here, routine, "Allocate", Allocate),
    free: callbackOf(here, routine, "Free", Free),
    type: PagedPool | ulong(routine, "Flags", Flags),
    size: sizeT(routine, "Size", Size) >>> 0,
    tag: ulong(routine, "Tag", Tag),
  });
}

/**
 * Takes the entry that was freed last; when none is parked, asks the list's Allocate routine for a fresh
 * one.
 *
 * IRQL <= APC_LEVEL. Any thread, and many at once: last-in-first-out for all of them. A hit is one
 * compare-exchange; a miss costs what the routine costs. Nothing is zeroed: a parked entry is as its last
 * holder left it, but for the first 8 bytes. Source: semantics 5.5.
 *
 * @returns the entry's address, or NULL when nothing is parked and the routine gave nothing.
 * @throws {StatusError} what the Allocate routine raises: the pool STATUS_INSUFFICIENT_RESOURCES, with
 * POOL_RAISE_IF_ALLOCATION_FAILURE; STATUS_DATATYPE_MISALIGNMENT for a list that is not on a 16-byte
 * boundary.
 * @throws {BugCheck} 0xC4 with 0x20006 above APC_LEVEL; 0x0A where no pool memory is, and for a damaged link
 * out of it; 0xC4 from a miss on what is no list of the family (VERIFIER_RULE LIST_NOT_INITIALIZED). In
 * checked mode 0xC4 with that for every call, 0xC1 for an entry that was written while parked, 0xC4 with
 * ENTRY_TOO_SMALL, ENTRY_PAGED or ENTRY_PARKED_TWICE for what the routine gave.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address, or a routine that gave none;
 * ERR_ROUTINE_MISSING when this thread has not registered the Allocate routine; ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_PAGED_LOOKASIDE_LIST, tag("Demo"));
 * ExInitializePagedLookasideList(list, NULL, NULL, 0, 64, tag("Demo"), 0);
 * const entry = ExAllocateFromPagedLookasideList(list);
 * ExFreeToPagedLookasideList(list, entry);
 * console.log(ExAllocateFromPagedLookasideList(list) === entry); // true
 * console.log(queryLookaside(list).AllocateMisses); // 1
 * shutdown();
 * ```
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

/**
 * Parks the entry as the next to be taken, or gives it to the list's Free routine when Depth entries are
 * parked.
 *
 * IRQL <= APC_LEVEL. Any thread, and many at once; the entry may come from another one. A hit is one
 * compare-exchange; on a full list it costs what the routine costs. The first 8 bytes of a parked entry are
 * the list's. Source: semantics 5.8.
 *
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for a list or an entry that is not on a 16-byte
 * boundary.
 * @throws {BugCheck} 0xC4 with 0x20006 above APC_LEVEL; 0x0A where no pool memory is, and for a damaged link
 * out of it; 0xC4 from a full list of another family (VERIFIER_RULE LIST_NOT_INITIALIZED); from a full list
 * as {@link ExFreePool}. In checked mode 0xC4 with ENTRY_NOT_OF_LIST, ENTRY_PARKED_TWICE or
 * LIST_NOT_INITIALIZED, with 0x51 for an entry written past its end, with 0xCC for one that holds an active
 * list.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address; ERR_ROUTINE_MISSING when this thread
 * has not registered the Free routine; ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_PAGED_LOOKASIDE_LIST, tag("Demo"));
 * ExInitializePagedLookasideList(list, NULL, NULL, 0, 64, tag("Demo"), 0);
 * const entry = ExAllocateFromPagedLookasideList(list);
 * ExFreeToPagedLookasideList(list, entry);
 * console.log(parkedEntries(list)[0] === entry); // true
 * shutdown();
 * ```
 */
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

/**
 * Gives every parked entry to the Free routine, then takes the list out of the system's set. Entries that
 * callers hold are theirs to free; so is the memory of the descriptor.
 *
 * IRQL <= APC_LEVEL. Any thread; no other may use the list meanwhile. O(parked), and the lock of the set
 * once. A Free routine that throws does not keep the list in use: the first error is thrown at the end.
 * Source: semantics 5.11.
 *
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for a list that is not on a 16-byte boundary.
 * @throws {BugCheck} 0xC4 with 0x20006 above APC_LEVEL; 0x0A where no pool memory is, and for a header that
 * leads out of it. In checked mode 0xC1 for an entry that was written while parked, and 0xC4 with 0xCB for
 * memory that is no list in use, with VERIFIER_RULE LIST_NOT_INITIALIZED for a list of another family.
 * @throws {LookasideError} ERR_ARGUMENT; ERR_ROUTINE_MISSING, with nothing changed; ERR_LOCK_STALLED,
 * ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_PAGED_LOOKASIDE_LIST, tag("Demo"));
 * ExInitializePagedLookasideList(list, NULL, NULL, 0, 64, tag("Demo"), 0);
 * ExFreeToPagedLookasideList(list, ExAllocateFromPagedLookasideList(list));
 * ExDeletePagedLookasideList(list);
 * ExFreePoolWithTag(list, tag("Demo"));
 * console.log(poolUsage(tag("Demo")).NonPaged.Diff); // 0
 * shutdown();
 * ```
 */
export function ExDeletePagedLookasideList(Lookaside: number): void {
  const routine = "ExDeletePagedLookasideList";
  machine();
  deleteList(routine, PAGED_FAMILY, pointer(routine, "Lookaside", Lookaside));
}
