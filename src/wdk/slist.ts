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
 * Makes an empty list of the 16 bytes at `ListHead`.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT when the header is not on a 16-byte boundary.
 */
export function InitializeSListHead(ListHead: number): void {
  const here = machine();
  const head = demandAligned(here, "InitializeSListHead", "ListHead", ListHead);
  if (here.checked) checkedInitialize(here, "InitializeSListHead", head);
  else here.region.interlocked.initialize(head);
}

/** The same under its kernel name. */
export const ExInitializeSListHead = InitializeSListHead;

/**
 * Puts an entry at the front. The lock argument of the documented routine is unused on modern systems.
 * @returns the entry that was first before, or NULL when the list was empty.
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

/** The same under its user-mode name. */
export function InterlockedPushEntrySList(ListHead: number, ListEntry: number): number {
  return ExInterlockedPushEntrySList(ListHead, ListEntry);
}

/** Takes the first entry. @returns its address, or NULL. Its link is not cleared. */
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

/** The same under its user-mode name. */
export function InterlockedPopEntrySList(ListHead: number): number {
  return ExInterlockedPopEntrySList(ListHead);
}

/** Empties the list. @returns the entry that was first, its chain intact, or NULL. Frees nothing. */
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

/** The same under its user-mode name. */
export const InterlockedFlushSList = ExInterlockedFlushSList;

/** Entries parked: a snapshot of 16 bits, as documented. */
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

/** The same under its user-mode name. */
export const QueryDepthSList = ExQueryDepthSList;

/** The first entry without taking it: not synchronized with anything. */
export function FirstEntrySList(SListHead: number): number {
  const here = machine();
  const head = demandAligned(here, "FirstEntrySList", "SListHead", SListHead);
  if (here.checked) checkLook(here, "FirstEntrySList", head);
  return here.region.interlocked.first(head) >>> 0;
}

/** The same under its runtime-library name. */
export const RtlFirstEntrySList = FirstEntrySList;
