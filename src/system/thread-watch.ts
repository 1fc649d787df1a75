/**
 * Watching threads by Web Locks: whoever is granted a thread's lock knows that it has ended, and recovers it.
 *
 * A look goes over the thread table and asks for the lock of each thread that holds one and is not yet
 * asked for. Any number of threads may watch; the host grants one after the other, and the thread table
 * lets one of them recover. A watcher that ends is itself watched by the others.
 *
 * Node (24.21) releases the locks of a worker that ended, but grants them to who waits only at the next
 * request of a lock, of any name. So each look asks for one that nobody holds.
 */
import { LookasideError, onlyKnown, show, wholeNumber } from "../base/index.js";
import { limitPatience, type Region } from "../memory/index.js";
import type { Pool } from "../pool/index.js";
import type { OrphanPolicy, RecoveryReport } from "../recovery/index.js";
import {
  aliveThreads,
  grantsProve,
  holdsLock,
  type LockManagerLike,
  lockName,
  lockPrefix,
  type ThreadIdentity,
} from "../threads/index.js";
import { recoverPatiently } from "./patience.js";
import { demandPolicy } from "./worker-watch.js";

/** How threads are watched. */
export interface ThreadWatchOptions {
  /** What happens to blocks that ended threads held. Default "reclaim". */
  readonly orphans?: OrphanPolicy;
  /** Milliseconds from one look for new threads to the next: 0 (no timer) to 3,600,000. Default 1,000. */
  readonly periodMs?: number;
  /** Called with what was done for a thread. Default: nothing. */
  readonly recovered?: (report: RecoveryReport) => void;
  /** Called with what a recovery threw. Default: it is an unhandled rejection. */
  readonly failed?: (error: unknown) => void;
}

const OPTIONS = ["orphans", "periodMs", "recovered", "failed"];

function demandFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  const message = `Cannot use ${show(value)} as ${name}: it must be a function`;
  throw new LookasideError("ERR_OPTION", message);
}

/** The host's timers, as far as they are used here; a worklet has none. */
interface TimerHost {
  setInterval?(action: () => void, milliseconds: number): { unref?(): void } | number;
  clearInterval?(timer: unknown): void;
}

/** One thread's watch over all others. Made by `system.watchThreads()`. */
export class ThreadWatch {
  readonly #region: Region;
  readonly #pool: Pool;
  readonly #locks: LockManagerLike;
  readonly #orphans: OrphanPolicy;
  readonly #recovered: ((report: RecoveryReport) => void) | undefined;
  readonly #failed: ((error: unknown) => void) | undefined;
  /** Names of the locks that are asked for. */
  readonly #asked = new Set<string>();
  readonly #abort = new AbortController();
  readonly #timer: unknown;

  /**
   * For `System` only: use `system.watchThreads()`.
   * @throws {LookasideError} ERR_OPTION, ERR_ARGUMENT, ERR_UNSUPPORTED
   */
  constructor(region: Region, pool: Pool, locks: LockManagerLike, options: ThreadWatchOptions) {
    if (typeof options !== "object" || options === null || Array.isArray(options)) {
      const message = `Cannot watch threads with ${show(options)}: options must be an object`;
      throw new LookasideError("ERR_OPTION", message);
    }
    onlyKnown("a watch", options, OPTIONS);
    if (!grantsProve(locks)) {
      const message =
        "Cannot watch threads: this host grants the lock of a worker that is ended by terminate() while " +
        "it still runs; recoverEnded(identity) is for when it surely has ended";
      throw new LookasideError("ERR_UNSUPPORTED", message);
    }
    const { orphans = "reclaim", recovered, failed } = options;
    demandPolicy(orphans);
    demandFunction("recovered", recovered);
    demandFunction("failed", failed);
    const periodMs = wholeNumber("periodMs", options.periodMs ?? 1_000, 0, 3_600_000);
    this.#region = region;
    this.#pool = pool;
    this.#locks = locks;
    this.#orphans = orphans;
    this.#recovered = recovered;
    this.#failed = failed;
    this.#timer = this.#startTimer(periodMs);
    limitPatience();
    this.look();
  }

  /** Threads that are watched now. */
  get watched(): number {
    return this.#asked.size;
  }

  /**
   * Looks for threads that are not watched yet: what the timer does, for hosts without timers. A
   * thread is watched from the first look after its lock was granted, a moment after it attached.
   */
  look(): void {
    if (this.#abort.signal.aborted) return;
    for (const identity of aliveThreads(this.#region)) {
      if (identity.thread === this.#pool.thread || !holdsLock(this.#region, identity)) continue;
      const name = lockName(this.#region, identity);
      if (!this.#asked.has(name)) this.#ask(name, identity);
    }
    if (this.#asked.size > 0) this.#stir();
  }

  /** Watches nobody from now on. May be called twice. Detaching does it too. */
  stop(): void {
    this.#abort.abort();
    this.#asked.clear();
    (globalThis as TimerHost).clearInterval?.(this.#timer);
  }

  #startTimer(periodMs: number): unknown {
    if (periodMs === 0) return undefined;
    const timer = (globalThis as TimerHost).setInterval?.(() => this.look(), periodMs);
    if (typeof timer === "object") timer.unref?.(); // in Node a watch keeps no thread alive
    return timer;
  }

  /** Asks for the lock of a thread that was seen to hold it. */
  #ask(name: string, identity: ThreadIdentity): void {
    const { signal } = this.#abort;
    this.#asked.add(name);
    this.#locks
      .request(name, { mode: "exclusive", signal }, () => this.#granted(name, identity))
      .catch((error: unknown) => {
        if (signal.aborted) return;
        this.#asked.delete(name);
        if (this.#failed === undefined) throw error;
        this.#failed(error);
      });
  }

  /** The thread has ended, or has left: then there is nothing to recover in its epoch. */
  async #granted(name: string, identity: ThreadIdentity): Promise<void> {
    if (this.#abort.signal.aborted) return;
    this.#asked.delete(name);
    const goesOn = (): boolean => !this.#abort.signal.aborted;
    const reports = await recoverPatiently(
      this.#region,
      this.#pool,
      [identity],
      this.#orphans,
      goesOn,
    );
    for (const report of reports) this.#recovered?.(report);
  }

  /** Has the host look at its queues. */
  #stir(): void {
    const name = `${lockPrefix(this.#region)}:look:${this.#pool.thread}`;
    this.#locks
      .request(name, { ifAvailable: true }, () => undefined)
      .catch(() => {
        // What a request of a thread's own lock meets is told by that one.
      });
  }
}
