/**
 * A system: one shared memory, and one thread's way into it.
 */
import { Faults, LookasideError, show, wholeNumber } from "../base/index.js";
import { Channel, type ChannelOptions } from "../channel/index.js";
import {
  type BlockList,
  type BlockListOptions,
  createListSets,
  createParkedBudget,
  type ObjectList,
  type ObjectListOptions,
  Routines,
} from "../list/index.js";
import { createRegion, HEADER, load, type Region, store } from "../memory/index.js";
import { ACCOUNTS, NO_QUOTA_LIMIT, Pool, setQuotaLimit } from "../pool/index.js";
import {
  type AuditReport,
  audit,
  type OrphanPolicy,
  type RecoveryReport,
  recoverThread,
} from "../recovery/index.js";
import {
  attachByTicket,
  attachedThreads,
  claimThread,
  enterHost,
  holdLock,
  hostOf,
  isAlive,
  type LockManagerLike,
  releaseThread,
  type ThreadIdentity,
  type Ticket,
  ticketOf,
  UNKNOWN_HOST,
} from "../threads/index.js";
import {
  adjustDepths,
  scheduleFirstVisit,
  startTimer,
  visit,
  writeTuning,
} from "./balance-set-manager.js";
import { ObservedSystem } from "./observed-system.js";
import type { ListStatistics } from "./open-lists.js";
import {
  type AttachOptions,
  completeAttachOptions,
  completeOptions,
  locksOf,
  type SystemOptions,
} from "./options.js";
import { ThreadWatch, type ThreadWatchOptions } from "./thread-watch.js";
import { demandPolicy, type WatchedWorker, WorkerWatch } from "./worker-watch.js";

/** States of HEADER.STATE. */
const OPEN = 0;
const CLOSED = 1;

/**
 * One shared memory and all in it, as one attached thread sees it.
 *
 * @example
 * ```ts
 * const system = System.create({ nonPaged: "64 MiB" });
 * const ticket = system.ticket(); // fit for a message, or for a worker's `workerData`
 * const there = System.attach(ticket); // in another thread, most often
 * console.log(system.threads); // 2
 * there.detach();
 * system.detach();
 * ```
 */
export class System extends ObservedSystem {
  /** This thread's routines. */
  readonly routines: Routines;
  readonly #identity: ThreadIdentity;
  readonly #stopTimer: () => void;
  readonly #channels = new Map<string, Channel>();
  readonly #farewells = new Set<() => void>();
  readonly #workers: WorkerWatch;
  readonly #locks: LockManagerLike | null;
  readonly #releaseLock: () => void;
  readonly #threadWatches = new Set<ThreadWatch>();
  #attached = true;

  private constructor(region: Region, locks: LockManagerLike | null) {
    const identity = claimThread(region, enterHost());
    super(region, new Pool(region, identity.thread));
    this.#identity = identity;
    this.routines = new Routines(region, this.#identity.thread, this.#identity.epoch);
    this.#workers = new WorkerWatch(region, this.pool);
    this.#stopTimer = startTimer(region, this.#identity.thread, () => this.openLists.tick());
    this.#locks = locks;
    this.#releaseLock = locks === null ? () => {} : holdLock(region, this.#identity, locks);
  }

  /**
   * Makes a system and attaches the calling thread to it.
   * @throws {LookasideError} ERR_OPTION, ERR_MEMORY, ERR_NO_SHARED_MEMORY
   */
  static create(options: SystemOptions = {}): System {
    const complete = completeOptions(options);
    const locks = locksOf(options.locks);
    const region = createRegion(complete.threads, complete.nonPagedChunks + complete.pagedChunks);
    store(region.words, HEADER.CHUNK_LIMIT, complete.nonPagedChunks);
    store(region.words, HEADER.CHUNK_LIMIT + 1, complete.pagedChunks);
    for (let account = 1; account <= ACCOUNTS; account++) {
      for (const kind of [0, 1] as const) {
        setQuotaLimit(region, account, kind, complete.quotaBytes[kind] ?? NO_QUOTA_LIMIT);
      }
    }
    createListSets(region);
    createParkedBudget(region, complete.parkedKib);
    writeTuning(region, complete);
    scheduleFirstVisit(region);
    return new System(region, locks);
  }

  /**
   * Attaches the calling thread to the system of a ticket.
   * @throws {LookasideError} ERR_OPTION, ERR_TICKET, ERR_LAYOUT_VERSION, ERR_THREADS_FULL,
   * ERR_SYSTEM_CLOSED
   */
  static attach(ticket: Ticket, options: AttachOptions = {}): System {
    const locks = completeAttachOptions(options);
    const region = attachByTicket(ticket);
    if (load(region.words, HEADER.STATE) === CLOSED) {
      throw new LookasideError("ERR_SYSTEM_CLOSED", "Cannot attach: the system has been closed");
    }
    return new System(region, locks);
  }

  /** This thread's number in the system: 1 to 255. */
  get thread(): number {
    return this.#identity.thread;
  }

  /**
   * This thread's number and the epoch it has it in, which no other thread ever has together: what
   * `recoverEnded` needs in another thread. A plain object, fit for a message.
   */
  get identity(): ThreadIdentity {
    return { ...this.#identity };
  }

  /** The shared memory: addresses are byte offsets into it. */
  get memory(): WebAssembly.Memory {
    return this.region.memory;
  }

  /** What another thread needs to attach: post it, or pass it as `workerData`. */
  ticket(): Ticket {
    return ticketOf(this.region);
  }

  /**
   * Opens the block list of a name (or tag) in this thread, and makes it if no thread has yet. A deleted one
   * can be made anew when all threads have left it: a thread does when it deletes it, opens it again or ends.
   * @throws {LookasideError} ERR_OPTION, ERR_LIST_MISMATCH, ERR_LIST_DELETED while threads have a deleted
   * list of that name open, ERR_LISTS_FULL, ERR_OUT_OF_MEMORY, ERR_SYSTEM_CLOSED
   */
  blockList<const Tag extends string, const Name extends string = Tag>(
    options: BlockListOptions & { readonly tag: Tag; readonly name?: Name },
  ): BlockList<Name> {
    this.#demandAttached("open a list");
    return this.openLists.blockList(options) as BlockList<Name>;
  }

  /**
   * Makes a list of ordinary objects of this thread that belongs to the system: the system ticks it,
   * counts it in the budget of parked bytes, by its option `bytes`, and shows it in `lists()`.
   * @throws {LookasideError} ERR_OPTION, ERR_SYSTEM_CLOSED
   */
  objectList<Item extends object>(options: ObjectListOptions<Item>): ObjectList<Item> {
    this.#demandAttached("open a list");
    return this.openLists.objectList(options);
  }

  /** Statistics of every list that this thread has open: block lists over all threads, and object lists. */
  lists(): ListStatistics[] {
    return this.openLists.statistics();
  }

  /**
   * Opens the channel of a name in this thread, and makes it if no thread has yet.
   * @throws {LookasideError} ERR_OPTION, ERR_CHANNEL_MISMATCH, ERR_CHANNEL_DELETED, ERR_CHANNELS_FULL,
   * ERR_OUT_OF_MEMORY, ERR_SYSTEM_CLOSED
   */
  channel(options: ChannelOptions): Channel {
    if (!this.#attached) {
      const message = "Cannot open a channel: this thread has been detached";
      throw new LookasideError("ERR_SYSTEM_CLOSED", message);
    }
    const known = this.#channels.get(options?.name);
    if (known !== undefined && !known.left) {
      known.demandSame(options);
      return known;
    }
    const channel = new Channel(this.region, this.pool, options);
    this.#channels.set(channel.name, channel);
    return channel;
  }

  /** Threads attached now, this one included: a snapshot. */
  get threads(): number {
    return attachedThreads(this.region);
  }

  /**
   * Recovers whatever the threads of a worker, and of all workers below it, had parked or held in block
   * lists, as soon as the worker has ended: by `terminate()`, by `process.exit()`, by an error, or in
   * peace. Call it right after the worker was made, in the thread that made it. Gives back a promise
   * of what was done: a report for each thread, none when they had detached or never attached.
   *
   * The worker's event `exit` is the proof; nothing else is taken for one. In Node it comes after all
   * workers below have ended too, whoever started them and whether or not anybody watched those; they
   * are known if the thread above them had attached before it started them. In Deno it is no proof for a
   * worker that was ended by `terminate()`: nothing is recovered then, and the promise is rejected with
   * ERR_UNSUPPORTED if the worker was attached. Let it end by itself there.
   *
   * A second watch of the same worker with the same policy gives back the same promise. When this thread has
   * detached by the time the worker ends, nothing is recovered and the promise gives no report. A
   * policy that throws keeps the block, and rejects the promise when all is recovered.
   *
   * @param orphans what happens to blocks that they held: "reclaim" (default), "report", or a function.
   * @example
   * ```ts
   * const system = System.create();
   * const worker = new Worker("process.exit(1)", { eval: true }); // dies before it can clean up
   * const reports = await system.watch(worker); // at the latest when it has ended
   * console.log(reports.length); // 0: it had not attached
   * console.log(system.audit().problems.length); // 0
   * system.detach();
   * ```
   * @throws {LookasideError} ERR_ARGUMENT when the value is no running worker of this host, when it is
   * watched with another policy, or when the policy is none.
   */
  watch(
    worker: WatchedWorker,
    orphans: OrphanPolicy = "reclaim",
  ): Promise<readonly RecoveryReport[]> {
    return this.#workers.watch(worker, orphans);
  }

  /**
   * Watches all other threads of the system by Web Locks, now and in future: as soon as one has ended,
   * what it had parked or held in block lists is recovered. For browsers, whose workers tell no
   * end; `system.watch(worker)` is surer and needs no timer wherever workers have the event `exit`.
   * A thread can be watched from a moment after it attached, when the host has granted its lock; if
   * it ends before that, nothing proves it, and it is left alone.
   *
   * @example
   * ```ts
   * const locks = globalThis.navigator?.locks; // browsers have them, Node from 24 on; Deno's prove nothing
   * if (locks !== undefined && !("Deno" in globalThis)) {
   *   const system = System.create({ locks });
   *   const watch = system.watchThreads({ recovered: (report) => console.log(report.thread) });
   *   watch.stop();
   *   system.detach();
   * }
   * ```
   * @throws {LookasideError} ERR_NO_LOCKS where this thread has no lock manager, ERR_UNSUPPORTED where its
   * grants are no proof (Deno's own), ERR_OPTION, ERR_ARGUMENT, ERR_SYSTEM_CLOSED
   */
  watchThreads(options: ThreadWatchOptions = {}): ThreadWatch {
    this.#demandAttached("watch threads");
    if (this.#locks === null) {
      const message =
        "Cannot watch threads: this one attached without a lock manager (option locks); " +
        "without Web Locks there are watch(worker) and recoverEnded(identity)";
      throw new LookasideError("ERR_NO_LOCKS", message);
    }
    const watch = new ThreadWatch(this.region, this.pool, this.#locks, options);
    this.#threadWatches.add(watch);
    return watch;
  }

  /**
   * Recovers a thread that YOU know has ended, by a proof of your own: for hosts that have neither the event
   * `exit` nor Web Locks, and for what these could not see. **If the thread still runs, this destroys
   * the system**: two threads will hold the same blocks. A time-out is no proof, `terminate()` of a
   * browser's worker is none either.
   *
   * @param ended its `system.identity`, as it told you while it ran.
   * @returns what was done; nothing when it had detached or was recovered before.
   * @throws {LookasideError} ERR_ARGUMENT when it is no identity, or surely a running thread: this one;
   * ERR_SYSTEM_CLOSED, ERR_LOCK_STALLED; and what a policy throws.
   */
  recoverEnded(ended: ThreadIdentity, orphans: OrphanPolicy = "reclaim"): RecoveryReport[] {
    this.#demandAttached("recover a thread");
    demandPolicy(orphans);
    const { threadCapacity } = this.region.layout;
    const thread = wholeNumber("thread", ended?.thread, 1, threadCapacity, "ERR_ARGUMENT");
    const epoch = wholeNumber("epoch", ended.epoch, 0, 0xffff, "ERR_ARGUMENT");
    const identity = { thread, epoch };
    if (isAlive(this.region, identity) && this.#isOwn(thread)) {
      const message = `Cannot recover thread ${thread}: it is the calling one`;
      throw new LookasideError("ERR_ARGUMENT", message);
    }
    return recoverThread(this.region, this.pool, identity, orphans);
  }

  /** Whether a number is the calling thread's, under this attachment or another. */
  #isOwn(thread: number): boolean {
    const host = hostOf(this.region, this.thread);
    return (
      thread === this.thread || (host !== UNKNOWN_HOST && hostOf(this.region, thread) === host)
    );
  }

  #demandAttached(action: string): void {
    if (this.#attached) return;
    const message = `Cannot ${action}: this thread has been detached`;
    throw new LookasideError("ERR_SYSTEM_CLOSED", message);
  }

  /** Proves where every block is, in one pass: exact when no other thread is inside the system. */
  audit(): AuditReport {
    return audit(this.region);
  }

  /**
   * One visit, for hosts without timers and for virtual clocks: adjusts documented lists and the price of
   * memory, and does this thread's part for every list it has open: depth by the list's policy, idle
   * blocks of its own ring given up. Other threads do theirs by their own timers or ticks. A few
   * microseconds for each list.
   * @param count visits to make, one after the other: 1 to 1,000,000. Default 1.
   * @throws {LookasideError} ERR_DEPTH_POLICY when a policy of the user's own throws or gives no number:
   * after all else was done, and once, for the policy is set aside then; ERR_LOCK_STALLED; ERR_ARGUMENT
   */
  tick(count = 1): void {
    wholeNumber("count", count, 1, 1_000_000, "ERR_ARGUMENT");
    for (let made = 0; made < count; made++) {
      visit(this.region, this.thread);
      this.openLists.tick();
    }
  }

  /** Adjusts the depth of every documented list now. */
  adjustDepths(): void {
    adjustDepths(this.region, this.thread);
  }

  /**
   * Gives parked blocks and empty slabs back to their pools. Gives back the bytes that any size can
   * use again.
   */
  trim(): number {
    this.openLists.trim();
    return this.pool.trim() * 65_536;
  }

  /**
   * Runs `action` when this thread leaves the system, before its number is given back. Gives back what
   * takes the action off again.
   * @throws {LookasideError} ERR_ARGUMENT when it is no function
   */
  whenDetached(action: () => void): () => void {
    if (typeof action !== "function") {
      const message = `Cannot run ${show(action)} when this thread leaves: it is no function`;
      throw new LookasideError("ERR_ARGUMENT", message);
    }
    this.#farewells.add(action);
    return () => this.#farewells.delete(action);
  }

  /**
   * Takes this thread out of the system. What it allocated from the pools stays allocated. Blocks of
   * block lists that it still holds become nobody's: their handles stay good for one adoption, and its
   * own objects of them are good for nothing. May be called twice.
   * @throws {LookasideError} ERR_LOCK_STALLED; at the end what an action of `whenDetached` threw
   */
  detach(): void {
    if (!this.#attached) return;
    this.#attached = false;
    this.#stopTimer();
    this.#workers.close();
    for (const watch of this.#threadWatches) watch.stop();
    const faults = new Faults();
    for (const farewell of this.#farewells) faults.run(farewell);
    for (const channel of this.#channels.values()) channel.leave();
    this.openLists.leave();
    releaseThread(this.region, this.#identity);
    this.#releaseLock(); // last: a grant finds that this thread has left
    faults.raise();
  }

  /** Closes the system to threads that are not attached yet, and detaches this one. */
  close(): void {
    if (load(this.region.words, HEADER.STATE) === OPEN)
      store(this.region.words, HEADER.STATE, CLOSED);
    this.detach();
  }

  [Symbol.dispose](): void {
    this.detach();
  }
}
