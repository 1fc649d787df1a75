/**
 * What the threads of a soak do: the stress of mimalloc's test (growing and shrinking sets of blocks, some
 * kept long, some given to other threads), on lists of every kind, with every block full of its holder's
 * cookie. Now and then a thread leaves in peace, and comes back.
 *
 * Each thread may be ended at any instruction. So whatever it gives away it goes on answering for until
 * somebody has adopted it, and blocks of the pool itself, which nobody would reclaim, are the survivor's
 * alone.
 */
import {
  type Block,
  type BlockChannel,
  type BlockList,
  LookasideError,
  type System,
  type Ticket,
} from "lookaside";
import { boot, shutdown, system } from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";
import { type Random, randomFrom } from "../support/seed.js";
import { DocumentedPart } from "./documented.js";
import { ObjectPart } from "./objects.js";

/** Small and large blocks, both pools' kinds, small batches, depths that change all the time. */
export const LISTS = [
  { tag: "SokA", size: 64, maximumDepth: 400, batch: 8, policy: { name: "idle", idleTicks: 1 } },
  { tag: "SokB", size: 48, maximumDepth: 60, batch: 1, policy: { name: "idle", idleTicks: 2 } },
  { tag: "SokC", size: 3_000, maximumDepth: 40, batch: 3, policy: "windows" },
  { tag: "SokD", size: 90_000, maximumDepth: 6, batch: 2, policy: "fixed", pool: "paged" },
] as const;

export const CHANNEL = { name: "soak", capacity: 32 } as const;

/** Handles on their way from thread to thread, for each list so many. */
export const SLOTS = 16;

export interface Orders {
  readonly ticket: Ticket;
  readonly seed: number;
  /** A handle and the number of its list, or 0. */
  readonly slots: BigInt64Array<SharedArrayBuffer>;
  /** The documented lists, and entries of theirs on their way from thread to thread. */
  readonly documented: readonly number[];
  readonly entries: Int32Array<SharedArrayBuffer>;
}

/** Gate raised by each thread after each fifty steps; gate 0 tells all to leave. */
export const PROGRESS = 1;

/** A thread stays for so many times fifty steps, in the mean. */
const VISIT = 40;

/** Blocks that a thread holds at most, and of large ones. */
const HELD_MAX = 250;
const LARGE_MAX = 6;

/** Bytes of the pool's own blocks. */
const POOL_BYTES = [24, 500, 5_000, 60_000, 200_000] as const;

interface Held {
  readonly block: Block;
  readonly list: number;
  readonly cookie: number;
}

/** A block of the pool itself. */
interface PoolBlock {
  readonly address: number;
  readonly bytes: number;
  readonly cookie: number;
}

/** Every byte of a small block, some of a large one. */
function strideOf(bytes: Uint8Array): number {
  return Math.max(1, bytes.length >> 10);
}

function stamp(bytes: Uint8Array, cookie: number): void {
  const stride = strideOf(bytes);
  for (let at = 0; at < bytes.length; at += stride) bytes[at] = cookie;
}

function demandStamp(bytes: Uint8Array, cookie: number, what: string): void {
  const stride = strideOf(bytes);
  for (let at = 0; at < bytes.length; at += stride) {
    if (bytes[at] === cookie) continue;
    throw new Error(`byte ${at} of ${what} is ${bytes[at]}, not ${cookie}: it is held twice`);
  }
}

function isRefusal(error: unknown, codes: readonly string[]): boolean {
  return error instanceof LookasideError && codes.includes(error.code);
}

/** One thread's part. */
class Stresser {
  readonly #system: System;
  readonly #lists: BlockList[];
  readonly #lane: BlockChannel;
  readonly #random: Random;
  readonly #slots: BigInt64Array<SharedArrayBuffer>;
  readonly #isSurvivor: boolean;
  readonly #held: Held[] = [];
  /** Blocks whose handles were given away, and that nobody may have taken yet. */
  readonly #given = new Map<Block, number>();
  readonly #poolBlocks: PoolBlock[] = [];
  readonly #documented: DocumentedPart;
  readonly #objects: ObjectPart;

  constructor(orders: Orders, random: Random, isSurvivor: boolean) {
    boot(orders.ticket);
    this.#system = system();
    this.#lists = LISTS.map((options) => this.#system.blockList(options));
    const [first] = this.#lists as [BlockList];
    this.#lane = first.through(this.#system.channel(CHANNEL));
    this.#random = random;
    this.#documented = new DocumentedPart(orders.documented, orders.entries, random);
    this.#objects = new ObjectPart(this.#system, random);
    this.#slots = orders.slots;
    this.#isSurvivor = isSurvivor;
  }

  step(): void {
    const kind = this.#random.int(10);
    if (kind < 2) this.#documented.step();
    else if (kind < 3) this.#objects.step();
    else this.#useBlocks();
  }

  #useBlocks(): void {
    const dice = this.#random.int(100);
    if (dice < 42) this.#allocate();
    else if (dice < 70) this.#free();
    else if (dice < 82) this.#swap();
    else if (dice < 88) this.#send();
    else if (dice < 94) this.#receive();
    else if (dice < 95) this.#system.tick();
    else if (dice < 96) this.#random.pick(this.#lists).trim();
    else if (dice < 97) this.#random.pick(this.#lists).reserve(this.#random.int(8));
    else if (this.#isSurvivor) this.#usePool();
  }

  #hold(block: Block, list: number): void {
    const cookie = 1 + this.#random.int(255);
    stamp(block.bytes, cookie);
    this.#given.delete(block); // it may have come back
    this.#held.push({ block, list, cookie });
  }

  #allocate(): void {
    const list = this.#random.int(4) === 0 ? this.#random.int(this.#lists.length) : 0;
    const large = list === 3 && this.#held.filter((one) => one.list === 3).length >= LARGE_MAX;
    if (this.#held.length >= HELD_MAX || large) return;
    const block = (this.#lists[list] as BlockList).allocate();
    if (block !== null) this.#hold(block, list);
  }

  #take(): Held | undefined {
    const [one] = this.#held.splice(this.#random.int(this.#held.length + 1), 1);
    if (one !== undefined) demandStamp(one.block.bytes, one.cookie, "a held block");
    return one;
  }

  #free(): void {
    this.#take()?.block.free();
  }

  /** Puts a handle in a slot, and adopts the block of the one that lay there. */
  #swap(): void {
    const one = this.#take();
    const word = one === undefined ? 0n : (BigInt(one.block.handle) << 8n) | BigInt(one.list + 1);
    if (one !== undefined) this.#given.set(one.block, one.list);
    const found = Atomics.exchange(this.#slots, this.#random.int(this.#slots.length), word);
    if (found === 0n) return;
    const at = Number(found & 0xffn) - 1;
    const list = this.#lists[at] as BlockList;
    try {
      const block = list.adopt(list.handleFrom(Number(found >> 8n)));
      demandStamp(block.bytes, block.bytes[0] as number, "an adopted block");
      this.#hold(block, at);
    } catch (error) {
      if (!isRefusal(error, ["ERR_STALE_HANDLE"])) throw error; // reclaimed, or taken back by its giver
    }
  }

  #send(): void {
    const at = this.#held.findIndex(({ list }) => list === 0);
    const one = this.#held[at];
    if (one === undefined) return;
    const blocks = this.#random.int(4) === 0;
    if (blocks ? this.#lane.sendBlocking(one.block, 1) : this.#lane.send(one.block))
      this.#held.splice(at, 1);
  }

  #receive(): void {
    const blocks = this.#random.int(4) === 0;
    const block = blocks ? this.#lane.receiveBlocking(1) : this.#lane.receive();
    if (block === null) return;
    demandStamp(block.bytes, block.bytes[0] as number, "a received block");
    this.#hold(block, 0);
  }

  /** Blocks of the pool itself: they make the memory grow, and the runs move. */
  #usePool(): void {
    const { pool } = this.#system;
    if (this.#poolBlocks.length < 40 && this.#random.int(2) === 0) {
      const bytes = 1 + this.#random.int(this.#random.pick(POOL_BYTES));
      const address = pool.allocate(this.#random.int(2), bytes, 1, false, 0, 0, 0);
      if (address === 0) return;
      const cookie = 1 + this.#random.int(255);
      stamp(this.#bytesAt(address, bytes), cookie);
      this.#poolBlocks.push({ address, bytes, cookie });
      return;
    }
    const [one] = this.#poolBlocks.splice(this.#random.int(this.#poolBlocks.length + 1), 1);
    if (one !== undefined) this.#freeToPool(one);
  }

  #bytesAt(address: number, bytes: number): Uint8Array {
    const { region } = this.#system;
    region.cover(address + bytes);
    return region.bytes.subarray(address, address + bytes);
  }

  #freeToPool({ address, bytes, cookie }: PoolBlock): void {
    demandStamp(this.#bytesAt(address, bytes), cookie, "a block of the pool");
    if (this.#system.pool.free(address, -1) !== 0)
      throw new Error("a block of the pool is not held");
  }

  /** Gives back everything, and leaves in peace. */
  leave(): void {
    for (const one of this.#poolBlocks) this.#freeToPool(one);
    for (const { block, cookie } of this.#held) {
      demandStamp(block.bytes, cookie, "a held block");
      block.free();
    }
    for (const block of this.#given.keys()) {
      try {
        block.free();
      } catch (error) {
        if (!isRefusal(error, ["ERR_NOT_OWNER", "ERR_DOUBLE_FREE", "ERR_FOREIGN_BLOCK"]))
          throw error; // somebody has it
      }
    }
    this.#documented.leave();
    this.#objects.leave();
    shutdown();
  }
}

/** Works until gate 0 is raised, then leaves in peace; all but the last may be ended before. */
export const stress: CrewTask<Orders, void> = ({ rank, threads, data, gates }) => {
  const random = randomFrom(data.seed + rank);
  const isSurvivor = rank === threads - 1;
  let stresser = new Stresser(data, random, isSurvivor);
  for (let steps = 1; gates.read(0) === 0; steps++) {
    stresser.step();
    if (steps % 50 !== 0) continue;
    gates.raise(PROGRESS + rank);
    if (random.int(VISIT) > 0) continue;
    stresser.leave();
    stresser = new Stresser(data, random, isSurvivor);
  }
  stresser.leave();
};
