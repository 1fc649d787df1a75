/**
 * The loops of one thread. Each has a twin in bench/native/allocators.c that does the same, and gives
 * back a hash of its work. A contender imports this file under a name of its own: see
 * contenders/family.ts.
 */
import type { Allocator } from "./allocator.js";
import { nextRandom, SEED } from "./random.js";

/**
 * The loops over one allocator. Its functions become constants of the loops, as if each loop had been
 * written for this contender by hand.
 */
export function loopsOver<Item>({ take, give, none }: Allocator<Item>) {
  return {
    /** Takes one and gives it back. Gives back how many there were. */
    pairs(operations: number): number {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        const item = take();
        if (item === none) continue;
        give(item);
        done++;
      }
      return done;
    },

    /** Takes `burst`, then gives all back in the same order. Gives back how many there were. */
    bursts(items: Item[], burst: number, operations: number): number {
      let done = 0;
      for (let left = operations; left > 0; left -= burst) {
        const count = left < burst ? left : burst;
        for (let at = 0; at < count; at++) {
          const item = take();
          items[at] = item;
          if (item !== none) done++;
        }
        for (let at = 0; at < count; at++) give(items[at] as Item);
      }
      return done;
    },

    /** Gives a random one of `items` back and takes another one. Gives back the sum of the slots. */
    replacements(items: Item[], operations: number): number {
      const live = items.length;
      let hash = 0;
      let random = SEED;
      for (let at = 0; at < operations; at++) {
        random = nextRandom(random);
        const slot = (random >>> 0) % live;
        give(items[slot] as Item);
        const item = take();
        items[slot] = item;
        if (item !== none) hash = (hash + slot) | 0;
      }
      return hash >>> 0;
    },
  };
}

/** Pairs on eight allocators in turn. Gives back how many there were. */
export function inTurn<Item>(allocators: readonly Allocator<Item>[], operations: number): number {
  let done = 0;
  for (let at = 0; at < operations; at++) {
    const allocator = allocators[at & 7] as Allocator<Item>;
    const item = allocator.take();
    if (item === allocator.none) continue;
    allocator.give(item);
    done++;
  }
  return done;
}

/** What `replacements` gives back. */
export function replacementsHash(live: number, operations: number): number {
  let hash = 0;
  let random = SEED;
  for (let at = 0; at < operations; at++) {
    random = nextRandom(random);
    hash = (hash + ((random >>> 0) % live)) | 0;
  }
  return hash >>> 0;
}
