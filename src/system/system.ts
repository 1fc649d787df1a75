/**
 * A system: one shared memory, and one thread's way into it.
 */
import { LookasideError, show } from "../base/index.js";
import { BlockList, type BlockListOptions, createListSets, Routines } from "../list/index.js";
import { createRegion, HEADER, load, type Region, store } from "../memory/index.js";
import { NO_QUOTA_LIMIT, Pool, setQuotaLimit } from "../pool/index.js";
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
  hostThread,
  releaseThread,
  type ThreadIdentity,
  type Ticket,
  threadsOfHost,
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

/** States of HEADER.STATE. */
const OPEN = 0;
const CLOSED = 1;

/** What `watch` needs of a worker: the Worker of node:worker_threads has it. */
export interface WatchedWorker {
  readonly threadId: number;
  once(event: "exit", listener: () => void): unknown;
}

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
  #attached = true;

  private constructor(region: Region) {
    this.region = region;
    this.#identity = claimThread(region, hostThread());
    this.pool = new Pool(region, this.#identity.thread);
    this.routines = new Routines(region, this.#identity.thread, this.#identity.epoch);
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
  blockList<const Tag extends string, const Name extends string = Tag>(
    options: BlockListOptions & { readonly tag: Tag; readonly name?: Name },
  ): BlockList<Name> {
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
      return known as BlockList<Name>;
    }
    const list = new BlockList<Name>(this.region, this.pool, options);
    this.#lists.set(name, list as BlockList);
    return list;
  }

  /** Threads attached now, this one included: a snapshot. */
  get threads(): number {
    return attachedThreads(this.region);
  }

  /**
   * Recovers whatever the threads of a worker had parked or held in block lists, as soon as the worker
   * has ended: by `terminate()`, by `process.exit()`, by an error, or in peace. Call it right after
   * the worker was made; any number of threads may watch the same worker. Gives back a promise of what
   * was done, empty when the worker had detached.
   *
   * The worker's event `exit` is the proof of its end; nothing else is taken for one.
   *
   * @param orphans what happens to blocks that it held: "reclaim" (default), "report", or a function
   * for each.
   * @throws {LookasideError} ERR_ARGUMENT when the value is no worker of this host.
   */
  watch(
    worker: WatchedWorker,
    orphans: OrphanPolicy = "reclaim",
  ): Promise<readonly RecoveryReport[]> {
    const host = worker?.threadId;
    if (typeof host !== "number" || host < 0 || typeof worker.once !== "function") {
      const message = `Cannot watch ${show(worker)}: it is no running worker of this host`;
      throw new LookasideError("ERR_ARGUMENT", message);
    }
    return new Promise((resolve, reject) => {
      worker.once("exit", () => {
        try {
          resolve(this.#recoverHost(host, orphans));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #recoverHost(host: number, orphans: OrphanPolicy): RecoveryReport[] {
    if (!this.#attached) return [];
    const dead = threadsOfHost(this.region, host);
    return dead.flatMap((identity) => recoverThread(this.region, this.pool, identity, orphans));
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

  /** Takes this thread out of the system. What it allocated stays allocated. May be called twice. */
  detach(): void {
    if (!this.#attached) return;
    this.#attached = false;
    this.#stopTimer();
    for (const farewell of this.#farewells) farewell();
    for (const list of this.#lists.values()) list.leave();
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
