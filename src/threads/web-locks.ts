/**
 * Web Locks as proof of a thread's end, for hosts whose workers tell no end (browsers).
 *
 * Each attached thread holds one exclusive lock for as long as it is attached; its name has the system's
 * random id, the thread's number and its epoch. The host releases it when the thread ends, however it
 * ends, and never before. Whoever is granted the same lock therefore knows that its holder has ended
 * or left; which of the two, the status in the thread table tells.
 *
 * ```
 *   attach ──────► request ─ ─ ─ ─ ─ ► granted: lock word = epoch + 1 ─────► detach: status FREE, released
 *          ALIVE, not proved by locks │        from here a grant is proof  │ a grant finds another epoch
 * ```
 *
 * Attaching is synchronous, being granted is not, and in between the lock is free for anybody. So a
 * grant proves nothing about a thread whose lock word was not seen at epoch + 1 before the lock was
 * asked for. A thread that ends in between is proved by nothing; `System.recoverEnded` is for those
 * who know better.
 */
import { HEADER, load, type Region, store } from "../memory/index.js";
import { endsLate } from "./host-thread-node.js";
import { lockWord, type ThreadIdentity } from "./thread-table.js";

/** What is needed of a lock manager: `navigator.locks` has it. */
export interface LockManagerLike {
  request(
    name: string,
    options: {
      readonly mode?: "exclusive";
      readonly ifAvailable?: boolean;
      readonly signal?: AbortSignal;
    },
    callback: (lock: unknown) => unknown,
  ): Promise<unknown>;
}

/** The host's lock manager, or null. */
export function hostLocks(): LockManagerLike | null {
  const { navigator } = globalThis as { navigator?: { readonly locks?: LockManagerLike } };
  return navigator?.locks ?? null;
}

/**
 * Whether a grant by this lock manager proves that the lock's holder has ended. Where workers end late, the
 * host's own grants the lock within the call of `terminate()`: docs/decisions/016.
 */
export function grantsProve(locks: LockManagerLike): boolean {
  return !endsLate() || locks !== hostLocks();
}

/** What the names of all locks of a system begin with: its random id. */
export function lockPrefix(region: Region): string {
  let id = "";
  for (let word = 0; word < 4; word++) {
    id += (load(region.words, HEADER.SYSTEM_ID + word) >>> 0).toString(16).padStart(8, "0");
  }
  return `lookaside:${id}`;
}

/** Name of a thread's lock. */
export function lockName(region: Region, { thread, epoch }: ThreadIdentity): string {
  return `${lockPrefix(region)}:${thread}:${epoch}`;
}

/** Whether a thread holds its lock: from then on a grant of it is proof. */
export function holdsLock(region: Region, { thread, epoch }: ThreadIdentity): boolean {
  return load(region.words, lockWord(region, thread)) === epoch + 1;
}

/**
 * Asks for the calling thread's lock, and holds it until what is given back is called: that must come after
 * the thread's number was given back. A host that refuses locks leaves the thread without one.
 */
export function holdLock(
  region: Region,
  identity: ThreadIdentity,
  locks: LockManagerLike,
): () => void {
  let left = false;
  let release = (): void => {};
  const granted = (): Promise<void> | undefined => {
    if (left) return undefined;
    store(region.words, lockWord(region, identity.thread), identity.epoch + 1);
    return new Promise((resolve) => {
      release = resolve;
    });
  };
  const ask = async (): Promise<unknown> =>
    locks.request(lockName(region, identity), { mode: "exclusive" }, granted);
  ask().catch(() => {
    // No lock, no word: nobody takes a grant for a proof.
  });
  return () => {
    left = true;
    release();
  };
}
