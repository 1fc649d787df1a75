/**
 * A block of a block list, as one thread sees it: one object for each block and thread, used again
 * each time.
 */

/** What a block needs of its list. */
export interface BlockOwner {
  readonly name: string;
  readonly tag: string;
  readonly size: number;
  free(block: Block): void;
  holds(block: Block): boolean;
  handleOf(block: Block): number;
  viewOf(address: number): Uint8Array<SharedArrayBuffer>;
}

/**
 * A held block.
 *
 * @example
 * ```ts
 * const block = frames.allocate();
 * if (block !== null) {
 *   block.bytes.fill(0);
 *   block.free();
 * }
 * ```
 */
export class Block {
  /** The list it belongs to. */
  readonly list: BlockOwner;
  /** Byte offset of its first byte in the system's memory. */
  readonly address: number;
  /** Word index of its state. For the list only. */
  readonly state: number;
  /** The state while this thread holds it, else 0. For the list only. */
  held = 0;
  /**
   * Whether its handle has been read since it was allocated: another thread may adopt it. For the list
   * only.
   */
  shown = false;
  #bytes: Uint8Array<SharedArrayBuffer> | null = null;

  constructor(list: BlockOwner, address: number, state: number) {
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
   * The number to hand to another thread, which calls `adopt` with it. Good for one adoption, while
   * nobody freed the block. Handing over costs nothing here: this thread holds the block until the
   * other one adopts it.
   * @throws {LookasideError} ERR_DOUBLE_FREE when this thread does not hold the block.
   */
  get handle(): number {
    return this.list.handleOf(this);
  }

  /**
   * Gives the block back. About 5 ns; no atomic operation unless its handle was read.
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
