/** What the threads of `low-resources.test.ts` run. */
import {
  boot,
  ExAllocatePoolWithTag,
  ExFreePool,
  NonPagedPool,
  shutdown,
  simulateLowResources,
  type Ticket,
  tag,
} from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";

interface DrawData {
  readonly ticket: Ticket;
  readonly seed: number;
  readonly count: number;
}

interface Drawn {
  /** Failures before this thread turned a simulation on. */
  readonly before: number;
  /** Which allocations failed after that. */
  readonly failed: readonly number[];
}

function failures(count: number): number[] {
  const failed: number[] = [];
  for (let index = 0; index < count; index++) {
    const block = ExAllocatePoolWithTag(NonPagedPool, 32, tag("Draw"));
    if (block === 0) failed.push(index);
    else ExFreePool(block);
  }
  return failed;
}

/** Allocates without and with a simulation. */
export const draw: CrewTask<DrawData, Drawn> = ({ data, barrier }) => {
  boot(data.ticket);
  barrier(); // both are attached: their numbers, which the seed is mixed with, differ
  const before = failures(data.count).length;
  simulateLowResources({ perTenThousand: 3_000, seed: data.seed });
  const failed = failures(data.count);
  barrier();
  shutdown();
  return { before, failed };
};
