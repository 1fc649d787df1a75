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
import { LookasideError, onlyKnown, show, wholeNumber } from "../base/index.js";

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
  /** Objects that may be parked: 0 to maximumDepth. Default: maximumDepth. */
  readonly depth?: number;
  /** Ceiling of depth: 0 to 16,777,216 objects. Default 256. */
  readonly maximumDepth?: number;
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
  readonly depth: number;
  readonly maximumDepth: number;
}

const OBJECT_LIST_OPTIONS = ["tag", "create", "reset", "destroy", "depth", "maximumDepth", "limit"];

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
 * const points = new ObjectList({
 *   tag: "Pnts",
 *   create: () => new Float64Array(3),
 *   reset: (point) => point.fill(0),
 * });
 * const point = points.allocate();
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
  readonly #stack: (Item | undefined)[] = [];
  #depth: number;
  /** Objects parked. */
  #count = 0;
  /** The least place allocate may take from on its short way: out of reach while a limit counts. */
  #floor = 0;
  /** Objects at which free leaves its short way: depth, or 0 while there is something to reset. */
  #roof = 0;
  /** Objects held and parked: with it, what is held and freed needs no counter of its own. */
  #live = 0;
  #allocates = 0;
  #allocateMisses = 0;
  #freeMisses = 0;
  #deleted = false;

  /** @throws {LookasideError} ERR_OPTION, naming the option, the value and the bound. */
  constructor(options: ObjectListOptions<Item>) {
    if (typeof options?.tag !== "string" || !/^[ -~]{1,4}$/.test(options.tag)) {
      const message = `Cannot use ${show(options?.tag)} as tag: one to four printable characters are needed`;
      throw new LookasideError("ERR_OPTION", message);
    }
    onlyKnown("an object list", options, OBJECT_LIST_OPTIONS);
    demandFunction("create", options.create, false);
    demandFunction("reset", options.reset, true);
    demandFunction("destroy", options.destroy, true);
    this.tag = options.tag;
    this.#create = options.create;
    this.#reset = options.reset;
    this.#destroy = options.destroy;
    this.#maximumDepth = wholeNumber("maximumDepth", options.maximumDepth ?? 256, 0, DEPTH_MAX);
    this.#depth = wholeNumber("depth", options.depth ?? this.#maximumDepth, 0, this.#maximumDepth);
    this.#limit = wholeNumber("limit", options.limit ?? NO_LIMIT, 1, NO_LIMIT);
    if (this.#limit !== NO_LIMIT) this.#floor = DEPTH_MAX;
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

  /** Parks up to `count` fresh objects, as far as depth allows. Gives back how many. */
  reserve(count: number): number {
    wholeNumber("count", count, 0, DEPTH_MAX, "ERR_ARGUMENT");
    let parked = 0;
    for (; parked < count && this.#count < this.#depth; parked++) {
      this.#park(this.#make());
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

  /** Sets the limit: 0 to maximumDepth. What is parked above it stays until it is allocated or trimmed. */
  set depth(depth: number) {
    this.#depth = wholeNumber("depth", depth, 0, this.#maximumDepth, "ERR_ARGUMENT");
    this.#setRoof();
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
      depth: this.#depth,
      maximumDepth: this.#maximumDepth,
    };
  }

  /** Gives up every parked object, and makes no more. Objects that are held may still be freed. */
  delete(): void {
    this.#deleted = true;
    this.#setRoof();
    this.trim();
  }

  #allocateSlowly(): Item | null {
    if (this.#deleted) {
      throw new LookasideError(
        "ERR_LIST_DELETED",
        `Cannot allocate from ${this.#title()}: it was deleted`,
      );
    }
    if (this.#held >= this.#limit) return null;
    if (this.#count > 0) {
      this.#allocates++;
      this.#count--;
      return this.#stack[this.#count] as Item;
    }
    const item = this.#make();
    this.#allocates++;
    this.#allocateMisses++;
    return item;
  }

  #make(): Item {
    const item = this.#create();
    if (!isObject(item)) {
      const message = `Cannot add ${show(item)} to ${this.#title()}: create must give an object`;
      throw new LookasideError("ERR_ARGUMENT", message);
    }
    const home = Mark.homeOf(item);
    if (home === null) new Mark(item, this);
    else if (Mark.placeIn(item, this) === GIVEN_UP) Mark.setPlace(item, NEVER);
    else {
      const message = `Cannot add an object to ${this.#title()}: create gave one that is in a list already`;
      throw new LookasideError("ERR_ARGUMENT", message);
    }
    this.#live++;
    return item;
  }

  #freeSlowly(item: Item, place: number): void {
    if (place < 0 || this.#isParked(item, place)) this.#refuse(item, place);
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

  #trimTo(depth: number): number {
    let trimmed = 0;
    while (this.#count > depth) {
      this.#count--;
      const item = this.#stack[this.#count] as Item;
      this.#stack[this.#count] = undefined;
      Mark.setPlace(item, GIVEN_UP);
      this.#live--;
      trimmed++;
      this.#destroy?.(item);
    }
    return trimmed;
  }

  #refuse(item: Item, place: number): never {
    if (place !== FOREIGN) {
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
