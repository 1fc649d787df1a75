/** What the other threads of `routine.test.ts` run: each boots by a ticket and uses a list of the test's. */
import {
  boot,
  ExAllocateFromLookasideListEx,
  ExFreeToLookasideListEx,
  LookasideError,
  NULL,
  routine,
  shutdown,
  type Ticket,
} from "lookaside/wdk";
import type { CrewTask } from "../../support/crew.js";

/** A list of the test's, and an entry of it. */
export interface Given {
  readonly ticket: Ticket;
  readonly list: number;
  readonly entry: number;
}

/** What a call ended with: a value, or the code and the message of its error. */
export type Ending =
  | { readonly value: number }
  | { readonly code: string; readonly message: string };

function endingOf(call: () => number): Ending {
  try {
    return { value: call() };
  } catch (error) {
    if (error instanceof LookasideError) return { code: error.code, message: error.message };
    throw error;
  }
}

/** Allocates and frees without having registered anything. */
export const unprepared: CrewTask<Given, { readonly allocate: Ending; readonly free: Ending }> = ({
  data,
}) => {
  boot(data.ticket);
  const allocate = endingOf(() => ExAllocateFromLookasideListEx(data.list));
  const free = endingOf(() => {
    ExFreeToLookasideListEx(data.list, data.entry);
    return NULL;
  });
  shutdown();
  return { allocate, free };
};

/** Registers a function of its own under the name "Shared", then misses once. */
export const prepared: CrewTask<Given, { readonly handle: number; readonly given: number }> = ({
  data,
}) => {
  boot(data.ticket);
  const handle = routine("Shared", () => data.entry);
  const given = ExAllocateFromLookasideListEx(data.list);
  shutdown();
  return { handle, given };
};
