/**
 * xmalloc-test: one thread allocates batches and writes every block, the other frees them; batches wait
 * on a bounded stack, which holds the first thread back.
 *
 * ```
 *   words: 0 LOCK   1 idle batches   2 filled batches   3 … the idle ones, the filled ones, blocks of each
 *   tokens: `BATCHES` times `BATCH` 64-bit numbers
 * ```
 *
 * Who holds LOCK writes the stacks; the blocks and tokens of a batch belong to whoever took it off a
 * stack.
 */
import { Contents } from "../contents.js";
import { type Member, type Part, pauseFor } from "../part.js";
import { type AllocatorOrders, openAllocator } from "../shared-allocator.js";

/** What the threads are given. */
export interface XmallocOrders extends AllocatorOrders {
  readonly words: SharedArrayBuffer;
  readonly tokens: SharedArrayBuffer;
}

/** Blocks of a batch, and batches: threads.c has the same. */
export const BATCH = 4_096;
const BATCHES = 100;

/** Most bytes of a block that are written. */
const TOUCHED_BYTES = 128;

const LOCK = 0;
const IDLE = 1;
const FILLED = 2;
const STACKS = 3;
const COUNTS = STACKS + 2 * BATCHES;

/** The shared memory of the stacks: all batches idle. */
export function xmallocMemory(): Pick<XmallocOrders, "words" | "tokens"> {
  const words = new Int32Array(new SharedArrayBuffer((COUNTS + BATCHES) * 4));
  words[IDLE] = BATCHES;
  for (let batch = 0; batch < BATCHES; batch++) words[STACKS + batch] = batch;
  return { words: words.buffer, tokens: new SharedArrayBuffer(BATCHES * BATCH * 8) };
}

/** The two stacks of batches, as one thread sees them. */
class Stacks {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #board: Int32Array<SharedArrayBuffer>;

  constructor(words: SharedArrayBuffer, board: Int32Array<SharedArrayBuffer>) {
    this.#words = new Int32Array(words);
    this.#board = board;
  }

  /** Takes a batch off a stack; waits while there is none. */
  take(stack: number): number {
    const words = this.#words;
    for (let tries = 0; ; tries = pauseFor(this.#board, tries)) {
      this.#lock();
      const count = words[stack] as number;
      const batch = count > 0 ? (words[STACKS + (stack - 1) * BATCHES + count - 1] as number) : -1;
      if (batch >= 0) words[stack] = count - 1;
      Atomics.store(words, LOCK, 0);
      if (batch >= 0) return batch;
    }
  }

  /** Puts a batch on a stack. */
  put(stack: number, batch: number): void {
    const words = this.#words;
    this.#lock();
    const count = words[stack] as number;
    words[STACKS + (stack - 1) * BATCHES + count] = batch;
    words[stack] = count + 1;
    Atomics.store(words, LOCK, 0);
  }

  /** Blocks of a batch. */
  countOf(batch: number): number {
    return this.#words[COUNTS + batch] as number;
  }

  setCount(batch: number, count: number): void {
    this.#words[COUNTS + batch] = count;
  }

  #lock(): void {
    for (let tries = 0; Atomics.compareExchange(this.#words, LOCK, 0, 1) !== 0; )
      tries = pauseFor(this.#board, tries);
  }
}

/** Opens the part: rank 0 produces. */
export function xmalloc(member: Member<XmallocOrders>): Part {
  const { rank, data, board } = member;
  const allocator = openAllocator(data, member);
  const contents = new Contents(allocator.memory);
  const tokens = new Float64Array(data.tokens);
  const stacks = new Stacks(data.words, board);
  const touched = Math.min(data.bytes, TOUCHED_BYTES);

  const produce = (operations: number): number => {
    for (let left = operations; left > 0; ) {
      const batch = stacks.take(IDLE);
      const count = left < BATCH ? left : BATCH;
      for (let at = 0; at < count; at++) {
        const item = allocator.take();
        contents.fill(allocator.addressOf(item), touched, at & 255);
        tokens[batch * BATCH + at] = allocator.send(item);
      }
      left -= count;
      stacks.setCount(batch, count);
      stacks.put(FILLED, batch);
    }
    return 0;
  };
  const consume = (operations: number): number => {
    let hash = 0;
    for (let left = operations; left > 0; ) {
      const batch = stacks.take(FILLED);
      const count = stacks.countOf(batch);
      for (let at = 0; at < count; at++) {
        const item = allocator.receive(tokens[batch * BATCH + at] as number);
        hash = (hash + contents.get(allocator.addressOf(item))) | 0;
        allocator.give(item);
      }
      left -= count;
      stacks.put(IDLE, batch);
    }
    return hash >>> 0;
  };
  return { run: rank === 0 ? produce : consume, end: () => allocator.end() };
}
