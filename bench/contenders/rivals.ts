/**
 * Rivals from the registry, out of this folder's own package: present only when they were installed.
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Contender, NotRun } from "../harness.js";

const here = createRequire(new URL("../../../bench/package.json", import.meta.url));

async function rival<Module>(name: string): Promise<Module | null> {
  try {
    return (await import(pathToFileURL(here.resolve(name)).href)) as Module;
  } catch {
    return null;
  }
}

interface ThingMalloc {
  MemPool: new (options: {
    size: number;
  }) => { malloc(bytes: number): number; free(address: number): boolean };
}

/** `@thi.ng/malloc` with a ring of `live` blocks: each operation frees the oldest and allocates one. */
export async function thingRing(bytes: number, live: number): Promise<Contender | NotRun> {
  const name = "@thi.ng/malloc";
  const module = await rival<ThingMalloc>(name);
  if (module === null) return { name, notRun: "not installed: npm ci --prefix bench" };
  const pool = new module.MemPool({ size: 16 * 2 ** 20 });
  const ring = Array.from({ length: live }, () => pool.malloc(bytes));
  let oldest = 0;
  return {
    name,
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        pool.free(ring[oldest] as number);
        const block = pool.malloc(bytes);
        ring[oldest] = block;
        oldest = oldest + 1 === live ? 0 : oldest + 1;
        done += block === 0 ? 0 : 1;
      }
      return done;
    },
    expected: (operations) => operations,
  };
}

interface Reusify {
  default(type: new () => object): { get(): object; release(item: object): void };
}

/** `reusify`: a pool of objects of one thread, unchecked. */
export async function reusifyPair(): Promise<Contender | NotRun> {
  const name = "reusify";
  const module = await rival<Reusify>(name);
  if (module === null) return { name, notRun: "not installed: npm ci --prefix bench" };
  class Item {
    next: Item | null = null;
    value = 1;
  }
  const pool = module.default(Item);
  return {
    name,
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        const item = pool.get() as Item;
        done += item.value;
        pool.release(item);
      }
      return done;
    },
    expected: (operations) => operations,
  };
}
