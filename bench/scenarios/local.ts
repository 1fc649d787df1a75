/**
 * Scenarios of one thread: each a loop of bench/loops/local.ts, with every contender that can do its
 * work.
 */

import { arrayStack } from "../contenders/array-stack.js";
import { blockList, blockListHandles } from "../contenders/block-list.js";
import { remembered } from "../contenders/crews.js";
import { nonpagedList, poolFamily } from "../contenders/documented-family.js";
import { type AnyFamily, contend } from "../contenders/family.js";
import { bufferAlloc, bufferAllocUnsafe, literals, newUint8Array } from "../contenders/fresh.js";
import { nativeContenders } from "../contenders/native.js";
import { objectList } from "../contenders/object-list.js";
import { reusify } from "../contenders/reusify.js";
import { thingMalloc } from "../contenders/thing.js";
import type { Contender, NotRun, Scenario } from "../harness.js";
import { replacementsHash } from "../loops/local.js";
import { onMachine } from "./machine.js";

const everyOne = (operations: number): number => operations;

/** Every contender that gives out blocks of a size, ours first; fresh instances. */
async function families(): Promise<(AnyFamily | NotRun)[]> {
  const bytes = (count: number): Uint8Array => new Uint8Array(count);
  return [
    blockList(),
    blockListHandles(),
    objectList(bytes),
    nonpagedList(),
    poolFamily(),
    arrayStack(bytes),
    newUint8Array(),
    bufferAlloc(),
    bufferAllocUnsafe(),
    await thingMalloc(),
  ] as (AnyFamily | NotRun)[];
}

type SetUp = Parameters<typeof contend>[1];

async function contenders(
  of: readonly (AnyFamily | NotRun)[],
  setUp: SetUp,
): Promise<(Contender | NotRun)[]> {
  return Promise.all(of.map((family) => contend(family, setUp)));
}

/** A pair: allocate a block and free it at once. */
function blocks(bytes: number): Scenario {
  const expected = everyOne;
  return {
    name: `blocks-${bytes}`,
    contenders: onMachine(async () => [
      ...(await contenders(await families(), (family, { loopsOver }) => {
        return { run: loopsOver(family.open(bytes, 1)).pairs, expected };
      })),
      ...(await nativeContenders({ work: "pairs", bytes, expected })),
    ]),
  };
}

/** A pair of small objects: get one and give it back at once. */
const objects: Scenario = {
  name: "objects",
  contenders: async () => {
    const small = (value: number): { value: number; next: null } => ({ value, next: null });
    const of = [objectList(small), arrayStack(small), await reusify(), literals()];
    return contenders(of as (AnyFamily | NotRun)[], (family, { loopsOver }) => {
      return { run: loopsOver(family.open(1, 1)).pairs, expected: everyOne };
    });
  },
};

/** A burst: allocate that many blocks of 64 bytes, then free them in the same order. */
function burst(count: number): Scenario {
  const [bytes, expected] = [64, everyOne];
  return {
    name: `burst-${count}`,
    contenders: onMachine(async () => [
      ...(await contenders(
        [...(await families()), (await reusify()) as AnyFamily | NotRun],
        (family, { loopsOver }) => {
          const { bursts } = loopsOver(family.open(bytes, count));
          const items = new Array<never>(count);
          return { run: (operations) => bursts(items, count, operations), expected };
        },
      )),
      ...(await nativeContenders({ work: "bursts", bytes, parameter: count, expected })),
    ]),
  };
}

/** Eight lists (sizes, for a malloc) in turn. */
const SIZES = [32, 64, 96, 128, 192, 256, 384, 512];

const eightLists: Scenario = {
  name: "eight-lists",
  contenders: onMachine(async () => [
    ...(await contenders(await families(), (family, { inTurn }) => {
      const allocators = SIZES.map((bytes) => family.open(bytes, 1));
      return { run: (operations) => inTurn(allocators, operations), expected: everyOne };
    })),
    ...(await nativeContenders({ work: "inTurn", bytes: 0, expected: everyOne })),
  ]),
};

/** 100,000 live blocks of 64 bytes: a random one is freed, and another one allocated. */
const live: Scenario = {
  name: "live",
  contenders: onMachine(async ({ quick }) => {
    const count = quick ? 1_000 : 100_000;
    const hash = (): ((operations: number) => number) =>
      remembered((operations) => replacementsHash(count, operations));
    return [
      ...(await contenders(await families(), (family, { loopsOver }) => {
        const allocator = family.open(64, 1);
        const { replacements } = loopsOver(allocator);
        const items = Array.from({ length: count }, () => allocator.take());
        return {
          run: (operations) => replacements(items, operations),
          expected: hash(),
        };
      })),
      ...(await nativeContenders({
        work: "replacements",
        bytes: 64,
        parameter: count,
        expected: hash(),
      })),
    ];
  }),
};

/** Pairs, ten million of them, with every byte counted that they leave to the collector. */
const garbage: Scenario = {
  name: "garbage",
  garbageOver: 10_000_000,
  contenders: onMachine(async () => {
    const of = [
      ...(await families()),
      (await reusify()) as AnyFamily | NotRun,
      literals() as AnyFamily,
    ];
    return contenders(of, (family, { loopsOver }) => {
      return { run: loopsOver(family.open(64, 1)).pairs, expected: everyOne };
    });
  }),
};

export const LOCAL: readonly Scenario[] = [
  blocks(64),
  blocks(1_024),
  blocks(16_384),
  objects,
  burst(16),
  burst(200),
  eightLists,
  live,
  garbage,
];
