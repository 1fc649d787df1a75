/**
 * Blocks through a channel: a sender's block becomes the receiver's in one step that no death can split.
 *
 * A handle in a channel names a block that its sender still holds. The receiver claims the cell, adopts the
 * block, and only then empties the cell:
 *
 * ```
 *   receiver dies …             cell            block                     recovery of the receiver
 *   before the claim            FULL            HELD by the sender        nothing to do
 *   after it                    TAKE|receiver   HELD by the sender        the value is RETURNED
 *   after the adoption          TAKE|receiver   HELD by the receiver      the cell is emptied; orphan policy
 *   after it emptied the cell   EMPTY           HELD by the receiver      orphan policy
 * ```
 *
 * When the sender dies first, its recoverer keeps the blocks whose handles lie in channels as nobody's, in
 * the same generation, until somebody adopts them. A plain `pop` followed by `adopt` has neither promise.
 *
 * A handle whose block was freed or adopted in between is passed over and counted (`stale`): the receiver can
 * do nothing about it. A handle of another list, or a number that is no handle, is a mistake in the program:
 * it is taken out and thrown as an error that names it.
 */

import { LookasideError, show } from "../../base/index.js";
import { Channel, TAKE, type WaitOptions } from "../../channel/index.js";
import type { Block, BlockOwner } from "./block.js";
import { type Handle, NO_HANDLE, type NoHandle } from "./handle.js";

/** What a channel of blocks needs of the list. */
export interface BlockAdopter<Name extends string = string> extends BlockOwner<Name> {
  /** Demands that this thread has not left the list. @throws {LookasideError} ERR_LIST_DELETED */
  demandRecord(): void;
  adopt(handle: Handle<Name>): Block<Name>;
  adoptHandle(handle: Handle<Name>): Handle<Name>;
  share(handle: Handle<Name>): Handle<Name>;
}

/**
 * One list's blocks through one channel. Made by `list.through(channel)`; costs nothing to make.
 *
 * @example
 * ```ts
 * const system = System.create();
 * const frames = system.blockList({ tag: "Fram", size: 4096 });
 * const lane = frames.through(system.channel({ name: "frames" }));
 * const block = frames.allocateOrThrow();
 * block.bytes[0] = 42;
 * if (!lane.send(block)) block.free(); // in one thread: false when full or closed
 * const received = lane.receive(); // in any other: the block is its own now
 * console.log(received?.bytes[0]); // 42
 * received?.free();
 * system.detach();
 * ```
 */
export class BlockChannel<Name extends string = string> implements AsyncIterable<Block<Name>> {
  /** The list whose blocks go through. */
  readonly list: BlockAdopter<Name>;
  /** The channel that they go through: its `close`, `closed`, `drained` and `statistics` are for both. */
  readonly channel: Channel;

  /** For lists only: use `list.through(channel)`. @throws {LookasideError} ERR_ARGUMENT */
  constructor(list: BlockAdopter<Name>, channel: Channel, memory: WebAssembly.Memory) {
    if (!(channel instanceof Channel) || !channel.isIn(memory)) {
      const what = channel instanceof Channel ? `channel ${show(channel.name)}` : show(channel);
      const message = `Cannot send blocks of list ${show(list.name)} through ${what}`;
      throw new LookasideError("ERR_ARGUMENT", `${message}: it is no channel of the list's system`);
    }
    this.list = list;
    this.channel = channel;
  }

  /**
   * Sends a block of this thread. Do not touch its bytes afterwards; it stays this thread's until the
   * receiver has it, or nobody's if this thread ends before. Never waits. About 60 ns.
   * @returns false when the channel is full or closed: nothing was done, the block is still the caller's.
   * @throws {LookasideError} ERR_DOUBLE_FREE, ERR_NOT_OWNER, ERR_FOREIGN_BLOCK when this thread does not hold
   * it; ERR_CHANNEL_DELETED
   */
  send(block: Block<Name>): boolean {
    return this.channel.push(this.list.handleOf(block));
  }

  /**
   * Receives the oldest block: from now on it is this thread's. Never waits. About 80 ns.
   * @returns null when nothing is there now.
   * @throws {LookasideError} ERR_FOREIGN_BLOCK, ERR_ARGUMENT when what was sent is no block of the list: it
   * has been taken out; ERR_CHANNEL_DELETED, ERR_LIST_DELETED
   */
  receive(): Block<Name> | null {
    const { channel, list } = this;
    list.demandRecord(); // before anything is taken out
    for (;;) {
      const cell = channel.claim(TAKE);
      if (cell < 0) return null;
      try {
        return list.adopt(channel.valueIn(cell) as Handle<Name>);
      } catch (error) {
        this.#passOver(error);
      } finally {
        channel.finish(cell); // after the adoption
      }
    }
  }

  /**
   * Sends a block as soon as there is room: see `Channel.pushAsync`.
   * @returns false when the channel is closed or the time is up: the block is still the caller's.
   */
  async sendAsync(block: Block<Name>, options: WaitOptions = {}): Promise<boolean> {
    return await this.channel.pushAsync(this.list.handleOf(block), options);
  }

  /**
   * Receives the oldest block as soon as there is one: see `Channel.popAsync`.
   * @returns null when the channel is closed and drained, or the time is up.
   */
  receiveAsync(options: WaitOptions = {}): Promise<Block<Name> | null> {
    return this.channel.awaitItem(() => this.receive(), options);
  }

  /** As {@link BlockChannel.sendAsync}, but blocks the thread: see `Channel.pushBlocking`. */
  sendBlocking(block: Block<Name>, timeoutMs?: number): boolean {
    return this.channel.pushBlocking(this.list.handleOf(block), timeoutMs);
  }

  /** As {@link BlockChannel.receiveAsync}, but blocks the thread: see `Channel.popBlocking`. */
  receiveBlocking(timeoutMs?: number): Block<Name> | null {
    return this.channel.blockForItem(() => this.receive(), timeoutMs);
  }

  /** Every block, as it comes, until the channel is closed and drained. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Block<Name>, void, undefined> {
    for (;;) {
      const block = await this.receiveAsync();
      if (block === null) return;
      yield block;
    }
  }

  /**
   * Sends a block that this thread holds by handle: see {@link BlockChannel.send}. To wait for room, push
   * what `list.share(handle)` gives.
   */
  sendHandle(handle: Handle<Name>): boolean {
    return this.channel.push(this.list.share(handle));
  }

  /**
   * As {@link BlockChannel.receive}, as a bare handle of this thread's own.
   * @returns {@link NO_HANDLE} when nothing is there now.
   */
  receiveHandle(): Handle<Name> | NoHandle {
    const { channel, list } = this;
    list.demandRecord(); // before anything is taken out
    for (;;) {
      const cell = channel.claim(TAKE);
      if (cell < 0) return NO_HANDLE;
      try {
        return list.adoptHandle(channel.valueIn(cell) as Handle<Name>);
      } catch (error) {
        this.#passOver(error);
      } finally {
        channel.finish(cell); // after the adoption
      }
    }
  }

  /** As {@link BlockChannel.receiveAsync}, as a bare handle. */
  receiveHandleAsync(options: WaitOptions = {}): Promise<Handle<Name> | null> {
    return this.channel.awaitItem(() => this.#handleOrNull(), options);
  }

  /** As {@link BlockChannel.receiveBlocking}, as a bare handle. */
  receiveHandleBlocking(timeoutMs?: number): Handle<Name> | null {
    return this.channel.blockForItem(() => this.#handleOrNull(), timeoutMs);
  }

  #handleOrNull(): Handle<Name> | null {
    const handle = this.receiveHandle();
    return handle === NO_HANDLE ? null : (handle as Handle<Name>);
  }

  /** Counts a stale handle, and throws every other error again. */
  #passOver(error: unknown): void {
    if (!(error instanceof LookasideError) || error.code !== "ERR_STALE_HANDLE") throw error;
    this.channel.countStale();
  }
}
