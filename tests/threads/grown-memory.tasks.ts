/** What the thread of `grown-memory.test.ts` runs. */
import {
  boot,
  ExAllocateFromLookasideListEx,
  ExFreeToLookasideListEx,
  ExInitializeLookasideListEx,
  NonPagedPool,
  parkedEntries,
  shutdown,
  type Ticket,
  tag,
} from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";

/** A gate that the thread raises when it has attached. */
export const ATTACHED = 0;
/** A gate that the test raises when the memory has grown and the place is known. */
export const GROWN = 1;

interface Orders {
  readonly ticket: Ticket;
  /** Where the list is to be made. */
  readonly place: Float64Array<SharedArrayBuffer>;
}

/** Makes a list where the memory was not when this thread attached; gives back what is parked in it. */
export const makeList: CrewTask<Orders, number[]> = ({ data, gates }) => {
  boot(data.ticket);
  gates.raise(ATTACHED);
  gates.wait(GROWN);
  const list = data.place[0] as number;
  ExInitializeLookasideListEx(list, 0, 0, NonPagedPool, 0, 48, tag("Grow"), 0);
  const entries = [1, 2, 3].map(() => ExAllocateFromLookasideListEx(list));
  for (const entry of entries) ExFreeToLookasideListEx(list, entry);
  const parked = parkedEntries(list);
  shutdown();
  return parked;
};
