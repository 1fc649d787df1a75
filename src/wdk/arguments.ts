/**
 * Arguments of the documented routines: what C's types would have refused or cut down.
 *
 * A value of the wrong type is a mistake of the TypeScript caller, so it is a `LookasideError` and
 * never reaches shared memory. A number of the right type but the wrong value is the routine's own
 * business.
 */
import { LookasideError, show } from "../base/index.js";

/** Refuses an argument, and says what is needed. @throws {LookasideError} ERR_ARGUMENT */
export function refuse(routine: string, name: string, value: unknown, what: string): never {
  throw new LookasideError(
    "ERR_ARGUMENT",
    `Cannot call ${routine} with ${show(value)} as ${name}: ${what}`,
  );
}

/** A ULONG or an enumeration: a whole number, cut to 32 bits. */
export function ulong(routine: string, name: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value))
    refuse(routine, name, value, "a whole number is needed");
  return value >>> 0;
}

/** A LONG: a whole number of 32 bits, signed or unsigned. */
export function long(routine: string, name: string, value: unknown): number {
  if (
    typeof value !== "number" ||
    !Number.isInteger(value) ||
    value < -0x8000_0000 ||
    value > 0xffff_ffff
  ) {
    refuse(routine, name, value, "a whole number of 32 bits is needed");
  }
  return value | 0;
}

/** A text. */
export function text(routine: string, name: string, value: unknown): string {
  if (typeof value !== "string") refuse(routine, name, value, "a text is needed");
  return value;
}

/** A SIZE_T: a whole number; a negative one is the huge size that C would make of it. */
export function sizeT(routine: string, name: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value))
    refuse(routine, name, value, "a byte count is needed");
  return value < 0 ? Number.MAX_SAFE_INTEGER : value;
}

/** The same as it was given, negative or not: for a routine that can say no to what is too large. */
export function sizeGiven(routine: string, name: string, value: unknown): number {
  sizeT(routine, name, value);
  return value as number;
}

/** A byte count as a message tells it: a negative one with the size that C would make of it. */
export function sizeText(bytes: number): string {
  return bytes < 0 ? `${bytes} (as a SIZE_T ${2n ** 64n + BigInt(bytes)})` : `${bytes}`;
}

/** A pointer: an address from 0 to 2^32 - 1. */
export function pointer(routine: string, name: string, value: unknown): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    refuse(routine, name, value, "an address is a whole number from 0 to 4294967295");
  }
  return value;
}
