/** What other threads run for aex-allocate.test.ts. */
import {
  boot,
  ExAllocateFromLookasideListEx,
  LookasideError,
  routine,
  shutdown,
  type Ticket,
} from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";
import { spyAllocate } from "./bench.js";

interface List {
  readonly ticket: Ticket;
  readonly list: number;
}

interface Miss {
  readonly entry: number;
  readonly calls: readonly (readonly number[])[];
}

/** Registers this thread's routine "Counted", and misses once. */
export const missAfterRegistering: CrewTask<List, Miss> = ({ data }) => {
  boot(data.ticket);
  const allocate = spyAllocate();
  routine("Counted", allocate);
  const entry = ExAllocateFromLookasideListEx(data.list);
  shutdown();
  return { entry, calls: allocate.calls };
};

/** Misses on a list whose routine this thread does not know: gives back the code of the error. */
export const missWithoutRegistering: CrewTask<List, string> = ({ data }) => {
  boot(data.ticket);
  try {
    return `entry ${ExAllocateFromLookasideListEx(data.list)}`;
  } catch (error) {
    return error instanceof LookasideError ? error.code : String(error);
  } finally {
    shutdown();
  }
};
