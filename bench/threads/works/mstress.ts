/**
 * mstress: threads that allocate, keep, free at random and exchange blocks with each other; every block
 * is full of a cookie, which is checked when it is freed. A test of correctness that is measured, more
 * than a benchmark.
 *
 * An exchange takes the lock of a transfer slot, for a handle is wider than what can be exchanged at
 * once.
 */
import { nextRandom, SEED } from "../../loops/random.js";
import { Contents } from "../contents.js";
import { type Member, type Part, pauseFor } from "../part.js";
import { type AllocatorOrders, openAllocator } from "../shared-allocator.js";

/** What the threads are given. */
export interface MstressOrders extends AllocatorOrders {
  /** Allocations of a thread's iteration. */
  readonly allocations: number;
  readonly locks: SharedArrayBuffer;
  readonly tokens: SharedArrayBuffer;
}

/** Slots through which blocks change threads: threads.c has the same. */
const TRANSFERS = 1_000;

/** What a transfer slot holds when it holds no block. */
const NONE = -1;

/** The shared memory of the transfer slots: all empty. */
export function mstressMemory(): Pick<MstressOrders, "locks" | "tokens"> {
  const tokens = new Float64Array(new SharedArrayBuffer(TRANSFERS * 8)).fill(NONE);
  return { locks: new SharedArrayBuffer(TRANSFERS * 4), tokens: tokens.buffer };
}

/** Opens the part. */
export function mstress(member: Member<MstressOrders>): Part {
  const { rank, threads, data, board } = member;
  const { bytes, allocations } = data;
  const allocator = openAllocator(data, member);
  const contents = new Contents(allocator.memory);
  const locks = new Int32Array(data.locks);
  const tokens = new Float64Array(data.tokens);
  const growing = new Array<unknown>(allocations).fill(null);
  const retained = new Array<unknown>(allocations).fill(null);

  /** Frees a block. Gives back whether its cookie was whole. */
  const free = (item: unknown): boolean => {
    const whole = contents.isWhole(allocator.addressOf(item), bytes);
    allocator.give(item);
    return whole;
  };
  /** Puts a token into a transfer slot, and gives back the one that was there. */
  const exchange = (slot: number, token: number): number => {
    for (let tries = 0; Atomics.compareExchange(locks, slot, 0, 1) !== 0; )
      tries = pauseFor(board, tries);
    const other = tokens[slot] as number;
    tokens[slot] = token;
    Atomics.store(locks, slot, 0);
    return other;
  };
  const endIteration = (held: number, kept: number): boolean => {
    let whole = true;
    for (let at = 0; at < kept; at++) whole = free(retained[at]) && whole;
    for (let at = 0; at < held; at++) whole = free(growing[at]) && whole;
    for (let slot = rank; slot < TRANSFERS; slot += 2 * threads) {
      const token = exchange(slot, NONE);
      if (token !== NONE) whole = free(allocator.receive(token)) && whole;
    }
    return whole;
  };
  return {
    run(operations) {
      const share = Math.floor(operations / threads);
      let random = (SEED + rank) | 0;
      let good = 0;
      for (let done = 0; done < share; ) {
        let held = 0;
        let kept = 0;
        for (const end = Math.min(done + allocations, share); done < end; done++) {
          let whole = true;
          random = nextRandom(random);
          const item = allocator.take();
          contents.fill(allocator.addressOf(item), bytes, random);
          if ((random & 0x10000) !== 0) growing[held++] = item;
          else retained[kept++] = item;
          random = nextRandom(random);
          if (held > 0 && (random >>> 0) % 100 < 66) {
            const at = (random >>> 8) % held;
            whole = free(growing[at]);
            growing[at] = growing[--held];
          }
          random = nextRandom(random);
          if (held > 0 && (random >>> 0) % 100 < 25) {
            const at = (random >>> 8) % held;
            const token = exchange((random >>> 16) % TRANSFERS, allocator.send(growing[at]));
            growing[at] = token === NONE ? growing[--held] : allocator.receive(token);
          }
          if (whole) good++;
        }
        if (!endIteration(held, kept)) good--;
      }
      return good;
    },
    end: () => allocator.end(),
  };
}
