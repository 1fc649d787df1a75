/**
 * `lists`, `pool` and `ring`: what the documented facility costs against its own bare operations.
 */
import {
  barePair,
  exPair,
  nonpagedPair,
  pagedPair,
  poolPair,
  poolRing,
  slistPair,
} from "../contenders/documented.js";
import { guestPair } from "../contenders/guest.js";
import { thingRing } from "../contenders/thing.js";
import type { Scenario } from "../harness.js";
import { onMachine } from "./machine.js";

/** What a pair costs on each kind of documented list, against the bare interlocked operations. */
export const lists: Scenario = {
  name: "lists",
  contenders: onMachine(async () => {
    const unified = exPair();
    return [
      barePair(),
      slistPair(),
      nonpagedPair(),
      pagedPair(),
      unified,
      await guestPair(unified.list),
    ];
  }),
};

/** What a pair of the pool costs, and whether many live blocks make it dearer. */
export const pool: Scenario = {
  name: "pool",
  contenders: onMachine(async () => [
    barePair(),
    poolPair(64, 10),
    poolPair(64, 100_000),
    poolPair(1_024, 10),
    poolPair(1_024, 100_000),
  ]),
};

/** What freeing the oldest of 1,000 live blocks of 64 bytes and allocating another one costs. */
export const ring: Scenario = {
  name: "ring",
  contenders: onMachine(async () => [poolRing(64, 1_000), await thingRing(64, 1_000)]),
};
