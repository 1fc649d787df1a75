/**
 * A block of a block list, as one thread sees it: one object for each block and thread, used again
 * each time.
 */

import type { Handle } from "./handle.js";
import { bufferOver, type NodeBuffer } from "./node-buffer.js";

/** What a block needs of its list. */
export interface BlockOwner<Name extends string = string> {
  readonly name: string;
  readonly tag: string;
  readonly size: number;
  free(block: Block<Name>): void;
  holds(block: Block<Name>): boolean;
  handleOf(block: Block<Name>): Handle<Name>;
  viewOf(address: number): Uint8Array<SharedArrayBuffer>;
}

/**
 * A held block.
 *
 * @example
 * ```ts
 * const frames = System.create().blockList({ tag: "Fram", size: 4096 });
 * const block = frames.allocate();
 * if (block !== null) {
 *   block.bytes.fill(0);
 *   block.free();
 * }
 * ```
 */
export class Block<Name extends string = string> {
  /** The list it belongs to. */
  readonly list: BlockOwner<Name>;
  /** Byte offset of its first byte in the system's memory. */
  readonly address: number;
  /** Word index of its state. For the list only. */
  readonly state: number;
  /** The state when this thread held it last, or holds it now. For the list only. */
  held = 0;
  #bytes: Uint8Array<SharedArrayBuffer> | null = null;
  #buffer: NodeBuffer | null = null;

  constructor(list: BlockOwner<Name>, address: number, state: number) {
    this.list = list;
    this.address = address;
    this.state = state;
  }

  /** Its bytes, `list.size` of them: one view, made once. Not cleared between uses. */
  get bytes(): Uint8Array<SharedArrayBuffer> {
    const bytes = this.#bytes ?? this.list.viewOf(this.address);
    this.#bytes = bytes;
    return bytes;
  }

  /**
   * Its bytes as a Buffer of Node (Bun and Deno have it too): one view, made when it is first read.
   * @throws {LookasideError} ERR_UNSUPPORTED where the host has no Buffer
   */
  get buffer(): NodeBuffer {
    const buffer = this.#buffer ?? bufferOver(this.bytes);
    this.#buffer = buffer;
    return buffer;
  }

  /**
   * The number to hand to another thread, which calls `adopt` with it. Good for one adoption, while
   * nobody freed the block. Handing over costs nothing here: this thread holds the block until the
   * other one adopts it.
   * @example
   * ```ts
   * const here = System.create();
   * const there = System.attach(here.ticket()); // in another thread, most often
   * const sent = here.blockList({ tag: "Fram", size: 4096 }).allocateOrThrow();
   * const message = sent.handle; // a number: post it, push it into a channel
   * const frames = there.blockList({ tag: "Fram", size: 4096 });
   * const received = frames.adopt(frames.handleFrom(message));
   * console.log(received.address === sent.address); // true
   * ```
   * @throws {LookasideError} ERR_DOUBLE_FREE when this thread does not hold the block.
   */
  get handle(): Handle<Name> {
    return this.list.handleOf(this);
  }

  /**
   * Gives the block back. A few nanoseconds; no atomic operation unless its handle was read.
   * @throws {LookasideError} ERR_DOUBLE_FREE, ERR_NOT_OWNER
   */
  free(): void {
    this.list.free(this);
  }

  /** For `using`: gives the block back if this thread still holds it. */
  [Symbol.dispose](): void {
    if (this.list.holds(this)) this.list.free(this);
  }
}
