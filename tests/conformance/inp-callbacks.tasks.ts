/** What another thread runs for inp-callbacks.test.ts. */
import {
  boot,
  ExAllocateFromNPagedLookasideList,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExFreeToNPagedLookasideList,
  routine,
  shutdown,
  type Ticket,
} from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";

interface Given {
  readonly ticket: Ticket;
  /** A list with four entries parked, and room for four. */
  readonly list: number;
}

/** Registers the list's routines here, then misses three times and overflows three times. */
export const missAndOverflow: CrewTask<Given, { misses: number; overflows: number }> = ({
  data,
}) => {
  boot(data.ticket);
  const seen = { misses: 0, overflows: 0 };
  routine("Stored allocate", (type, bytes, tag) => {
    seen.misses++;
    return ExAllocatePoolWithTag(type, bytes, tag);
  });
  routine("Stored free", (buffer) => {
    seen.overflows++;
    ExFreePool(buffer);
  });
  const entries = Array.from({ length: 7 }, () => ExAllocateFromNPagedLookasideList(data.list));
  for (const entry of entries) ExFreeToNPagedLookasideList(data.list, entry);
  shutdown();
  return seen;
};
