/**
 * Recovery that waits for no lock, so that its thread goes on hearing who else has ended.
 *
 * Two threads may end at once, and the one whose end is heard first may be recovered only when the locks
 * of the other are free. To wait for them would be to wait for oneself: the second end is heard by the
 * same thread. So a recovery that meets such a lock is left as it is, claimed, and gone on with later.
 */
import { LookasideError } from "../base/index.js";
import { type Region, withPatience } from "../memory/index.js";
import type { Pool } from "../pool/index.js";
import { type OrphanPolicy, type RecoveryReport, recoverThread } from "../recovery/index.js";
import type { ThreadIdentity } from "../threads/index.js";

/** Milliseconds that one attempt waits for a lock, from one attempt to the next, and of all attempts. */
const ATTEMPT_MS = 20;
const PAUSE_MS = 20;
const ALL_MS = 30_000;

/** The host's timer, as far as it is used here; a worklet has none. */
interface TimerHost {
  setTimeout?(action: () => void, milliseconds: number): unknown;
}

function isStalled(error: unknown): boolean {
  return error instanceof LookasideError && error.code === "ERR_LOCK_STALLED";
}

/**
 * Recovers every thread of a list, each as soon as it can be. At once if no lock is in the way. The
 * reports are of the attempts that came to an end.
 * @throws {LookasideError} ERR_LOCK_STALLED after half a minute; and what a policy throws.
 */
export async function recoverPatiently(
  region: Region,
  pool: Pool,
  dead: readonly ThreadIdentity[],
  orphans: OrphanPolicy,
  goesOn: () => boolean,
): Promise<RecoveryReport[]> {
  const reports: RecoveryReport[] = [];
  const troubles: unknown[] = [];
  let left = dead;
  for (let waited = 0; left.length > 0 && goesOn(); waited += PAUSE_MS) {
    const stalled: ThreadIdentity[] = [];
    for (const identity of left) {
      try {
        reports.push(
          ...withPatience(ATTEMPT_MS, () => recoverThread(region, pool, identity, orphans)),
        );
      } catch (error) {
        if (isStalled(error) && waited < ALL_MS) stalled.push(identity);
        else troubles.push(error);
      }
    }
    left = stalled;
    if (left.length > 0) await pause();
  }
  if (troubles.length > 0) throw troubles[0];
  return reports;
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    const { setTimeout } = globalThis as TimerHost;
    if (setTimeout === undefined) resolve();
    else setTimeout(resolve, PAUSE_MS);
  });
}
