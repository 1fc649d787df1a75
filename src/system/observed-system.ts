/**
 * What a system tells those who look at it: snapshots, leaks, events. All of it reads; none of it is on a
 * path that allocates or frees.
 */
import { demandHooks, LookasideError, type ObserverHooks } from "../base/index.js";
import type { Region } from "../memory/index.js";
import type { Pool } from "../pool/index.js";
import { demandEmpty, type Leak, type ListInstrument, leaksIn } from "./leaks.js";
import { OpenLists } from "./open-lists.js";
import type { Snapshot, SnapshotOptions } from "./snapshot/schema.js";
import { SnapshotReader, wantsBlocks } from "./snapshot/snapshot-reader.js";

/** The part of a `System` that operators and tests use. */
export abstract class ObservedSystem {
  /** The shared memory, its map and this thread's views. */
  readonly region: Region;
  /** This thread's way into the pools. */
  readonly pool: Pool;
  /** The lists that this thread has open. */
  protected readonly openLists: OpenLists;
  #reader: SnapshotReader | null = null;

  protected constructor(region: Region, pool: Pool) {
    this.region = region;
    this.pool = pool;
    this.openLists = new OpenLists(region, pool);
  }

  /**
   * What every list, pool, tag and thread of the system is like now: one plain, frozen object that JSON
   * carries unchanged, from any thread. It takes no lock, writes nothing to shared memory and stops nobody;
   * exact when no other thread is inside the system. A few microseconds for each list. Counters start
   * as they are at the first call and only grow from there: see docs/snapshot.md.
   * @throws {LookasideError} ERR_OPTION
   *
   * @example
   * ```ts
   * const system = System.create();
   * system.blockList({ tag: "Fram", size: 1_536 }).allocate();
   * for (const { held } of system.snapshot().lists) console.log(held); // 1
   * system.detach();
   * ```
   */
  snapshot(options: SnapshotOptions = {}): Snapshot {
    const withBlocks = wantsBlocks(options);
    this.#reader ??= new SnapshotReader(this.region, this.pool.thread);
    return this.#reader.take(withBlocks, this.openLists.objectLists());
  }

  /**
   * Who holds what: blocks of block lists, by list, tag and thread, and by call site where
   * `lookaside/verifier` samples them; and objects of this thread's object lists. Exact when no other thread
   * is inside the system. One walk over all blocks.
   */
  leaks(): readonly Leak[] {
    return leaksIn(this.snapshot({ blocks: true }), this.openLists.instrument);
  }

  /**
   * For the end of a test: demands that nobody holds anything of what {@link ObservedSystem.leaks} tells.
   * @throws {LookasideError} ERR_NOT_EMPTY, naming who holds what, and from where if that was sampled
   *
   * @example
   * ```ts
   * const system = System.create();
   * const frames = system.blockList({ tag: "Fram", size: 1_536 });
   * frames.allocate()?.free(); // the program under test
   * system.assertEmpty();
   * system.detach();
   * ```
   */
  assertEmpty(): void {
    demandEmpty(this.leaks());
  }

  /**
   * For `lookaside/verifier`: this thread's block lists are made by `instrument` from now on. Gives back what
   * ends that.
   * @throws {LookasideError} ERR_ARGUMENT when there is one already
   */
  instrument(instrument: ListInstrument): () => void {
    const lists = this.openLists;
    if (lists.instrument !== null) {
      throw new LookasideError("ERR_ARGUMENT", "Cannot verify a system: it is verified already");
    }
    lists.instrument = instrument;
    return () => {
      if (lists.instrument === instrument) lists.instrument = null;
    };
  }

  /**
   * Calls functions when slow paths of this thread do what operators care for: a list misses, overflows or
   * changes its depth, a dead thread was recovered, a misuse was refused. Each gets one frozen object. Hits
   * tell nothing, and without observers nothing costs more. What an observer throws is thrown again from a
   * microtask; what happens while one runs is not told. Object lists tell by `create` and `destroy`.
   * Gives back what ends it.
   * @throws {LookasideError} ERR_OPTION
   */
  observe(hooks: ObserverHooks): () => void {
    demandHooks(hooks);
    return this.region.observers.add(hooks);
  }
}
