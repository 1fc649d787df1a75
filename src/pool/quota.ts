/**
 * Quotas: what an account may hold of each pool through allocations that charge it.
 *
 * The words lie in the descriptor of the thread whose number is the account's; both are unsigned. `used` is
 * changed by whoever allocates (by compare-exchange, only up to the limit) or frees (by atomic add) a
 * charged block, so it never drifts; `limit` by whoever sets it. A charge that does not fit is never seen by
 * others: it can neither pass the limit nor, while it is taken back, keep out one that fits.
 */
import { add, compareExchange, load, type Region, store } from "../memory/index.js";

/** Offsets in a thread's descriptor; `threads/` keeps its own words below these. */
const USED = 16;
const LIMIT = 18;

/** A limit that no memory of 32 bits reaches. */
export const NO_QUOTA_LIMIT = 0xffff_ffff;

function wordOf(region: Region, account: number, kind: number, word: number): number {
  return region.layout.threads + account * region.layout.threadWords + word + kind;
}

/** Charges bytes to an account. Gives back false, with nothing charged, when its limit is passed. */
export function chargeQuota(region: Region, account: number, kind: number, bytes: number): boolean {
  const { words } = region;
  const used = wordOf(region, account, kind, USED);
  const limit = load(words, wordOf(region, account, kind, LIMIT)) >>> 0;
  let seen = load(words, used);
  for (;;) {
    const next = (seen >>> 0) + bytes;
    if (next > limit) return false;
    const now = compareExchange(words, used, seen, next | 0);
    if (now === seen) return true;
    seen = now; // another charge or return came between: it went through, so somebody got on
  }
}

/** Gives charged bytes back. */
export function returnQuota(region: Region, account: number, kind: number, bytes: number): void {
  add(region.words, wordOf(region, account, kind, USED), -bytes);
}

/** Bytes charged to an account now. */
export function quotaUsed(region: Region, account: number, kind: number): number {
  return load(region.words, wordOf(region, account, kind, USED)) >>> 0;
}

/** Sets what an account may hold, in bytes. */
export function setQuotaLimit(region: Region, account: number, kind: number, bytes: number): void {
  store(region.words, wordOf(region, account, kind, LIMIT), Math.min(bytes, NO_QUOTA_LIMIT) | 0);
}
