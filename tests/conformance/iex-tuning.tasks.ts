/** What other threads run for iex-tuning.test.ts. */
import {
  activeLists,
  boot,
  ExDeleteLookasideListEx,
  ExInitializeLookasideListEx,
  NonPagedPool,
  NULL,
  shutdown,
  type Ticket,
} from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";

/** Raised by each thread when its lists are initialized. */
export const INITIALIZED = 0;
/** Raised by the test: every second list is to be deleted. */
export const DELETE = 1;
/** Raised by each thread when that is done. */
export const DELETED = 2;

interface Given {
  readonly ticket: Ticket;
  /** For each thread, where its descriptors lie. */
  readonly places: readonly (readonly number[])[];
}

/** Initializes lists, looks at the set when all threads have, deletes every second one when told to. */
export const keepLists: CrewTask<Given, { readonly sawAll: boolean }> = (member) => {
  const { data, rank, gates, barrier } = member;
  boot(data.ticket);
  const mine = data.places[rank] ?? [];
  for (const at of mine) ExInitializeLookasideListEx(at, NULL, NULL, NonPagedPool, 0, 64, 0x74, 0);
  gates.raise(INITIALIZED);
  barrier();
  const seen = new Set(activeLists());
  const sawAll = data.places.flat().every((at) => seen.has(at));
  barrier();
  gates.wait(DELETE);
  for (const at of mine.filter((_, index) => index % 2 === 0)) ExDeleteLookasideListEx(at);
  gates.raise(DELETED);
  shutdown();
  return { sawAll };
};
