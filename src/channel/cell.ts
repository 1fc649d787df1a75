/**
 * The header of a cell: one word that says what a cell holds, who has claimed it, and for the how many-eth
 * time the cell is used.
 *
 * ```
 *        31                     11 10        3 2      0
 *       +-------------------------+-----------+--------+
 *       | lap                     | claimant  | status |        the claimant is 0 unless a thread has it
 *       +-------------------------+-----------+--------+
 *
 *   EMPTY|lap ──► FILL|t|lap ──► FULL|lap ──► DRAIN|t|lap or TAKE|t|lap ──► EMPTY|lap+1
 *                    │                           ▲      │
 *                    │ refused, or t died        │      │ t died before anybody had the value
 *                    ▼                           │      ▼
 *                EMPTY|lap+1                   RETURNED|lap
 * ```
 *
 * | from | to | by |
 * |---|---|---|
 * | EMPTY | FILL | any thread that pushes, by compare-exchange: the claim |
 * | EMPTY | EMPTY, later lap | anyone, by compare-exchange, when the tail has run ahead: see cells.ts |
 * | FILL | FULL, or EMPTY of the next lap | the claimant; after its proven end, who recovers it, to EMPTY |
 * | FULL, RETURNED | DRAIN, TAKE | any thread that pops, by compare-exchange: the claim |
 * | DRAIN, TAKE | EMPTY of the next lap | the claimant |
 * | DRAIN, TAKE | RETURNED, or EMPTY of the next lap | who recovers the claimant |
 *
 * TAKE is the claim of a thread that adopts the block which the value names before it empties the cell: it
 * may have died with the block in its hands. DRAIN is the claim of a plain `pop`.
 */

/** Statuses. */
export const EMPTY = 0;
export const FILL = 1;
export const FULL = 2;
export const DRAIN = 3;
export const TAKE = 4;
export const RETURNED = 5;

/** Names of the statuses, for messages. */
export const STATUS_NAMES = ["EMPTY", "FILL", "FULL", "DRAIN", "TAKE", "RETURNED"] as const;

/** Bits of a header below the lap. */
export const LAP_SHIFT = 11;
const LAP_BITS_MAX = 32 - LAP_SHIFT;

/** Words of a cell: its header, the two halves of its value, and one that nobody uses. */
export const CELL_WORDS = 4;
export const LOW = 1;
export const HIGH = 2;

/** A header. */
export function cellHeader(lap: number, claimant: number, status: number): number {
  return (lap << LAP_SHIFT) | (claimant << 3) | status;
}

/** What the cell holds. */
export function statusOf(header: number): number {
  return header & 7;
}

/** The thread that has claimed the cell, or 0. */
export function claimantOf(header: number): number {
  return (header >>> 3) & 0xff;
}

/** The lap. */
export function lapOf(header: number): number {
  return header >>> LAP_SHIFT;
}

/** Bits of a lap in a channel of 2^shift cells: a position has 32 bits, the lap is above the cell. */
export function lapBits(shift: number): number {
  return Math.min(LAP_BITS_MAX, 32 - shift);
}
