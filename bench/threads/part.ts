/**
 * What a crew and its threads say to each other.
 *
 * ```
 *   board: 64 shared words
 *   0 ARRIVED   32 PAUSE   33 … for the work itself
 * ```
 *
 * | word | who writes it |
 * |---|---|
 * | ARRIVED | every thread adds 1 each time it comes to the meeting point |
 * | PAUSE | nobody: who waits a moment waits on it in vain |
 */

import type { MessagePort } from "node:worker_threads";

/** One thread's part of a work. */
export interface Part {
  /**
   * Does this thread's share of a round of `operations` operations, and gives back a hash of it: the
   * hashes of all threads are added.
   */
  run(operations: number): number | Promise<number>;
  end?(): void;
}

/** What a part knows of its crew. */
export interface Member<Data> {
  /** 0 to `threads` − 1. */
  readonly rank: number;
  readonly threads: number;
  readonly data: Data;
  /** This thread's end of a message channel, in a crew that has one. */
  readonly port: MessagePort | undefined;
  /** Shared words; the first 33 are the crew's own. */
  readonly board: Int32Array<SharedArrayBuffer>;
  /** Waits until all threads of the crew are here. */
  meet(): void;
}

/** What a thread of a crew is started with. */
export interface CrewOrders {
  /** URL of the module that exports the part, and the name of what opens it. */
  readonly module: string;
  readonly open: string;
  readonly rank: number;
  readonly threads: number;
  readonly data: unknown;
  readonly port: MessagePort | undefined;
  readonly board: SharedArrayBuffer;
}

/** What a thread says of a round: times of one clock for all threads. */
export interface RoundReport {
  readonly hash: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly growth: number;
  /** Nanoseconds that the thread itself ran for, or null where nobody tells. */
  readonly cpu: number | null;
}

const ARRIVED = 0;
const PAUSE = 32;

/** Words of a board, and the first that the work itself may use. */
export const BOARD_WORDS = 64;
export const BOARD_FREE = 33;

/** How often to look again before the processor is left to others, and for how many milliseconds. */
const LOOKS = 4_000;
const PAUSE_MS = 0.05;

/**
 * Waits a moment: first by doing nothing, then by letting others run. Gives back the next number of
 * tries.
 */
export function pauseFor(board: Int32Array<SharedArrayBuffer>, tries: number): number {
  if (tries < LOOKS) return tries + 1;
  Atomics.wait(board, PAUSE, 0, PAUSE_MS);
  return tries;
}

/** A meeting point on a board for so many threads, to be used again and again. */
export function meetingPoint(board: Int32Array<SharedArrayBuffer>, threads: number): () => void {
  let meetings = 0;
  return () => {
    meetings++;
    const all = meetings * threads;
    Atomics.add(board, ARRIVED, 1);
    for (let tries = 0; Atomics.load(board, ARRIVED) < all; ) tries = pauseFor(board, tries);
  };
}
