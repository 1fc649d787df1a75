/**
 * Contenders whose work two threads do: a fresh system each, and a crew of workers attached to it.
 */
import { System } from "lookaside";
import type { Contender } from "../harness.js";
import { crewContender } from "../threads/crew.js";
import { queueMemory } from "../threads/queue.js";
import type { AllocatorOrders, Kind } from "../threads/shared-allocator.js";
import { larsonHash } from "../threads/works/larson.js";
import { mstressMemory } from "../threads/works/mstress.js";
import { xmallocMemory } from "../threads/works/xmalloc.js";

/** Kinds whose blocks other threads can free. */
export const SHARED_KINDS: readonly Kind[] = [
  "BlockList",
  "BlockList handles",
  "NPagedLookasideList",
  "pool",
];

/**
 * A work of bench/threads/works: its file, the name of what opens it, and what its threads are given
 * besides.
 */
export interface Work {
  readonly file: string;
  readonly open: string;
  readonly bytes: number;
  /** Blocks that will be parked at a time. */
  readonly most: number;
  readonly threads: number;
  more(): object;
  expected(operations: number): number;
}

/** A crew that does a work with a kind of allocator. */
export async function crewOf(kind: Kind, work: Work, name: string = kind): Promise<Contender> {
  const { file, open, bytes, most, threads, more, expected } = work;
  const system = System.create({ nonPaged: "512 MiB", threads: 8 });
  const orders: AllocatorOrders = { kind, ticket: system.ticket(), bytes, most };
  return crewContender({
    name,
    threads,
    module: new URL(`../threads/works/${file}.js`, import.meta.url),
    open,
    data: { ...orders, ...more() },
    expected,
    dispose: () => system.detach(),
  });
}

/** Remembers the hash of the last number of operations: the rounds of a contender all have the same. */
export function remembered(hash: (operations: number) => number): (operations: number) => number {
  let [last, value] = [-1, 0];
  return (operations) => {
    if (operations !== last) [last, value] = [operations, hash(operations)];
    return value;
  };
}

/** The sum of the numbers that a producer writes: each operation's, of its low 8 bits. */
export function sumOfNumbers(operations: number): number {
  const rest = operations & 255;
  return ((operations >>> 8) * 32_640 + (rest * (rest - 1)) / 2) >>> 0;
}

/** The same when the numbers begin anew with each batch. */
export function sumOfBatches(batch: number, operations: number): number {
  const rest = operations % batch;
  const whole = Math.floor(operations / batch) * sumOfNumbers(batch);
  return (whole + sumOfNumbers(rest)) >>> 0;
}

/** Pairs in each of so many threads. */
export function pairsWork(threads: number): Work {
  const expected = (operations: number): number => operations;
  return {
    file: "pairs",
    open: "pairs",
    bytes: 64,
    most: 256,
    threads,
    more: () => ({}),
    expected,
  };
}

/** One thread allocates, the other frees. */
export function producerConsumerWork(): Work {
  return {
    file: "producer-consumer",
    open: "producerConsumer",
    bytes: 64,
    most: 2_048,
    threads: 2,
    more: () => ({ queue: queueMemory(1_024) }),
    expected: sumOfNumbers,
  };
}

/** Larson's server, with tables of so many slots. */
export function larsonWork(slots: number): Work {
  return {
    file: "larson",
    open: "larson",
    bytes: 64,
    most: 256,
    threads: 2,
    more: () => ({ slots, tables: new SharedArrayBuffer(2 * slots * 8) }),
    expected: remembered((operations) => larsonHash(2, slots, operations)),
  };
}

/** xmalloc-test, one producer and one consumer. */
export function xmallocWork(): Work {
  return {
    file: "xmalloc",
    open: "xmalloc",
    bytes: 64,
    most: 16_384,
    threads: 2,
    more: xmallocMemory,
    expected: (operations) => sumOfBatches(4_096, operations),
  };
}

/** mstress with so many allocations in a thread's iteration. */
export function mstressWork(allocations: number): Work {
  return {
    file: "mstress",
    open: "mstress",
    bytes: 64,
    most: 4_096,
    threads: 2,
    more: () => ({ allocations, ...mstressMemory() }),
    expected: (operations) => 2 * Math.floor(operations / 2),
  };
}
