/** What another thread runs for inp-use.test.ts. */
import {
  activeLists,
  boot,
  ExAllocateFromNPagedLookasideList,
  ExFreeToNPagedLookasideList,
  shutdown,
  type Ticket,
} from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";

interface Given {
  readonly ticket: Ticket;
  readonly list: number;
}

interface Found {
  readonly active: readonly number[];
  readonly entry: number;
}

/** Knows nothing but the memory and the address of the list: takes an entry and gives it back. */
export const useFromElsewhere: CrewTask<Given, Found> = ({ data }) => {
  boot(data.ticket);
  const active = activeLists();
  const entry = ExAllocateFromNPagedLookasideList(data.list);
  ExFreeToNPagedLookasideList(data.list, entry);
  shutdown();
  return { active, entry };
};
