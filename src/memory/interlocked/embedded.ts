/**
 * The WebAssembly modules that are embedded as text: each is compiled once in a thread, when it is first
 * needed.
 */
import { LookasideError } from "../../base/index.js";

const compiled = new Map<string, WebAssembly.Module>();

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Not by the host's `atob`: worklets have none. */
function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/=+$/, "");
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let at = 0;
  for (let digit = 0; digit < digits.length; digit++) {
    bits = (bits << 6) | DIGITS.indexOf(digits[digit] as string);
    if (digit % 4 !== 0) bytes[at++] = bits >>> (6 - 2 * (digit % 4));
  }
  return bytes;
}

/**
 * Binds an embedded module to its imports. About 0.1 ms the first time in a thread, less afterwards.
 * @throws {LookasideError} ERR_NO_SHARED_MEMORY when the host forbids WebAssembly (a page's content policy).
 */
export function bindEmbedded(base64: string, imports: WebAssembly.Imports): WebAssembly.Exports {
  try {
    let module = compiled.get(base64);
    if (module === undefined) {
      module = new WebAssembly.Module(bytesOfBase64(base64));
      compiled.set(base64, module);
    }
    return new WebAssembly.Instance(module, imports).exports;
  } catch (cause) {
    throw new LookasideError("ERR_NO_SHARED_MEMORY", "Cannot run the interlocked operations here", {
      cause,
    });
  }
}
