/**
 * Interlocked operations on 32-bit words at addresses, and the address arithmetic of the documents'
 * example.
 *
 * Any thread, any IRQL. One atomic instruction each. A word is signed (LONG), as the documented
 * routines have it.
 */
import { long, pointer, ulong } from "./arguments.js";
import { STATUS_DATATYPE_MISALIGNMENT } from "./constants.js";
import { bugCheck, machine } from "./machine.js";
import { BUG_CHECK, StatusError } from "./raise.js";

function wordAt(routine: string, value: number) {
  const here = machine();
  const address = pointer(routine, "Addend", value);
  if ((address & 3) !== 0) {
    throw new StatusError(
      STATUS_DATATYPE_MISALIGNMENT,
      `${routine} needs a word, not 0x${address.toString(16)}`,
    );
  }
  const { region } = here.system;
  if (address < region.layout.dataByte || !region.cover(address + 4)) {
    const message = `${routine} cannot touch 0x${address.toString(16)}: no pool memory is there`;
    bugCheck(BUG_CHECK.IRQL_NOT_LESS_OR_EQUAL, [address, here.irql, 1, 0], message);
  }
  return region.interlocked;
}

/**
 * Adds one to the word at an address (not to a value: reading K-4).
 *
 * Any IRQL, any thread. One atomic instruction; words are signed (LONG).
 *
 * @returns the value after.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for an address that is not a multiple of 4.
 * @throws {BugCheck} 0x0A where no pool memory is.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address; ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const word = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, tag("Word")); // zeroed
 * console.log(InterlockedIncrement(word)); // 1
 * shutdown();
 * ```
 */
export function InterlockedIncrement(Addend: number): number {
  return (wordAt("InterlockedIncrement", Addend).exchangeAdd(Addend, 1) + 1) | 0;
}

/**
 * Takes one off the word at an address.
 *
 * Any IRQL, any thread. One atomic instruction; words are signed (LONG).
 *
 * @returns the value after.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for an address that is not a multiple of 4.
 * @throws {BugCheck} 0x0A where no pool memory is.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address; ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const word = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, tag("Word")); // zeroed
 * InterlockedExchange(word, 5);
 * console.log(InterlockedDecrement(word)); // 4
 * shutdown();
 * ```
 */
export function InterlockedDecrement(Addend: number): number {
  return (wordAt("InterlockedDecrement", Addend).exchangeAdd(Addend, -1) - 1) | 0;
}

/**
 * Adds to the word at an address, modulo 2^32.
 *
 * Any IRQL, any thread. One atomic instruction; words are signed (LONG).
 *
 * @returns the value after.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for an address that is not a multiple of 4.
 * @throws {BugCheck} 0x0A where no pool memory is.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address or does not fit 32 bits;
 * ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const word = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, tag("Word")); // zeroed
 * console.log(InterlockedAdd(word, 7)); // 7
 * shutdown();
 * ```
 */
export function InterlockedAdd(Addend: number, Value: number): number {
  const value = long("InterlockedAdd", "Value", Value);
  return (wordAt("InterlockedAdd", Addend).exchangeAdd(Addend, value) + value) | 0;
}

/**
 * Adds to the word at an address, modulo 2^32.
 *
 * Any IRQL, any thread. One atomic instruction; words are signed (LONG).
 *
 * @returns the value before.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for an address that is not a multiple of 4.
 * @throws {BugCheck} 0x0A where no pool memory is.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address or does not fit 32 bits;
 * ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const word = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, tag("Word")); // zeroed
 * console.log(InterlockedExchangeAdd(word, 7)); // 0
 * shutdown();
 * ```
 */
export function InterlockedExchangeAdd(Addend: number, Value: number): number {
  const value = long("InterlockedExchangeAdd", "Value", Value);
  return wordAt("InterlockedExchangeAdd", Addend).exchangeAdd(Addend, value);
}

/**
 * Puts a value into the word at an address.
 *
 * Any IRQL, any thread. One atomic instruction; words are signed (LONG).
 *
 * @returns the value before.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for an address that is not a multiple of 4.
 * @throws {BugCheck} 0x0A where no pool memory is.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address or does not fit 32 bits;
 * ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const word = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, tag("Word")); // zeroed
 * console.log(InterlockedExchange(word, 7)); // 0
 * console.log(InterlockedExchange(word, 8)); // 7
 * shutdown();
 * ```
 */
export function InterlockedExchange(Target: number, Value: number): number {
  const value = long("InterlockedExchange", "Value", Value);
  return wordAt("InterlockedExchange", Target).exchange(Target, value);
}

/**
 * Puts a value into the word at an address if the word holds `Comperand`.
 *
 * Any IRQL, any thread. One atomic instruction; words are signed (LONG).
 *
 * @returns the value before, whether it was replaced or not.
 * @throws {StatusError} STATUS_DATATYPE_MISALIGNMENT for an address that is not a multiple of 4.
 * @throws {BugCheck} 0x0A where no pool memory is.
 * @throws {LookasideError} ERR_ARGUMENT for a value that is no address or does not fit 32 bits;
 * ERR_NOT_ATTACHED.
 *
 * @example
 * ```ts
 * boot();
 * const word = ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, tag("Word")); // zeroed
 * InterlockedExchange(word, 7);
 * console.log(InterlockedCompareExchange(word, 8, 7)); // 7
 * console.log(InterlockedCompareExchange(word, 9, 7)); // 8
 * shutdown();
 * ```
 */
export function InterlockedCompareExchange(
  Destination: number,
  ExChange: number,
  Comperand: number,
): number {
  const routine = "InterlockedCompareExchange";
  const next = long(routine, "ExChange", ExChange);
  const expected = long(routine, "Comperand", Comperand);
  return wordAt(routine, Destination).compareExchange(Destination, next, expected);
}

/**
 * The address of the record that has a field of this offset at `Address`: arithmetic, nothing is looked at.
 * Needs no machine.
 *
 * @throws {LookasideError} ERR_ARGUMENT for an address or an offset that is none.
 *
 * @example
 * ```ts
 * const record = 0x1000;
 * const list = record + 16; // a descriptor 16 bytes into a record
 * console.log(CONTAINING_RECORD(list, 16) === record); // true
 * ```
 */
export function CONTAINING_RECORD(Address: number, FieldOffset: number): number {
  const address = pointer("CONTAINING_RECORD", "Address", Address);
  return (address - ulong("CONTAINING_RECORD", "FieldOffset", FieldOffset)) >>> 0;
}
