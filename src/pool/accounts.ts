/**
 * Whose quota account is whose: a thread that begins has nothing charged, whatever others left behind.
 *
 * A block names the account that was charged for it, and is freed by anyone, long after its thread has
 * gone. So an account is no thread number, which the next thread gets again: it is a number of its own, and
 * is given out again only when all that was charged to it has come back.
 *
 * ```
 *          31      16 15         8 7            0
 *         +----------+------------+--------------+
 *   owner | epoch    | 0          | thread       |   0: nobody ever
 *         +----------+------------+--------------+
 * ```
 *
 * | owner | means | changed by |
 * |---|---|---|
 * | a thread attached in this epoch | it charges, nobody else does | nobody |
 * | one that has left or died, something charged | frees give it back | who begins, as a last resort |
 * | the same, nothing charged | anybody's | who begins, by compare-exchange |
 *
 * Nothing has to be done at the end of a thread: that it has ended is what the thread table says. A thread
 * that dies between its charge and its block, or between a free and its credit, leaves a debt that nobody
 * pays.
 *
 * When every account without an owner has debts (255 threads came and went, and each left something), one
 * of them is forgiven: the blocks that it was charged for become nobody's charge, under the run lock, so
 * that they stay where they are. A free that has read its bill before and credits the account afterwards
 * finds nothing charged, or what the next owner charged meanwhile; it never takes an account below 0.
 */
import { LookasideError } from "../base/index.js";
import {
  acquireLock,
  compareExchange,
  HEADER,
  load,
  peek,
  type Region,
  releaseLock,
} from "../memory/index.js";
import { ACCOUNTS, forgetQuota, OWNER, quotaUsed, quotaWord } from "./quota.js";
import { accountOf, FREE, kindOf, withoutAccount } from "./state-word.js";
import { walkBlocks } from "./walk.js";

/** A thread, in one of its lives. */
export interface AccountOwner {
  readonly thread: number;
  readonly epoch: number;
}

/** Passes over all accounts before it is an error that none can be won. */
const PASSES_MAX = 64;

/**
 * Wins an account for a thread that begins: nothing is charged to it.
 *
 * @param isAttached whether a thread is still attached in its epoch.
 * @throws {LookasideError} ERR_THREADS_FULL, ERR_LOCK_STALLED
 */
export function claimAccount(
  region: Region,
  { thread, epoch }: AccountOwner,
  isAttached: (owner: AccountOwner) => boolean,
): number {
  const { words } = region;
  const mine = ((epoch & 0xffff) << 16) | thread;
  for (let pass = 0; pass < PASSES_MAX; pass++) {
    for (let account = 1; account <= ACCOUNTS; account++) {
      const owner = quotaWord(region, account, 0, OWNER);
      const seen = load(words, owner);
      if (seen !== 0 && isAttached({ thread: seen & 0xff, epoch: seen >>> 16 })) continue;
      const owes = quotaUsed(region, account, 0) + quotaUsed(region, account, 1) > 0;
      if (owes && pass === 0) continue;
      if (compareExchange(words, owner, seen, mine) !== seen) continue;
      if (owes) forgive(region, account, thread);
      return account;
    }
  }
  const message = `Cannot begin to charge quota: all ${ACCOUNTS} accounts are taken`;
  throw new LookasideError("ERR_THREADS_FULL", message);
}

/** Makes what was charged to an account nobody's charge. May be done twice. */
function forgive(region: Region, account: number, thread: number): void {
  const { words } = region;
  acquireLock(words, HEADER.RUN_LOCK, thread); // no bill becomes another kind of word meanwhile
  try {
    walkBlocks(region, (state, seen) => {
      if (kindOf(seen) === FREE) return;
      const bill = peek(words, state + 1);
      if (accountOf(bill) === account)
        compareExchange(words, state + 1, bill, withoutAccount(bill));
    });
  } finally {
    releaseLock(words, HEADER.RUN_LOCK);
  }
  forgetQuota(region, account);
}
