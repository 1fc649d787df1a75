/**
 * A block list as one thread uses it: a ring of its own in front of a depot that all threads share.
 *
 * ```
 *   oldest                                              newest
 *   [ depot slot 0 | slot 1 | … ][ ring bottom … ring top ]      for one thread: exactly one stack
 *                                  free pushes, allocate pops ^
 * ```
 *
 * A block comes from the ring, else from the depot, else from the pool, one at a time; and goes back
 * the same way.
 *
 * Who writes a state word: CACHED|t and HELD|t only thread t, plainly; with one exception, by
 * compare-exchange: a block whose handle was read may be adopted, and then t too frees it by
 * compare-exchange.
 */
import { LookasideError, show } from "../../base/index.js";
import {
  compareExchange,
  load,
  peek,
  poke,
  type Region,
  store,
  type Words,
} from "../../memory/index.js";
import { CACHED, generationOf, HELD, kindOf, type Pool, stateWord } from "../../pool/index.js";
import type { ParkedBudget } from "../parked-budget.js";
import { Backing } from "./backing.js";
import { Block, type BlockOwner } from "./block.js";
import { setDepth } from "./credits.js";
import { Depot } from "./depot.js";
import { generationOfHandle, isHandle, makeHandle, placeOfHandle } from "./handle.js";
import { type BlockListOptions, completeBlockListOptions } from "./options.js";
import {
  DELETED,
  demandSame,
  leaveRecord,
  OPEN,
  openRecord,
  PART,
  partOf,
  RECORD,
  type RecordPlace,
} from "./record.js";
import {
  refuseDeleted,
  refuseForeign,
  refuseFree,
  refuseHandle,
  refuseStale,
  titleOf,
} from "./refusals.js";
import { Ring } from "./ring.js";
import { type BlockListStatistics, statisticsOf } from "./statistics.js";
import { Tuning } from "./tuning.js";

/*
 * Own copies for the two hot paths: an engine folds a constant of the same module into the code that it
 * makes, but reads an imported one from its cell, with a check, each time.
 */
const ALLOCATES = PART.ALLOCATES;
const FREES = PART.FREES;
const GENERATION_MASK = generationOf(-1);

/** A list of equal blocks, shared by all threads that open it. Made by `system.blockList(options)`. */
export class BlockList implements BlockOwner {
  /** The name it is opened by. */
  readonly name: string;
  /** What its blocks are counted under. */
  readonly tag: string;
  /** Bytes of each block. */
  readonly size: number;
  readonly #region: Region;
  readonly #pool: Pool;
  readonly #place: RecordPlace;
  readonly #words: Words;
  readonly #part: number;
  readonly #backing: Backing;
  readonly #ring: Ring;
  readonly #tuning: Tuning;
  readonly #shadow: number;
  readonly #raise: boolean;
  /** State words of this thread's blocks, but for the generation. */
  readonly #held: number;
  readonly #cached: number;
  readonly #blocks = new Map<number, Block>();
  readonly #trimOne = (state: number): void => {
    this.#blocks.delete(state);
    this.#backing.release(state, PART.TRIMMED);
  };
  #open = true;

  /** For `System` only: use `system.blockList(options)`. */
  constructor(region: Region, pool: Pool, budget: ParkedBudget, options: BlockListOptions) {
    const complete = completeBlockListOptions(options);
    const place = openRecord(region, pool, complete);
    this.name = complete.name;
    this.tag = options.tag;
    this.size = complete.size;
    this.#region = region;
    this.#pool = pool;
    this.#place = place;
    this.#words = place.words;
    this.#part = partOf(place, pool.thread);
    this.#backing = new Backing(region, pool, place);
    const depot = new Depot(place, place.words, pool.thread);
    this.#ring = new Ring(place, depot, pool.thread);
    const parts = { ring: this.#ring, depot, budget };
    const { own } = complete.policy;
    this.#tuning = new Tuning(region, place, pool.thread, parts, own, titleOf(this), this.#trimOne);
    this.#shadow = region.layout.shadow;
    this.#raise = complete.raise;
    this.#held = stateWord(HELD, pool.thread, 0);
    this.#cached = stateWord(CACHED, pool.thread, 0);
    store(place.words, this.#part + PART.OPEN, 1);
  }

  /**
   * Takes a block: the one this thread freed last, else one of the depot, else one of the pool. About
   * 5 ns for the first kind. The bytes are not initialized.
   * @returns null when the pool has no room, unless the list was made to raise.
   * @throws {LookasideError} ERR_OUT_OF_MEMORY (option `raise`), ERR_LIST_DELETED
   */
  allocate(): Block | null {
    const ring = this.#ring;
    const top = ring.count - 1;
    if (top < ring.floor) return this.#allocateSlowly();
    const words = this.#words;
    const block = ring.blocks[top] ?? this.#blockOf(ring.states[top] as number);
    ring.count = top;
    const held = this.#held | ((peek(words, block.state) + 1) & GENERATION_MASK);
    poke(words, block.state, held);
    block.held = held;
    const counter = this.#part + ALLOCATES;
    poke(words, counter, peek(words, counter) + 1);
    return block;
  }

  /**
   * Gives a block back: to this thread's ring, else to the depot, else to the pool.
   * @throws {LookasideError} ERR_DOUBLE_FREE, ERR_NOT_OWNER (adopted by another thread), ERR_FOREIGN_BLOCK
   */
  free(block: Block): void {
    const words = this.#words;
    const held = block.held;
    if (block.list !== this || held === 0 || peek(words, block.state) !== held)
      this.#refuseFree(block);
    const ring = this.#ring;
    const top = ring.count;
    if (block.shown || top >= ring.limit) {
      this.#freeSlowly(block);
      return;
    }
    const counter = this.#part + FREES;
    poke(words, counter, peek(words, counter) + 1);
    block.held = 0;
    poke(words, block.state, this.#cached | (held & GENERATION_MASK));
    ring.blocks[top] = block;
    ring.count = top + 1;
  }

  /** Whether this thread has left the list, or deleted it. */
  get closed(): boolean {
    return !this.#open;
  }

  /**
   * Demands that options of a second opening fit. @throws {LookasideError} ERR_OPTION, ERR_LIST_MISMATCH
   */
  demandSame(options: BlockListOptions): void {
    const complete = completeBlockListOptions(options);
    demandSame(this.#place, complete);
    this.#tuning.takeUp(complete.policy.own);
  }

  /** Whether this thread holds the block. */
  holds(block: Block): boolean {
    return block.list === this && block.held !== 0 && peek(this.#words, block.state) === block.held;
  }

  /** The number another thread adopts the block by: see {@link Block.handle}. */
  handleOf(block: Block): number {
    if (!this.holds(block)) this.#refuseFree(block);
    block.shown = true;
    return makeHandle(block.state - this.#shadow, generationOf(block.held));
  }

  /**
   * Takes over a block that another thread holds, by the handle it sent: one compare-exchange. From
   * then on the sender's object is no longer good for anything.
   * @throws {LookasideError} ERR_ARGUMENT, ERR_STALE_HANDLE, ERR_FOREIGN_BLOCK
   */
  adopt(handle: number): Block {
    if (!isHandle(handle)) refuseHandle(this, handle);
    const words = this.#words;
    const { layout } = this.#region;
    const state = this.#shadow + placeOfHandle(handle);
    const seen =
      state < this.#shadow + layout.chunkCapacity * layout.shadowWords ? load(words, state) : 0;
    if (kindOf(seen) !== HELD || generationOf(seen) !== generationOfHandle(handle))
      refuseStale(this, handle);
    if (!this.#backing.owns(state)) refuseForeign(this, handle);
    const held = this.#held | generationOf(seen + 1); // the next generation: the handle is used up
    if (compareExchange(words, state, seen, held) !== seen) refuseStale(this, handle);
    const block = this.#blockOf(state);
    block.held = held;
    block.shown = false;
    this.#bump(PART.ADOPTED, 1);
    return block;
  }

  /**
   * Parks up to `count` fresh blocks, so that as many allocations find one. Gives back how many it
   * parked: fewer when depth or the pool says so.
   */
  reserve(count: number): number {
    this.#demandOpen();
    if (!Number.isInteger(count) || count < 0) {
      throw new LookasideError(
        "ERR_ARGUMENT",
        `Cannot reserve ${show(count)} blocks in ${titleOf(this)}`,
      );
    }
    this.#tuning.want(count);
    let parked = 0;
    while (parked < count && this.#ring.makeRoom()) {
      const block = this.#obtain();
      if (block === null) break;
      this.#bump(PART.RESERVED, 1);
      poke(this.#words, block.state, this.#cached | generationOf(block.held));
      block.held = 0;
      this.#ring.push(block.state, block);
      parked++;
    }
    return parked;
  }

  /** Gives parked blocks of this thread's ring and of the depot back to the pool. Gives back how many. */
  trim(): number {
    if (!this.#open) return 0;
    let trimmed = this.#emptyRing();
    while (this.#ring.refill() > 0) trimmed += this.#emptyRing();
    return trimmed;
  }

  /** This thread's part of a visit. For `System`. @throws {LookasideError} ERR_DEPTH_POLICY */
  tick(): void {
    if (this.#open && !this.#isDeleted()) this.#tuning.tick();
  }

  /** Present limit on parked blocks over all threads. */
  get depth(): number {
    this.#demandRecord();
    return load(this.#words, this.#place.at + RECORD.DEPTH);
  }

  /**
   * Sets the limit on parked blocks: 0 to maximumDepth. Exact at once for this thread; other threads
   * follow on their slow paths. The list's policy goes on from there; with "fixed" it stays.
   * @throws {LookasideError} ERR_ARGUMENT
   */
  set depth(depth: number) {
    this.#demandRecord();
    const maximum = peek(this.#words, this.#place.at + RECORD.MAXIMUM_DEPTH);
    if (!Number.isInteger(depth) || depth < 0 || depth > maximum) {
      const message = `Cannot set the depth of ${titleOf(this)} to ${show(depth)}: 0 to ${maximum}`;
      throw new LookasideError("ERR_ARGUMENT", message);
    }
    setDepth(this.#place, depth);
    this.#ring.repay();
  }

  /**
   * What the list did and has, over all threads.
   * @throws {LookasideError} ERR_LIST_DELETED when this thread has left the list
   */
  statistics(): BlockListStatistics {
    this.#demandRecord();
    return statisticsOf(this.#place, this.#region.layout.threadCapacity, this.name, this.tag);
  }

  /** Bytes of the block at an address. For blocks only. */
  viewOf(address: number): Uint8Array<SharedArrayBuffer> {
    this.#region.cover(address + this.size);
    return this.#region.bytes.subarray(
      address,
      address + this.size,
    ) as Uint8Array<SharedArrayBuffer>;
  }

  /**
   * Deletes the list for all threads: parked blocks go to the pool, held ones stay their holders' and
   * go to the pool when they are freed. Other threads find out on their next slow path.
   */
  delete(): void {
    if (!this.#open) return;
    compareExchange(this.#words, this.#place.at + RECORD.STATUS, OPEN, DELETED);
    this.trim();
    this.leave();
  }

  /**
   * Takes this thread out of the list: what its ring holds goes to the depot, or to the pool. For `System`.
   */
  leave(): void {
    if (!this.#open) return;
    if (this.#isDeleted()) this.#emptyRing();
    this.#ring.leave(this.#trimOne);
    this.#open = false;
    leaveRecord(this.#region, this.#pool, this.#place, this.#pool.thread);
  }

  #emptyRing(): number {
    return this.#ring.empty(this.#trimOne);
  }

  #allocateSlowly(): Block | null {
    this.#demandOpen();
    if (this.#ring.count > 0) this.#ring.lowerFloor();
    if (this.#ring.count > 0 || this.#ring.refill() > 0) return this.allocate();
    this.#tuning.missed();
    this.#bump(PART.ALLOCATES, 1);
    this.#bump(PART.ALLOCATE_MISSES, 1);
    const block = this.#obtain();
    if (block !== null || !this.#raise) return block;
    throw new LookasideError(
      "ERR_OUT_OF_MEMORY",
      `Cannot allocate from ${titleOf(this)}: the pool has no room`,
    );
  }

  /** A block of the pool, held. */
  #obtain(): Block | null {
    const state = this.#backing.obtain();
    if (state === 0) return null;
    const block = this.#blockOf(state);
    block.held = peek(this.#words, state);
    block.shown = false;
    return block;
  }

  #freeSlowly(block: Block): void {
    const words = this.#words;
    const cached = this.#cached | generationOf(block.held + (block.shown ? 1 : 0));
    if (!block.shown) poke(words, block.state, cached);
    else if (compareExchange(words, block.state, block.held, cached) !== block.held)
      this.#refuseFree(block);
    block.held = 0;
    block.shown = false;
    if (!this.#open) {
      this.#blocks.delete(block.state);
      this.#backing.dismiss(block.state);
      return;
    }
    this.#bump(PART.FREES, 1);
    if (!this.#isDeleted() && this.#ring.makeRoom()) {
      this.#ring.push(block.state, block);
      return;
    }
    this.#tuning.rejected();
    this.#blocks.delete(block.state);
    this.#backing.release(block.state, PART.FREE_MISSES);
  }

  #bump(counter: number, by: number): void {
    poke(this.#words, this.#part + counter, peek(this.#words, this.#part + counter) + by);
  }

  #blockOf(state: number): Block {
    let block = this.#blocks.get(state);
    if (block === undefined) {
      block = new Block(this, this.#backing.addressOf(state), state);
      this.#blocks.set(state, block);
    }
    return block;
  }

  #refuseFree(block: Block): never {
    const seen = block instanceof Block ? load(this.#words, block.state) : 0;
    refuseFree(this, block, seen, this.#pool.thread);
  }

  #demandRecord(): void {
    if (!this.#open) refuseDeleted(this);
  }

  #isDeleted(): boolean {
    return load(this.#words, this.#place.at + RECORD.STATUS) === DELETED;
  }

  #demandOpen(): void {
    if (this.#open) {
      if (!this.#isDeleted()) return;
      this.#emptyRing();
    }
    refuseDeleted(this);
  }
}
