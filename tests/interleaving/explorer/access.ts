/**
 * What a thread can do to shared memory in one step.
 *
 * | kind | what it does | plain |
 * |---|---|---|
 * | PEEK, PEEK16, POKE | load and store without order | yes |
 * | LOAD … EXCHANGE | one word, sequentially consistent | no |
 * | LOAD64 … ADD64 | two words at once, little-endian, sequentially consistent | no |
 * | WAIT | goes to sleep on a word if it is still `a` | no |
 * | SLEEP | goes on: when woken, or when its time is up (a WAIT with a time, `a` = 1) | – |
 * | WAKE | wakes those who sleep on a word, `a` of them at most, who slept first first | – |
 * | ENTER | nothing: what is read from here on matters only up to the FORGET that follows | – |
 * | FORGET | nothing: the thread is where it would be whatever it had read since its ENTER | – |
 * | BEGIN | nothing: here a thread's preparation ends and its explored part begins | – |
 * | END | nothing: the thread's function has come back, or thrown | – |
 */
import type { SharedWords } from "./shared-words.js";

/** Kinds of access. */
export const KIND = {
  PEEK: 0,
  PEEK16: 1,
  POKE: 2,
  LOAD: 3,
  STORE: 4,
  COMPARE_EXCHANGE: 5,
  ADD: 6,
  OR: 7,
  AND: 8,
  EXCHANGE: 9,
  LOAD64: 10,
  STORE64: 11,
  COMPARE_EXCHANGE64: 12,
  ADD64: 13,
  WAIT: 14,
  WAKE: 15,
  SLEEP: 16,
  ENTER: 17,
  FORGET: 18,
  BEGIN: 19,
  END: 20,
  UNKNOWN: 21,
} as const;

const NAMES = Object.keys(KIND).map((name) => name.toLowerCase().replaceAll("_", " "));

/** What an access gives back, and what it is given: 64-bit values are big integers. */
export type Value = number | bigint;

/** An access: its kind, the word it begins at, and its operands (for compare-exchange: expected, next). */
export interface Access {
  readonly kind: number;
  readonly index: number;
  readonly a: Value;
  readonly b: Value;
}

/** What WAIT gives back: the word was another, or the thread sleeps. */
export const [NOT_EQUAL, ASLEEP] = [0, 1] as const;

/** What SLEEP gives back. */
export const [WOKEN, TIMED_OUT] = [1, 2] as const;

/** How many words an access touches: who goes on after a sleep touches none, unless its time was up. */
export function widthOf(kind: number): number {
  if (kind >= KIND.SLEEP) return 0;
  return kind >= KIND.LOAD64 && kind <= KIND.ADD64 ? 2 : 1;
}

/** Whether an access of a kind may change memory. */
export function mayWrite(kind: number): boolean {
  return (
    kind === KIND.POKE ||
    (kind >= KIND.STORE && kind <= KIND.EXCHANGE) ||
    (kind >= KIND.STORE64 && kind <= KIND.ADD64)
  );
}

/** Whether an access of a kind may change memory, or who sleeps on a word of it. */
export function mayChange(kind: number): boolean {
  return mayWrite(kind) || kind === KIND.WAIT || kind === KIND.WAKE;
}

/** Whether an access that gave back `value` was a write: a compare-exchange that lost was none. */
export function wasWrite(access: Access, value: Value): boolean {
  if (access.kind === KIND.COMPARE_EXCHANGE || access.kind === KIND.COMPARE_EXCHANGE64)
    return value === access.a;
  return mayWrite(access.kind);
}

/** The same for whatever others may notice: a sleep, a wake-up that somebody got. */
export function wasChange(access: Access, value: Value): boolean {
  if (access.kind === KIND.WAIT) return value === ASLEEP;
  if (access.kind === KIND.WAKE) return value !== 0;
  if (access.kind === KIND.SLEEP) return value === TIMED_OUT;
  return wasWrite(access, value);
}

/** Whether a kind takes no part in the order of atomic accesses. */
export function isPlain(kind: number): boolean {
  return kind <= KIND.POKE;
}

function read64(memory: SharedWords, index: number): bigint {
  return (BigInt(memory.read(index + 1) >>> 0) << 32n) | BigInt(memory.read(index) >>> 0);
}

function write64(memory: SharedWords, index: number, value: bigint): void {
  memory.write(index, Number(BigInt.asIntN(32, value)));
  memory.write(index + 1, Number(BigInt.asIntN(32, value >> 32n)));
}

function perform64(memory: SharedWords, kind: number, index: number, a: bigint, b: bigint): bigint {
  const seen = read64(memory, index);
  if (kind === KIND.STORE64) write64(memory, index, a);
  else if (kind === KIND.ADD64) write64(memory, index, BigInt.asUintN(64, seen + a));
  else if (kind === KIND.COMPARE_EXCHANGE64 && seen === a) write64(memory, index, b);
  return kind === KIND.STORE64 ? 0n : seen;
}

/** Does an access to the memory and gives back what the thread sees. Who sleeps is not known here. */
export function perform(
  memory: SharedWords,
  kind: number,
  index: number,
  a: Value,
  b: Value,
): Value {
  if (kind >= KIND.WAIT) return 0;
  if (widthOf(kind) === 2) return perform64(memory, kind, index, BigInt(a), BigInt(b));
  const seen = memory.read(index);
  const operand = a as number;
  switch (kind) {
    case KIND.PEEK16:
      return (seen >>> (operand * 16)) & 0xffff;
    case KIND.POKE:
    case KIND.STORE:
      memory.write(index, operand);
      return 0;
    case KIND.COMPARE_EXCHANGE:
      if (seen === (operand | 0)) memory.write(index, b as number);
      return seen;
    case KIND.ADD:
      memory.write(index, (seen + operand) | 0);
      return seen;
    case KIND.OR:
      memory.write(index, seen | operand);
      return seen;
    case KIND.AND:
      memory.write(index, seen & operand);
      return seen;
    case KIND.EXCHANGE:
      memory.write(index, operand);
      return seen;
    default:
      return seen;
  }
}

function hex(value: Value): string {
  const bits = typeof value === "bigint" ? 64 : 32;
  return `0x${BigInt.asUintN(bits, BigInt(value)).toString(16)}`;
}

/** An access and what it gave back, in words. */
export function describe(access: Access, value: Value, nameOf: (index: number) => string): string {
  const { kind, index, a, b } = access;
  if (kind === KIND.SLEEP) return `${value === WOKEN ? "woken" : "time is up"} on ${nameOf(index)}`;
  if (kind === KIND.WAIT)
    return `wait on ${nameOf(index)} while ${hex(a)}: ${value === ASLEEP ? "asleep" : "is another"}`;
  if (kind === KIND.WAKE) return `wake those on ${nameOf(index)}: ${value} woken`;
  const what = `${NAMES[kind] ?? "?"} ${nameOf(index)}`;
  if (kind === KIND.POKE || kind === KIND.STORE || kind === KIND.STORE64)
    return `${what} := ${hex(a)}`;
  if (kind === KIND.COMPARE_EXCHANGE || kind === KIND.COMPARE_EXCHANGE64) {
    return `${what} ${hex(a)} → ${hex(b)}: ${value === a ? "won" : `lost, saw ${hex(value)}`}`;
  }
  return mayWrite(kind) ? `${what} ${hex(a)}: was ${hex(value)}` : `${what} = ${hex(value)}`;
}
