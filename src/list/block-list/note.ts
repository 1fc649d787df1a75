/**
 * The note of a block: which block list obtained it from the pool. A word of the block's shadow, see
 * src/pool/state-word.ts, whose owner is the list:
 *
 * ```
 *          31  30  29  28                                              0
 *         +-------+---+-------------------------------------------------+
 *   note  | 0   0 | 1 | serial of the list, its low 29 bits             |
 *         +-------+---+-------------------------------------------------+
 * ```
 *
 * Numbers are given again when a list has gone, and blocks may stay held for longer than their list; no two
 * lists have one serial, until 536,870,912 have been made. Bit 29 tells the note from all that others note:
 * 0, or a descriptor's address / 16 with bit 28 (checked documented lists). It fits a small integer of every
 * engine.
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
const SERIAL_MASK = IS_LIST - 1;

/** The note of the blocks of the list that has a serial. */
export function noteOfSerial(serial: number): number {
  return IS_LIST | (serial & SERIAL_MASK);
}

/** Whether a note is that of a block list, which may have gone. */
export function isListNote(note: number): boolean {
  return note >>> 29 === 1;
}

/** Reads the note of a block. */
export function listNote(words: Words, state: number): number {
  return peek(words, state + NOTE);
}

/** Writes the note of a block: a list's, or 0. */
export function writeListNote(words: Words, state: number, note: number): void {
  poke(words, state + NOTE, note);
}
