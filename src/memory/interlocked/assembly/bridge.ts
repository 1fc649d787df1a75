/**
 * What a WebAssembly guest's imports lead to (AssemblyScript, not TypeScript): one instance for each guest
 * and thread, between the guest and the documented routines.
 *
 * ```
 *   guest --> ExAllocateFrom..., Interlocked... --> done here: a hit, a word
 *                                  |
 *                                  v  a miss, a closed gate, a pointer that cannot be one
 *                       the routine in JavaScript, as if it had been called first
 *                                  |
 *                                  v  the list's own Allocate or Free routine
 *   guest <-- callAllocate... <----+  by table index: a wrong one is a trap, as in C
 * ```
 *
 * A hit is finished here because a call from WebAssembly to JavaScript and back costs more than the hit. It
 * counts what the JavaScript routine counts; what is not finished here has changed nothing here.
 *
 * | global | set by | meaning |
 * |---|---|---|
 * | lowestAddress | bind, once; close, to the top of memory | no pointer of a guest lies below it |
 * | gates | bind, once | address of the gate word of this thread (threads/gates.ts) |
 * | state | bind, once | address of the word that says the machine has stopped |
 */
import { add32, compareExchange32, exchange32, peek32, poke32 } from "./door";
import { parkBelowDepth, pop, push, TOTAL_ALLOCATES, TOTAL_FREES } from "./interlocked";

const NONPAGED_CLOSED: u32 = 1;
const PAGED_CLOSED: u32 = 2;
const STOPPED: u32 = 2;

export let lowestAddress: u32 = 0xffff_ffff;
export let gates: u32 = 0;
export let state: u32 = 0;

// @ts-ignore: decorator
@external("env", "__stack_pointer") declare let stackPointer: u32;

// @ts-ignore: decorator
@external("routines", "ExAllocateFromNPagedLookasideList") declare function allocateNPaged(list: u32): u32;
// @ts-ignore: decorator
@external("routines", "ExFreeToNPagedLookasideList") declare function freeNPaged(list: u32, entry: u32): void;
// @ts-ignore: decorator
@external("routines", "ExAllocateFromPagedLookasideList") declare function allocatePaged(list: u32): u32;
// @ts-ignore: decorator
@external("routines", "ExFreeToPagedLookasideList") declare function freePaged(list: u32, entry: u32): void;
// @ts-ignore: decorator
@external("routines", "ExAllocateFromLookasideListEx") declare function allocateEx(list: u32): u32;
// @ts-ignore: decorator
@external("routines", "ExFreeToLookasideListEx") declare function freeEx(list: u32, entry: u32): void;
// @ts-ignore: decorator
@external("routines", "ExInterlockedPushEntrySList")
declare function pushEntry(head: u32, entry: u32, lock: u32): u32;
// @ts-ignore: decorator
@external("routines", "ExInterlockedPopEntrySList") declare function popEntry(head: u32, lock: u32): u32;
// @ts-ignore: decorator
@external("routines", "InterlockedIncrement") declare function increment(address: u32): u32;
// @ts-ignore: decorator
@external("routines", "InterlockedDecrement") declare function decrement(address: u32): u32;
// @ts-ignore: decorator
@external("routines", "InterlockedAdd") declare function addTo(address: u32, value: u32): u32;
// @ts-ignore: decorator
@external("routines", "InterlockedExchangeAdd") declare function exchangeAdd(address: u32, value: u32): u32;
// @ts-ignore: decorator
@external("routines", "InterlockedExchange") declare function exchangeWord(address: u32, value: u32): u32;
// @ts-ignore: decorator
@external("routines", "InterlockedCompareExchange")
declare function compareExchangeWord(address: u32, next: u32, expected: u32): u32;

/** Whether an address may be that of a header or an entry, and the machine runs. */
// @ts-ignore: decorator
@inline function isUsable(address: u32, alignment: u32): bool {
  return !(address & (alignment - 1)) && address >= lowestAddress && peek32(state) != STOPPED;
}

/** Whether a list routine may be finished here. */
// @ts-ignore: decorator
@inline function isOpen(list: u32, gate: u32): bool {
  return isUsable(list, 16) && !(peek32(gates) & gate);
}

// @ts-ignore: decorator
@inline function isEntry(entry: u32): bool {
  return !(entry & 15) && entry >= lowestAddress;
}

/** Takes the first entry and counts it; 0, and nothing counted, when there is none. */
// @ts-ignore: decorator
@inline function takeParked(list: u32): u32 {
  const entry = pop(list);
  if (entry) poke32(list + TOTAL_ALLOCATES, peek32(list + TOTAL_ALLOCATES) + 1);
  return entry;
}

/** Parks an entry and counts it; false, and nothing counted, when the list is full. */
// @ts-ignore: decorator
@inline function parkCounted(list: u32, entry: u32): bool {
  if (!parkBelowDepth(list, entry)) return false;
  poke32(list + TOTAL_FREES, peek32(list + TOTAL_FREES) + 1);
  return true;
}

export function ExAllocateFromNPagedLookasideList(list: u32): u32 {
  const entry: u32 = isOpen(list, NONPAGED_CLOSED) ? takeParked(list) : 0;
  return entry ? entry : allocateNPaged(list);
}

export function ExFreeToNPagedLookasideList(list: u32, entry: u32): void {
  if (isOpen(list, NONPAGED_CLOSED) && isEntry(entry) && parkCounted(list, entry)) return;
  freeNPaged(list, entry);
}

export function ExAllocateFromPagedLookasideList(list: u32): u32 {
  const entry: u32 = isOpen(list, PAGED_CLOSED) ? takeParked(list) : 0;
  return entry ? entry : allocatePaged(list);
}

export function ExFreeToPagedLookasideList(list: u32, entry: u32): void {
  if (isOpen(list, PAGED_CLOSED) && isEntry(entry) && parkCounted(list, entry)) return;
  freePaged(list, entry);
}

export function ExAllocateFromLookasideListEx(list: u32): u32 {
  const entry: u32 = isOpen(list, PAGED_CLOSED) ? takeParked(list) : 0;
  return entry ? entry : allocateEx(list);
}

export function ExFreeToLookasideListEx(list: u32, entry: u32): void {
  if (isOpen(list, PAGED_CLOSED) && isEntry(entry) && parkCounted(list, entry)) return;
  freeEx(list, entry);
}

export function ExInterlockedPushEntrySList(head: u32, entry: u32, lock: u32): u32 {
  return isUsable(head, 16) && isEntry(entry) ? push(head, entry) : pushEntry(head, entry, lock);
}

export function ExInterlockedPopEntrySList(head: u32, lock: u32): u32 {
  return isUsable(head, 16) ? pop(head) : popEntry(head, lock);
}

export function InterlockedPushEntrySList(head: u32, entry: u32): u32 {
  return isUsable(head, 16) && isEntry(entry) ? push(head, entry) : pushEntry(head, entry, 0);
}

export function InterlockedPopEntrySList(head: u32): u32 {
  return isUsable(head, 16) ? pop(head) : popEntry(head, 0);
}

export function InterlockedIncrement(address: u32): u32 {
  return isUsable(address, 4) ? add32(address, 1) + 1 : increment(address);
}

export function InterlockedDecrement(address: u32): u32 {
  return isUsable(address, 4) ? add32(address, -1) - 1 : decrement(address);
}

export function InterlockedAdd(address: u32, value: u32): u32 {
  return isUsable(address, 4) ? add32(address, value) + value : addTo(address, value);
}

export function InterlockedExchangeAdd(address: u32, value: u32): u32 {
  return isUsable(address, 4) ? add32(address, value) : exchangeAdd(address, value);
}

export function InterlockedExchange(address: u32, value: u32): u32 {
  return isUsable(address, 4) ? exchange32(address, value) : exchangeWord(address, value);
}

export function InterlockedCompareExchange(address: u32, next: u32, expected: u32): u32 {
  return isUsable(address, 4)
    ? compareExchange32(address, expected, next)
    : compareExchangeWord(address, next, expected);
}

/** Calls the guest's function at a table index; a function of another type, or none, is a trap. */
export function callAllocate(index: u32, type: u32, size: u32, tag: u32): u32 {
  return call_indirect<u32>(index, type, size, tag);
}

export function callFree(index: u32, buffer: u32): void {
  call_indirect<void>(index, buffer);
}

export function callAllocateEx(index: u32, type: u32, size: u32, tag: u32, list: u32): u32 {
  return call_indirect<u32>(index, type, size, tag, list);
}

export function callFreeEx(index: u32, buffer: u32, list: u32): void {
  call_indirect<void>(index, buffer, list);
}

/** The guest's stack pointer: an exception that unwinds its functions does not put it back. */
export function stack(): u32 {
  return stackPointer;
}

export function setStack(address: u32): void {
  stackPointer = address;
}
