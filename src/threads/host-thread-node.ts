/**
 * What the calling thread knows of itself in its host: its number, and the threads it cannot outlive.
 *
 * Node and its kin number their workers, and never use a number again; the parent knows the same number
 * as `worker.threadId`. That is how a parent that sees a worker end finds out which threads of the
 * system ended with it.
 *
 * In Node a worker ends only after all workers it started have been ended and joined, but nobody
 * hears those: their parent is gone. So a thread must know its ancestors. Node does not tell them; but a
 * worker starts with a copy of its parent's environment data, which no other thread can write. Each
 * thread that attaches adds its number to that list, and so every worker it starts from then on has it.
 * Nothing that is sent about (a ticket, a message) is taken for a proof of descent.
 */

/** The list in the environment data: numbers of ancestors, nearest first. */
const KEY = "lookaside: threads that this one cannot outlive";

/** A thread of the host. */
export interface HostThread {
  /** Its number, or {@link UNKNOWN_HOST}. */
  readonly host: number;
  /** Numbers of threads whose end proves its own, nearest first. The main thread's is left out. */
  readonly ancestors: readonly number[];
}

interface WorkerThreads {
  readonly threadId?: number;
  getEnvironmentData?(key: string): unknown;
  setEnvironmentData?(key: string, value: unknown): void;
}

interface Host {
  readonly process?: {
    readonly versions?: Readonly<Record<string, string | undefined>>;
    getBuiltinModule?(name: string): WorkerThreads | undefined;
  };
}

/** A number that no thread of the host has: here nobody can be told apart. */
export const UNKNOWN_HOST = -1;

const UNKNOWN: HostThread = { host: UNKNOWN_HOST, ancestors: [] };

/** Whether the host is of this kind: each of Node's kin tells its own version beside Node's. */
function isHost(name: "bun" | "deno"): boolean {
  return (globalThis as Host).process?.versions?.[name] !== undefined;
}

/** Whether this is Node itself: its kin are not known to join nested workers first. */
function joinsNestedWorkers(): boolean {
  return !isHost("bun") && !isHost("deno");
}

/**
 * Whether a worker may run on after its end has been told: Deno (2.9) says within the call of `terminate()`
 * that the thread has ended, and lets it run on, for seconds if it is busy.
 */
export function endsLate(): boolean {
  return isHost("deno");
}

/**
 * Whether the event `exit` with a code proves that the worker has ended. Deno emits it with code 1 for a
 * worker that ends late.
 */
export function exitProves(code: number): boolean {
  return !endsLate() || code !== 1;
}

/**
 * The calling thread, which adds itself to the ancestors of the workers that it starts from now on.
 */
export function enterHost(): HostThread {
  const host = globalThis as Host;
  const threads = host.process?.getBuiltinModule?.("node:worker_threads");
  const own = threads?.threadId;
  if (threads === undefined || own === undefined) return UNKNOWN;
  if (own === 0 || !joinsNestedWorkers()) return { host: own, ancestors: [] };
  const known = threads.getEnvironmentData?.(KEY);
  const list = (Array.isArray(known) ? known : []).filter((value) => Number.isInteger(value));
  const ancestors = list.filter((value) => value !== own);
  if (list.length === ancestors.length) threads.setEnvironmentData?.(KEY, [own, ...ancestors]);
  return { host: own, ancestors };
}
