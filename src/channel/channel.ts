/**
 * A channel as one thread uses it: a bounded queue of numbers in shared memory, for any number of threads at
 * both ends.
 *
 * Made for handles of blocks, which are whole numbers below 2^48. The queue itself is in cells.ts, the sleep
 * and the wake-up in bell.ts and waiting.ts.
 */
import { LookasideError, show } from "../base/index.js";
import { compareExchange, load, peek, poke, type Region, type Words } from "../memory/index.js";
import type { Pool } from "../pool/index.js";
import { awaitsItems, awaitsRoom, Bell, forgetWaits, ITEMS, ROOM, ringForAll } from "./bell.js";
import { DRAIN } from "./cell.js";
import { Cells, IS_CLOSED, IS_FULL, NOTHING, PUSHED } from "./cells.js";
import {
  type ChannelOptions,
  completeChannelOptions,
  timeOf,
  type WaitOptions,
} from "./options.js";
import {
  type ChannelPlace,
  CLOSED,
  DELETED,
  demandSame,
  leaveChannel,
  OPEN,
  openChannel,
  PART,
  partOf,
  RECORD,
} from "./record.js";
import { type ChannelStatistics, statisticsOf } from "./statistics.js";
import { awaitTurn, blockForTurn, type Turn } from "./waiting.js";

const WORD = 2 ** 32;

/** Own copies for the hot paths: see cells.ts. */
const WENT_IN = PUSHED;
const NO_CELL = NOTHING;
const POPPING = DRAIN;
const PUSHED_COUNTER = PART.PUSHED;
const POPPED_COUNTER = PART.POPPED;

/**
 * A bounded queue of whole numbers from 0 to 2^53 - 1, shared by all threads that open it. Made by
 * `system.channel(options)`.
 *
 * Values that one thread pushes are popped in the order in which it pushed them, and each is popped once; a
 * value whose reader was ended in the middle of its call is popped by another thread, out of order.
 *
 * @example
 * ```ts
 * const system = System.create();
 * const numbers = system.channel({ name: "numbers", capacity: 64 });
 * numbers.push(7); // false would mean: full, or closed
 * numbers.push(8);
 * console.log(numbers.pop()); // 7
 * numbers.close();
 * for await (const number of numbers) console.log(number); // 8
 * system.detach();
 * ```
 */
export class Channel implements AsyncIterable<number> {
  /** The name it is opened by. */
  readonly name: string;
  /** Values that it holds at most: a power of two. */
  readonly capacity: number;
  readonly #region: Region;
  readonly #pool: Pool;
  readonly #place: ChannelPlace;
  readonly #words: Words;
  readonly #cells: Cells;
  readonly #status: number;
  readonly #waiters: number;
  readonly #part: number;
  readonly #items: Bell;
  readonly #room: Bell;
  readonly #popTurn: Turn<number>;
  #open = true;

  /** For `System` only: use `system.channel(options)`. */
  constructor(region: Region, pool: Pool, options: ChannelOptions) {
    const complete = completeChannelOptions(options);
    const place = openChannel(region, pool, complete);
    this.name = complete.name;
    this.capacity = 2 ** place.shift;
    this.#region = region;
    this.#pool = pool;
    this.#place = place;
    this.#words = place.words;
    this.#cells = new Cells(place, pool.thread);
    this.#status = place.at + RECORD.STATUS;
    this.#waiters = place.at + RECORD.WAITERS;
    this.#part = partOf(place, pool.thread);
    this.#items = new Bell(place, pool.thread, ITEMS);
    this.#room = new Bell(place, pool.thread, ROOM);
    this.#popTurn = this.#itemTurn(() => this.pop());
  }

  /**
   * Puts a value in, if there is room. Never waits. About 50 ns.
   * @returns false when the channel is full or closed: nothing was done.
   * @throws {LookasideError} ERR_ARGUMENT when the value is no whole number from 0 to 2^53 - 1,
   * ERR_CHANNEL_DELETED
   */
  push(value: number): boolean {
    const outcome = this.#push(value);
    if (outcome === WENT_IN) return true;
    if (outcome === IS_FULL) this.#bump(PART.REFUSED);
    return false;
  }

  /**
   * Takes the oldest value. Never waits. About 50 ns.
   * @returns null when nothing is there, or when the thread that comes first is just putting it in.
   * @throws {LookasideError} ERR_CHANNEL_DELETED
   */
  pop(): number | null {
    const cell = this.claim(POPPING);
    if (cell === NO_CELL) return null;
    const value = this.valueIn(cell);
    this.finish(cell);
    return value;
  }

  /**
   * Puts a value in as soon as there is room. Keeps the host running meanwhile.
   * @returns false when the channel is closed, or when the time is up.
   * @throws {LookasideError} ERR_ARGUMENT, ERR_CHANNEL_DELETED (also when this thread leaves meanwhile),
   * ERR_WAIT_FORBIDDEN; or the signal's reason
   */
  async pushAsync(value: number, options: WaitOptions = {}): Promise<boolean> {
    return (await awaitTurn(this.#pushTurn(value), options)) !== null;
  }

  /**
   * Takes the oldest value as soon as there is one. Keeps the host running meanwhile.
   * @returns null when the channel is closed and drained, or when the time is up: `drained` tells which.
   * @throws {LookasideError} ERR_ARGUMENT, ERR_CHANNEL_DELETED (also when this thread leaves meanwhile),
   * ERR_WAIT_FORBIDDEN; or the signal's reason
   */
  popAsync(options: WaitOptions = {}): Promise<number | null> {
    return awaitTurn(this.#popTurn, options);
  }

  /**
   * As {@link Channel.pushAsync}, but blocks the thread: for workers. After a few tries it sleeps.
   * @param timeoutMs milliseconds to wait at most, Infinity by default
   * @throws {LookasideError} ERR_ARGUMENT, ERR_CHANNEL_DELETED, ERR_WAIT_FORBIDDEN where the host does not
   * let this thread block (the main thread of a page)
   */
  pushBlocking(value: number, timeoutMs?: number): boolean {
    const time = timeOf(timeoutMs);
    if (this.#push(value) === WENT_IN) return true;
    return blockForTurn(this.#pushTurn(value), time) !== null;
  }

  /** As {@link Channel.popAsync}, but blocks the thread: see {@link Channel.pushBlocking}. */
  popBlocking(timeoutMs?: number): number | null {
    return blockForTurn(this.#popTurn, timeoutMs);
  }

  /** Every value, as it comes, until the channel is closed and drained. */
  async *[Symbol.asyncIterator](): AsyncGenerator<number, void, undefined> {
    for (;;) {
      const value = await this.popAsync();
      if (value === null) return;
      yield value;
    }
  }

  /**
   * Closes the channel for all threads: from now on every push is refused, what is inside can still be
   * popped, and all waits end as soon as nothing is left. May be called twice, by any thread.
   */
  close(): void {
    this.#demandOpen();
    compareExchange(this.#words, this.#status, OPEN, CLOSED);
    ringForAll(this.#place);
  }

  /** Whether the channel takes no more values, or this thread has left it. */
  get closed(): boolean {
    return !this.#open || load(this.#words, this.#status) !== OPEN;
  }

  /** Whether the channel is closed and every value has been popped: none will come. O(capacity). */
  get drained(): boolean {
    return this.closed && (!this.#open || this.#cells.areEmpty());
  }

  /** Whether this thread has left the channel, or deleted it. */
  get left(): boolean {
    return !this.#open;
  }

  /** Values inside: a snapshot. O(capacity), about 5 ns a cell. */
  get size(): number {
    this.#demandOpen();
    return this.#cells.values();
  }

  /**
   * What the channel did and has, over all threads.
   * @throws {LookasideError} ERR_CHANNEL_DELETED when this thread has left the channel
   */
  statistics(): ChannelStatistics {
    const { threadCapacity } = this.#region.layout;
    return statisticsOf(this.#place, threadCapacity, this.name, this.size);
  }

  /**
   * Deletes the channel for all threads: it is closed, this thread leaves it, and when the last one has
   * left, its memory goes back to the pool and its name is free. What is inside then is dropped.
   */
  delete(): void {
    if (!this.#open) return;
    this.close();
    compareExchange(this.#words, this.#status, CLOSED, DELETED);
    this.leave();
  }

  /** Takes this thread out of the channel: its waits end with ERR_CHANNEL_DELETED. For `System`. */
  leave(): void {
    if (!this.#open) return;
    this.#open = false;
    if (this.#items.waits + this.#room.waits > 0) ringForAll(this.#place);
    forgetWaits(this.#place, this.#pool.thread);
    leaveChannel(this.#region, this.#pool, this.#place, this.#pool.thread);
  }

  /**
   * Demands that options of a second opening fit.
   * @throws {LookasideError} ERR_OPTION, ERR_CHANNEL_MISMATCH
   */
  demandSame(options: ChannelOptions): void {
    demandSame(this.#place, completeChannelOptions(options));
  }

  /** Whether it is a channel of the system in a memory. For block channels. */
  isIn(memory: WebAssembly.Memory): boolean {
    return this.#region.memory === memory;
  }

  /** Claims the cell of the oldest value, or gives back -1. For block channels: `finish` must follow. */
  claim(as: number): number {
    if (!this.#open) this.#refuseLeft();
    return this.#cells.claim(as);
  }

  /** The value of a claimed cell. For block channels. */
  valueIn(cell: number): number {
    return this.#cells.high(cell) * WORD + (this.#cells.low(cell) >>> 0);
  }

  /** Gives a claimed cell back: its value has been received. For block channels. */
  finish(cell: number): void {
    this.#cells.empty(cell);
    const counter = this.#part + POPPED_COUNTER;
    poke(this.#words, counter, peek(this.#words, counter) + 1);
    const waiters = load(this.#words, this.#waiters);
    if (waiters !== 0) this.#ringAfterPop(waiters);
  }

  /** Counts a handle that was passed over. For block channels. */
  countStale(): void {
    this.#bump(PART.STALE);
  }

  /** Waits until `attempt` finds an item. For block channels. */
  awaitItem<Item>(attempt: () => Item | null, options: WaitOptions): Promise<Item | null> {
    return awaitTurn(this.#itemTurn(attempt), options);
  }

  /** Blocks until `attempt` finds an item. For block channels. */
  blockForItem<Item>(attempt: () => Item | null, timeoutMs: number | undefined): Item | null {
    return blockForTurn(this.#itemTurn(attempt), timeoutMs);
  }

  #push(value: number): number {
    if (!this.#open) this.#refuseLeft();
    if (!Number.isSafeInteger(value) || value < 0) this.#refuseValue(value);
    const outcome = this.#cells.push(value | 0, (value / WORD) | 0);
    if (outcome === WENT_IN) {
      const counter = this.#part + PUSHED_COUNTER;
      poke(this.#words, counter, peek(this.#words, counter) + 1);
      const waiters = load(this.#words, this.#waiters);
      if (waiters !== 0 && awaitsItems(waiters)) this.#items.ring();
    } else if (outcome === IS_CLOSED) {
      this.#items.ringForAll(); // a cell that was claimed and given up has stopped those who pop
    }
    return outcome;
  }

  #ringAfterPop(waiters: number): void {
    if (awaitsRoom(waiters)) this.#room.ring();
    // Those who wait for the end must look again whether it has come.
    if (awaitsItems(waiters) && load(this.#words, this.#status) !== OPEN) this.#items.ringForAll();
  }

  #pushTurn(value: number): Turn<true> {
    return {
      action: `push to ${this.#title}`,
      bell: this.#room,
      attempt: () => (this.#push(value) === WENT_IN ? true : null),
      isOver: () => this.closed,
      isUsable: () => this.#open,
      count: () => this.#bump(PART.WAITS),
    };
  }

  #itemTurn<Item>(attempt: () => Item | null): Turn<Item> {
    return {
      action: `pop from ${this.#title}`,
      bell: this.#items,
      attempt,
      isOver: () => this.drained,
      isUsable: () => this.#open,
      count: () => this.#bump(PART.WAITS),
    };
  }

  get #title(): string {
    return `channel ${show(this.name)}`;
  }

  #bump(counter: number): void {
    poke(this.#words, this.#part + counter, peek(this.#words, this.#part + counter) + 1);
  }

  #demandOpen(): void {
    if (!this.#open) this.#refuseLeft();
  }

  #refuseLeft(): never {
    const message = `Cannot use ${this.#title}: it has been deleted, or this thread has left it`;
    throw new LookasideError("ERR_CHANNEL_DELETED", message);
  }

  #refuseValue(value: unknown): never {
    throw new LookasideError(
      "ERR_ARGUMENT",
      `Cannot push ${show(value)} to ${this.#title}: it must be a whole number from 0 to 2^53 - 1`,
    );
  }
}
