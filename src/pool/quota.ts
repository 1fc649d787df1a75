/**
 * Quotas: what an account may hold of each pool through allocations that charge it.
 *
 * The words lie in the descriptor of the thread of the same number, which is not the account's owner but by
 * chance: accounts.ts. Both are unsigned. `used` is changed by whoever allocates a charged block (up to
 * the limit) or frees it (down to 0), by compare-exchange; `limit` by whoever sets it. A charge that does not
 * fit is never seen by others: it can neither pass the limit nor, while it is taken back, keep out one
 * that fits.
 */
import { THREADS_MAX } from "../base/index.js";
import { compareExchange, load, type Region, store } from "../memory/index.js";

/** Accounts, numbered from 1: what eight bits of a bill can name. */
export const ACCOUNTS = THREADS_MAX;

/** Offsets in a thread's descriptor; `threads/` keeps its own words below these. */
const USED = 16;
const LIMIT = 18;
export const OWNER = 23;

/** A limit that no memory of 32 bits reaches. */
export const NO_QUOTA_LIMIT = 0xffff_ffff;

/** A word of an account. */
export function quotaWord(region: Region, account: number, kind: number, word: number): number {
  return region.layout.threads + account * region.layout.threadWords + word + kind;
}

/** Charges bytes to an account. Gives back false, with nothing charged, when its limit is passed. */
export function chargeQuota(region: Region, account: number, kind: number, bytes: number): boolean {
  const { words } = region;
  const used = quotaWord(region, account, kind, USED);
  const limit = load(words, quotaWord(region, account, kind, LIMIT)) >>> 0;
  let seen = load(words, used);
  for (;;) {
    const next = (seen >>> 0) + bytes;
    if (next > limit) return false;
    const now = compareExchange(words, used, seen, next | 0);
    if (now === seen) return true;
    seen = now; // another charge or return came between: it went through, so somebody got on
  }
}

/** Gives charged bytes back: no more than are charged, for the account may have been forgiven meanwhile. */
export function returnQuota(region: Region, account: number, kind: number, bytes: number): void {
  const { words } = region;
  const used = quotaWord(region, account, kind, USED);
  let seen = load(words, used);
  for (;;) {
    const now = compareExchange(words, used, seen, Math.max(0, (seen >>> 0) - bytes) | 0);
    if (now === seen) return;
    seen = now;
  }
}

/** Charges an account with nothing. Its owner alone calls this, before its first charge. */
export function forgetQuota(region: Region, account: number): void {
  for (const kind of [0, 1]) store(region.words, quotaWord(region, account, kind, USED), 0);
}

/** Bytes charged to an account now. */
export function quotaUsed(region: Region, account: number, kind: number): number {
  return load(region.words, quotaWord(region, account, kind, USED)) >>> 0;
}

/** Sets what an account may hold, in bytes. */
export function setQuotaLimit(region: Region, account: number, kind: number, bytes: number): void {
  store(region.words, quotaWord(region, account, kind, LIMIT), Math.min(bytes, NO_QUOTA_LIMIT) | 0);
}
