/**
 * The gate word of a thread: what its documented routines must not finish on the short way.
 *
 * In TypeScript the gates are fields of the thread's machine. The word says the same to WebAssembly guests
 * of the thread, whose hits are finished without a call to JavaScript. Only the thread itself writes it
 * and only the thread itself acts on it, so both are plain.
 */
import type { Region } from "../memory/index.js";

const GATES = 31;

/** Routines that take nonpaged lists go the careful way. */
export const GATE_NONPAGED = 1;
/** Routines that take paged lists, or lists that may be paged, go the careful way. */
export const GATE_PAGED = 2;
/** The machine is in checked mode. */
export const GATE_CHECKED = 4;

/** Index of the gate word of a thread. */
export function gateWord(region: Region, thread: number): number {
  return region.layout.threads + thread * region.layout.threadWords + GATES;
}
