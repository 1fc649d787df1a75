/**
 * The one door to shared memory.
 *
 * Every access of the library to a shared word, plain or atomic, goes through these functions and
 * through no others (WebAssembly has a door of its own, `interlocked/assembly/door.ts`). That is what
 * lets a checker put another module in this one's place and run the shipping code under every schedule.
 *
 * Two prices: `peek` and `poke` are plain (about 0.5 ns) and are used where the protocol says who alone may
 * write the word, or where a stale value is harmless; the rest are sequentially consistent atomics (4
 * to 8 ns). All of them take the index of a 32-bit word, never a byte address.
 */

/** A view of shared memory as signed 32-bit words. */
export type Words = Int32Array<SharedArrayBuffer>;

/** Makes the view of a buffer: the only place that does. */
export function wordsOf(buffer: SharedArrayBuffer): Words {
  return new Int32Array(buffer);
}

/** Plain load. */
export function peek(words: Words, index: number): number {
  return words[index] as number;
}

/** Plain store. */
export function poke(words: Words, index: number, value: number): void {
  words[index] = value;
}

/** Atomic load. */
export function load(words: Words, index: number): number {
  return Atomics.load(words, index);
}

/** Atomic store. */
export function store(words: Words, index: number, value: number): void {
  Atomics.store(words, index, value);
}

/** Atomic compare and exchange: gives back what was seen, which equals `expected` exactly when it won. */
export function compareExchange(
  words: Words,
  index: number,
  expected: number,
  next: number,
): number {
  return Atomics.compareExchange(words, index, expected, next);
}

/** Atomic add: gives back the value before. */
export function add(words: Words, index: number, value: number): number {
  return Atomics.add(words, index, value);
}

/** Atomic or: gives back the value before. */
export function or(words: Words, index: number, bits: number): number {
  return Atomics.or(words, index, bits);
}

/** Atomic and: gives back the value before. */
export function and(words: Words, index: number, bits: number): number {
  return Atomics.and(words, index, bits);
}

/** Wakes up to `count` threads that wait on a word. */
export function wake(words: Words, index: number, count: number): void {
  Atomics.notify(words, index, count);
}

/**
 * Sleeps until the word is woken or `milliseconds` have passed, if it still holds `value`.
 * Gives back false at once where the host forbids its thread to block (the main thread of a page).
 */
export function waitBriefly(
  words: Words,
  index: number,
  value: number,
  milliseconds: number,
): boolean {
  try {
    Atomics.wait(words, index, value, milliseconds);
    return true;
  } catch {
    return false;
  }
}

/**
 * The same without blocking the thread: settles when the word is woken, when it does not hold `value`, or
 * when `milliseconds` have passed. Gives back null where the host has no `Atomics.waitAsync`.
 */
export function waitLightly(
  words: Words,
  index: number,
  value: number,
  milliseconds: number,
): Promise<unknown> | null {
  if (typeof Atomics.waitAsync !== "function") return null;
  return Promise.resolve(Atomics.waitAsync(words, index, value, milliseconds).value);
}
