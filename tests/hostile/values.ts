/**
 * Values that nobody should pass: wrong types, numbers beyond every bound, and objects that notice when the
 * library asks them for anything.
 */
import type { Random } from "../support/seed.js";

/** Thrown by values and routines of a test: the only foreign error that may come out of a call. */
export class HostileError extends Error {
  override readonly name = "HostileError";
}

/** Thrown when the library runs code of a value that it was given: never right. */
export class TrapSprung extends Error {
  override readonly name = "TrapSprung";
}

function spring(): never {
  throw new TrapSprung("the library asked a value to convert itself");
}

const TRAP = { toString: spring, valueOf: spring, [Symbol.toPrimitive]: spring, toJSON: spring };

/** Values of types that no argument has. */
const WRONG_TYPES: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  "",
  "16",
  "ExFreePool",
  5n,
  -1n,
  2n ** 70n,
  Symbol("hostile"),
  [],
  [16],
  {},
  Object.create(null),
  TRAP,
  new Date(0),
  new Uint32Array(4),
  new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer,
  new Map(),
  Promise.resolve(16),
  new WeakRef({}),
];

/** Numbers at and beyond the bounds of what arguments are. */
const NUMBERS: readonly number[] = [
  0,
  -0,
  1,
  2,
  3,
  4,
  7,
  8,
  15,
  16,
  31,
  48,
  63,
  64,
  512,
  4_095,
  4_096,
  4_097,
  8_192,
  40_960,
  61_440,
  61_441,
  262_144,
  -1,
  -16,
  -2_147_483_648,
  0x7fff_ffff,
  0x7fff_fff0,
  0x8000_0000,
  0x8000_0002,
  0xffff_0000,
  0xffff_fff0,
  0xffff_ffff,
  2 ** 32,
  2 ** 32 + 16,
  2 ** 48,
  Number.MAX_SAFE_INTEGER,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  0.5,
  15.999,
];

/** A value of a type that no argument has. */
export function wrongType(random: Random): unknown {
  return random.pick(WRONG_TYPES);
}

/** A number: at a bound, beyond it, or any. */
export function anyNumber(random: Random): number {
  const chance = random.int(10);
  if (chance < 7) return random.pick(NUMBERS);
  return chance < 9 ? random.next() : random.next() - 2 ** 31;
}
