/**
 * A bounded queue of numbers from one thread to one other: how handles cross over.
 *
 * ```
 *   words: 0 HEAD   32 TAIL                     cells: 64-bit numbers, `capacity` of them
 * ```
 *
 * | word | who writes it |
 * |---|---|
 * | HEAD | the consumer, after it has read a cell: how many it has read |
 * | TAIL | the producer, after it has written a cell: how many it has written |
 */
import { pauseFor } from "./part.js";

/** What the works need of a queue. Both wait while they must. */
export interface Queue {
  push(token: number): void;
  pop(): number;
}

/** A queue's shared memory: what a thread opens it by. */
export interface QueueMemory {
  readonly words: SharedArrayBuffer;
  readonly cells: SharedArrayBuffer;
}

const HEAD = 0;
const TAIL = 32;

/** Shared memory of a queue of `capacity` numbers, a power of two. */
export function queueMemory(capacity: number): QueueMemory {
  return { words: new SharedArrayBuffer(256), cells: new SharedArrayBuffer(capacity * 8) };
}

/** A thread's end of a queue: one thread only pushes, one only pops. */
export function openQueue(memory: QueueMemory, board: Int32Array<SharedArrayBuffer>): Queue {
  const words = new Int32Array(memory.words);
  const cells = new Float64Array(memory.cells);
  const capacity = cells.length;
  const mask = capacity - 1;
  let head = Atomics.load(words, HEAD);
  let tail = Atomics.load(words, TAIL);
  return {
    push(token) {
      for (let tries = 0; ((tail - head) | 0) === capacity; ) {
        head = Atomics.load(words, HEAD);
        if (((tail - head) | 0) === capacity) tries = pauseFor(board, tries);
      }
      cells[tail & mask] = token;
      tail = (tail + 1) | 0;
      Atomics.store(words, TAIL, tail);
    },
    pop() {
      for (let tries = 0; head === tail; ) {
        tail = Atomics.load(words, TAIL);
        if (head === tail) tries = pauseFor(board, tries);
      }
      const token = cells[head & mask] as number;
      head = (head + 1) | 0;
      Atomics.store(words, HEAD, head);
      return token;
    },
  };
}
