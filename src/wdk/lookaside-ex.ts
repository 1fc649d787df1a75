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
  EX_FAMILY,
  freeCarefully,
  freeOverflow,
  initializeList,
  reportFault,
} from "./lookaside.js";
import { deleteList, flushList } from "./lookaside-end.js";
import { machine } from "./machine.js";
import { callbackOf } from "./routine.js";
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
 * IRQL <= DISPATCH_LEVEL, also for a list of paged entries. Any thread; no other may use the descriptor
 * meanwhile. O(1), under the lock of the system's set of lists; in checked mode every list in use is looked
 * at. Depth begins at 4, MaximumDepth is 256. Source: semantics 5.3.
 *
 * @param Lookaside address of 0x60 bytes of nonpaged memory, 16-byte aligned.
 * @param Allocate called as (PoolType, NumberOfBytes, Tag, Lookaside) when no entry is parked; NULL: the
 * pool.
 * @param Free called as (Buffer, Lookaside) when Depth entries are parked; NULL: the pool.
 * @param PoolType a POOL_TYPE of those that may be used.
 * @param Flags 0, EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL (1) or EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE
 * (2).
 * @param Size bytes of each entry, at least LOOKASIDE_MINIMUM_BLOCK_SIZE; its first 8 are the list's while
 * it is parked.
 * @param Tag of the pool blocks.
 * @param Depth reserved; ignored, as on the real system.
 * @returns STATUS_SUCCESS; STATUS_INVALID_PARAMETER_4 (PoolType) or STATUS_INVALID_PARAMETER_5 (Flags), with
 * nothing changed.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for a list that is not on a 16-byte boundary.
 * @throws {BugCheck} 0x0A above DISPATCH_LEVEL, and where no pool memory is; in checked mode 0xC4 with 0xCA
 * (active already), 0xCD (Size), or VERIFIER_RULE DESCRIPTOR_NOT_NONPAGED, FAIL_NO_RAISE_WITHOUT_ROUTINE.
 * @throws {LookasideError} ERR_ARGUMENT for a value of the wrong type, ERR_ROUTINES_FULL, ERR_LOCK_STALLED,
 * ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, tag("Demo"));
 * const flags = EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL;
 * const status = ExInitializeLookasideListEx(list, NULL, NULL, PagedPool, flags, 64, tag("Demo"), 0);
 * console.log(NT_SUCCESS(status)); // true
 * ExDeleteLookasideListEx(list);
 * shutdown();
 * ```
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
    allocate: callbackOf(here, routine, "Allocate", Allocate),
    free: callbackOf(here, routine, "Free", Free),
    type: type | (TYPE_BITS[flags] as number),
    size,
    tag,
  });
  return STATUS_SUCCESS;
}

/**
 * Takes the entry that was freed last; when none is parked, asks the list's Allocate routine for a fresh
 * one.
 *
 * IRQL <= DISPATCH_LEVEL, and <= APC_LEVEL for a list of paged entries. Any thread, and many at once:
 * last-in-first-out for all of them. A hit is one compare-exchange; a miss costs what the routine costs.
 * Nothing is zeroed: a parked entry is as its last holder left it, but for the first 8 bytes. Source:
 * semantics 5.6.
 *
 * @returns the entry's address, or NULL when nothing is parked and the routine gave nothing.
 * @throws {StatusError} what the Allocate routine raises: the pool STATUS_INSUFFICIENT_RESOURCES, with
 * EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL; STATUS_DATATYPE_MISALIGNMENT for a list that is not on a 16-byte
 * boundary.
 * @throws {BugCheck} 0x0A above DISPATCH_LEVEL, 0xC4 with 0x20006 above APC_LEVEL for paged entries; 0x0A
 * where no pool memory is, and for a damaged link out of it; 0xC4 from a miss on what is no list of the
 * family (VERIFIER_RULE LIST_NOT_INITIALIZED). In checked mode 0xC4 with that for every call, 0xC1 for an
 * entry that was written while parked, 0xC4 with ENTRY_TOO_SMALL, ENTRY_PAGED or ENTRY_PARKED_TWICE for what
 * the routine gave.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address, or a routine that gave none;
 * ERR_ROUTINE_MISSING when this thread has not registered the Allocate routine; ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, tag("Demo"));
 * ExInitializeLookasideListEx(list, NULL, NULL, PagedPool, 0, 64, tag("Demo"), 0);
 * const entry = ExAllocateFromLookasideListEx(list);
 * ExFreeToLookasideListEx(list, entry);
 * console.log(ExAllocateFromLookasideListEx(list) === entry); // true
 * console.log(queryLookaside(list).AllocateMisses); // 1
 * shutdown();
 * ```
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

/**
 * Parks the entry as the next to be taken, or gives it to the list's Free routine when Depth entries are
 * parked.
 *
 * IRQL <= DISPATCH_LEVEL, and <= APC_LEVEL for a list of paged entries. Any thread, and many at once; the
 * entry may come from another one. A hit is one compare-exchange; on a full list it costs what the routine
 * costs. The first 8 bytes of a parked entry are the list's. Source: semantics 5.9.
 *
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for a list or an entry that is not on a 16-byte
 * boundary.
 * @throws {BugCheck} 0x0A above DISPATCH_LEVEL, 0xC4 with 0x20006 above APC_LEVEL for paged entries; 0x0A
 * where no pool memory is, and for a damaged link out of it; 0xC4 from a full list of another family
 * (VERIFIER_RULE LIST_NOT_INITIALIZED); from a full list as {@link ExFreePool}. In checked mode 0xC4 with
 * ENTRY_NOT_OF_LIST, ENTRY_PARKED_TWICE or LIST_NOT_INITIALIZED, with 0x51 for an entry written past its
 * end, with 0xCC for one that holds an active list.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address; ERR_ROUTINE_MISSING when this thread
 * has not registered the Free routine; ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, tag("Demo"));
 * ExInitializeLookasideListEx(list, NULL, NULL, PagedPool, 0, 64, tag("Demo"), 0);
 * const entry = ExAllocateFromLookasideListEx(list);
 * ExFreeToLookasideListEx(list, entry);
 * console.log(parkedEntries(list)[0] === entry); // true
 * shutdown();
 * ```
 */
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

/**
 * Gives every parked entry to the Free routine; the list stays in use. No counter and no limit changes.
 *
 * IRQL <= DISPATCH_LEVEL, and <= APC_LEVEL when paged entries are parked. Any thread. All entries leave the
 * list at once, by one compare-exchange; then one call of the routine for each. One that throws does not
 * keep the others from it: the first error is thrown at the end. Source: semantics 5.10.
 *
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for a list that is not on a 16-byte boundary.
 * @throws {BugCheck} 0x0A above DISPATCH_LEVEL, where no pool memory is, and for a header that leads out of
 * it; 0xC4 with 0x20006 above APC_LEVEL for paged entries. In checked mode 0xC1 for an entry that was
 * written while parked, and 0xC4 with VERIFIER_RULE LIST_NOT_INITIALIZED.
 * @throws {LookasideError} ERR_ARGUMENT; ERR_ROUTINE_MISSING, with nothing changed; ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, tag("Demo"));
 * ExInitializeLookasideListEx(list, NULL, NULL, PagedPool, 0, 64, tag("Demo"), 0);
 * ExFreeToLookasideListEx(list, ExAllocateFromLookasideListEx(list));
 * ExFlushLookasideListEx(list);
 * console.log(queryLookaside(list).CurrentDepth); // 0
 * shutdown();
 * ```
 */
export function ExFlushLookasideListEx(Lookaside: number): void {
  const routine = "ExFlushLookasideListEx";
  machine();
  flushList(routine, EX_FAMILY, pointer(routine, "Lookaside", Lookaside));
}

/**
 * Gives every parked entry to the Free routine, then takes the list out of the system's set. Entries that
 * callers hold are theirs to free; so is the memory of the descriptor.
 *
 * IRQL <= DISPATCH_LEVEL, and <= APC_LEVEL when paged entries are parked. Any thread; no other may use the
 * list meanwhile. O(parked), and the lock of the set once. A Free routine that throws does not keep the list
 * in use: the first error is thrown at the end. Source: semantics 5.11.
 *
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for a list that is not on a 16-byte boundary.
 * @throws {BugCheck} 0x0A above DISPATCH_LEVEL, 0xC4 with 0x20006 above APC_LEVEL for paged entries; 0x0A
 * where no pool memory is, and for a header that leads out of it. In checked mode 0xC1 for an entry that was
 * written while parked, and 0xC4 with 0xCB for memory that is no list in use, with VERIFIER_RULE
 * LIST_NOT_INITIALIZED for a list of another family.
 * @throws {LookasideError} ERR_ARGUMENT; ERR_ROUTINE_MISSING, with nothing changed; ERR_LOCK_STALLED,
 * ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, tag("Demo"));
 * ExInitializeLookasideListEx(list, NULL, NULL, PagedPool, 0, 64, tag("Demo"), 0);
 * ExFreeToLookasideListEx(list, ExAllocateFromLookasideListEx(list));
 * ExDeleteLookasideListEx(list);
 * ExFreePoolWithTag(list, tag("Demo"));
 * console.log(poolUsage(tag("Demo")).NonPaged.Diff); // 0
 * shutdown();
 * ```
 */
export function ExDeleteLookasideListEx(Lookaside: number): void {
  const routine = "ExDeleteLookasideListEx";
  machine();
  deleteList(routine, EX_FAMILY, pointer(routine, "Lookaside", Lookaside));
}
