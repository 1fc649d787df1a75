/**
 * The host's own number of the calling thread, where it tells one without an import.
 *
 * Node and its kin number their workers; the parent knows the same number as `worker.threadId`. That
 * is how a parent that sees a worker end finds out which threads of the system ended with it.
 */

interface Host {
  readonly process?: {
    getBuiltinModule?(name: string): { readonly threadId?: number } | undefined;
  };
}

/** A number that no thread of the host has: here nobody can be told apart. */
export const UNKNOWN_HOST = -1;

/** The calling thread's number in its host, or {@link UNKNOWN_HOST}. */
export function hostThread(): number {
  const host = globalThis as Host;
  return host.process?.getBuiltinModule?.("node:worker_threads")?.threadId ?? UNKNOWN_HOST;
}
