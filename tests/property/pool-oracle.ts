/**
 * What is known of a pool from outside: which bytes are held by whom, under which tag and account.
 *
 * Bytes are marked in a plain array, one mark for each 16 bytes of the whole memory, so an overlap of any two
 * blocks shows at once. Every block is filled with a pattern that names it, so a write into another shows at
 * its free.
 */
import assert from "node:assert/strict";
import { memory } from "lookaside/wdk";

/** A block as its holder knows it. */
export interface KnownBlock {
  readonly address: number;
  readonly bytes: number;
  readonly kind: 0 | 1;
  readonly tag: number;
  /** Whether its bytes are charged to the quota account. */
  readonly isCharged: boolean;
  readonly cookie: number;
}

interface Sum {
  blocks: number;
  bytes: number;
}

const UNIT = 16;

/** The pattern of a block: a word that differs between any two blocks held at a time. */
function fill(block: KnownBlock): void {
  const { address, bytes, cookie } = block;
  const view = new Uint8Array(memory().buffer, address, bytes);
  view.fill(cookie & 0xff);
  const word = new Uint8Array(new Uint32Array([cookie]).buffer);
  view.set(word.subarray(0, Math.min(4, bytes)));
  if (bytes >= 8) view.set(word, bytes - 4);
}

function isFilled({ address, bytes, cookie }: KnownBlock): boolean {
  const view = new Uint8Array(memory().buffer, address, bytes);
  const wanted = new Uint8Array(bytes).fill(cookie & 0xff);
  const word = new Uint8Array(new Uint32Array([cookie]).buffer);
  wanted.set(word.subarray(0, Math.min(4, bytes)));
  if (bytes >= 8) wanted.set(word, bytes - 4);
  for (let at = 0; at < bytes; at++) if (view[at] !== wanted[at]) return false;
  return true;
}

/** All blocks that are held. */
export class PoolOracle {
  readonly blocks: KnownBlock[] = [];
  readonly #marks: Uint8Array;
  readonly #sums = new Map<string, Sum>();
  readonly charged: [number, number] = [0, 0];
  heldBytes = 0;

  /** @param memoryBytes the most that the memory can grow to. */
  constructor(memoryBytes: number) {
    this.#marks = new Uint8Array(Math.ceil(memoryBytes / UNIT));
  }

  /** A block was given out: it must be nobody's, aligned, and keep the page rule. */
  given(block: KnownBlock): void {
    const { address, bytes, kind, tag } = block;
    assert.equal(address % 16, 0, "a block is aligned to 16 bytes");
    if (bytes >= 4_096) assert.equal(address % 4_096, 0, "a page or more starts on a page");
    else
      assert.equal(address >>> 12, (address + bytes - 1) >>> 12, "less crosses no page boundary");
    this.#mark(block, 0, 1);
    fill(block);
    this.blocks.push(block);
    this.heldBytes += bytes;
    if (block.isCharged) this.charged[kind] += bytes;
    const sum = this.sumOf(tag, kind);
    sum.blocks++;
    sum.bytes += bytes;
  }

  /** A block is about to be freed: takes it off, and sees that nobody wrote into it. */
  taken(index: number): KnownBlock {
    const block = this.blocks[index] as KnownBlock;
    this.blocks[index] = this.blocks[this.blocks.length - 1] as KnownBlock;
    this.blocks.pop();
    assert.ok(isFilled(block), `the bytes of the block at ${block.address} have changed`);
    this.#mark(block, 1, 0);
    this.heldBytes -= block.bytes;
    if (block.isCharged) this.charged[block.kind] -= block.bytes;
    const sum = this.sumOf(block.tag, block.kind);
    sum.blocks--;
    sum.bytes -= block.bytes;
    return block;
  }

  sumOf(tag: number, kind: number): Sum {
    const key = `${tag} ${kind}`;
    const sum = this.#sums.get(key) ?? { blocks: 0, bytes: 0 };
    this.#sums.set(key, sum);
    return sum;
  }

  #mark({ address, bytes }: KnownBlock, from: number, to: number): void {
    const first = address / UNIT;
    const last = Math.floor((address + bytes - 1) / UNIT);
    for (let unit = first; unit <= last; unit++) {
      if (this.#marks[unit] !== from) assert.fail(`two blocks lie at ${unit * UNIT}`);
      this.#marks[unit] = to;
    }
  }
}
