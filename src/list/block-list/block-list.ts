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
 * the same way. It can be held as a `Block`, an object that is used again each time, or as a bare handle.
 *
 * ```
 *            allocate                share, or reading block.handle
 *   CACHED|t ───────► HELD|t|g ─────────────────────────────────► SHOWN|t|g
 *       ▲                │ free: plain stores                         │ adopt: compare-exchange, by anyone
 *       └────────────────┴────────── free: compare-exchange ──────────┴───► HELD|u|g+1
 * ```
 *
 * | state word | written by |
 * |---|---|
 * | CACHED\|t, HELD\|t | thread t alone, plainly |
 * | SHOWN\|t | whoever adopts it, and t when it frees it: by compare-exchange. The loser is told |
 *
 * So a block that never leaves its thread costs no atomic operation; and what a block's handle was not
 * read for, nobody can adopt.
 */
import type { Channel } from "../../channel/index.js";
import {
  compareExchange,
  load,
  peek as peekThroughDoor,
  poke as pokeThroughDoor,
  type Region,
} from "../../memory/index.js";
import {
  CACHED,
  generationOf,
  HELD,
  kindOf,
  type Pool,
  SHOWN,
  stateWord,
} from "../../pool/index.js";
import type { ParkedBudget } from "../parked-budget.js";
import { Block, type BlockOwner } from "./block.js";
import { BlockChannel } from "./block-channel.js";
import {
  generationOfHandle,
  type Handle,
  isHandle,
  makeHandle,
  NO_HANDLE,
  type NoHandle,
  PLACES,
  placeOfHandle,
} from "./handle.js";
import { NOTE as NOTE_OF_STATE } from "./note.js";
import { OpenList } from "./open-list.js";
import type { BlockListOptions } from "./options.js";
import { PART } from "./record.js";
import {
  refuseBlock,
  refuseForeign,
  refuseFull,
  refuseHandle,
  refuseHeldHandle,
  refuseStale,
} from "./refusals.js";

/*
 * Own copies for the hot paths: an engine folds a constant of the same module into the code that it
 * makes, but reads an imported one, be it a number or a function, from its cell, with a check, each time.
 * That was a tenth of the time of a pair.
 */
const peek = peekThroughDoor;
const poke = pokeThroughDoor;
const ALLOCATES = PART.ALLOCATES;
const FREES = PART.FREES;
const NOTE = NOTE_OF_STATE;
const GENERATION_MASK = generationOf(-1);
const PREFIX_MASK = ~GENERATION_MASK;
const PLACE_COUNT = PLACES;
const PER_PLACE_COUNT = 1 / PLACES; // a power of two: to multiply by it is exact

/** What turns a HELD state into the CACHED one of the same thread and generation, and into the SHOWN one. */
const HELD_TO_CACHED = stateWord(HELD, 0, 0) ^ stateWord(CACHED, 0, 0);
const HELD_TO_SHOWN = stateWord(HELD, 0, 0) ^ stateWord(SHOWN, 0, 0);

/**
 * A list of equal blocks, shared by all threads that open it. Made by `system.blockList(options)`.
 *
 * @example
 * ```ts
 * const system = System.create();
 * const frames = system.blockList({ tag: "Fram", size: 4096 });
 * const block = frames.allocateOrThrow(); // `allocate` gives null when the pool has no room
 * block.bytes.fill(7); // a Uint8Array over shared memory
 * block.free(); // parked: the next allocation gets it
 * console.log(frames.statistics().parked); // 1
 * ```
 *
 * @typeParam Name the list's name, where the compiler knows it: handles of two lists do not mix.
 */
export class BlockList<Name extends string = string> extends OpenList implements BlockOwner<Name> {
  readonly #blocks = new Map<number, Block<Name>>();

  /** For `System` only: use `system.blockList(options)`. */
  constructor(region: Region, pool: Pool, budget: ParkedBudget, options: BlockListOptions) {
    super(region, pool, budget, options);
  }

  /**
   * Takes a block: the one this thread freed last, else one of the depot, else one of the pool. A few
   * nanoseconds for the first kind. The bytes are not initialized.
   * @returns null when the pool has no room, unless the list was made to raise.
   * @throws {LookasideError} ERR_OUT_OF_MEMORY (option `raise`), ERR_LIST_DELETED
   */
  allocate(): Block<Name> | null {
    const { ring } = this;
    const top = ring.count - 1;
    if (top < ring.floor) return this.#allocateSlowly();
    const block = (ring.blocks[top] ?? this.#blockOf(ring.states[top] as number)) as Block<Name>;
    ring.count = top;
    const { words, part } = this;
    const last = block.held; // the state when it was held last: nobody else has touched it since
    const held = (last & PREFIX_MASK) | ((last + 1) & GENERATION_MASK);
    block.held = held;
    poke(words, block.state, held);
    poke(words, part + ALLOCATES, peek(words, part + ALLOCATES) + 1);
    return block;
  }

  /**
   * The same, for callers that cannot go on without a block.
   * @throws {LookasideError} ERR_OUT_OF_MEMORY when the pool has no room, ERR_LIST_DELETED
   */
  allocateOrThrow(): Block<Name> {
    return this.allocate() ?? refuseFull(this);
  }

  /**
   * Gives a block back: to this thread's ring, else to the depot, else to the pool.
   * @throws {LookasideError} ERR_DOUBLE_FREE, ERR_NOT_OWNER (adopted by another thread), ERR_FOREIGN_BLOCK
   */
  free(block: Block<Name>): void {
    const { ring, words } = this;
    const top = ring.count;
    if (!(block instanceof Block) || block.list !== this) this.#refuse(block, "free");
    const { held } = block;
    if (peek(words, block.state) !== held || top >= ring.limit) {
      this.#freeSlowly(block);
      return;
    }
    const { part } = this;
    poke(words, part + FREES, peek(words, part + FREES) + 1);
    poke(words, block.state, held ^ HELD_TO_CACHED);
    ring.blocks[top] = block;
    ring.count = top + 1;
  }

  /**
   * Takes a block as a bare handle: no object is made for it, now or ever. For lists of millions of
   * blocks. The same checks and counters as {@link BlockList.allocate}.
   *
   * @example
   * ```ts
   * const system = System.create();
   * const frames = system.blockList({ tag: "Fram", size: 256 });
   * const handle = frames.allocateHandle();
   * if (handle !== NO_HANDLE) {
   *   const words = new Int32Array(system.memory.buffer); // after the last growth of the memory
   *   words[frames.offsetOf(handle) >>> 2] = 42;
   *   frames.freeHandle(handle);
   * }
   * ```
   * @returns {@link NO_HANDLE} when the pool has no room, unless the list was made to raise: a number too,
   * so that no call has to box one.
   * @throws {LookasideError} ERR_OUT_OF_MEMORY (option `raise`), ERR_LIST_DELETED
   */
  allocateHandle(): Handle<Name> | NoHandle {
    const { ring } = this;
    const top = ring.count - 1;
    if (top < ring.floor) return this.#allocateHandleSlowly();
    const block = ring.blocks[top];
    const state = block ? block.state : (ring.states[top] as number);
    ring.count = top;
    const { words, part } = this;
    const generation = (peek(words, state) + 1) & GENERATION_MASK;
    poke(words, state, this.heldPrefix | generation);
    poke(words, part + ALLOCATES, peek(words, part + ALLOCATES) + 1);
    return (state - this.shadow + generation * PLACE_COUNT) as Handle<Name>;
  }

  /**
   * Gives back a block that this thread holds by handle.
   * @throws {LookasideError} ERR_ARGUMENT, ERR_DOUBLE_FREE, ERR_NOT_OWNER, ERR_FOREIGN_BLOCK
   */
  freeHandle(handle: Handle<Name>): void {
    if (typeof handle !== "number") refuseHandle(this, handle);
    const { ring, words } = this;
    const top = ring.count;
    const generation = (handle * PER_PLACE_COUNT) | 0;
    const state = this.shadow + handle - generation * PLACE_COUNT;
    const held = this.heldPrefix | generation;
    // What is no handle leads to no state word, or to none that says held by this thread.
    const isHeld = peek(words, state) === held && peek(words, state + NOTE) === this.note;
    if (!isHeld || top >= ring.limit) {
      this.#freeHandleSlowly(handle);
      return;
    }
    const { part } = this;
    poke(words, part + FREES, peek(words, part + FREES) + 1);
    poke(words, state, held ^ HELD_TO_CACHED);
    ring.blocks[top] = null;
    ring.states[top] = state;
    ring.count = top + 1;
  }

  /**
   * Byte offset in the system's memory of the first byte of a block that this thread holds.
   * @throws {LookasideError} ERR_ARGUMENT, ERR_DOUBLE_FREE, ERR_NOT_OWNER, ERR_FOREIGN_BLOCK
   */
  offsetOf(handle: Handle<Name>): number {
    this.#demandHeld(handle);
    return this.region.layout.dataByte + placeOfHandle(handle) * 16;
  }

  /**
   * Lets other threads adopt a block that this thread holds by handle: call it before the handle is
   * sent. (Reading {@link Block.handle} does it for a `Block`.) Gives back the same handle.
   * @throws {LookasideError} ERR_ARGUMENT, ERR_DOUBLE_FREE, ERR_NOT_OWNER, ERR_FOREIGN_BLOCK
   */
  share(handle: Handle<Name>): Handle<Name> {
    const state = this.#demandHeld(handle);
    const held = this.heldPrefix | generationOfHandle(handle);
    // Only from HELD, as in handleOf: a block that is shown already may just be adopted.
    if (peek(this.words, state) === held) poke(this.words, state, held ^ HELD_TO_SHOWN);
    return handle;
  }

  /**
   * Takes a plain number, whose type was lost on the way, for a handle: looked at when it is used.
   * @throws {LookasideError} ERR_ARGUMENT when it can be no handle
   */
  handleFrom(value: unknown): Handle<Name> {
    if (!isHandle(value)) refuseHandle(this, value);
    return value as Handle<Name>;
  }

  /** Whether this thread holds the block. */
  holds(block: Block<Name>): boolean {
    if (!(block instanceof Block) || block.list !== this || block.held === 0) return false;
    const seen = load(this.words, block.state);
    return seen === block.held || seen === (block.held ^ HELD_TO_SHOWN);
  }

  /** The number another thread adopts the block by: see {@link Block.handle}. For blocks only. */
  handleOf(block: Block<Name>): Handle<Name> {
    if (!this.holds(block)) this.#refuse(block, "share");
    // Only from HELD, which nobody else changes: a block that is shown already may just be adopted.
    if (peek(this.words, block.state) === block.held)
      poke(this.words, block.state, block.held ^ HELD_TO_SHOWN);
    return makeHandle(block.state - this.shadow, generationOf(block.held)) as Handle<Name>;
  }

  /**
   * Takes over a block that another thread holds, by the handle it sent: one compare-exchange. From
   * then on the sender's object and the handle are no longer good for anything.
   * @throws {LookasideError} ERR_ARGUMENT, ERR_STALE_HANDLE, ERR_FOREIGN_BLOCK, ERR_LIST_DELETED
   */
  adopt(handle: Handle<Name>): Block<Name> {
    return this.#blockOf(this.#adopt(handle));
  }

  /**
   * The same, as a bare handle of this thread's own.
   * @throws {LookasideError} ERR_ARGUMENT, ERR_STALE_HANDLE, ERR_FOREIGN_BLOCK, ERR_LIST_DELETED
   */
  adoptHandle(handle: Handle<Name>): Handle<Name> {
    const state = this.#adopt(handle);
    const generation = generationOf(peek(this.words, state));
    return makeHandle(state - this.shadow, generation) as Handle<Name>;
  }

  /** This list's blocks through a channel: no death loses one. @throws {LookasideError} ERR_ARGUMENT */
  through(channel: Channel): BlockChannel<Name> {
    return new BlockChannel<Name>(this, channel, this.region.memory);
  }

  /** Bytes of the block at an address. For blocks only. */
  viewOf(address: number): Uint8Array<SharedArrayBuffer> {
    this.region.cover(address + this.size);
    return this.region.bytes.subarray(
      address,
      address + this.size,
    ) as Uint8Array<SharedArrayBuffer>;
  }

  protected override forget(state: number): void {
    this.#blocks.delete(state);
  }

  #allocateSlowly(): Block<Name> | null {
    const state = this.refillOrMiss();
    if (state === 0) return this.allocate();
    return state < 0 ? null : this.#blockOf(state);
  }

  #allocateHandleSlowly(): Handle<Name> | NoHandle {
    const state = this.refillOrMiss();
    if (state === 0) return this.allocateHandle();
    if (state < 0) return NO_HANDLE;
    const generation = generationOf(peek(this.words, state));
    return makeHandle(state - this.shadow, generation) as Handle<Name>;
  }

  #freeSlowly(block: Block<Name>): void {
    if (block.held === 0 || !this.#takeBack(block.state, block.held)) this.#refuse(block, "free");
    block.held = (block.held & PREFIX_MASK) | generationOf(peek(this.words, block.state));
    if (this.park(block.state)) this.ring.push(block.state, block);
  }

  #freeHandleSlowly(handle: Handle<Name>): void {
    const state = this.#stateOf(handle);
    const seen = load(this.words, state);
    const held = this.heldPrefix | generationOfHandle(handle);
    if (!this.backing.owns(state) || !this.#takeBack(state, held))
      refuseHeldHandle(this, handle, seen, this.pool.thread, this.backing.owns(state));
    if (this.park(state)) this.ring.push(state, null);
  }

  /**
   * HELD or SHOWN → CACHED, the generation moved on when another thread may know it. Gives back false
   * when this thread does not hold the block in that generation.
   */
  #takeBack(state: number, held: number): boolean {
    const seen = load(this.words, state);
    if (seen === held) {
      poke(this.words, state, held ^ HELD_TO_CACHED);
      return true;
    }
    if (seen !== (held ^ HELD_TO_SHOWN)) return false;
    const cached = this.cachedPrefix | generationOf(held + 1);
    return compareExchange(this.words, state, seen, cached) === seen;
  }

  /** Makes a shown block this thread's: its state. A holder that ends meanwhile leaves the handle good. */
  #adopt(handle: Handle<Name>): number {
    this.demandRecord();
    const state = this.#stateOf(handle);
    for (;;) {
      const seen = load(this.words, state);
      if (kindOf(seen) !== SHOWN || generationOf(seen) !== generationOfHandle(handle))
        refuseStale(this, handle, seen);
      if (!this.backing.owns(state) && load(this.words, state) === seen)
        refuseForeign(this, handle);
      this.pool.claims.note(state);
      const held = this.heldPrefix | generationOf(seen + 1); // the next generation: the handle is used up
      if (compareExchange(this.words, state, seen, held) !== seen) continue; // or nobody's now
      this.bump(PART.ADOPTED, 1);
      return state;
    }
  }

  /** Word index of the state that a handle names. */
  #stateOf(handle: Handle<Name>): number {
    if (!isHandle(handle)) refuseHandle(this, handle);
    const { layout } = this.region;
    const place = placeOfHandle(handle);
    if (place >= layout.chunkCapacity * layout.shadowWords) refuseStale(this, handle, 0);
    return this.shadow + place;
  }

  #demandHeld(handle: Handle<Name>): number {
    const state = this.#stateOf(handle);
    const seen = load(this.words, state);
    const held = this.heldPrefix | generationOfHandle(handle);
    const isOurs = this.backing.owns(state);
    if (!isOurs || (seen !== held && seen !== (held ^ HELD_TO_SHOWN)))
      refuseHeldHandle(this, handle, seen, this.pool.thread, isOurs);
    return state;
  }

  /** This thread's object of a block, in step with its state. */
  #blockOf(state: number): Block<Name> {
    let block = this.#blocks.get(state);
    if (block === undefined) {
      block = new Block<Name>(this, this.backing.addressOf(state), state);
      this.#blocks.set(state, block);
    }
    block.held = this.heldPrefix | generationOf(peek(this.words, state));
    return block;
  }

  #refuse(block: Block<Name>, what: "free" | "share"): never {
    const seen = block instanceof Block ? load(this.words, block.state) : 0;
    refuseBlock(this, block, seen, this.pool.thread, what);
  }
}
