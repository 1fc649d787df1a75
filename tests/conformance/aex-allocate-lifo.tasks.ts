/** What other threads run for aex-allocate-lifo.test.ts. */
import { boot, ExFreeToLookasideListEx, shutdown, type Ticket } from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";

/** Frees the entries in their order, each thread one after the other. */
export const freeInTurn: CrewTask<{
  readonly ticket: Ticket;
  readonly list: number;
  readonly entries: readonly number[];
}> = ({ data, rank, threads, barrier }) => {
  boot(data.ticket);
  for (const [turn, entry] of data.entries.entries()) {
    barrier();
    if (turn % threads === rank) ExFreeToLookasideListEx(data.list, entry);
  }
  barrier();
  shutdown();
};
