/**
 * The door: what explored code is given in place of its own door to shared memory.
 *
 * Every function here is one access. Where it goes is decided by the gate that is open: straight to the
 * memory while something is being prepared or checked, or to the virtual thread that is running. The
 * functions for words have the names and parameters of `Atomics`-like doors; those at the end take byte
 * addresses and are the imports of WebAssembly that was built with its door outside.
 */
import { ASLEEP, KIND, type Value } from "./access.js";

/** Where accesses go. */
export interface Gate {
  access(kind: number, index: number, a: Value, b: Value): Value;
}

const SHUT: Gate = {
  access() {
    throw new Error("shared memory was touched while nothing was being explored");
  },
};

let gate: Gate = SHUT;

/** Runs `action` with a gate open. */
export function through<Result>(opened: Gate, action: () => Result): Result {
  const before = gate;
  gate = opened;
  try {
    return action();
  } finally {
    gate = before;
  }
}

/** An access outside what a view covers: real memory would give back nothing, or drop the write. */
export class OutsideView extends Error {}

function at(words: Int32Array, index: number): number {
  if (index >= 0 && index < words.length) return index;
  throw new OutsideView(`word ${index} is outside a view of ${words.length} words`);
}

const views = new Map<number, Int32Array>();

/** A view: only its length matters, for the words are the explorer's. */
export function wordsOf(buffer: ArrayBufferLike): Int32Array {
  let view = views.get(buffer.byteLength);
  if (view === undefined) {
    view = new Int32Array(buffer);
    views.set(buffer.byteLength, view);
  }
  return view;
}

export function peek(words: Int32Array, index: number): number {
  return gate.access(KIND.PEEK, at(words, index), 0, 0) as number;
}

export function poke(words: Int32Array, index: number, value: number): void {
  gate.access(KIND.POKE, at(words, index), value | 0, 0);
}

export function load(words: Int32Array, index: number): number {
  return gate.access(KIND.LOAD, at(words, index), 0, 0) as number;
}

export function store(words: Int32Array, index: number, value: number): void {
  gate.access(KIND.STORE, at(words, index), value | 0, 0);
}

export function compareExchange(
  words: Int32Array,
  index: number,
  expected: number,
  next: number,
): number {
  const place = at(words, index);
  return gate.access(KIND.COMPARE_EXCHANGE, place, expected | 0, next | 0) as number;
}

export function add(words: Int32Array, index: number, value: number): number {
  return gate.access(KIND.ADD, at(words, index), value | 0, 0) as number;
}

export function or(words: Int32Array, index: number, bits: number): number {
  return gate.access(KIND.OR, at(words, index), bits | 0, 0) as number;
}

export function and(words: Int32Array, index: number, bits: number): number {
  return gate.access(KIND.AND, at(words, index), bits | 0, 0) as number;
}

export function exchange(words: Int32Array, index: number, value: number): number {
  return gate.access(KIND.EXCHANGE, at(words, index), value | 0, 0) as number;
}

export function wake(words: Int32Array, index: number, count: number): void {
  gate.access(KIND.WAKE, at(words, index), count, 0);
}

/** Sleeps if the word is `value`, until it is woken, or until its time is up if it has one. */
export function waitBriefly(
  words: Int32Array,
  index: number,
  value: number,
  milliseconds: number,
): boolean {
  const place = at(words, index);
  if (gate.access(KIND.WAIT, place, value | 0, 0) === ASLEEP) {
    gate.access(KIND.SLEEP, place, milliseconds === Number.POSITIVE_INFINITY ? 0 : 1, 0);
  }
  return true;
}

/** A virtual thread is a plain function: it cannot await, so its host has no way to. */
export function waitLightly(): null {
  return null;
}

/** Ends a thread's preparation: see `KIND.BEGIN`. */
export function begin(): void {
  gate.access(KIND.BEGIN, -1, 0, 0);
}

/**
 * Runs a function of which nothing is left when it comes back but what it did to shared memory: it gives back
 * nothing, keeps nothing, and its caller goes on as it would whatever the function has read. Then states
 * that differ in that only are one. What it throws is not forgotten.
 */
export function forgetting(action: () => void): void {
  gate.access(KIND.ENTER, -1, 0, 0);
  action();
  gate.access(KIND.FORGET, -1, 0, 0);
}

const word = (address: number): number => address >>> 2;

/** The imports of a WebAssembly module whose door is outside: all take byte addresses. */
export const wasmDoor = {
  peek16: (address: number): number =>
    gate.access(KIND.PEEK16, word(address), (address >>> 1) & 1, 0) as number,
  peek32: (address: number): number => gate.access(KIND.PEEK, word(address), 0, 0) as number,
  poke32: (address: number, value: number): void => {
    gate.access(KIND.POKE, word(address), value | 0, 0);
  },
  load32: (address: number): number => gate.access(KIND.LOAD, word(address), 0, 0) as number,
  add32: (address: number, value: number): number =>
    gate.access(KIND.ADD, word(address), value | 0, 0) as number,
  or32: (address: number, bits: number): number =>
    gate.access(KIND.OR, word(address), bits | 0, 0) as number,
  and32: (address: number, bits: number): number =>
    gate.access(KIND.AND, word(address), bits | 0, 0) as number,
  exchange32: (address: number, value: number): number =>
    gate.access(KIND.EXCHANGE, word(address), value | 0, 0) as number,
  compareExchange32: (address: number, expected: number, next: number): number =>
    gate.access(KIND.COMPARE_EXCHANGE, word(address), expected | 0, next | 0) as number,
  load64: (address: number): bigint => gate.access(KIND.LOAD64, word(address), 0, 0) as bigint,
  store64: (address: number, value: bigint): void => {
    gate.access(KIND.STORE64, word(address), BigInt.asUintN(64, value), 0n);
  },
  compareExchange64: (address: number, expected: bigint, next: bigint): bigint => {
    const [seen, wanted] = [BigInt.asUintN(64, expected), BigInt.asUintN(64, next)];
    return gate.access(KIND.COMPARE_EXCHANGE64, word(address), seen, wanted) as bigint;
  },
  add64: (address: number, value: bigint): bigint =>
    gate.access(KIND.ADD64, word(address), BigInt.asUintN(64, value), 0n) as bigint,
};
