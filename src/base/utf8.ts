/**
 * Names as bytes and back, without TextEncoder and TextDecoder: an AudioWorklet has neither.
 *
 * The same bytes and the same text as theirs, malformed input included (U+FFFD for each maximal part of
 * a character), except that a mark at the beginning (U+FEFF) stays. For names: about ten times slower than
 * the host's for long texts.
 */

const REPLACEMENT = 0xfffd;

/** Whether a text has no surrogate without its partner: then it is told apart from others by its UTF-8. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** The UTF-8 of a text. A surrogate without its partner becomes U+FFFD. */
export function utf8Of(text: string): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    const scalar = point >= 0xd800 && point <= 0xdfff ? REPLACEMENT : point;
    if (scalar < 0x80) {
      bytes.push(scalar);
      continue;
    }
    const following = scalar < 0x800 ? 1 : scalar < 0x1_0000 ? 2 : 3;
    bytes.push(((0xf00 >>> (following + 1)) & 0xff) | (scalar >>> (6 * following)));
    for (let at = following - 1; at >= 0; at--) bytes.push(0x80 | ((scalar >>> (6 * at)) & 0x3f));
  }
  return Uint8Array.from(bytes);
}

/** Writes as much of a text as fits in whole characters: UTF-16 units read, bytes written. */
export function writeUtf8(text: string, bytes: Uint8Array): { read: number; written: number } {
  let read = 0;
  let written = 0;
  for (const character of text) {
    const encoded = utf8Of(character);
    if (written + encoded.length > bytes.length) break;
    bytes.set(encoded, written);
    written += encoded.length;
    read += character.length;
  }
  return { read, written };
}

/** The text of UTF-8. */
export function textOfUtf8(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at++] as number;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      continue;
    }
    const following = first < 0xc2 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : 0;
    let point = first & (0x3f >>> following);
    let seen = 0;
    while (seen < following && continues(bytes[at], first, seen)) {
      point = (point << 6) | ((bytes[at++] as number) & 0x3f);
      seen++;
    }
    text += String.fromCodePoint(following > 0 && seen === following ? point : REPLACEMENT);
  }
  return text;
}

/** Whether a byte may come after `seen` others: the second one must make neither surrogate nor long form. */
function continues(byte: number | undefined, first: number, seen: number): boolean {
  if (byte === undefined) return false;
  const isSecond = seen === 0;
  const least = isSecond && first === 0xe0 ? 0xa0 : isSecond && first === 0xf0 ? 0x90 : 0x80;
  const most = isSecond && first === 0xed ? 0x9f : isSecond && first === 0xf4 ? 0x8f : 0xbf;
  return byte >= least && byte <= most;
}
