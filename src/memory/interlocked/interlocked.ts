/**
 * The WebAssembly module of `./assembly`, typed and bound to a memory.
 *
 * All arguments and results are byte addresses or 32-bit words; results come back signed, as WebAssembly
 * gives them, so a caller that wants an address writes `>>> 0`.
 */
import { INTERLOCKED_BASE64 } from "./bytes.generated.js";
import { bindEmbedded } from "./embedded.js";

/** The functions of the module. Any thread may call any of them at any time. */
export interface Interlocked {
  /** Makes a 16-byte list header empty. */
  initialize(list: number): void;
  /** Puts an entry at the front; gives back the entry that was first, or 0. One compare-exchange. */
  push(list: number, entry: number): number;
  /** Takes the first entry, or gives back 0. One compare-exchange. */
  pop(list: number): number;
  /** Takes all entries; gives back the first with its chain, or 0. */
  flush(list: number): number;
  /** Entries parked: a snapshot. */
  count(list: number): number;
  /** The first entry without taking it: a snapshot. */
  first(list: number): number;
  /** The low word of the change counter: for reports. */
  sequence(list: number): number;
  /** Allocate of a documented list; 0 is a miss, already counted. */
  take(list: number): number;
  /** Free of a documented list: 1 parked, 0 full (a miss, already counted). */
  park(list: number, entry: number): number;
  /** The parking of `park` alone: 1 parked, 0 full; nothing is counted. */
  parkBelowDepth(list: number, entry: number): number;
  /** Writes the exact totals of a documented list into its descriptor. */
  settle(list: number): void;
  /** Starts the counters of a documented list at zero. */
  reset(list: number): void;
  /** Adds to a word; gives back the value before. */
  exchangeAdd(address: number, value: number): number;
  /** Replaces a word; gives back the value before. */
  exchange(address: number, value: number): number;
  /** Sets bits of a word; gives back the value before. */
  setBits(address: number, bits: number): number;
  /** Clears bits of a word; gives back the value before. */
  clearBits(address: number, bits: number): number;
  /** Replaces a word if it holds `expected`; gives back what it held. */
  compareExchange(address: number, next: number, expected: number): number;
  /**
   * Allocate of a pool block by the byte address of its state: 1 when it was free (a state word of the
   * prefix of `free`) and is now held, billed and counted in the tally at a byte address; else 0.
   */
  claimBlock(
    state: number,
    free: number,
    held: number,
    bill: number,
    tally: number,
    bytes: number,
  ): number;
  /**
   * Free of a held pool block that needs no second look: 1 when it is free now, and counted. Else 0, and
   * nothing was changed.
   */
  yieldBlock(
    state: number,
    free: number,
    tallies: number,
    blockBytes: number,
    tagIndex: number,
  ): number;
  /** The same as `claimBlock` while the machine runs; 0, with nothing changed, once it has stopped. */
  readonly claimWhileRunning: Interlocked["claimBlock"];
  /** The same as `yieldBlock` while the machine runs; 0, with nothing changed, once it has stopped. */
  readonly yieldWhileRunning: Interlocked["yieldBlock"];
}

/**
 * Binds the module to a memory. About 0.1 ms the first time in a thread, less afterwards.
 * @throws {LookasideError} ERR_NO_SHARED_MEMORY when the host forbids WebAssembly (a page's content policy).
 */
export function bindInterlocked(memory: WebAssembly.Memory): Interlocked {
  return bindEmbedded(INTERLOCKED_BASE64, { env: { memory } }) as unknown as Interlocked;
}
