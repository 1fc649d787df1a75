/** What the threads of `threads.test.ts` and `driver.test.ts` run. */
import { type Guest, loadGuest } from "lookaside/guest";
import * as wdk from "lookaside/wdk";
import { loadTypeScriptDriver } from "../../examples/driver/driver.js";
import type { CrewTask } from "../support/crew.js";
import type { CDriver, Probe } from "./guests.js";

/** A system, a module, and what to do there. */
export interface GuestOrders {
  readonly ticket: wdk.Ticket;
  readonly module: WebAssembly.Module;
  readonly list: number;
}

async function probe({ ticket, module }: GuestOrders): Promise<Guest<Probe>> {
  wdk.boot(ticket);
  return loadGuest<Probe>(module, { name: "probe" });
}

/** Loads the guest as all others do, counts in its static data and in its thread-local data. */
export const count: CrewTask<GuestOrders, readonly number[]> = async ({ data, barrier }) => {
  barrier();
  const { functions } = await probe(data);
  barrier();
  for (let time = 0; time < 10_000; time++) functions.count();
  barrier();
  const result = [functions.count(), functions.countHere(), functions.constructed()];
  barrier();
  wdk.shutdown();
  return result;
};

/** Rank 0 makes a list with the guest's routines; the others, who never saw it made, miss and overflow. */
export const share: CrewTask<GuestOrders, readonly number[]> = async ({ data, rank, barrier }) => {
  const { functions } = await probe(data);
  if (rank === 0) functions.makeList(data.list, 0);
  barrier();
  let wrong = 0;
  for (let round = 0; round < 300; round++) {
    const held = Array.from({ length: 1 + (round % 9) }, () => functions.allocate(data.list) >>> 0);
    for (const entry of held) wdk.touch(entry, 64).fill(rank + 1);
    for (const entry of held) {
      if (wdk.touch(entry, 64).some((byte) => byte !== rank + 1)) wrong++;
      functions.release(data.list, entry);
    }
  }
  barrier();
  wdk.shutdown();
  return [wrong];
};

/** A thread that has not loaded the guest meets one of its lists. */
export const strange: CrewTask<GuestOrders, string> = async ({ data }) => {
  wdk.boot(data.ticket);
  try {
    wdk.ExAllocateFromLookasideListEx(data.list);
    return "allocated";
  } catch (error) {
    return String((error as Error).message);
  } finally {
    wdk.shutdown();
  }
};

/** Loads the guest, whose constructor calls back, and stays in it until the thread is ended. */
export const dieAsFirst: CrewTask<GuestOrders> = async ({ data, gates }) => {
  wdk.boot(data.ticket);
  const construct = (): void => {
    gates.raise(0);
    gates.wait(1);
  };
  await loadGuest(data.module, { name: "slow", imports: { env: { construct } } });
};

/** Loads the guest and stays until the thread is ended. */
export const dieLoaded: CrewTask<GuestOrders> = async ({ data, gates }) => {
  await probe(data);
  gates.raise(0);
  gates.wait(1);
};

/** What the example's two drivers have in common. */
export interface DriverOrders {
  readonly ticket: wdk.Ticket;
  /** The driver in C, or null for the one in TypeScript. */
  readonly module: WebAssembly.Module | null;
  readonly context: number;
  readonly rounds: number;
  readonly burst: number;
}

/** Works with the driver's record together with the others. */
export const drive: CrewTask<DriverOrders, number> = async ({ data, barrier }) => {
  wdk.boot(data.ticket);
  const driver =
    data.module === null
      ? loadTypeScriptDriver()
      : (await loadGuest<CDriver>(data.module, { name: "driver" })).functions;
  barrier();
  const missing = driver.work(data.context, data.rounds, data.burst);
  barrier();
  wdk.shutdown();
  return missing;
};
