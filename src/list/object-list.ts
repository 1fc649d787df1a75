/**
 * An object list: ordinary objects of one thread, made, parked and used again.
 *
 * A stack with a manual top. Each object carries a private mark (its list, and whether it is parked),
 * so that a second free and a foreign object are told in O(1) without a map; the mark is a private
 * field that the class below adds to any object, frozen or not, and that nothing outside this file can see.
 *
 * One thread only. No shared memory. About 3 ns a pair. It pays for objects that are dear to make
 * (large arrays, buffers, contexts); small literals are as cheap to make anew: measure first.
 */
import { LookasideError, show, wholeNumber } from "../base/index.js";
import { completePolicy, type DepthPolicyOption, firstDepth } from "./depth/index.js";
import { ObjectTuning } from "./object-tuning.js";
import type { ParkedBudget } from "./parked-budget.js";

/** Gives back its argument as `this`, so that a subclass can add private fields to it. */
class Given {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: that is what this class is for
    return object;
  }
}

/**
 * The mark of an object, a private field on objects that are not of this class: the list while it is held,
 * the list's `parked` token while it is not.
 */
class Mark extends Given {
  #home: object;

  constructor(object: object, home: object) {
    super(object);
    this.#home = home;
  }

  /** Where an object is at home, or null when it has no mark. */
  static of(object: object): object | null {
    return #home in object ? object.#home : null;
  }

  /** Moves the mark of a marked object. */
  static move(object: object, home: object): void {
    (object as Mark).#home = home;
  }

  /** Moves the mark from one home to another. Gives back false when it is not there. */
  static swap(object: object, from: object, to: object): boolean {
    if (!(#home in object) || object.#home !== from) return false;
    object.#home = to;
    return true;
  }
}

/** What an object list is made with. */
export interface ObjectListOptions<Item extends object> {
  /** One to four printable characters that reports name it by. */
  readonly tag: string;
  /** Makes an object: called on a miss. */
  readonly create: () => Item;
  /**
   * Makes a freed object fit to be used again: called before it is parked, so that it holds on to nothing.
   */
  readonly reset?: (item: Item) => void;
  /** Called with an object that the list gives up: depth was reached, or it was trimmed. */
  readonly destroy?: (item: Item) => void;
  /** How depth is set as the list is used: see {@link DepthPolicyOption}. Default "idle". */
  readonly policy?: DepthPolicyOption;
  /**
   * Objects that may be parked at first: 0 to maximumDepth. The policy goes on from there. Default: 4, or
   * what the policy says is the least; with "fixed" maximumDepth.
   */
  readonly depth?: number;
  /** Ceiling of depth: 0 to 16,777,216 objects. Default 256. */
  readonly maximumDepth?: number;
  /**
   * Bytes that one object costs to keep, about: 1 to 16,777,216. What it counts for in a system's budget,
   * and how long it may stay idle. Default 128.
   */
  readonly bytes?: number;
  /** Objects that may be held at a time: allocate gives back null above it. Default: no limit. */
  readonly limit?: number;
}

/** What an object list did and has: the same words as for block lists. */
export interface ObjectListStatistics {
  readonly tag: string;
  readonly allocates: number;
  readonly allocateMisses: number;
  readonly frees: number;
  readonly freeMisses: number;
  readonly held: number;
  readonly parked: number;
  /** Who sets depth: "idle", "windows", "fixed", or "own" for a function. */
  readonly policy: string;
  readonly depth: number;
  readonly maximumDepth: number;
}

const DEPTH_MAX = 2 ** 24;
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

function demandFunction(name: string, value: unknown, maybeAbsent: boolean): void {
  if (typeof value === "function" || (maybeAbsent && value === undefined)) return;
  throw new LookasideError(
    "ERR_OPTION",
    `Cannot use ${show(value)} as ${name}: it must be a function`,
  );
}

/**
 * A list of objects of one thread.
 *
 * @example
 * ```ts
 * const points = new ObjectList({ tag: "Pnts", create: () => new Float64Array(3), reset: (p) =>
 * p.fill(0) }); const point = points.allocate();
 * if (point !== null) points.free(point);
 * ```
 */
export class ObjectList<Item extends object> {
  readonly tag: string;
  readonly #create: () => Item;
  readonly #reset: ((item: Item) => void) | undefined;
  readonly #destroy: ((item: Item) => void) | undefined;
  readonly #maximumDepth: number;
  readonly #limit: number;
  readonly #unlimited: boolean;
  readonly #stack: (Item | undefined)[] = [];
  /** What the marks of parked objects show. */
  readonly #parked = { parked: true };
  readonly #tuning: ObjectTuning;
  /** As the tuning has it: the hot path's own copy. */
  #depth: number;
  /** Objects at the bottom that were not touched since the list aged: see block-list/ring.ts. */
  #floor = 0;
  #count = 0;
  #allocates = 0;
  #allocateMisses = 0;
  #frees = 0;
  #freeMisses = 0;
  #deleted = false;

  /**
   * A list that stands alone, with a clock of its own: `tick`. Use `system.objectList(options)` for one
   * that the system ticks, counts and shows.
   * @throws {LookasideError} ERR_OPTION, naming the option, the value and the bound.
   */
  constructor(options: ObjectListOptions<Item>, budget: ParkedBudget | null = null) {
    if (typeof options?.tag !== "string" || !/^[ -~]{1,4}$/.test(options.tag)) {
      const message = `Cannot use ${show(options?.tag)} as tag: one to four printable characters are needed`;
      throw new LookasideError("ERR_OPTION", message);
    }
    demandFunction("create", options.create, false);
    demandFunction("reset", options.reset, true);
    demandFunction("destroy", options.destroy, true);
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
    this.#unlimited = this.#limit === NO_LIMIT;
    const title = this.#title();
    this.#tuning = new ObjectTuning(policy, this.#depth, this.#maximumDepth, bytes, title, budget);
  }

  /**
   * Takes the object freed last, or makes one.
   * @returns null when `limit` objects are held.
   * @throws {LookasideError} ERR_LIST_DELETED, ERR_ARGUMENT when `create` gives no object or one in
   * use; and whatever `create` throws, with nothing changed.
   */
  allocate(): Item | null {
    const top = this.#count - 1;
    if (top < this.#floor || !this.#unlimited) return this.#allocateSlowly();
    this.#allocates++;
    const item = this.#stack[top] as Item;
    this.#count = top;
    Mark.move(item, this);
    return item;
  }

  /**
   * Gives an object back: it is reset and parked, or destroyed when depth is reached.
   * @throws {LookasideError} ERR_FOREIGN_BLOCK, ERR_DOUBLE_FREE; and whatever `reset` throws: then the
   * object is freed and given up.
   */
  free(item: Item): void {
    if (!isObject(item) || !Mark.swap(item, this, this.#parked)) this.#refuse(item);
    this.#frees++;
    const count = this.#count;
    if (count >= this.#depth || this.#deleted) {
      this.#freeMisses++;
      this.#tuning.rejected();
      this.#destroy?.(item);
      return;
    }
    if (this.#reset !== undefined) this.#resetOrGiveUp(item);
    this.#stack[count] = item;
    this.#count = count + 1;
  }

  /**
   * Parks up to `count` fresh objects, as far as depth allows; a policy that grows lets depth grow for
   * them. Gives back how many.
   */
  reserve(count: number): number {
    wholeNumber("count", count, 0, DEPTH_MAX, "ERR_ARGUMENT");
    this.#tuning.want(this.#count + count);
    this.#depth = this.#tuning.depth;
    let parked = 0;
    for (; parked < count && this.#count < this.#depth; parked++) {
      const item = this.#make();
      Mark.move(item, this.#parked);
      this.#stack[this.#count] = item;
      this.#count++;
    }
    return parked;
  }

  /** Gives up every parked object. Gives back how many. */
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
    this.#depth = depth;
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
      frees: this.#frees,
      freeMisses: this.#freeMisses,
      parked: this.#count,
      floor: Math.min(this.#floor, this.#count),
    });
    this.#depth = this.#tuning.depth;
    if (released >= 0) {
      const given = this.#stack.splice(0, released) as Item[];
      this.#count -= given.length;
      this.#floor = this.#count;
      if (this.#destroy !== undefined) for (const item of given) this.#destroy(item);
    }
    this.#tuning.raise();
  }

  /** Whether the list was deleted. */
  get closed(): boolean {
    return this.#deleted;
  }

  /** What the list did and has. */
  statistics(): ObjectListStatistics {
    return {
      tag: this.tag,
      allocates: this.#allocates,
      allocateMisses: this.#allocateMisses,
      frees: this.#frees,
      freeMisses: this.#freeMisses,
      held: this.#allocates - this.#frees,
      parked: this.#count,
      policy: this.#tuning.policyName,
      depth: this.#depth,
      maximumDepth: this.#maximumDepth,
    };
  }

  /** Gives up every parked object, and makes no more. Objects that are held may still be freed. */
  delete(): void {
    this.#deleted = true;
    this.#tuning.set(0);
    this.#depth = 0;
    this.trim();
  }

  #allocateSlowly(): Item | null {
    if (this.#deleted) {
      throw new LookasideError(
        "ERR_LIST_DELETED",
        `Cannot allocate from ${this.#title()}: it was deleted`,
      );
    }
    if (this.#allocates - this.#frees >= this.#limit) return null;
    if (this.#count > 0) {
      if (this.#count <= this.#floor) this.#floor = this.#count - Math.max(1, this.#count >> 3);
      this.#allocates++;
      this.#count--;
      const item = this.#stack[this.#count] as Item;
      Mark.move(item, this);
      return item;
    }
    this.#floor = 0;
    const item = this.#make();
    this.#allocates++;
    this.#allocateMisses++;
    this.#tuning.missed();
    this.#depth = this.#tuning.depth;
    return item;
  }

  #make(): Item {
    const item = this.#create();
    if (!isObject(item)) {
      const message = `Cannot add ${show(item)} to ${this.#title()}: create must give an object`;
      throw new LookasideError("ERR_ARGUMENT", message);
    }
    const home = Mark.of(item);
    if (home === null) new Mark(item, this);
    else if (home === this.#parked && !this.#stack.includes(item))
      Mark.move(item, this); // one it gave up
    else {
      const message = `Cannot add an object to ${this.#title()}: create gave one that is in a list already`;
      throw new LookasideError("ERR_ARGUMENT", message);
    }
    return item;
  }

  #resetOrGiveUp(item: Item): void {
    try {
      this.#reset?.(item);
    } catch (error) {
      this.#freeMisses++;
      this.#destroy?.(item);
      throw error;
    }
  }

  #trimTo(depth: number): number {
    let trimmed = 0;
    this.#floor = Math.min(this.#floor, depth);
    while (this.#count > depth) {
      this.#count--;
      const item = this.#stack[this.#count] as Item;
      this.#stack[this.#count] = undefined;
      trimmed++;
      this.#destroy?.(item);
    }
    return trimmed;
  }

  #refuse(item: Item): never {
    const at = isObject(item) ? Mark.of(item) : null;
    if (at === this.#parked) {
      const message = `Cannot free an object to ${this.#title()}: it is free already`;
      throw new LookasideError("ERR_DOUBLE_FREE", message);
    }
    const message = `Cannot free ${show(item)} to ${this.#title()}: it did not come from there`;
    throw new LookasideError("ERR_FOREIGN_BLOCK", message);
  }

  #title(): string {
    return `the object list ${show(this.tag)}`;
  }
}
