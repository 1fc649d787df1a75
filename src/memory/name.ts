/**
 * A name in shared memory: its length in bytes of UTF-8, then the bytes, four to a word.
 *
 * ```
 *   word 0        1         2
 *      +---------+---------+---------+-- …
 *      | length  | b b b b | b b b b |        the first byte is the lowest of its word
 *      +---------+---------+---------+-- …
 * ```
 *
 * Written once, by whoever makes the record that it lies in, before that record is published.
 */
import { textOfUtf8 } from "../base/index.js";
import { peek, store, type Words } from "./words.js";

function wordOfName(name: Uint8Array, at: number): number {
  let word = 0;
  for (let byte = 0; byte < 4; byte++) word |= (name[at + byte] ?? 0) << (byte * 8);
  return word;
}

/** Writes a name at word `at`. */
export function writeName(words: Words, at: number, name: Uint8Array): void {
  store(words, at, name.length);
  for (let byte = 0; byte < name.length; byte += 4) {
    store(words, at + 1 + byte / 4, wordOfName(name, byte));
  }
}

/** Whether the name at word `at` is this one. */
export function hasName(words: Words, at: number, name: Uint8Array): boolean {
  if (peek(words, at) !== name.length) return false;
  for (let byte = 0; byte < name.length; byte += 4) {
    if (peek(words, at + 1 + byte / 4) !== wordOfName(name, byte)) return false;
  }
  return true;
}

/** The name at word `at` as text. */
export function readName(words: Words, at: number): string {
  const bytes = new Uint8Array(peek(words, at));
  for (let byte = 0; byte < bytes.length; byte++) {
    bytes[byte] = peek(words, at + 1 + (byte >>> 2)) >>> ((byte & 3) * 8);
  }
  return textOfUtf8(bytes);
}
