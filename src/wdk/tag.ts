/**
 * Pool tags, as numbers and as text.
 */
import { text, ulong } from "./arguments.js";

/**
 * A tag from one to four characters, as a C compiler on a little-endian machine reads them from memory; what
 * is missing is spaces. Needs no machine. @throws {LookasideError} ERR_ARGUMENT for what is no text.
 *
 * @example
 * ```ts
 * console.log(tag("LLst").toString(16)); // 74734c4c
 * ```
 */
export function tag(Text: string): number {
  const characters = text("tag", "Text", Text);
  let value = 0;
  for (let at = 0; at < 4; at++)
    value |= (characters.length > at ? characters.charCodeAt(at) & 0xff : 0x20) << (at * 8);
  return value >>> 0;
}

/**
 * The four characters of a tag as tools show them; what cannot be printed is a dot. Needs no machine.
 * @throws {LookasideError} ERR_ARGUMENT for what is no number.
 *
 * @example
 * ```ts
 * console.log(tagText(tag("Demo"))); // Demo
 * ```
 */
export function tagText(Tag: number): string {
  const value = ulong("tagText", "Tag", Tag);
  let shown = "";
  for (let at = 0; at < 4; at++) {
    const code = (value >>> (at * 8)) & 0xff;
    shown += code >= 0x20 && code <= 0x7e ? String.fromCharCode(code) : ".";
  }
  return shown;
}
