/**
 * What the short ways of the documented routines look at: the gates of this thread's machine, and what is
 * behind them.
 *
 * One object for ever, and a file that uses it has a constant of its own for it: so an engine knows where it
 * is, and a look at a gate is one load. `machine.ts` alone writes it.
 *
 * Beside its gate, a list routine looks whether each argument is an address where a descriptor or an entry
 * can begin: a number of 32 bits without a fraction, on a 16-byte boundary, not below the pool. Each routine
 * has that look written out, for as a function it cost 8 % of a pair (docs/decisions/012). Where the memory
 * ends, WebAssembly looks by itself: its trap is caught, and said again in the words of the routine.
 */
import type { Interlocked } from "../memory/index.js";
import type { Pool } from "../pool/index.js";

/** This thread's short ways. What is not a gate means something only while a gate is open. */
export interface ShortWays {
  /** Closed (true): routines that take nonpaged lists go the careful way. */
  gateNonpaged: boolean;
  /** Closed (true): so do routines that take paged lists, or lists that may be paged, and pool routines. */
  gatePaged: boolean;
  /** The least address of a block: whoever is given a lower one goes the careful way too. */
  lowest: number;
  take: Interlocked["take"];
  park: Interlocked["park"];
  pool: Pool;
}

const nothing = (): number => 0;

/** This thread's. */
export const SHORT_WAYS: ShortWays = {
  gateNonpaged: true,
  gatePaged: true,
  lowest: 0,
  take: nothing,
  park: nothing,
  pool: null as unknown as Pool,
};

/** Closes both gates, and forgets what is behind them. */
export function closeShortWays(): void {
  SHORT_WAYS.gateNonpaged = true;
  SHORT_WAYS.gatePaged = true;
  SHORT_WAYS.take = nothing;
  SHORT_WAYS.park = nothing;
  SHORT_WAYS.pool = null as unknown as Pool;
}
