/**
 * Who holds which block, as the threads of a test agree on it: a word for each 16 bytes of the
 * memory, in a buffer of the test's own, and a cookie that fills every block while it is held.
 *
 * A block that two threads hold at once shows when the second one claims it; a block that anybody writes into
 * while it is held shows when its holder looks at its cookie.
 */
import { memory } from "lookaside/wdk";

/** The registry and the lanes of one test: post it to the threads. */
export interface Registry {
  /** A word for each 16 bytes: 0, or who holds the block that starts there. */
  readonly holders: Int32Array<SharedArrayBuffer>;
  /** Blocks on their way from one thread to another: an address and its bytes, or 0. */
  readonly lanes: BigUint64Array<SharedArrayBuffer>;
}

/** A block as its holder knows it. */
export interface Held {
  readonly address: number;
  readonly bytes: number;
}

/** A registry for a memory of at most `memoryBytes`, with `lanes` lanes. */
export function makeRegistry(memoryBytes: number, lanes = 16): Registry {
  return {
    holders: new Int32Array(new SharedArrayBuffer((memoryBytes / 16) * 4)),
    lanes: new BigUint64Array(new SharedArrayBuffer(lanes * 8)),
  };
}

/** Blocks that are claimed by anybody. */
export function heldBlocks({ holders }: Registry): number {
  return holders.reduce((count, holder) => count + (holder === 0 ? 0 : 1), 0);
}

/** One thread's part in the registry. */
export class Ownership {
  readonly #registry: Registry;
  readonly #me: number;

  constructor(registry: Registry, rank: number) {
    this.#registry = registry;
    this.#me = rank + 1;
  }

  /** The block is mine: it must be nobody's. Fills it with my cookie. */
  claim({ address, bytes }: Held): void {
    const before = Atomics.compareExchange(this.#registry.holders, address / 16, 0, this.#me);
    if (before !== 0) throw new Error(`the block at ${address} is held by ${before} as well`);
    new Uint8Array(memory().buffer, address, bytes).fill(this.#cookieOf(address));
  }

  /** The block is about to be nobody's: it must be mine and as I left it. */
  release({ address, bytes }: Held): void {
    const cookie = this.#cookieOf(address);
    const view = new Uint8Array(memory().buffer, address, bytes);
    for (let at = 0; at < bytes; at++) {
      if (view[at] !== cookie) throw new Error(`byte ${at} of the block at ${address} has changed`);
    }
    const before = Atomics.compareExchange(this.#registry.holders, address / 16, this.#me, 0);
    if (before !== this.#me) throw new Error(`the block at ${address} was ${before}'s`);
  }

  /** Gives a block to whoever looks into the lane next, and takes the one that lay there. */
  swap(lane: number, block: Held | null): Held | null {
    if (block !== null) this.release(block);
    const given = block === null ? 0n : (BigInt(block.address) << 32n) | BigInt(block.bytes);
    const taken = Atomics.exchange(this.#registry.lanes, lane, given);
    if (taken === 0n) return null;
    const received = { address: Number(taken >> 32n), bytes: Number(taken & 0xffff_ffffn) };
    this.claim(received);
    return received;
  }

  #cookieOf(address: number): number {
    return ((address >>> 4) * 31 + this.#me * 71) & 0xff;
  }
}
