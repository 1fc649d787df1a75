/**
 * The documented lists of a simulation: one for each kind of pool that all threads use, in descriptors that
 * are there from the start, and lists that a thread links into the set and takes out again.
 *
 * The layers that are on stage have the lists' words and the set, not the documented names; what stands here
 * in their place is the miss and the overflow, which are a call of the pool. The documents know of no dead
 * thread: what one held stays held, and is given back when all is over.
 */
import type { Region } from "#src/memory/index.js";
import type { Pool } from "#src/pool/index.js";
import { peek, store } from "../interleaving/explorer/door.js";
import type { Random } from "../support/seed.js";
import type { MachineRoom } from "./machine-room.js";

/** Tag of entries and descriptors: no text, but one of its own. */
export const DOCUMENTED_TAG = 0x6365_6444;

const DESCRIPTOR_BYTES = 0x80;
const ENTRY_BYTES = 3_000;
const DEPTH = 2;
const MAXIMUM_DEPTH = 6;

/** Entries that a thread holds at most. */
const HELD_MAX = 3;

function allocate(pool: Pool, kind: number, bytes: number): number {
  return pool.allocate(kind, bytes, DOCUMENTED_TAG, false, 0, 0, 0);
}

function initialize(region: Region, list: number): void {
  region.cover(list + DESCRIPTOR_BYTES);
  for (let word = 0; word < DESCRIPTOR_BYTES / 4; word++)
    store(region.words, (list >>> 2) + word, 0);
  region.interlocked.initialize(list);
  store(region.words, (list + 0x10) >>> 2, (MAXIMUM_DEPTH << 16) | DEPTH);
}

/** Makes the lists of all threads; gives back their addresses, by kind of pool. */
export function makeDocumentedLists(room: MachineRoom, region: Region, pool: Pool): number[] {
  return [0, 1].map((kind) => {
    const list = allocate(pool, 0, DESCRIPTOR_BYTES);
    initialize(region, list);
    room.stage.list.linkList(region, kind, list);
    return list;
  });
}

interface Entry {
  readonly address: number;
  readonly kind: number;
}

/** One thread's part. */
export class DocumentedActor {
  readonly #room: MachineRoom;
  readonly #place: number;
  readonly #thread: number;
  readonly #region: Region;
  readonly #pool: Pool;
  readonly #random: Random;
  readonly #held: Entry[] = [];
  /** A descriptor of this thread's own, and whether it is in the set. */
  #own = 0;
  #isLinked = false;

  constructor(room: MachineRoom, place: number, region: Region, pool: Pool, random: Random) {
    this.#room = room;
    this.#place = place;
    this.#thread = pool.thread;
    this.#region = region;
    this.#pool = pool;
    this.#random = random;
  }

  step(): void {
    const dice = this.#random.int(100);
    if (dice < 45) this.#allocate();
    else if (dice < 85) this.#free();
    else if (dice < 92) this.#flush();
    else this.#linkOwn();
  }

  #allocate(): void {
    if (this.#held.length >= HELD_MAX) return;
    const kind = this.#random.int(2);
    const parked = this.#region.interlocked.take(this.#room.documented[kind] as number) >>> 0;
    const address = parked !== 0 ? parked : allocate(this.#pool, kind, ENTRY_BYTES);
    if (address === 0) return;
    this.#region.cover(address + ENTRY_BYTES);
    this.#room.machine.hold(this.#room.voice, this.#place, address);
    this.#held.push({ address, kind });
  }

  #free(): void {
    const [entry] = this.#held.splice(this.#random.int(this.#held.length + 1), 1);
    if (entry !== undefined) this.#giveBack(entry);
  }

  #giveBack({ address, kind }: Entry): void {
    this.#room.machine.drop(this.#place, address);
    const list = this.#room.documented[kind] as number;
    if (this.#region.interlocked.park(list, address) !== 0) return;
    if (this.#pool.free(address, -1) !== 0) throw new Error("an entry is not held by the pool");
  }

  /** Takes everything that is parked, and gives it to the pool. */
  #flush(): void {
    const { interlocked } = this.#region;
    const list = this.#room.documented[this.#random.int(2)] as number;
    for (let entry = interlocked.flush(list) >>> 0; entry !== 0; ) {
      this.#region.cover(entry + ENTRY_BYTES);
      const next = peek(this.#region.words, entry >>> 2) >>> 0;
      this.#room.machine.hold(this.#room.voice, this.#place, entry);
      this.#room.machine.drop(this.#place, entry);
      if (this.#pool.free(entry, -1) !== 0) throw new Error("a flushed entry is not held");
      entry = next;
    }
  }

  /** Puts a list of its own into the set, or takes it out. */
  #linkOwn(): void {
    const { list } = this.#room.stage;
    if (this.#own === 0) {
      const own = allocate(this.#pool, 0, DESCRIPTOR_BYTES);
      if (own === 0) return;
      initialize(this.#region, own);
      this.#own = own;
    }
    const own = this.#own;
    list.withListSets(this.#region, this.#thread, () => {
      if (this.#isLinked) list.unlinkList(this.#region, own);
      else list.linkList(this.#region, 0, own);
      this.#isLinked = !this.#isLinked;
    });
  }

  /** Gives back everything. May throw because of a lock: then to be called again. */
  leave(): void {
    while (this.#held.length > 0) this.#giveBack(this.#held.pop() as Entry);
    if (this.#isLinked) this.#linkOwn();
    if (this.#own !== 0 && this.#pool.free(this.#own, -1) !== 0)
      throw new Error("a descriptor is not held");
    this.#own = 0;
  }
}

/**
 * When all is over: takes every list out of the set, and gives what is parked to the pool. Demands that each
 * entry is parked once, and held for the pool. What the dead had is still held then.
 */
export function endDocumentedLists(room: MachineRoom, region: Region, pool: Pool): void {
  const { list } = room.stage;
  for (const at of room.documented) {
    const seen = new Set<number>();
    for (let entry = region.interlocked.flush(at) >>> 0; entry !== 0; ) {
      if (seen.has(entry)) throw new Error(`0x${entry.toString(16)} is parked twice`);
      seen.add(entry);
      region.cover(entry + ENTRY_BYTES);
      const next = peek(region.words, entry >>> 2) >>> 0;
      if (pool.free(entry, -1) !== 0) throw new Error("a parked entry is not held by the pool");
      entry = next;
    }
  }
  list.withListSets(region, pool.thread, () => {
    for (const kind of [0, 1])
      for (const at of [...list.listsOf(region, kind)]) list.unlinkList(region, at);
  });
}
