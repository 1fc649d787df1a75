/**
 * `@thi.ng/malloc`: a general allocator over one ArrayBuffer of one thread, unchecked.
 */
import type { Contender, NotRun } from "../harness.js";
import type { Family } from "./family.js";
import { notInstalled, rival } from "./rival.js";

const NAME = "@thi.ng/malloc";

interface ThingPool {
  malloc(bytes: number): number;
  free(address: number): boolean;
}

interface ThingMalloc {
  MemPool: new (options: { size: number }) => ThingPool;
}

/** Its `malloc` and `free`, one pool for all sizes. */
export async function thingMalloc(): Promise<Family<number> | NotRun> {
  const module = await rival<ThingMalloc>(NAME);
  if (module === null) return notInstalled(NAME);
  const pool = new module.MemPool({ size: 64 * 2 ** 20 });
  return {
    name: NAME,
    open: (bytes) => ({
      take: () => pool.malloc(bytes),
      give: (address) => {
        pool.free(address);
      },
      none: 0,
    }),
  };
}

/** A ring of `live` blocks: each operation frees the oldest and allocates one. */
export async function thingRing(bytes: number, live: number): Promise<Contender | NotRun> {
  const module = await rival<ThingMalloc>(NAME);
  if (module === null) return notInstalled(NAME);
  const pool = new module.MemPool({ size: 16 * 2 ** 20 });
  const ring = Array.from({ length: live }, () => pool.malloc(bytes));
  let oldest = 0;
  return {
    name: NAME,
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
