/**
 * `reusify`: a queue of objects of one thread, unchecked. An object must have a field `next` for it.
 */
import type { NotRun } from "../harness.js";
import type { Family } from "./family.js";
import { notInstalled, rival } from "./rival.js";

const NAME = "reusify";

/** What its constructor makes, with the array that the other contenders' items are. */
export interface Reusable {
  next: Reusable | null;
  value: number;
}

interface Reusify {
  default<Item>(type: new () => Item): { get(): Item; release(item: Item): void };
}

/** Its `get` and `release`. */
export async function reusify(): Promise<Family<Reusable> | NotRun> {
  const module = await rival<Reusify>(NAME);
  if (module === null) return notInstalled(NAME);
  return {
    name: NAME,
    open(bytes) {
      class Item implements Reusable {
        next: Reusable | null = null;
        value = bytes;
      }
      const pool = module.default<Reusable>(Item);
      return { take: () => pool.get(), give: (item) => pool.release(item), none: null };
    },
  };
}
