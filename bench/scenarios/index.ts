/**
 * All scenarios, each a question in one sentence: bench/README.md has them for readers.
 */
import { boot, shutdown } from "lookaside/wdk";
import {
  allocUnsafePair,
  arrayStackPair,
  blockListPair,
  freshArrayPair,
  objectListPair,
} from "../contenders/blocks.js";
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
import {
  channelOneWay,
  channelRoundTrip,
  messageOneWay,
  messageRoundTrip,
} from "../contenders/hand-over.js";
import { reusifyPair, thingRing } from "../contenders/rivals.js";
import type { Contender, NotRun, Scenario } from "../harness.js";

/**
 * Boots a machine for the contenders, and shuts it down with the first of them: they are disposed of
 * last first.
 */
function onMachine(contenders: () => Promise<(Contender | NotRun)[]>): Scenario["contenders"] {
  return async () => {
    shutdown();
    boot({ nonPagedPoolBytes: "512 MiB", depth: { periodMs: 0 } });
    return contenders();
  };
}

/** What a pair costs on each kind of documented list, against the bare interlocked operations. */
const lists: Scenario = {
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
const pool: Scenario = {
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
const ring: Scenario = {
  name: "ring",
  contenders: onMachine(async () => [poolRing(64, 1_000), await thingRing(64, 1_000)]),
};

/** What a buffer of 1 KiB costs that is used and given up at once. */
const blocks: Scenario = {
  name: "blocks",
  contenders: async () => [
    blockListPair(1_024),
    arrayStackPair(),
    freshArrayPair(1_024),
    allocUnsafePair(1_024),
  ],
};

/** What an object costs that is used and given back at once. */
const objects: Scenario = {
  name: "objects",
  contenders: async () => [objectListPair(), arrayStackPair(), await reusifyPair()],
};

/** What it costs to hand a handle to another thread. */
const handOver: Scenario = {
  name: "handover",
  contenders: async () => [
    await channelRoundTrip(),
    await messageRoundTrip(),
    await channelOneWay(),
    await messageOneWay(),
  ],
};

export const SCENARIOS: readonly Scenario[] = [lists, pool, ring, blocks, objects, handOver];
