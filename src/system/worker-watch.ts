/**
 * Watching workers of the host: their event `exit` is the proof that they, and all workers below them, ended.
 *
 * Only the thread that started a worker hears it end, and in Node a worker ends after all that it
 * started. So whoever watches a worker also answers for the threads of the system that cannot outlive it:
 * those have it among their ancestors in the thread table. A watcher that ends is itself below
 * somebody who watches, up to the thread that lives longest.
 */
import { LookasideError, show } from "../base/index.js";
import { limitPatience, type Region } from "../memory/index.js";
import type { Pool } from "../pool/index.js";
import type { OrphanPolicy, RecoveryReport } from "../recovery/index.js";
import { exitProves, threadsEndedWith } from "../threads/index.js";
import { recoverPatiently } from "./patience.js";

/** What `watch` needs of a worker: the Worker of node:worker_threads has it. */
export interface WatchedWorker {
  readonly threadId: number;
  once(event: "exit", listener: (code: number) => void): unknown;
}

/** One watch of a worker. */
interface Watch {
  readonly orphans: OrphanPolicy;
  readonly ended: Promise<readonly RecoveryReport[]>;
}

/** Demands a policy for orphans. @throws {LookasideError} ERR_ARGUMENT */
export function demandPolicy(orphans: unknown): asserts orphans is OrphanPolicy {
  if (orphans === "reclaim" || orphans === "report" || typeof orphans === "function") return;
  const message = `Cannot treat orphans by ${show(orphans)}: it must be "reclaim", "report" or a function`;
  throw new LookasideError("ERR_ARGUMENT", message);
}

function refuse(worker: unknown, why: string): never {
  throw new LookasideError("ERR_ARGUMENT", `Cannot watch ${show(worker)}: ${why}`);
}

/** The host's number of a worker that can be watched. */
function demandWorker(worker: WatchedWorker): number {
  const value = worker as Partial<WatchedWorker & { postMessage: unknown; terminate: unknown }>;
  const host = value?.threadId;
  if (typeof host === "number" && typeof value.once === "function") {
    if (host > 0) return host;
    refuse(worker, "the worker has ended; watch it right after it was made");
  }
  if (typeof value?.postMessage === "function" && typeof value.terminate === "function") {
    refuse(
      worker,
      "no event tells the end of such a worker; watchThreads() hears of it by Web Locks",
    );
  }
  refuse(worker, "it is no running worker of this host");
}

/** The workers that one thread watches for one system. */
export class WorkerWatch {
  readonly #region: Region;
  readonly #pool: Pool;
  readonly #watches = new WeakMap<object, Watch>();
  #open = true;

  constructor(region: Region, pool: Pool) {
    this.#region = region;
    this.#pool = pool;
  }

  /** See `System.watch`. @throws {LookasideError} ERR_ARGUMENT */
  watch(worker: WatchedWorker, orphans: OrphanPolicy): Promise<readonly RecoveryReport[]> {
    const host = demandWorker(worker);
    demandPolicy(orphans);
    const known = this.#watches.get(worker);
    if (known !== undefined) {
      if (known.orphans === orphans) return known.ended;
      refuse(worker, "it is watched already, with another policy for orphans");
    }
    const ended = new Promise<readonly RecoveryReport[]>((resolve) => {
      worker.once("exit", (code) => resolve(this.#ended(host, code, orphans)));
    });
    this.#watches.set(worker, { orphans, ended });
    limitPatience();
    return ended;
  }

  /** Recovers nobody from now on: this thread has left the system. */
  close(): void {
    this.#open = false;
  }

  async #ended(host: number, code: number, orphans: OrphanPolicy): Promise<RecoveryReport[]> {
    const dead = this.#open ? threadsEndedWith(this.#region, host) : [];
    if (dead.length > 0 && !exitProves(code)) {
      const numbers = dead.map(({ thread }) => thread).join(", ");
      const message =
        `Cannot recover thread ${numbers}: on this host a worker that is ended by terminate() runs ` +
        "on after its exit; recoverEnded(identity) is for when it surely has ended";
      throw new LookasideError("ERR_UNSUPPORTED", message);
    }
    return recoverPatiently(this.#region, this.#pool, dead, orphans, () => this.#open);
  }
}
