/**
 * Scenarios of two threads: the works of bench/threads/works, and their twins in C.
 */
import {
  crewOf,
  larsonWork,
  mstressWork,
  pairsWork,
  producerConsumerWork,
  SHARED_KINDS,
  type Work,
  xmallocWork,
} from "../contenders/crews.js";
import { nativeContenders } from "../contenders/native.js";
import type { Contender, NotRun, Scenario } from "../harness.js";

type Entries = Promise<(Contender | NotRun)[]>;

/**
 * Every kind that can do a work. A quick run takes the first only, for to start workers is what it spends
 * its time on: all kinds run in `producer-consumer`.
 */
async function allKinds(work: () => Work, quick = false): Entries {
  const kinds = quick ? SHARED_KINDS.slice(0, 1) : SHARED_KINDS;
  return Promise.all(kinds.map((kind) => crewOf(kind, work())));
}

/** The native contenders of a work. */
function natives(work: string, parameter: number, of: Work, suffix = ""): Entries {
  const { bytes, expected } = of;
  return nativeContenders({ work, bytes, parameter, expected }, suffix);
}

/** Pairs in one thread, and in two at once, each on its own: the time of a pair, over both. */
const twoThreads: Scenario = {
  name: "two-threads",
  pace: "threads",
  contenders: async () => {
    const entries: (Contender | NotRun)[] = [];
    for (const kind of ["BlockList", "BlockList handles"] as const) {
      entries.push(await crewOf(kind, pairsWork(1), `${kind}, one thread`));
      entries.push(await crewOf(kind, pairsWork(2), `${kind}, two threads`));
    }
    entries.push(...(await natives("local", 1, pairsWork(1), ", one thread")));
    entries.push(...(await natives("local", 2, pairsWork(2), ", two threads")));
    return entries;
  },
};

/** Pairs of both threads on one documented list, which is globally last in, first out. */
const strict: Scenario = {
  name: "strict",
  pace: "threads",
  contenders: async () => [
    await crewOf("NPagedLookasideList", pairsWork(1), "NPagedLookasideList, one thread"),
    await crewOf("NPagedLookasideList", pairsWork(2), "NPagedLookasideList, two threads"),
    await crewOf("BlockList", pairsWork(2), "BlockList, two threads"),
  ],
};

/** One thread allocates, the other frees: the time of a block. */
const producerConsumer: Scenario = {
  name: "producer-consumer",
  pace: "threads",
  contenders: async () => [
    ...(await allKinds(producerConsumerWork)),
    await crewOf("BlockList", pairsWork(1), "BlockList, same-thread pair"),
    await crewOf("BlockList", { ...producerConsumerWork(), open: "queueAlone" }, "queue alone"),
    ...(await natives("producerConsumer", 0, producerConsumerWork())),
  ],
};

/** Random replacement, with tables that change threads. */
const larson: Scenario = {
  name: "larson",
  pace: "threads",
  contenders: async ({ quick }) => {
    const slots = quick ? 50 : 1_000;
    const work = (): Work => larsonWork(slots);
    return [...(await allKinds(work, quick)), ...(await natives("larson", slots, work()))];
  },
};

/** One thread only allocates, the other only frees, in batches of 4,096. */
const xmalloc: Scenario = {
  name: "xmalloc",
  pace: "threads",
  contenders: async ({ quick }) => [
    ...(await allKinds(xmallocWork, quick)),
    ...(await natives("xmalloc", 4_096, xmallocWork())),
  ],
};

/** Allocations that live, die and change threads at random, every byte checked. */
const mstress: Scenario = {
  name: "mstress",
  pace: "threads",
  contenders: async ({ quick }) => {
    const allocations = quick ? 50 : 800;
    const work = (): Work => mstressWork(allocations);
    return [...(await allKinds(work, quick)), ...(await natives("mstress", allocations, work()))];
  },
};

export const THREADS: readonly Scenario[] = [
  twoThreads,
  strict,
  producerConsumer,
  larson,
  xmalloc,
  mstress,
];
