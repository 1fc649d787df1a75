/**
 * Sequenced singly linked lists under their documented names (semantics section 4).
 *
 * A header is 16 bytes, 16-byte aligned; an entry gives its first 8 bytes to the list while it is
 * parked. Any thread, any IRQL. One 64-bit compare-exchange each; a stalled thread is safe against ABA
 * for 2^36 changes, which one head cannot see in less than 57 minutes at 20 million changes a second.
 */
import { pointer } from "./arguments.js";
import { checkedInitialize, checkedPush, checkedRemove, checkLook } from "./checked-slist.js";
import { STATUS_DATATYPE_MISALIGNMENT } from "./constants.js";
import { rethrowFault } from "./fault.js";
import { bugCheck, type Machine, machine } from "./machine.js";
import { BUG_CHECK, StatusError } from "./raise.js";

/** Demands the address of a header or an entry: 16 bytes on a 16-byte boundary, of pool memory. */
function demandAligned(here: Machine, routine: string, name: string, value: number): number {
  const { region } = here;
  if (
    typeof value === "number" &&
    value >>> 0 === value &&
    (value & 15) === 0 &&
    value >= region.layout.dataByte &&
    value < region.bytes.length
  )
    return value;
  return demandCarefully(here, routine, name, value);
}

function demandCarefully(here: Machine, routine: string, name: string, value: number): number {
  const address = pointer(routine, name, value);
  if ((address & 15) !== 0) {
    const message = `${routine} needs ${name} on a 16-byte boundary, not 0x${address.toString(16)}`;
    throw new StatusError(STATUS_DATATYPE_MISALIGNMENT, message);
  }
  const { region } = here;
  if (address < region.layout.dataByte || !region.cover(address + 16)) {
    const message = `${routine} cannot touch ${name} at 0x${address.toString(16)}: no pool memory is there`;
    bugCheck(BUG_CHECK.IRQL_NOT_LESS_OR_EQUAL, [address, here.irql, 1, 0], message);
  }
  return address;
}

/**
 * Makes an empty list of the 16 bytes at `ListHead`, whatever they held.
 *
 * Any IRQL, any thread, many at once. One store of 16 bytes; no other thread may use them meanwhile. Source:
 * semantics section 4.
 *
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for a header that is not on a 16-byte boundary.
 * @throws {BugCheck} 0x0A where no pool memory is; in checked mode 0xC4 with VERIFIER_RULE SLIST_MISPLACED
 * for a header that is no held memory, or of an active lookaside list.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address; ERR_LOCK_STALLED in checked mode;
 * ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const head = ExAllocatePoolWithTag(NonPagedPool, 64, tag("Head"));
 * InitializeSListHead(head);
 * console.log(QueryDepthSList(head)); // 0
 * shutdown();
 * ```
 */
export function InitializeSListHead(ListHead: number): void {
  const here = machine();
  const head = demandAligned(here, "InitializeSListHead", "ListHead", ListHead);
  if (here.checked) checkedInitialize(here, "InitializeSListHead", head);
  else here.region.interlocked.initialize(head);
}

/**
 * {@link InitializeSListHead} under its kernel name.
 */
export const ExInitializeSListHead = InitializeSListHead;

/**
 * Puts an entry at the front. Its first 8 bytes are the list's until it is popped.
 *
 * Any IRQL, any thread, many at once. One compare-exchange if no other thread changes the list meanwhile.
 * The lock of the documented routine is not looked at: modern systems do not use it. Source: semantics
 * section 4.
 *
 * @returns the entry that was first before, or NULL when the list was empty.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for a header or an entry that is not on a 16-byte
 * boundary.
 * @throws {BugCheck} 0x0A where no pool memory is, and for a damaged link out of it; in checked mode 0xC4
 * with VERIFIER_RULE SLIST_MISPLACED for a header or an entry that is no held memory, or of an active
 * lookaside list; ENTRY_PARKED_TWICE for an entry that is on this list.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address; ERR_LOCK_STALLED in checked mode;
 * ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const head = ExAllocatePoolWithTag(NonPagedPool, 64, tag("Head"));
 * InitializeSListHead(head);
 * ExInterlockedPushEntrySList(head, head + 16);
 * console.log(ExInterlockedPushEntrySList(head, head + 32) === head + 16); // true
 * shutdown();
 * ```
 */
export function ExInterlockedPushEntrySList(
  ListHead: number,
  ListEntry: number,
  _Lock = 0,
): number {
  const here = machine();
  const head = demandAligned(here, "ExInterlockedPushEntrySList", "ListHead", ListHead);
  const entry = demandAligned(here, "ExInterlockedPushEntrySList", "ListEntry", ListEntry);
  if (here.checked) return checkedPush(here, "ExInterlockedPushEntrySList", head, entry);
  try {
    return here.region.interlocked.push(head, entry) >>> 0;
  } catch (error) {
    return rethrowFault(here, "ExInterlockedPushEntrySList", head, error);
  }
}

/**
 * {@link ExInterlockedPushEntrySList} under its user-mode name, without the lock.
 */
export function InterlockedPushEntrySList(ListHead: number, ListEntry: number): number {
  return ExInterlockedPushEntrySList(ListHead, ListEntry);
}

/**
 * Takes the first entry. Its link is not cleared.
 *
 * Any IRQL, any thread, many at once. One compare-exchange if no other thread changes the list meanwhile; a
 * stalled thread is safe against ABA for 2^36 changes of one header, 57 minutes at full speed. Source:
 * semantics section 4.
 *
 * @returns the entry's address, or NULL when the list is empty.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for a header that is not on a 16-byte boundary.
 * @throws {BugCheck} 0x0A where no pool memory is, and for a damaged link out of it; in checked mode 0xC4
 * with VERIFIER_RULE SLIST_MISPLACED for a header that is no held memory, or of an active lookaside list, or
 * that leads to an entry that is none.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address; ERR_LOCK_STALLED in checked mode;
 * ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const head = ExAllocatePoolWithTag(NonPagedPool, 64, tag("Head"));
 * InitializeSListHead(head);
 * ExInterlockedPushEntrySList(head, head + 16);
 * console.log(ExInterlockedPopEntrySList(head) === head + 16); // true
 * console.log(ExInterlockedPopEntrySList(head) === NULL); // true
 * shutdown();
 * ```
 */
export function ExInterlockedPopEntrySList(ListHead: number, _Lock = 0): number {
  const here = machine();
  const head = demandAligned(here, "ExInterlockedPopEntrySList", "ListHead", ListHead);
  if (here.checked) return checkedRemove(here, "ExInterlockedPopEntrySList", head, "pop");
  try {
    return here.region.interlocked.pop(head) >>> 0;
  } catch (error) {
    return rethrowFault(here, "ExInterlockedPopEntrySList", head, error);
  }
}

/**
 * {@link ExInterlockedPopEntrySList} under its user-mode name, without the lock.
 */
export function InterlockedPopEntrySList(ListHead: number): number {
  return ExInterlockedPopEntrySList(ListHead);
}

/**
 * Empties the list. Frees nothing.
 *
 * Any IRQL, any thread, many at once. One compare-exchange, however many entries there are. Source:
 * semantics section 4.
 *
 * @returns the entry that was first, its chain intact, or NULL when the list was empty.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for a header that is not on a 16-byte boundary.
 * @throws {BugCheck} 0x0A where no pool memory is, and for a damaged link out of it; in checked mode 0xC4
 * with VERIFIER_RULE SLIST_MISPLACED for a header that is no held memory, or of an active lookaside list, or
 * that leads to an entry that is none.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address; ERR_LOCK_STALLED in checked mode;
 * ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const head = ExAllocatePoolWithTag(NonPagedPool, 64, tag("Head"));
 * InitializeSListHead(head);
 * ExInterlockedPushEntrySList(head, head + 16);
 * console.log(ExInterlockedFlushSList(head) === head + 16); // true
 * console.log(FirstEntrySList(head) === NULL); // true
 * shutdown();
 * ```
 */
export function ExInterlockedFlushSList(ListHead: number): number {
  const here = machine();
  const head = demandAligned(here, "ExInterlockedFlushSList", "ListHead", ListHead);
  if (here.checked) return checkedRemove(here, "ExInterlockedFlushSList", head, "flush");
  try {
    return here.region.interlocked.flush(head) >>> 0;
  } catch (error) {
    return rethrowFault(here, "ExInterlockedFlushSList", head, error);
  }
}

/**
 * {@link ExInterlockedFlushSList} under its user-mode name.
 */
export const InterlockedFlushSList = ExInterlockedFlushSList;

/**
 * How many entries are parked: a snapshot of 16 bits, as documented, stale as soon as it is given.
 *
 * Any IRQL, any thread, many at once. O(1). Source: semantics section 4.
 *
 * @returns entries modulo 65,536.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for a header that is not on a 16-byte boundary.
 * @throws {BugCheck} 0x0A where no pool memory is, and for a damaged link out of it; in checked mode 0xC4
 * with VERIFIER_RULE SLIST_MISPLACED for a look at what is no held memory. A descriptor of a lookaside list
 * may be looked at.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address; ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const head = ExAllocatePoolWithTag(NonPagedPool, 64, tag("Head"));
 * InitializeSListHead(head);
 * ExInterlockedPushEntrySList(head, head + 16);
 * console.log(ExQueryDepthSList(head)); // 1
 * shutdown();
 * ```
 */
export function ExQueryDepthSList(SListHead: number): number {
  const here = machine();
  const head = demandAligned(here, "ExQueryDepthSList", "SListHead", SListHead);
  if (here.checked) checkLook(here, "ExQueryDepthSList", head);
  try {
    return here.region.interlocked.count(head) & 0xffff;
  } catch (error) {
    return rethrowFault(here, "ExQueryDepthSList", head, error);
  }
}

/**
 * {@link ExQueryDepthSList} under its user-mode name.
 */
export const QueryDepthSList = ExQueryDepthSList;

/**
 * The first entry without taking it: synchronized with nothing, so another thread may have it already.
 *
 * Any IRQL, any thread, many at once. One load. Source: semantics section 4.
 *
 * @returns the entry's address, or NULL when the list is empty.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for a header that is not on a 16-byte boundary.
 * @throws {BugCheck} 0x0A where no pool memory is; in checked mode 0xC4 with VERIFIER_RULE SLIST_MISPLACED
 * for a look at what is no held memory. A descriptor of a lookaside list may be looked at.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address; ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const head = ExAllocatePoolWithTag(NonPagedPool, 64, tag("Head"));
 * InitializeSListHead(head);
 * ExInterlockedPushEntrySList(head, head + 16);
 * console.log(FirstEntrySList(head) === head + 16); // true
 * shutdown();
 * ```
 */
export function FirstEntrySList(SListHead: number): number {
  const here = machine();
  const head = demandAligned(here, "FirstEntrySList", "SListHead", SListHead);
  if (here.checked) checkLook(here, "FirstEntrySList", head);
  return here.region.interlocked.first(head) >>> 0;
}

/**
 * {@link FirstEntrySList} under its runtime-library name.
 */
export const RtlFirstEntrySList = FirstEntrySList;
