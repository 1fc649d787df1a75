/**
 * The lists that one thread has open in its system: block lists, and object lists of its own.
 */
import { Faults } from "../base/index.js";
import {
  BlockList,
  type BlockListOptions,
  type BlockListStatistics,
  disownHeld,
  ObjectList,
  type ObjectListOptions,
  type ObjectListStatistics,
  ParkedBudget,
  returnObjectAllowance,
} from "../list/index.js";
import type { Region } from "../memory/index.js";
import type { Pool } from "../pool/index.js";
import type { ListInstrument } from "./leaks.js";
import { objectListSnapshot } from "./snapshot/object-lists.js";
import type { ObjectListSnapshot } from "./snapshot/schema.js";

/** What a list of either kind did and has. */
export type ListStatistics =
  | ({ readonly kind: "block" } & BlockListStatistics)
  | ({ readonly kind: "object" } & ObjectListStatistics);

/** One thread's lists. */
export class OpenLists {
  /** What makes block lists instead, or null. */
  instrument: ListInstrument | null = null;
  readonly #region: Region;
  readonly #pool: Pool;
  readonly #budget: ParkedBudget;
  readonly #blocks = new Map<string, BlockList>();
  /** Whether a list that this thread deleted may have left blocks in its hands. */
  #mayHold = false;
  /** With the number that tells each from all others of this thread. */
  readonly #objects = new Map<ObjectList<object>, number>();
  #objectsMade = 0;

  constructor(region: Region, pool: Pool) {
    this.#region = region;
    this.#pool = pool;
    this.#budget = new ParkedBudget(region, pool.thread);
    returnObjectAllowance(region, pool.thread);
  }

  /**
   * Opens a block list, or gives back the one that is open. One that another thread has deleted is left
   * first: the last thread to leave it frees its name. @throws {LookasideError} see BlockList
   */
  blockList(options: BlockListOptions): BlockList {
    const name = options?.name ?? options?.tag;
    const known = this.#blocks.get(name);
    if (known !== undefined && !known.deleted) {
      known.demandSame(options);
      return known;
    }
    known?.leave();
    if (known?.mayHold) this.#mayHold = true;
    const list = this.#make(options);
    this.#blocks.set(name, list);
    return list;
  }

  /** Makes an object list that counts in the budget. @throws {LookasideError} ERR_OPTION */
  objectList<Item extends object>(options: ObjectListOptions<Item>): ObjectList<Item> {
    const list = new ObjectList<Item>(options, this.#budget);
    this.#objectsMade++;
    this.#objects.set(list as unknown as ObjectList<object>, this.#objectsMade);
    return list;
  }

  /** What each list did and has. */
  statistics(): ListStatistics[] {
    this.#forgetClosed();
    return [
      ...[...this.#blocks.values()].map(
        (list) => ({ kind: "block", ...list.statistics() }) as const,
      ),
      ...[...this.#objects.keys()].map(
        (list) => ({ kind: "object", ...list.statistics() }) as const,
      ),
    ];
  }

  /** What each object list did and has, for a snapshot. */
  objectLists(): ObjectListSnapshot[] {
    const open = [...this.#objects].filter(([list]) => !list.closed);
    return open.map(([list, serial]) =>
      objectListSnapshot(this.#pool.thread, serial, list.statistics()),
    );
  }

  /** This thread's part of a visit. The first fault is thrown when every list had its turn. */
  tick(): void {
    this.#forgetClosed();
    const faults = new Faults();
    for (const list of [...this.#blocks.values(), ...this.#objects.keys()])
      faults.run(() => list.tick());
    faults.raise();
  }

  /** Gives up whatever is parked. The first fault is thrown when every list had its turn. */
  trim(): void {
    const faults = new Faults();
    for (const list of [...this.#blocks.values(), ...this.#objects.keys()])
      faults.run(() => list.trim());
    faults.raise();
  }

  /** Leaves every block list, and gives up what the object lists may park. */
  leave(): void {
    const lists = [...this.#blocks.values()];
    if (this.#mayHold || lists.some((list) => list.mayHold)) disownHeld(this.#region, this.#pool);
    for (const list of lists) list.leave();
    this.#pool.claims.clear();
    this.#budget.close();
  }

  #make(options: BlockListOptions): BlockList {
    const [region, pool, budget] = [this.#region, this.#pool, this.#budget];
    const instrumented = this.instrument?.makeList(region, pool, budget, options);
    return instrumented ?? new BlockList(region, pool, budget, options);
  }

  #forgetClosed(): void {
    for (const [name, list] of this.#blocks) {
      if (!list.closed) continue;
      if (list.mayHold) this.#mayHold = true;
      this.#blocks.delete(name);
    }
    for (const list of this.#objects.keys()) if (list.closed) this.#objects.delete(list);
  }
}
