/** What other threads run for the tests of ExFreeToNPagedLookasideList. */
import { boot, ExFreeToNPagedLookasideList, routine, shutdown, type Ticket } from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";
import { spyFree } from "./bench.js";

interface Entries {
  readonly ticket: Ticket;
  readonly list: number;
  readonly entries: readonly number[];
}

/** Frees the entries in their order. */
export const freeAll: CrewTask<Entries> = ({ data }) => {
  boot(data.ticket);
  for (const entry of data.entries) ExFreeToNPagedLookasideList(data.list, entry);
  shutdown();
};

/** Registers this thread's "Counted free" and frees the entries: gives back the calls it got. */
export const freeAllCounted: CrewTask<Entries, readonly (readonly number[])[]> = ({ data }) => {
  boot(data.ticket);
  const free = spyFree();
  routine("Counted free", free);
  for (const entry of data.entries) ExFreeToNPagedLookasideList(data.list, entry);
  shutdown();
  return free.calls;
};
