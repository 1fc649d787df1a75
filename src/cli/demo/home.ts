/**
 * Where the reading thread waits when the pools are exhausted: until a hashing thread has freed a block.
 *
 * Whoever frees a block pushes a value into a channel of one cell afterwards, and goes on when that is full. So
 * after every free there is a value to be popped, or one was popped after it: whoever pops first and
 * looks for a block afterwards misses none. All who wait share one pop, and all look again.
 */
import type { Channel } from "../../system/index.js";

/** The waiting side. */
export class Home {
  readonly #channel: Channel;
  readonly #signal: AbortSignal;
  #coming: Promise<void> | null = null;

  constructor(channel: Channel, signal: AbortSignal) {
    this.#channel = channel;
    this.#signal = signal;
  }

  /** Settles when a block came home since the last time somebody waited, or when the run is over. */
  blockFreed(): Promise<void> {
    this.#coming ??= this.#next();
    return this.#coming;
  }

  async #next(): Promise<void> {
    try {
      await this.#channel.popAsync({ signal: this.#signal });
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    } finally {
      this.#coming = null;
    }
  }
}
