/**
 * Pool tags, as numbers and as text.
 */
import { refuse, ulong } from "./arguments.js";

/**
 * A tag from one to four printable characters of ASCII (semantics section 7), as a C compiler on a
 * little-endian machine reads them from memory; blanks fill it up. Needs no machine.
 * @throws {LookasideError} ERR_ARGUMENT for anything else.
 *
 * @example
 * ```ts
 * console.log(tag("LLst").toString(16)); // 74734c4c
 * ```
 */
export function tag(Text: string): number {
  if (typeof Text !== "string" || !/^[ -~]{1,4}$/.test(Text))
    refuse("tag", "Text", Text, "one to four printable characters are needed");
  let value = 0;
  for (let at = 0; at < 4; at++)
    value |= (Text.length > at ? Text.charCodeAt(at) : 0x20) << (at * 8);
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
