/** What the threads of `lookaside.test.ts` and `sequenced-list.test.ts` run. */
import {
  boot,
  ExInterlockedFlushSList,
  ExInterlockedPopEntrySList,
  ExInterlockedPushEntrySList,
  memory,
  QueryDepthSList,
  queryLookaside,
  shutdown,
  type Ticket,
} from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";
import { randomFrom } from "../support/seed.js";
import { LIST_FAMILIES, type ListFamily } from "../unit/wdk/list-families.js";
import { type Held, Ownership, type Registry } from "./ownership.js";

export interface ListOrders {
  readonly ticket: Ticket;
  readonly registry: Registry;
  readonly list: number;
  readonly family: number;
  readonly depth: number;
  readonly calls: number;
  readonly seed: number;
}

/** What one thread did. */
export interface ListTally {
  allocates: number;
  frees: number;
  /** Most entries that it ever saw parked. */
  parkedMax: number;
}

const SIZE = 48;

/** Allocates, frees, and hands entries on to others, which free them; looks at the depth all the time. */
export const churn: CrewTask<ListOrders, ListTally> = ({ rank, data, barrier }) => {
  boot(data.ticket);
  const family = LIST_FAMILIES[data.family] as ListFamily;
  const random = randomFrom(data.seed + rank);
  const ownership = new Ownership(data.registry, rank);
  const held: Held[] = [];
  const tally = { allocates: 0, frees: 0, parkedMax: 0 };
  const free = (block: Held): void => {
    ownership.release(block);
    family.free(data.list, block.address);
    tally.frees++;
  };
  barrier();
  for (let call = 0; call < data.calls; call++) {
    const choice = random.int(100);
    if (choice < 48 && held.length < 24) {
      const block = { address: family.allocate(data.list), bytes: SIZE };
      ownership.claim(block);
      held.push(block);
      tally.allocates++;
    } else if (choice < 92) {
      const [block] = held.splice(random.int(Math.max(1, held.length)), 1);
      if (block !== undefined) free(block);
    } else {
      const received = ownership.swap(random.int(16), held.pop() ?? null);
      if (received !== null) held.push(received);
    }
    if (call % 8 === 0) tally.parkedMax = Math.max(tally.parkedMax, QueryDepthSList(data.list));
  }
  for (const block of held) free(block);
  barrier();
  if (rank === 0) {
    for (let lane = 0; lane < 16; lane++) {
      const left = ownership.swap(lane, null);
      if (left !== null) free(left);
    }
  }
  barrier(); // at rest: nobody leaves while another is still in a call
  tally.parkedMax = Math.max(tally.parkedMax, queryLookaside(data.list).CurrentDepth);
  shutdown();
  return tally;
};

export interface SequencedOrders {
  readonly ticket: Ticket;
  readonly registry: Registry;
  readonly head: number;
  readonly calls: number;
  readonly seed: number;
}

/** Pushes, pops and flushes entries that it owns in between; gives all back. Gives back pushes and pops. */
export const shuffle: CrewTask<SequencedOrders, number> = ({ rank, data, barrier }) => {
  boot(data.ticket);
  const words = (): Uint32Array => new Uint32Array(memory().buffer);
  const random = randomFrom(data.seed + rank);
  const ownership = new Ownership(data.registry, rank);
  const held: Held[] = [];
  let changes = 0;
  const push = (): void => {
    const block = held.pop();
    if (block === undefined) return;
    ownership.release(block);
    ExInterlockedPushEntrySList(data.head, block.address);
    changes++;
  };
  barrier();
  // Who met an empty list each time, as a sleeping thread held all entries, goes on until it has one.
  for (let call = 0; call < data.calls || changes === 0; call++) {
    const choice = random.int(1_000);
    if (choice < 3) {
      for (let entry = ExInterlockedFlushSList(data.head); entry !== 0; ) {
        const next = words()[entry / 4] as number;
        const block = { address: entry, bytes: 16 };
        ownership.claim(block);
        held.push(block);
        entry = next;
      }
    } else if (choice < 500) {
      const entry = ExInterlockedPopEntrySList(data.head);
      if (entry === 0) continue;
      const block = { address: entry, bytes: 16 };
      ownership.claim(block);
      held.push(block);
      changes++;
    } else push();
  }
  while (held.length > 0) push();
  barrier();
  shutdown();
  return changes;
};
