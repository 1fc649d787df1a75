/** What another thread of `machine.test.ts` meets after the test's thread has stopped the machine. */
import {
  BugCheck,
  boot,
  ExAllocateFromLookasideListEx,
  ExAllocatePoolWithTag,
  ExFreeToLookasideListEx,
  NonPagedPool,
  queryLookaside,
  shutdown,
  type Ticket,
} from "lookaside/wdk";
import type { CrewTask } from "../../support/crew.js";

/** Raised by the thread when it has attached. */
export const ATTACHED = 0;
/** Raised by the test when the machine has met its bug check. */
export const CHECKED = 1;

/** A list with one entry parked, and an entry that is held. */
export interface Given {
  readonly ticket: Ticket;
  readonly list: number;
  readonly entry: number;
}

/** What a call was answered with: "served", or the code and parameters of a bug check. */
export type Answer = "served" | readonly number[];

function answerTo(call: () => unknown): Answer {
  try {
    call();
    return "served";
  } catch (error) {
    if (error instanceof BugCheck) return [error.code, ...error.parameters];
    throw error;
  }
}

/** Waits for the bug check, then calls: pool, a hit, a miss, a free with room, a report. */
export const callAfterwards: CrewTask<Given, Readonly<Record<string, Answer>>> = ({
  data,
  gates,
}) => {
  boot(data.ticket);
  gates.raise(ATTACHED);
  gates.wait(CHECKED);
  const answers = {
    pool: answerTo(() => ExAllocatePoolWithTag(NonPagedPool, 16, 0x7761_6974)),
    hit: answerTo(() => ExAllocateFromLookasideListEx(data.list)),
    miss: answerTo(() => ExAllocateFromLookasideListEx(data.list)),
    free: answerTo(() => ExFreeToLookasideListEx(data.list, data.entry)),
    report: answerTo(() => queryLookaside(data.list)),
  };
  shutdown();
  return answers;
};
