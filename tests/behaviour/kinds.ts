/**
 * Every kind of list behind one small interface, so that one suite of cases holds for all of them.
 *
 * What a kind cannot do is said here, with the reason; a case that needs it is skipped with that reason.
 */
import type { TestContext } from "node:test";
import {
  type Block,
  type BlockList,
  type Handle,
  LookasideError,
  NO_HANDLE,
  ObjectList,
  System,
} from "lookaside";
import {
  ExFlushLookasideListEx,
  queryLookaside,
  setLookasideDepth,
  simulateLowResources,
  tag,
} from "lookaside/wdk";
import { descriptor, freshMachine } from "../conformance/bench.js";
import { LIST_FAMILIES, type ListFamily } from "../unit/wdk/list-families.js";

/** What the cases look at: the same words for every kind. */
export interface Counters {
  readonly allocates: number;
  readonly allocateMisses: number;
  readonly frees: number;
  readonly freeMisses: number;
  readonly parked: number;
  readonly depth: number;
  readonly maximumDepth: number;
}

/** One list of some kind. What it gives is the kind's own: an object, a handle, an address. */
export interface Subject<Item = unknown> {
  /** An item, or null when there is no room. */
  allocate(): Item | null;
  free(item: Item): void;
  /** What stays the same when an item is parked and allocated again. */
  identity(item: Item): unknown;
  counters(): Counters;
  setDepth(depth: number): void;
  /** Makes every further miss fail, or lets it succeed again. */
  exhaust(on: boolean): void;
  /** Gives up what is parked. */
  drain(): void;
  delete(): void;
}

/** What only some kinds do. */
export type Ability = "double free" | "foreign" | "drain" | "delete with held" | "error by code";

/** A kind of list. */
export interface Kind {
  readonly name: string;
  /** What it cannot do, and why. */
  readonly cannot: Partial<Record<Ability, string>>;
  /** A fresh list that parks up to `depth` items at first. */
  make(t: TestContext, depth: number): Subject;
  /** A second one beside the one made last. */
  makeOther(): Subject;
}

const SIZE = 96;
const MAXIMUM_DEPTH = 256;

function countersOf(list: BlockList | ObjectList<object>): Counters {
  const { allocates, allocateMisses, frees, freeMisses, parked, depth, maximumDepth } =
    list.statistics();
  return { allocates, allocateMisses, frees, freeMisses, parked, depth, maximumDepth };
}

/** What block lists have in common, however their blocks are held. */
abstract class BlockSubject {
  protected readonly list: BlockList;
  readonly #system: System;
  readonly #hoard: Block[] = [];

  constructor(system: System, name: string, depth: number) {
    this.#system = system;
    this.list = system.blockList({
      policy: "fixed", // what is compared is a limit that holds still
      tag: "Bhvr",
      name,
      size: SIZE,
      maximumDepth: MAXIMUM_DEPTH,
      depth,
    });
  }

  counters(): Counters {
    return countersOf(this.list);
  }

  setDepth(depth: number): void {
    this.list.depth = depth;
  }

  exhaust(on: boolean): void {
    for (const block of this.#hoard.splice(0)) block.free();
    if (!on) return;
    for (const size of [60_000, 4_000, SIZE]) {
      const hoard = this.#system.blockList({ tag: "Hoar", name: `hoard ${size}`, size, depth: 0 });
      for (let block = hoard.allocate(); block !== null; block = hoard.allocate())
        this.#hoard.push(block);
    }
  }

  drain(): void {
    this.list.trim();
  }

  delete(): void {
    this.list.delete();
  }
}

class ByObject extends BlockSubject implements Subject<Block> {
  allocate(): Block | null {
    return this.list.allocate();
  }
  free(block: Block): void {
    this.list.free(block);
  }
  identity(block: Block): unknown {
    return block.address;
  }
}

class ByHandle extends BlockSubject implements Subject<Handle> {
  allocate(): Handle | null {
    const handle = this.list.allocateHandle();
    return handle === NO_HANDLE ? null : handle;
  }
  free(handle: Handle): void {
    this.list.freeHandle(handle);
  }
  identity(handle: Handle): unknown {
    return this.list.offsetOf(handle);
  }
}

function blockKind(name: string, Made: typeof ByObject | typeof ByHandle): Kind {
  let system: System;
  let lists = 0;
  return {
    name,
    cannot: {},
    make(t, depth) {
      system = System.create({ nonPaged: "2 MiB", depth: { periodMs: 0 } });
      t.after(() => system.detach());
      return new Made(system, `list ${lists++}`, depth) as Subject;
    },
    makeOther: () => new Made(system, `list ${lists++}`, MAXIMUM_DEPTH) as Subject,
  };
}

class Objects implements Subject<object> {
  readonly #list: ObjectList<object>;
  #isExhausted = false;
  constructor(depth: number) {
    this.#list = new ObjectList({
      policy: "fixed",
      tag: "Bhvr",
      maximumDepth: MAXIMUM_DEPTH,
      depth,
      create: () => {
        if (this.#isExhausted) throw new Error("no room");
        return { at: 0 };
      },
    });
  }
  allocate(): object | null {
    try {
      return this.#list.allocate();
    } catch (error) {
      if (error instanceof LookasideError) throw error;
      return null;
    }
  }
  free(item: object): void {
    this.#list.free(item);
  }
  identity(item: object): unknown {
    return item;
  }
  counters(): Counters {
    return countersOf(this.#list);
  }
  setDepth(depth: number): void {
    this.#list.depth = depth;
  }
  exhaust(on: boolean): void {
    this.#isExhausted = on;
  }
  drain(): void {
    this.#list.trim();
  }
  delete(): void {
    this.#list.delete();
  }
}

const objectKind: Kind = {
  name: "ObjectList",
  cannot: {},
  make: (_t, depth) => new Objects(depth) as Subject,
  makeOther: () => new Objects(MAXIMUM_DEPTH) as Subject,
};

class Documented implements Subject<number> {
  readonly #family: ListFamily;
  readonly #list = descriptor();
  constructor(family: ListFamily, depth: number) {
    this.#family = family;
    family.make({ size: SIZE, tag: tag("Bhvr"), at: this.#list });
    setLookasideDepth(this.#list, depth);
  }
  allocate(): number | null {
    const entry = this.#family.allocate(this.#list);
    return entry === 0 ? null : entry;
  }
  free(entry: number): void {
    this.#family.free(this.#list, entry);
  }
  identity(entry: number): unknown {
    return entry;
  }
  counters(): Counters {
    const seen = queryLookaside(this.#list);
    return {
      allocates: seen.TotalAllocates,
      allocateMisses: seen.AllocateMisses,
      frees: seen.TotalFrees,
      freeMisses: seen.FreeMisses,
      parked: seen.CurrentDepth,
      depth: seen.Depth,
      maximumDepth: seen.MaximumDepth,
    };
  }
  setDepth(depth: number): void {
    setLookasideDepth(this.#list, depth);
  }
  exhaust(on: boolean): void {
    simulateLowResources(on ? { perTenThousand: 10_000 } : null);
  }
  drain(): void {
    ExFlushLookasideListEx(this.#list);
  }
  delete(): void {
    this.#family.remove(this.#list);
  }
}

function documentedKind(family: ListFamily): Kind {
  const trusting =
    "documented lists trust their caller; checked mode stops the machine: tests/hostile";
  return {
    name: family.name,
    cannot: {
      "double free": trusting,
      foreign: trusting,
      "error by code": trusting,
      "delete with held":
        "an entry of a deleted list can be freed to nobody: its descriptor is gone",
      ...(family.unified ? {} : { drain: "only unified lists have a documented flush" }),
    },
    make(t, depth) {
      freshMachine(t);
      return new Documented(family, depth) as Subject;
    },
    makeOther: () => new Documented(family, MAXIMUM_DEPTH) as Subject,
  };
}

/** All kinds. */
export const KINDS: readonly Kind[] = [
  ...LIST_FAMILIES.map(documentedKind),
  blockKind("BlockList", ByObject),
  blockKind("BlockList by handles", ByHandle),
  objectKind,
];
