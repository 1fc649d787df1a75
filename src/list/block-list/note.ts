/**
 * The note of a block: which block list obtained it from the pool. A word of the block's shadow, see
 * src/pool/state-word.ts, whose owner is the list:
 *
 * ```
 *          31  30  29  28                           10 9                 0
 *         +-------+---+-------------------------------+-------------------+
 *   note  | 0   0 | 1 | serial of the list, 19 bits   | number            |
 *         +-------+---+-------------------------------+-------------------+
 * ```
 *
 * Numbers are given again when a list has gone, and blocks may stay held for longer than their list: the
 * serial tells them from blocks of the list that has the number now. It comes round after 524,288 lists.
 * Bit 29 tells the note from all that others note: 0, or a descriptor's address / 16 with bit 28 (checked
 * documented lists). The whole fits a small integer of every engine.
 *
 * | note | written by |
 * |---|---|
 * | 0 → a list's | the list's thread that has just obtained the block |
 * | a list's → 0 | who has the block CACHED, before it goes to the pool |
 */
import { peek, poke, type Words } from "../../memory/index.js";

/** Words from a block's state to its note. */
export const NOTE = 2;

const IS_LIST = 0x2000_0000;
const SERIAL_SHIFT = 10;
const SERIAL_MASK = 0x7_ffff;

/** The note of the blocks of a list by its number and its serial. */
export function noteOfList(id: number, serial: number): number {
  return IS_LIST | ((serial & SERIAL_MASK) << SERIAL_SHIFT) | id;
}

/** Whether a note is that of a block list, which may have gone. */
export function isListNote(note: number): boolean {
  return note >>> 29 === 1;
}

/** Number of the list that a note is of: the serial says whether it still is. */
export function numberOfNote(note: number): number {
  return note & ((1 << SERIAL_SHIFT) - 1);
}

/** Reads the note of a block. */
export function listNote(words: Words, state: number): number {
  return peek(words, state + NOTE);
}

/** Writes the note of a block: a list's, or 0. */
export function writeListNote(words: Words, state: number, note: number): void {
  poke(words, state + NOTE, note);
}
