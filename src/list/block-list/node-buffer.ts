/**
 * A Buffer of Node over shared bytes, where the host has one: no import, so that browsers load this too.
 */
import { LookasideError } from "../../base/index.js";

/** The type of Buffer where its types are known, else that of a plain view. */
export type NodeBuffer = typeof globalThis extends {
  Buffer: { from(bytes: ArrayBufferLike): infer Instance };
}
  ? Instance
  : Uint8Array;

interface BufferHost {
  readonly Buffer?: { from(bytes: ArrayBufferLike, at: number, length: number): NodeBuffer };
}

/**
 * A Buffer over the same bytes: nothing is copied.
 * @throws {LookasideError} ERR_UNSUPPORTED where the host has no Buffer
 */
export function bufferOver(bytes: Uint8Array<SharedArrayBuffer>): NodeBuffer {
  const { Buffer } = globalThis as BufferHost;
  if (Buffer === undefined) {
    const message = "Cannot make a Buffer over a block: this host has none; use block.bytes";
    throw new LookasideError("ERR_UNSUPPORTED", message);
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
