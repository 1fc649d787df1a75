/**
 * Shared bytes for interfaces that refuse them.
 *
 * Views of shared memory may change under their reader, so many Web interfaces throw a TypeError for them:
 * TextDecoder and TextEncoder.encodeInto, crypto.getRandomValues and crypto.subtle, Blob, Response,
 * ImageData, WebSocket. These small functions go by way of a private copy. Node's own functions
 * (`fs`, `zlib`, hashes) take shared views as they are.
 */
import { show } from "./bounds.js";
import { LookasideError } from "./errors.js";
import { textOfUtf8, writeUtf8 } from "./utf8.js";

function demandBytes(action: string, value: unknown): void {
  if (value instanceof Uint8Array) return;
  throw new LookasideError(
    "ERR_ARGUMENT",
    `Cannot ${action} ${show(value)}: a Uint8Array is needed`,
  );
}

/**
 * A private copy of shared bytes, for anything that refuses shared ones: `new Blob([copyOut(block.bytes)])`.
 * About a nanosecond for every 10 bytes, and as much garbage as there are bytes, unless `into` is given.
 *
 * @param bytes what to copy
 * @param into where to: at least as long. Its first bytes are overwritten, and a view of them is given back
 * @throws {LookasideError} ERR_ARGUMENT when `into` is too short
 */
export function copyOut(
  bytes: Uint8Array,
  into: Uint8Array<ArrayBuffer> = new Uint8Array(bytes.length),
): Uint8Array<ArrayBuffer> {
  demandBytes("copy", bytes);
  demandBytes("copy into", into);
  if (into.length < bytes.length) {
    const message = `Cannot copy ${bytes.length} bytes into ${into.length}: there is no room`;
    throw new LookasideError("ERR_ARGUMENT", message);
  }
  into.set(bytes);
  return into.length === bytes.length ? into : into.subarray(0, bytes.length);
}

/**
 * The text that shared bytes hold.
 *
 * @param encoding a label of the Encoding Standard. Default "utf-8"; malformed input becomes U+FFFD
 * @throws {RangeError} when the host does not know the encoding
 */
export function textOf(bytes: Uint8Array, encoding = "utf-8"): string {
  if (typeof TextDecoder === "undefined") return textWithoutDecoder(bytes, encoding);
  return new TextDecoder(encoding).decode(copyOut(bytes));
}

/** A worklet has no decoder: of UTF-8 it has ours. */
function textWithoutDecoder(bytes: Uint8Array, encoding: string): string {
  demandBytes("read text from", bytes);
  if (!/^utf-?8$/i.test(encoding)) {
    throw new RangeError(`Cannot decode ${show(encoding)}: this host knows only "utf-8"`);
  }
  return textOfUtf8(bytes).replace(/^\ufeff/, "");
}

/**
 * Writes text into shared bytes as UTF-8, as much as fits in whole characters. Gives back what was read
 * (UTF-16 units of the text) and written (bytes), as TextEncoder.encodeInto does.
 */
export function writeText(
  text: string,
  bytes: Uint8Array,
): { readonly read: number; readonly written: number } {
  demandBytes("write text into", bytes);
  if (typeof TextEncoder === "undefined") return writeUtf8(text, bytes);
  const room = new Uint8Array(Math.min(bytes.length, text.length * 3));
  const { read, written } = new TextEncoder().encodeInto(text, room);
  bytes.set(room.subarray(0, written));
  return { read, written };
}

/** Bytes that crypto.getRandomValues gives at a time. */
const RANDOM_BYTES_MAX = 65_536;

/**
 * Fills shared bytes with random ones that are good enough for keys (crypto.getRandomValues).
 * @throws {LookasideError} ERR_UNSUPPORTED where the host has no such numbers (worklets)
 */
export function fillRandom(bytes: Uint8Array): void {
  demandBytes("fill", bytes);
  if (typeof crypto === "undefined") {
    const message = "Cannot fill with random bytes: this host has no crypto.getRandomValues";
    throw new LookasideError("ERR_UNSUPPORTED", message);
  }
  const part = new Uint8Array(Math.min(bytes.length, RANDOM_BYTES_MAX));
  for (let at = 0; at < bytes.length; at += part.length) {
    const rest = part.subarray(0, Math.min(part.length, bytes.length - at));
    bytes.set(crypto.getRandomValues(rest), at);
  }
}
