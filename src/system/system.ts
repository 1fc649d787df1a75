/**
 * A system: one shared memory, and one thread's way into it.
 */
import { LookasideError } from "../base/index.js";
import {
  BlockList,
  type BlockListOptions,
  createListSets,
  disownHeld,
  Routines,
} from "../list/index.js";
import { createRegion, HEADER, load, type Region, store } from "../memory/index.js";
import { NO_QUOTA_LIMIT, Pool, setQuotaLimit } from "../pool/index.js";
import {
  type AuditReport,
  audit,
  type OrphanPolicy,
  type RecoveryReport,
} from "../recovery/index.js";
import {
  attachByTicket,
  attachedThreads,
  claimThread,
  enterHost,
  releaseThread,
  type ThreadIdentity,
  type Ticket,
  ticketOf,
} from "../threads/index.js";
import {
  adjustDepths,
  scheduleFirstVisit,
  startTimer,
  visit,
  writeTuning,
} from "./balance-set-manager.js";
import { completeOptions, type SystemOptions } from "./options.js";
import { type WatchedWorker, WorkerWatch } from "./worker-watch.js";

/** States of HEADER.STATE. */
const OPEN = 0;
const CLOSED = 1;

/**
 * One shared memory and all in it, as one attached thread sees it.
 *
 * @example
 * ```ts
 * const system = System.create({ nonPaged: "64 MiB" });
 * const worker = new Worker(url, { workerData: system.ticket() }); // there: System.attach(workerData)
 * system.detach();
 * ```
 */
export class System {
  /** The shared memory, its map and this thread's views. */
  readonly region: Region;
  /** This thread's way into the pools. */
  readonly pool: Pool;
  /** This thread's routines. */
  readonly routines: Routines;
  readonly #identity: ThreadIdentity;
  readonly #stopTimer: () => void;
  readonly #lists = new Map<string, BlockList>();
  readonly #farewells = new Set<() => void>();
  readonly #workers: WorkerWatch;
  /** Whether a list that this thread deleted may have left blocks in its hands. */
  #mayHold = false;
  #attached = true;

  private constructor(region: Region) {
    this.region = region;
    this.#identity = claimThread(region, enterHost());
    this.pool = new Pool(region, this.#identity.thread);
    this.routines = new Routines(region, this.#identity.thread, this.#identity.epoch);
    this.#workers = new WorkerWatch(region, this.pool);
    this.#stopTimer = startTimer(region, this.#identity.thread);
  }

  /**
   * Makes a system and attaches the calling thread to it.
   * @throws {LookasideError} ERR_OPTION, ERR_MEMORY, ERR_NO_SHARED_MEMORY
   */
  static create(options: SystemOptions = {}): System {
    const complete = completeOptions(options);
    const region = createRegion(complete.threads, complete.nonPagedChunks + complete.pagedChunks);
    store(region.words, HEADER.CHUNK_LIMIT, complete.nonPagedChunks);
    store(region.words, HEADER.CHUNK_LIMIT + 1, complete.pagedChunks);
    for (let account = 1; account <= complete.threads; account++) {
      for (const kind of [0, 1] as const) {
        setQuotaLimit(region, account, kind, complete.quotaBytes[kind] ?? NO_QUOTA_LIMIT);
      }
    }
    createListSets(region);
    writeTuning(region, complete);
    scheduleFirstVisit(region);
    return new System(region);
  }

  /**
   * Attaches the calling thread to the system of a ticket.
   * @throws {LookasideError} ERR_TICKET, ERR_LAYOUT_VERSION, ERR_THREADS_FULL, ERR_SYSTEM_CLOSED
   */
  static attach(ticket: Ticket): System {
    const region = attachByTicket(ticket);
    if (load(region.words, HEADER.STATE) === CLOSED) {
      throw new LookasideError("ERR_SYSTEM_CLOSED", "Cannot attach: the system has been closed");
    }
    return new System(region);
  }

  /** This thread's number in the system: 1 to 255. */
  get thread(): number {
    return this.#identity.thread;
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
   * Opens the block list of a name (or tag) in this thread, and makes it if no thread has yet.
   * @throws {LookasideError} ERR_OPTION, ERR_LIST_MISMATCH, ERR_LISTS_FULL, ERR_OUT_OF_MEMORY,
   * ERR_SYSTEM_CLOSED
   */
  blockList(options: BlockListOptions): BlockList {
    if (!this.#attached) {
      throw new LookasideError(
        "ERR_SYSTEM_CLOSED",
        "Cannot open a list: this thread has been detached",
      );
    }
    const name = options?.name ?? options?.tag;
    const known = this.#lists.get(name);
    if (known !== undefined && !known.closed) {
      known.demandSame(options);
      return known;
    }
    if (known?.mayHold) this.#mayHold = true;
    const list = new BlockList(this.region, this.pool, options);
    this.#lists.set(name, list);
    return list;
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
   * are known if the thread above them had attached before it started them.
   *
   * A second watch of the same worker with the same policy gives back the same promise. When this thread has
   * detached by the time the worker ends, nothing is recovered and the promise gives no report. A
   * policy that throws keeps the block, and rejects the promise when all is recovered.
   *
   * @param orphans what happens to blocks that they held: "reclaim" (default), "report", or a function
   * for each.
   * @throws {LookasideError} ERR_ARGUMENT when the value is no running worker of this host, when it is
   * watched with another policy, or when the policy is none.
   */
  watch(
    worker: WatchedWorker,
    orphans: OrphanPolicy = "reclaim",
  ): Promise<readonly RecoveryReport[]> {
    return this.#workers.watch(worker, orphans);
  }

  /** Proves where every block is, in one pass: exact when no other thread is inside the system. */
  audit(): AuditReport {
    return audit(this.region);
  }

  /** One visit of the balance set manager, for hosts without timers and for virtual clocks. */
  tick(): void {
    visit(this.region, this.thread);
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
    for (const list of this.#lists.values()) list.trim();
    return this.pool.trim() * 65_536;
  }

  /**
   * Runs `action` when this thread leaves the system, before its number is given back. Gives back what
   * takes the action off again.
   */
  whenDetached(action: () => void): () => void {
    this.#farewells.add(action);
    return () => this.#farewells.delete(action);
  }

  /**
   * Takes this thread out of the system. What it allocated from the pools stays allocated. Blocks of
   * block lists that it still holds become nobody's: their handles stay good for one adoption, and its
   * own objects of them are good for nothing. May be called twice.
   * @throws {LookasideError} ERR_LOCK_STALLED
   */
  detach(): void {
    if (!this.#attached) return;
    this.#attached = false;
    this.#stopTimer();
    this.#workers.close();
    for (const farewell of this.#farewells) farewell();
    const lists = [...this.#lists.values()];
    if (this.#mayHold || lists.some((list) => list.mayHold)) disownHeld(this.region, this.pool);
    for (const list of lists) list.leave();
    releaseThread(this.region, this.#identity);
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
