/** What the threads of `routines.test.ts` run: lists that are made with new functions all the time. */
import {
  boot,
  ExAllocateFromLookasideListEx,
  ExAllocatePoolWithTag,
  ExDeleteLookasideListEx,
  ExFreePool,
  ExFreeToLookasideListEx,
  ExInitializeLookasideListEx,
  NonPagedPool,
  SIZEOF_LOOKASIDE_LIST_EX,
  setLookasideDepth,
  shutdown,
  type Ticket,
  tag,
} from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";

export interface Orders {
  readonly ticket: Ticket;
  readonly cycles: number;
}

const TAG = tag("Rout");

/** Makes a list with two functions of this cycle, calls both, and gives back whose were called. */
function cycle(list: number, number: number): number[] {
  const calls: number[] = [];
  const allocate = (type: number, bytes: number, Tag: number): number => {
    calls.push(number);
    return ExAllocatePoolWithTag(type, bytes, Tag);
  };
  const free = (entry: number): void => {
    calls.push(-number);
    ExFreePool(entry);
  };
  ExInitializeLookasideListEx(list, allocate, free, NonPagedPool, 0, 64, TAG, 0);
  setLookasideDepth(list, 0);
  ExFreeToLookasideListEx(list, ExAllocateFromLookasideListEx(list));
  ExDeleteLookasideListEx(list);
  return calls;
}

/** Gives back the first cycle that did not call its own two functions; 0 when all did. */
export const renew: CrewTask<Orders, number> = ({ data, barrier }) => {
  boot(data.ticket);
  const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, TAG);
  barrier();
  let wrong = 0;
  for (let number = 1; number <= data.cycles && wrong === 0; number++) {
    const calls = cycle(list, number);
    if (calls.length !== 2 || calls[0] !== number || calls[1] !== -number) wrong = number;
  }
  shutdown();
  return wrong;
};

/** The same without an end, told by gate 0: for threads that are ended from outside. */
export const renewForever: CrewTask<Orders, number> = ({ data, gates }) => {
  boot(data.ticket);
  const list = ExAllocatePoolWithTag(NonPagedPool, SIZEOF_LOOKASIDE_LIST_EX, TAG);
  for (let number = 1; ; number++) {
    if (cycle(list, number).length !== 2) return number;
    gates.raise(0);
  }
};
