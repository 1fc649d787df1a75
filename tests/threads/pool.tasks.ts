/** What the threads of `pool.test.ts`, `two-systems.test.ts` and `attach.test.ts` run. */
import {
  boot,
  ExAllocatePoolWithQuotaTag,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExFreePoolWithTag,
  NonPagedPool,
  PagedPool,
  POOL_QUOTA_FAIL_INSTEAD_OF_RAISE,
  shutdown,
  type Ticket,
  tag,
} from "lookaside/wdk";
import type { CrewTask } from "../support/crew.js";
import { type Random, randomFrom } from "../support/seed.js";
import { type Held, Ownership, type Registry } from "./ownership.js";

export const TAGS = [tag("One "), tag("Two ")];

export interface PoolOrders {
  readonly ticket: Ticket;
  readonly registry: Registry;
  readonly calls: number;
  readonly seed: number;
  /** Largest request: what is above 61,440 bytes is a run. */
  readonly bytesMax: number;
  /** Most blocks that one thread holds at a time. */
  readonly heldMax: number;
}

/** What one thread did. */
export interface PoolTally {
  allocates: number;
  frees: number;
  refused: number;
}

function tagOf(bytes: number): number {
  return TAGS[bytes % TAGS.length] as number;
}

function allocate(random: Random, bytesMax: number): Held {
  const bytes = 1 + random.int(1 + random.int(bytesMax));
  const type = random.int(2) === 0 ? NonPagedPool : PagedPool;
  const address =
    random.int(4) === 0
      ? ExAllocatePoolWithQuotaTag(type | POOL_QUOTA_FAIL_INSTEAD_OF_RAISE, bytes, tagOf(bytes))
      : ExAllocatePoolWithTag(type, bytes, tagOf(bytes));
  return { address, bytes };
}

function free({ address, bytes }: Held): void {
  if (bytes % 3 === 0) ExFreePool(address);
  else ExFreePoolWithTag(address, tagOf(bytes));
}

/** Allocates, frees, and hands blocks on to threads that free them. Holds nothing at the end. */
export const churn: CrewTask<PoolOrders, PoolTally> = ({ rank, threads, data, barrier }) => {
  boot(data.ticket);
  const random = randomFrom(data.seed + rank);
  const ownership = new Ownership(data.registry, rank);
  const held: Held[] = [];
  const tally = { allocates: 0, frees: 0, refused: 0 };
  const release = (block: Held): void => {
    ownership.release(block);
    free(block);
    tally.frees++;
  };
  barrier();
  let target = data.heldMax;
  for (let call = 0; call < data.calls; call++) {
    if (call % 500 === 0) target = random.int(data.heldMax + 1); // so that slabs come and go
    const choice = random.int(100);
    if (choice < 46 && held.length < target) {
      const block = allocate(random, data.bytesMax);
      tally.allocates++;
      if (block.address === 0) tally.refused++;
      else {
        ownership.claim(block);
        held.push(block);
      }
    } else if (choice < 90) {
      const [block] = held.splice(random.int(Math.max(1, held.length)), 1);
      if (block !== undefined) release(block);
    } else {
      const received = ownership.swap(random.int(16), held.pop() ?? null);
      if (received !== null) held.push(received);
    }
  }
  for (const block of held) release(block);
  barrier();
  for (let lane = rank; lane < 16; lane += threads) {
    const left = ownership.swap(lane, null);
    if (left !== null) release(left);
  }
  barrier();
  shutdown();
  return tally;
};

/** Attaches, works a little and detaches, again and again; every second time it leaves blocks to others. */
export const comeAndGo: CrewTask<PoolOrders, PoolTally> = ({ rank, threads, data, barrier }) => {
  const random = randomFrom(data.seed + rank);
  const ownership = new Ownership(data.registry, rank);
  const tally = { allocates: 0, frees: 0, refused: 0 };
  barrier();
  for (let round = 0; round < data.calls; round++) {
    boot(data.ticket);
    const held: Held[] = [];
    for (let count = random.int(data.heldMax); count > 0; count--) {
      const block = allocate(random, data.bytesMax);
      tally.allocates++;
      if (block.address === 0) {
        tally.refused++;
        continue;
      }
      ownership.claim(block);
      held.push(block);
    }
    for (const block of held) {
      const received = random.int(3) === 0 ? ownership.swap(random.int(16), block) : block;
      if (received === null) continue;
      ownership.release(received);
      free(received);
      tally.frees++;
    }
    shutdown();
  }
  boot(data.ticket);
  barrier();
  for (let lane = rank; lane < 16; lane += threads) {
    const left = ownership.swap(lane, null);
    if (left === null) continue;
    ownership.release(left);
    free(left);
    tally.frees++;
  }
  barrier();
  shutdown();
  return tally;
};
