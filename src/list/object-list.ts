/**
 * An object list: ordinary objects of one thread, made, parked and used again.
 *
 * A stack with a manual top. Each object carries a private mark (its list, and its place in the stack),
 * so that a second free and a foreign object are told in O(1) without a map; the mark is two private
 * fields that the class below adds to any object, frozen or not, and that nothing outside this file can see.
 *
 * One thread only. No shared memory. About 3 ns a pair. It pays for objects that are dear to make
 * (large arrays, buffers, contexts); small literals are as cheap to make anew: measure first.
 */
import { Faults, wholeNumber } from "../base/index.js";
import { completePolicy, firstDepth } from "./depth/index.js";
import {
  OBJECT_DEPTH_MAX as DEPTH_MAX,
  demandCallbacks,
  type ObjectListOptions,
  type ObjectListStatistics,
} from "./object-options.js";
import {
  refuseDeletedObjects,
  refuseMade,
  refuseObject,
  titleOfObjects,
} from "./object-refusals.js";
import { ObjectTuning } from "./object-tuning.js";
import type { ParkedBudget } from "./parked-budget.js";

/** Gives back its argument as `this`, so that a subclass can add private fields to it. */
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what this class is for
    return object;
  }
}

/** Where in the stack an object was parked last that never was: above every place. */
const NEVER = 0x3fff_ffff;

/** The same of an object that the list has given up. */
const GIVEN_UP = -1;

/** What {@link Mark.placeIn} says of an object of another list, or of none. */
const FOREIGN = -2;

/**
 * The mark of an object: its list, and the place in the list's stack where it was parked last. Two private
 * fields on an object that is not of this class.
 *
 * An object is parked when it lies at that place below the top of the stack. So allocating needs no
 * look at the mark at all; and freeing the object that was allocated last finds its place unchanged.
 */
class Mark extends Given {
  readonly #home: object;
  #place = NEVER;

  constructor(object: object, home: object) {
    super(object);
    this.#home = home;
  }

  /** The list of a marked object, or null. */
  static homeOf(object: object): object | null {
    return #home in object ? object.#home : null;
  }

  /** The place of an object of a list, or {@link FOREIGN}: also for what is no object. */
  static placeIn(object: object, home: object): number {
    try {
      return (object as Mark).#home === home ? (object as Mark).#place : FOREIGN;
    } catch {
      return FOREIGN; // no marked object: without the catch each call would look for the mark first
    }
  }

  /** Sets the place of a marked object. */
  static setPlace(object: object, place: number): void {
    (object as Mark).#place = place;
  }
}

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/**
 * A list of objects of one thread.
 *
 * @example
 * ```ts
 * const points = new ObjectList({
 *   tag: "Pnts",
 *   create: () => new Float64Array(3),
 *   reset: (point) => point.fill(0),
 * });
 * const point = points.allocate();
 * if (point !== null) points.free(point);
 * console.log(points.statistics().parked); // 1
 * ```
 */
export class ObjectList<Item extends object> {
  readonly tag: string;
  readonly #create: () => Item;
  readonly #reset: ((item: Item) => void) | undefined;
  readonly #destroy: ((item: Item) => void) | undefined;
  readonly #maximumDepth: number;
  readonly #limit: number;
  readonly #stack: (Item | undefined)[] = [];
  readonly #tuning: ObjectTuning;
  /** As the tuning has it. */
  #depth: number;
  /** Objects parked. */
  #count = 0;
  /** Objects at the bottom that were not touched since the last tick that looked: see block-list/ring.ts. */
  #low = 0;
  /** The least place allocate may take from on its short way: `low`; out of reach if limited or deleted. */
  #floor = 0;
  /** Objects at which free leaves its short way: depth, or 0 while there is something to reset. */
  #roof = 0;
  /** Objects held and parked: with it, what is held and freed needs no counter of its own. */
  #live = 0;
  #allocates = 0;
  #allocateMisses = 0;
  #freeMisses = 0;
  #reserved = 0;
  #deleted = false;

  /**
   * A list that stands alone, with a clock of its own: `tick`. Use `system.objectList(options)` for one
   * that the system ticks, counts and shows.
   * @throws {LookasideError} ERR_OPTION, naming the option, the value and the bound.
   */
  constructor(options: ObjectListOptions<Item>, budget: ParkedBudget | null = null) {
    demandCallbacks(options);
    this.tag = options.tag;
    this.#create = options.create;
    this.#reset = options.reset;
    this.#destroy = options.destroy;
    this.#maximumDepth = wholeNumber("maximumDepth", options.maximumDepth ?? 256, 0, DEPTH_MAX);
    const policy = completePolicy(options.policy);
    const first = options.depth ?? firstDepth(policy, this.#maximumDepth);
    this.#depth = wholeNumber("depth", first, 0, this.#maximumDepth);
    const bytes = wholeNumber("bytes", options.bytes ?? 128, 1, DEPTH_MAX);
    this.#limit = wholeNumber("limit", options.limit ?? NO_LIMIT, 1, NO_LIMIT);
    const title = titleOfObjects(this.tag);
    this.#tuning = new ObjectTuning(policy, this.#depth, this.#maximumDepth, bytes, title, budget);
    this.#setLow(0);
    this.#setRoof();
  }

  /**
   * Takes the object freed last, or makes one.
   * @returns null when `limit` objects are held.
   * @throws {LookasideError} ERR_LIST_DELETED, ERR_ARGUMENT when `create` gives no object or one in
   * use; and whatever `create` throws, with nothing changed.
   */
  allocate(): Item | null {
    const top = this.#count - 1;
    if (top < this.#floor) return this.#allocateSlowly();
    this.#allocates++;
    this.#count = top;
    return this.#stack[top] as Item;
  }

  /**
   * Gives an object back: it is reset and parked, or destroyed when depth is reached.
   * @throws {LookasideError} ERR_FOREIGN_BLOCK, ERR_DOUBLE_FREE; and whatever `reset` throws: then the
   * object is freed and given up.
   */
  free(item: Item): void {
    const count = this.#count;
    const place = Mark.placeIn(item, this);
    if (place < count || count >= this.#roof) {
      this.#freeSlowly(item, place);
      return;
    }
    if (place !== count) Mark.setPlace(item, count);
    this.#stack[count] = item;
    this.#count = count + 1;
  }

  /** Parks up to `count` fresh objects, as far as depth allows, or grows for them. Gives back how many. */
  reserve(count: number): number {
    wholeNumber("count", count, 0, DEPTH_MAX, "ERR_ARGUMENT");
    if (!this.#deleted) this.#tuning.want(this.#count + count);
    this.#takeDepth();
    let parked = 0;
    for (; parked < count && this.#count < this.#depth; parked++) {
      this.#park(this.#make());
      this.#reserved++;
    }
    return parked;
  }

  /** Gives up every parked object. Gives back how many. What `destroy` throws is thrown when all are. */
  trim(): number {
    return this.#trimTo(0);
  }

  /** Present limit on parked objects. */
  get depth(): number {
    return this.#depth;
  }

  /**
   * Sets the limit: 0 to maximumDepth. What is parked above it stays until it is allocated, trimmed or,
   * by the policy, idle. The policy goes on from there; with "fixed" it stays.
   */
  set depth(depth: number) {
    this.#tuning.set(wholeNumber("depth", depth, 0, this.#maximumDepth, "ERR_ARGUMENT"));
    this.#takeDepth();
  }

  /**
   * One tick of the list's clock, for a list that stands alone; a system ticks its own. The policy sets
   * depth, and idle objects are given up, oldest first.
   * @throws {LookasideError} ERR_DEPTH_POLICY when a policy of the user's own threw or gave no number,
   * once: it is set aside then; and whatever `destroy` throws
   */
  tick(): void {
    if (this.#deleted) return;
    const released = this.#tuning.tick({
      allocates: this.#allocates,
      misses: this.#allocateMisses,
      frees: this.#allocates - this.#held,
      freeMisses: this.#freeMisses,
      parked: this.#count,
      floor: this.#low,
    });
    this.#takeDepth();
    if (released >= 0) this.#releaseBottom(released);
    this.#tuning.raise();
  }

  /** Whether the list was deleted. */
  get closed(): boolean {
    return this.#deleted;
  }

  /** What the list did and has. */
  statistics(): ObjectListStatistics {
    const held = this.#held;
    return {
      tag: this.tag,
      allocates: this.#allocates,
      allocateMisses: this.#allocateMisses,
      frees: this.#allocates - held,
      freeMisses: this.#freeMisses,
      held,
      parked: this.#count,
      reserved: this.#reserved,
      trimmed: this.#allocateMisses + this.#reserved - this.#live - this.#freeMisses,
      bytes: this.#tuning.bytes,
      policy: this.#tuning.policyName,
      depth: this.#depth,
      maximumDepth: this.#maximumDepth,
    };
  }

  /** As {@link ObjectList.trim}, and makes no more. Objects that are held may still be freed. */
  delete(): void {
    this.#deleted = true;
    this.#tuning.set(0);
    this.#takeDepth();
    this.trim();
  }

  #allocateSlowly(): Item | null {
    if (this.#deleted) refuseDeletedObjects(this.tag);
    if (this.#held >= this.#limit) return null;
    if (this.#count > 0) {
      if (this.#count <= this.#low) this.#setLow(this.#count - Math.max(1, this.#count >> 3));
      this.#allocates++;
      this.#count--;
      return this.#stack[this.#count] as Item;
    }
    this.#setLow(0);
    const item = this.#make();
    this.#allocates++;
    this.#allocateMisses++;
    this.#tuning.missed();
    this.#takeDepth();
    return item;
  }

  /** A fresh object. It counts from before it is made: `create` may call this list, which has a limit. */
  #make(): Item {
    this.#live++;
    try {
      return this.#marked(this.#create());
    } catch (error) {
      this.#live--;
      throw error;
    }
  }

  #marked(item: Item): Item {
    if (!isObject(item)) refuseMade(this.tag, item, false);
    const home = Mark.homeOf(item);
    if (home === null) new Mark(item, this);
    else if (Mark.placeIn(item, this) === GIVEN_UP) Mark.setPlace(item, NEVER);
    else refuseMade(this.tag, item, true);
    return item;
  }

  #freeSlowly(item: Item, place: number): void {
    if (place < 0 || this.#isParked(item, place)) refuseObject(this.tag, item, place === FOREIGN);
    Mark.setPlace(item, GIVEN_UP); // until it is parked: reset may call anything, even this list
    if (this.#count < this.#depth && !this.#deleted) {
      this.#resetOrGiveUp(item);
      if (this.#count < this.#depth && !this.#deleted) {
        this.#park(item);
        return;
      }
    }
    this.#freeMisses++;
    this.#live--;
    this.#tuning.rejected();
    this.#destroy?.(item);
  }

  #park(item: Item): void {
    Mark.setPlace(item, this.#count);
    this.#stack[this.#count] = item;
    this.#count++;
  }

  #isParked(item: Item, place: number): boolean {
    return place < this.#count && this.#stack[place] === item;
  }

  get #held(): number {
    return this.#live - this.#count;
  }

  /** Takes over the depth that the tuning has come to. */
  #takeDepth(): void {
    this.#depth = this.#tuning.depth;
    this.#setRoof();
  }

  #setLow(low: number): void {
    this.#low = low;
    this.#floor = this.#limit === NO_LIMIT && !this.#deleted ? low : DEPTH_MAX;
  }

  #setRoof(): void {
    this.#roof = this.#reset !== undefined || this.#deleted ? 0 : this.#depth;
  }

  #resetOrGiveUp(item: Item): void {
    try {
      this.#reset?.(item);
    } catch (error) {
      this.#freeMisses++;
      this.#live--;
      this.#destroy?.(item);
      throw error;
    }
  }

  /** Gives up what lies above. The first fault of `destroy` is thrown when each object had its turn. */
  #trimTo(depth: number): number {
    const faults = new Faults();
    let trimmed = 0;
    this.#setLow(Math.min(this.#low, depth));
    while (this.#count > depth) {
      this.#count--;
      const item = this.#stack[this.#count] as Item;
      this.#stack[this.#count] = undefined;
      Mark.setPlace(item, GIVEN_UP);
      this.#live--;
      trimmed++;
      faults.run(() => this.#destroy?.(item));
    }
    faults.raise();
    return trimmed;
  }

  /** Gives up the bottom `count` objects, and begins to watch anew. All is in order before `destroy` runs. */
  #releaseBottom(count: number): void {
    const given = this.#stack.splice(0, count) as Item[];
    this.#count -= count;
    this.#live -= count;
    this.#setLow(this.#count);
    for (const item of given) Mark.setPlace(item, GIVEN_UP);
    if (count > 0)
      for (let at = 0; at < this.#count; at++) Mark.setPlace(this.#stack[at] as Item, at);
    const faults = new Faults();
    for (const item of given) faults.run(() => this.#destroy?.(item));
    faults.raise();
  }
}
