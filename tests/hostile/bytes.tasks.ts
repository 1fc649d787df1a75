/**
 * What the threads of bytes.test.ts do: allocate, free and hand over like anybody, and now and then write
 * random bytes over a whole block that somebody was seen with, whoever holds it now, parks it or has given
 * it back.
 *
 * So no block can carry a cookie. Who holds what is agreed on in words of the test's own, one for each 16
 * bytes of the memory: 0, or the holder's rank and 1.
 */
import { type Block, type BlockList, System, type Ticket } from "lookaside";
import type { CrewTask } from "../support/crew.js";
import { type Random, randomFrom } from "../support/seed.js";

/** Sizes around those of slabs, of runs, and of odd ends. */
export const LISTS = [
  { tag: "By16", size: 16, maximumDepth: 64, batch: 4 },
  { tag: "By96", size: 96, maximumDepth: 40, batch: 8 },
  { tag: "By1k", size: 1_500, maximumDepth: 12, batch: 1, pool: "paged" },
  { tag: "ByRn", size: 70_000, maximumDepth: 4, batch: 2 },
] as const;

export const CHANNEL = { name: "bytes", capacity: 32 } as const;

/** Addresses that are remembered for each list. */
const SEEN = 512;

export interface Orders {
  readonly ticket: Ticket;
  readonly steps: number;
  readonly seed: number;
  readonly holders: SharedArrayBuffer;
  readonly seen: SharedArrayBuffer;
}

/** Room for the addresses that all threads remember. */
export function makeSeen(): SharedArrayBuffer {
  return new SharedArrayBuffer(LISTS.length * SEEN * 4);
}

/** One thread of the test. */
class Scribbler {
  readonly system: System;
  readonly #lists: readonly BlockList[];
  readonly #held: Block[][] = LISTS.map(() => []);
  readonly #random: Random;
  readonly #holders: Int32Array;
  readonly #seen: Int32Array;
  readonly #me: number;

  constructor({ ticket, seed, holders, seen }: Orders, rank: number) {
    this.system = System.attach(ticket);
    this.#lists = LISTS.map((options) => this.system.blockList(options));
    this.#random = randomFrom(seed + rank);
    this.#holders = new Int32Array(holders);
    this.#seen = new Int32Array(seen);
    this.#me = rank + 1;
  }

  step(): void {
    const at = this.#random.int(LISTS.length);
    const chance = this.#random.int(100);
    if (chance < 40) this.#allocate(at);
    else if (chance < 70) this.#free(at);
    else if (chance < 80) this.#send(at);
    else if (chance < 88) this.#receive();
    else this.#scribble(at);
  }

  /** Frees whatever is held, and receives what nobody has received. */
  end(): void {
    LISTS.forEach((_, at) => {
      while ((this.#held[at] as Block[]).length > 0) this.#free(at);
    });
  }

  drain(): void {
    while (this.#receive());
    this.end();
  }

  #allocate(at: number): void {
    const held = this.#held[at] as Block[];
    if (held.length > 24) return;
    const block = (this.#lists[at] as BlockList).allocate();
    if (block === null) return;
    this.#claim(block.address);
    Atomics.store(this.#seen, at * SEEN + this.#random.int(SEEN), block.address);
    held.push(block);
  }

  #free(at: number): void {
    const held = this.#held[at] as Block[];
    const [block] = held.splice(this.#random.int(held.length + 1), 1);
    if (block === undefined) return;
    this.#release(block.address);
    block.free();
  }

  /** The list goes with the handle: the same channel is for blocks of all lists. */
  #send(at: number): void {
    const held = this.#held[at] as Block[];
    const [block] = held.splice(this.#random.int(held.length + 1), 1);
    if (block === undefined) return;
    this.#release(block.address);
    const channel = this.system.channel({ ...CHANNEL, name: `${CHANNEL.name} ${at}` });
    if (channel.push(block.handle)) return;
    this.#claim(block.address);
    held.push(block);
  }

  #receive(): boolean {
    return LISTS.some((_, at) => {
      const channel = this.system.channel({ ...CHANNEL, name: `${CHANNEL.name} ${at}` });
      const block = (this.#lists[at] as BlockList).through(channel).receive();
      if (block === null) return false;
      this.#claim(block.address);
      (this.#held[at] as Block[]).push(block);
      return true;
    });
  }

  /** All bytes of a block that somebody had at some time. */
  #scribble(at: number): void {
    const address = Atomics.load(this.#seen, at * SEEN + this.#random.int(SEEN));
    if (address === 0) return;
    const { size } = LISTS[at] as (typeof LISTS)[number];
    const bytes = new Uint8Array(this.system.memory.buffer, address, size);
    const step = size > 2_000 ? 61 : 1; // of a large one some bytes everywhere: the rest is as good
    for (let byte = 0; byte < size; byte += step) bytes[byte] = this.#random.int(256);
  }

  #claim(address: number): void {
    const before = Atomics.compareExchange(this.#holders, address / 16, 0, this.#me);
    if (before !== 0) throw new Error(`the block at ${address} is held by ${before} as well`);
  }

  #release(address: number): void {
    const before = Atomics.compareExchange(this.#holders, address / 16, this.#me, 0);
    if (before !== this.#me) throw new Error(`the block at ${address} is ${before}'s`);
  }
}

export const scribble: CrewTask<Orders, void> = ({ rank, data, barrier }) => {
  const scribbler = new Scribbler(data, rank);
  barrier();
  for (let step = 0; step < data.steps; step++) scribbler.step();
  scribbler.end();
  barrier();
  if (rank === 0) scribbler.drain();
  barrier();
  scribbler.system.detach();
};
