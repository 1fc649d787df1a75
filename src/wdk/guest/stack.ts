/**
 * The stack of one instance: a block of nonpaged pool. C's stack grows down, and nothing in WebAssembly stops
 * it at its end; so the lowest words hold a pattern, which is looked at whenever the guest has returned.
 *
 * ```
 *   block                                                                  block + bytes
 *        +-------------------+---------------------------------------------+
 *        | pattern, 16 bytes | stack <-- grows down                        |
 *        +-------------------+---------------------------------------------+
 * ```
 */
import { peek, poke } from "../../memory/index.js";
import type { System } from "../../system/index.js";
import { BUG_CHECK, KeBugCheckEx } from "../index.js";
import { guestBlock } from "./statics.js";

const PATTERN_WORDS = 4;
const PATTERN = 0x5741_4c4c; // "LLAW": the wall that a stack must not run into

/** One instance's stack. */
export class GuestStack {
  /** Where the stack begins: its highest address. */
  readonly top: number;
  /** The block it lies in. */
  readonly block: number;
  readonly #system: System;

  /** @throws {StatusError} STATUS_INSUFFICIENT_RESOURCES */
  constructor(system: System, bytes: number) {
    this.#system = system;
    this.block = guestBlock(system, bytes);
    this.top = this.block + bytes;
    for (let word = 0; word < PATTERN_WORDS; word++) {
      poke(system.region.words, (this.block >>> 2) + word, PATTERN);
    }
  }

  /** Looks at the end of the stack. @throws {BugCheck} 0xF7 when the guest has run over it. */
  check(): void {
    const { words } = this.#system.region;
    for (let word = 0; word < PATTERN_WORDS; word++) {
      const found = peek(words, (this.block >>> 2) + word);
      if (found === PATTERN) continue;
      const parameters = [found >>> 0, PATTERN, ~PATTERN >>> 0, 0] as const;
      KeBugCheckEx(BUG_CHECK.DRIVER_OVERRAN_STACK_BUFFER, ...parameters);
    }
  }

  /** Gives the block back. No frame may be left on it. */
  free(): void {
    this.#system.pool.free(this.block, -1);
  }
}
