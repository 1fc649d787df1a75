/**
 * The WebAssembly modules that are embedded as text: each is compiled once in a thread, when it is first
 * needed.
 */
import { LookasideError } from "../../base/index.js";

const compiled = new Map<string, WebAssembly.Module>();

function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text);
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
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
