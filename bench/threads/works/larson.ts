/**
 * Larson's server: each thread replaces random blocks of its table; after a generation the tables go
 * around, so that blocks outlive their thread's turn and are freed by another one.
 *
 * The original ends its threads and starts new ones; here they change tables, for a worker is dear to
 * start.
 */
import { nextRandom, SEED } from "../../loops/random.js";
import { Contents } from "../contents.js";
import type { Member, Part } from "../part.js";
import { type AllocatorOrders, openAllocator } from "../shared-allocator.js";

/** What the threads are given: the tables as tokens, one after the other. */
export interface LarsonOrders extends AllocatorOrders {
  readonly slots: number;
  readonly tables: SharedArrayBuffer;
}

/** Replacements of a generation: threads.c has the same. */
const GENERATION = 100_000;

/** Opens the part. */
export function larson(member: Member<LarsonOrders>): Part {
  const { rank, threads, data, meet } = member;
  const { slots, bytes } = data;
  const allocator = openAllocator(data, member);
  const contents = new Contents(allocator.memory);
  const tokens = new Float64Array(data.tables);
  /** The blocks of the present table that are this thread's already; null where only the token is. */
  const items = new Array<unknown>(slots).fill(null);
  for (let slot = 0; slot < slots; slot++)
    tokens[rank * slots + slot] = allocator.send(allocator.take());

  const handOn = (table: number): void => {
    for (let slot = 0; slot < slots; slot++) {
      if (items[slot] === null) continue;
      tokens[table + slot] = allocator.send(items[slot]);
      items[slot] = null;
    }
  };
  return {
    run(operations) {
      const share = Math.floor(operations / threads);
      let random = (SEED + rank) | 0;
      let hash = 0;
      let done = 0;
      for (let generation = 0; done < share; generation++) {
        const table = ((rank + generation) % threads) * slots;
        for (const end = Math.min(done + GENERATION, share); done < end; done++) {
          random = nextRandom(random);
          const slot = (random >>> 0) % slots;
          allocator.give(items[slot] ?? allocator.receive(tokens[table + slot] as number));
          const item = allocator.take();
          items[slot] = item;
          const address = allocator.addressOf(item);
          contents.put(address, slot);
          contents.put(address + bytes - 4, done);
          hash = (hash + slot) | 0;
        }
        handOn(table);
        meet();
      }
      return hash >>> 0;
    },
    end: () => allocator.end(),
  };
}

/** What all threads together give back. */
export function larsonHash(threads: number, slots: number, operations: number): number {
  let hash = 0;
  for (let rank = 0; rank < threads; rank++) {
    let random = (SEED + rank) | 0;
    for (let done = 0; done < Math.floor(operations / threads); done++) {
      random = nextRandom(random);
      hash = (hash + ((random >>> 0) % slots)) | 0;
    }
  }
  return hash >>> 0;
}
