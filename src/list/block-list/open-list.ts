/**
 * A block list as one thread has it open: everything but taking and giving blocks, which are in
 * block-list.ts.
 *
 * The ring, the way to the pool and the record of the list meet here. Blocks are known by the word
 * index of their state; what a thread has of a block besides (an object, a handle) is the subclass's.
 */
import { type ListEvent, LookasideError, show } from "../../base/index.js";
import { compareExchange, load, peek, poke, type Region, type Words } from "../../memory/index.js";
import { CACHED, generationOf, HELD, type Pool, stateWord } from "../../pool/index.js";
import type { ParkedBudget } from "../parked-budget.js";
import { Backing } from "./backing.js";
import { setDepth } from "./credits.js";
import { Depot } from "./depot.js";
import { balanceOf } from "./disown.js";
import { type BlockListOptions, completeBlockListOptions } from "./options.js";
import {
  DELETED,
  demandSame,
  leaveRecord,
  noteOf,
  OPEN,
  openRecord,
  PART,
  partOf,
  RECORD,
  type RecordPlace,
} from "./record.js";
import { refuseDeleted, refuseFull, titleOf } from "./refusals.js";
import { Ring } from "./ring.js";
import { type BlockListStatistics, statisticsOf } from "./statistics.js";
import { Tuning } from "./tuning.js";

/** What one thread has of a list. */
export abstract class OpenList {
  /** The name it is opened by. */
  readonly name: string;
  /** What its blocks are counted under. */
  readonly tag: string;
  /** Bytes of each block. */
  readonly size: number;
  protected readonly region: Region;
  protected readonly pool: Pool;
  protected readonly place: RecordPlace;
  protected readonly words: Words;
  /** Word index of this thread's part of the record. */
  protected readonly part: number;
  protected readonly backing: Backing;
  protected readonly ring: Ring;
  /** Word index of the state of the first possible block. */
  protected readonly shadow: number;
  /** State words of this thread's blocks, but for the generation. */
  protected readonly heldPrefix: number;
  protected readonly cachedPrefix: number;
  /** What the notes of this list's blocks say. */
  protected readonly note: number;
  readonly #tuning: Tuning;
  readonly #raise: boolean;
  readonly #trimOne = (state: number): void => {
    this.forget(state);
    this.backing.release(state, PART.TRIMMED);
  };
  readonly #balance: number;
  #open = true;
  #mayHold = false;

  protected constructor(
    region: Region,
    pool: Pool,
    budget: ParkedBudget,
    options: BlockListOptions,
  ) {
    const complete = completeBlockListOptions(options);
    const place = openRecord(region, pool, complete);
    this.name = complete.name;
    this.tag = options.tag;
    this.size = complete.size;
    this.region = region;
    this.pool = pool;
    this.place = place;
    this.words = place.words;
    this.part = partOf(place, pool.thread);
    this.backing = new Backing(region, pool, place);
    const depot = new Depot(place, place.words, pool);
    this.ring = new Ring(place, depot, pool.thread);
    const parts = { ring: this.ring, depot, budget, release: this.#trimOne };
    this.#tuning = new Tuning(
      region,
      place,
      pool.thread,
      parts,
      complete.policy.own,
      titleOf(this),
    );
    this.shadow = region.layout.shadow;
    this.heldPrefix = stateWord(HELD, pool.thread, 0);
    this.cachedPrefix = stateWord(CACHED, pool.thread, 0);
    this.note = noteOf(place);
    this.#raise = complete.raise;
    this.#balance = balanceOf(place.words, this.part);
  }

  /** Whether this thread has left the list, or deleted it. */
  get closed(): boolean {
    return !this.#open;
  }

  /** Whether this thread may still hold blocks of the list: false is certain. For `System`. */
  get mayHold(): boolean {
    if (this.#open) this.#mayHold = balanceOf(this.words, this.part) !== this.#balance;
    return this.#mayHold;
  }

  /**
   * Demands that options of a second opening fit. @throws {LookasideError} ERR_OPTION, ERR_LIST_MISMATCH
   */
  demandSame(options: BlockListOptions): void {
    const complete = completeBlockListOptions(options);
    demandSame(this.place, complete);
    this.#tuning.takeUp(complete.policy.own);
  }

  /**
   * Parks up to `count` fresh blocks, so that as many allocations find one; a policy that grows lets
   * depth grow for them. Gives back how many it parked: fewer when depth or the pool says so.
   * @throws {LookasideError} ERR_ARGUMENT, ERR_LIST_DELETED
   */
  reserve(count: number): number {
    this.demandOpen();
    if (!Number.isInteger(count) || count < 0) {
      throw new LookasideError(
        "ERR_ARGUMENT",
        `Cannot reserve ${show(count)} blocks in ${titleOf(this)}`,
      );
    }
    this.#tuning.want(count);
    let parked = 0;
    while (parked < count && this.ring.makeRoom()) {
      const state = this.backing.obtain();
      if (state === 0) break;
      this.bump(PART.RESERVED, 1);
      poke(this.words, state, this.cachedPrefix | generationOf(peek(this.words, state)));
      this.ring.push(state, null);
      parked++;
    }
    this.#tellDepth();
    return parked;
  }

  /** Gives parked blocks of this thread's ring and of the depot back to the pool. Gives back how many. */
  trim(): number {
    if (!this.#open) return 0;
    let trimmed = this.#emptyRing();
    while (this.ring.refill() > 0) trimmed += this.#emptyRing();
    return trimmed;
  }

  /** This thread's part of a visit. For `System`. @throws {LookasideError} ERR_DEPTH_POLICY */
  tick(): void {
    if (!this.#open || this.#isDeleted()) return;
    try {
      this.#tuning.tick();
    } finally {
      this.#tellDepth();
    }
  }

  /** Present limit on parked blocks over all threads. */
  get depth(): number {
    this.demandRecord();
    return load(this.words, this.place.at + RECORD.DEPTH);
  }

  /**
   * Sets the limit on parked blocks: 0 to maximumDepth. Exact at once for this thread; other threads
   * follow on their slow paths. The list's policy goes on from there; with "fixed" it stays.
   * @throws {LookasideError} ERR_ARGUMENT
   */
  set depth(depth: number) {
    this.demandRecord();
    const maximum = peek(this.words, this.place.at + RECORD.MAXIMUM_DEPTH);
    if (!Number.isInteger(depth) || depth < 0 || depth > maximum) {
      const message = `Cannot set the depth of ${titleOf(this)} to ${show(depth)}: 0 to ${maximum}`;
      throw new LookasideError("ERR_ARGUMENT", message);
    }
    const before = setDepth(this.place, depth);
    this.ring.repay();
    if (before !== depth) this.region.observers.depth?.({ ...this.#event(), before, after: depth });
  }

  /**
   * What the list did and has, over all threads.
   * @throws {LookasideError} ERR_LIST_DELETED when this thread has left the list
   */
  statistics(): BlockListStatistics {
    this.demandRecord();
    return statisticsOf(this.place, this.region.layout.threadCapacity, this.name, this.tag);
  }

  /**
   * Deletes the list for all threads: parked blocks go to the pool, held ones stay their holders' and
   * go to the pool when they are freed. Other threads find out on their next slow path.
   */
  delete(): void {
    if (!this.#open) return;
    compareExchange(this.words, this.place.at + RECORD.STATUS, OPEN, DELETED);
    this.trim();
    this.leave();
  }

  /**
   * Takes this thread out of the list: what its ring holds goes to the depot, or to the pool. For `System`.
   */
  leave(): void {
    if (!this.#open) return;
    if (this.#isDeleted()) this.#emptyRing();
    this.ring.leave(this.#trimOne);
    if (this.#isDeleted()) {
      this.trim(); // what went to the depot after others had emptied it: nobody may come who would
      this.ring.leave(this.#trimOne);
    }
    this.#mayHold = this.mayHold; // the record may be gone afterwards
    this.#open = false;
    leaveRecord(this.region, this.pool, this.place, this.pool.thread);
  }

  /** Counts a call that is refused as misuse. For refusals.ts. */
  refused(code: string, message: string): void {
    if (this.#open) this.bump(PART.REFUSED, 1); // a list that was left may be gone
    this.region.observers.error?.({ ...this.#event(), code, message });
  }

  /** Drops what this thread has of a block that goes to the pool. */
  protected abstract forget(state: number): void;

  /**
   * A block for a ring that is empty, or whose floor is to go lower: then, and when the depot has
   * refilled it, gives back 0; else lets depth grow if there is proof of need, counts a miss and
   * gives back the state of a block of the pool, held; -1 when the pool has no room.
   */
  protected refillOrMiss(): number {
    this.demandOpen();
    if (this.ring.count > 0) {
      this.ring.lowerFloor();
      return 0;
    }
    if (this.ring.refill() > 0) return 0;
    this.#tuning.missed();
    this.bump(PART.ALLOCATES, 1);
    this.bump(PART.ALLOCATE_MISSES, 1);
    const state = this.backing.obtain();
    this.region.observers.miss?.({ ...this.#event(), served: state !== 0 });
    this.#tellDepth();
    if (state !== 0) return state;
    if (this.#raise) refuseFull(this);
    return -1;
  }

  /**
   * Counts and places a block that was given back and is CACHED by this thread now: ring, depot or pool.
   */
  protected park(state: number): boolean {
    if (!this.#open) {
      this.forget(state);
      this.backing.dismiss(state);
      return false;
    }
    this.bump(PART.FREES, 1);
    if (!this.#isDeleted() && this.ring.makeRoom()) return true;
    this.#tuning.rejected();
    this.forget(state);
    this.backing.release(state, PART.FREE_MISSES);
    this.region.observers.overflow?.(this.#event());
    return false;
  }

  protected bump(counter: number, by: number): void {
    poke(this.words, this.part + counter, peek(this.words, this.part + counter) + by);
  }

  /** Demands that this thread has not left the list. @throws {LookasideError} ERR_LIST_DELETED */
  demandRecord(): void {
    if (!this.#open) refuseDeleted(this);
  }

  protected demandOpen(): void {
    if (this.#open) {
      if (!this.#isDeleted()) return;
      this.#emptyRing();
    }
    refuseDeleted(this);
  }

  /** What every event tells. */
  #event(): ListEvent {
    return { list: this.name, tag: this.tag, thread: this.pool.thread };
  }

  /** Tells a change of depth by the policy when all is done: an observer may do anything to the list. */
  #tellDepth(): void {
    const move = this.#tuning.takeMove();
    if (move !== null) this.region.observers.depth?.({ ...this.#event(), ...move });
  }

  #emptyRing(): number {
    return this.ring.empty(this.#trimOne);
  }

  #isDeleted(): boolean {
    return load(this.words, this.place.at + RECORD.STATUS) === DELETED;
  }
}
