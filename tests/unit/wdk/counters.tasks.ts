/** What several threads do to one list for counters.test.ts. */
import {
  boot,
  ExFlushLookasideListEx,
  memory,
  routine,
  shutdown,
  type Ticket,
} from "lookaside/wdk";
import { spyAllocate, spyFree } from "../../conformance/bench.js";
import type { CrewTask } from "../../support/crew.js";
import { randomFrom } from "../../support/seed.js";
import { LIST_FAMILIES, type ListFamily } from "./list-families.js";

/** Names of the list's routines: each thread counts the calls of its own. */
export const CHURN_ALLOCATE = "Churn allocate";
export const CHURN_FREE = "Churn free";

/** What one thread did. */
export interface Tally {
  readonly allocates: number;
  readonly frees: number;
  /** Calls of this thread's Allocate routine. */
  readonly obtained: number;
  /** Calls of this thread's Free routine. */
  readonly released: number;
  /** Entries in its hands at the end. */
  readonly held: readonly number[];
}

/** Allocates, frees and flushes at random; every entry it holds bears its stamp until it is freed. */
export const churn: CrewTask<
  {
    readonly ticket: Ticket;
    readonly list: number;
    /** Place in LIST_FAMILIES. */
    readonly family: number;
    readonly calls: number;
    readonly seed: number;
  },
  Tally
> = ({ data, rank, barrier }) => {
  boot(data.ticket);
  const family = LIST_FAMILIES[data.family] as ListFamily;
  const random = randomFrom(data.seed + rank);
  const [allocate, free] = [spyAllocate(), spyFree()];
  routine(CHURN_ALLOCATE, allocate);
  routine(CHURN_FREE, free);
  const held: number[] = [];
  let [allocates, frees] = [0, 0];
  barrier();
  for (let call = 0; call < data.calls; call++) {
    const choice = random.int(200);
    if (choice === 0 && family.unified) {
      ExFlushLookasideListEx(data.list);
    } else if (held.length === 0 || (choice < 100 && held.length < 20)) {
      held.push(stamped(family.allocate(data.list), rank));
      allocates++;
    } else {
      const [entry] = held.splice(random.int(held.length), 1) as [number];
      stillStamped(entry, rank);
      family.free(data.list, entry);
      frees++;
    }
  }
  barrier(); // at rest: nobody may shut down while another is still in a call
  for (const entry of held) stillStamped(entry, rank);
  shutdown();
  return { allocates, frees, obtained: allocate.calls.length, released: free.calls.length, held };
};

function stampOf(entry: number): Int32Array {
  return new Int32Array(memory().buffer, entry, 4);
}

function stamped(entry: number, rank: number): number {
  stampOf(entry).fill(rank + 1);
  return entry;
}

function stillStamped(entry: number, rank: number): void {
  if (stampOf(entry).every((word) => word === rank + 1)) return;
  throw new Error(`entry ${entry} of thread ${rank} is in two hands`);
}
