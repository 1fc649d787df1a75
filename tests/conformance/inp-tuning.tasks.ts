/** What other threads run for inp-tuning.test.ts, where time is real. */
import { setImmediate as turn } from "node:timers/promises";
import { boot, queryLookaside, type Ticket } from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";

/** Raised by the thread when it has attached, and its timer runs. */
export const ATTACHED = 0;
/** Raised by the test when there is demand and its own thread has stopped to turn. */
export const GO = 1;
/** Raised by the thread when the balance set manager has seen the demand. */
export const TUNED = 2;
/** Raised by nobody. */
const NEVER = 3;

interface Given {
  readonly ticket: Ticket;
  readonly list: number;
  /** Allocations that the test will have made. */
  readonly allocates: number;
}

/**
 * Turns its event loop until the balance set manager has sampled all of the test's demand, then stands
 * still for good, outside of everything: the test ends it.
 */
export const turnUntilTuned: CrewTask<Given> = async ({ data, gates }) => {
  boot(data.ticket);
  gates.raise(ATTACHED);
  gates.wait(GO);
  while (queryLookaside(data.list).LastTotalAllocates < data.allocates) await turn();
  gates.raise(TUNED);
  gates.wait(NEVER);
};

/** Boots and returns without shutting down. */
export const bootAndReturn: CrewTask<Ticket> = ({ data }) => {
  boot(data);
};
