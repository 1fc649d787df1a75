/**
 * A handle: what names a held block to another thread, as a plain number that fits in a message.
 *
 * ```
 *        47                     28 27                          0
 *       +-------------------------+-----------------------------+
 *       | generation (20 bits)    | place in units of 16 bytes  |
 *       +-------------------------+-----------------------------+
 * ```
 *
 * The generation moves with every allocation and adoption, so a handle is good for one adoption. 20 bits
 * of it: a handle that was kept while its block was allocated 1,048,576 times fits again, or half as often
 * if the memory was given back to the pool and was the list's a second time.
 */

declare const brand: unique symbol;

/**
 * A handle of the list of a name. To the compiler handles of different lists differ; at run time a handle
 * is a plain number, and what comes out of a message is one already.
 */
export type Handle<Name extends string = string> = number & { readonly [brand]: Name };

/** What a handle is when there is no block: a number, so that a pair of calls never boxes one. */
export const NO_HANDLE = -1;
export type NoHandle = typeof NO_HANDLE;

/** Places a handle can name. */
export const PLACES = 2 ** 28;
const HANDLES = PLACES * 2 ** 20;
const PER_PLACE = 1 / PLACES;

/** The handle of a place and a generation. */
export function makeHandle(place: number, generation: number): number {
  return place + generation * PLACES;
}

/** Whether a value can be a handle. */
export function isHandle(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < HANDLES;
}

/** The place of a handle. Not by `%`, which engines compute with a call for numbers above 2^31. */
export function placeOfHandle(handle: number): number {
  return handle - generationOfHandle(handle) * PLACES;
}

/** The generation of a handle: it has 20 bits. */
export function generationOfHandle(handle: number): number {
  return (handle * PER_PLACE) | 0; // a power of two: exact, as a division is
}
