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
  readonly count: number;
}

interface Drawn {
  /** Which allocations failed by the simulation that the machine was booted with. */
  readonly booted: readonly number[];
  /** Which ones when one thread had turned it off, and when it had turned it on for all allocations. */
  readonly off: readonly number[];
  readonly on: readonly number[];
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

/** Allocates with the machine's simulation, without one, and with another that fails all. */
export const draw: CrewTask<DrawData, Drawn> = ({ data, rank, barrier }) => {
  boot(data.ticket);
  barrier(); // both are attached: their numbers, which the seed is mixed with, differ
  const booted = failures(data.count);
  barrier();
  if (rank === 0) simulateLowResources(null);
  barrier();
  const off = failures(data.count);
  barrier();
  if (rank === 1) simulateLowResources({ perTenThousand: 10_000 });
  barrier();
  const on = failures(data.count);
  barrier();
  shutdown();
  return { booted, off, on };
};
