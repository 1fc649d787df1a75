/**
 * The price of memory: one number for all lists of a system, by which they pay for one another.
 *
 * While growth within the budget of parked bytes succeeds, the price is 1. A growth that was refused, or
 * a budget that is overdrawn, doubles it at each visit; otherwise it falls by half towards 1. A list's
 * patience with idle blocks is divided by it (`idlePatience`), so each list gives up what is worth
 * least to it for a byte first, and all of them more the longer the need lasts.
 */

/** Least and greatest price. */
export const PRICE_MIN = 1;
export const PRICE_MAX = 64;

/** The next price. `parked`, `budget`: KiB that may be parked, and the most that may. */
export function nextPrice(price: number, parked: number, budget: number, refusals: number): number {
  const isShort = refusals !== 0 || parked > budget;
  return isShort ? Math.min(PRICE_MAX, price * 2) : Math.max(PRICE_MIN, Math.floor(price / 2));
}
