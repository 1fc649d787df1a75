/**
 * A bounded queue of numbers from one thread to one other: how handles cross over.
 *
 * ```
 *   words: 0 HEAD   32 TAIL                     cells: 64-bit numbers, `capacity` of them
 * ```
 *
 * | word | who writes it |
 * |---|---|
 * | HEAD | the consumer: how many it has read |
 * | TAIL | the producer: how many it has written |
 *
 * Both say it every 16 numbers only, and before they wait: an atomic store for each would be dearer than
 * the blocks that go over.
 */
import { pauseFor } from "./part.js";

/** What the works need of a queue. Both wait while they must. */
export interface Queue {
  push(token: number): void;
  /** Says what was pushed: after the last push of a round. */
  flush(): void;
  pop(): number;
}

/** A queue's shared memory: what a thread opens it by. */
export interface QueueMemory {
  readonly words: SharedArrayBuffer;
  readonly cells: SharedArrayBuffer;
}

const HEAD = 0;
const TAIL = 32;

/** Numbers between two words to the other side, less one. */
const PACE = 15;

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
  const waitForRoom = (): void => {
    Atomics.store(words, TAIL, tail);
    for (let tries = 0; ((tail - head) | 0) === capacity; ) {
      head = Atomics.load(words, HEAD);
      if (((tail - head) | 0) === capacity) tries = pauseFor(board, tries);
    }
  };
  const waitForNumbers = (): void => {
    Atomics.store(words, HEAD, head);
    for (let tries = 0; head === tail; ) {
      tail = Atomics.load(words, TAIL);
      if (head === tail) tries = pauseFor(board, tries);
    }
  };
  return {
    push(token) {
      if (((tail - head) | 0) === capacity) waitForRoom();
      cells[tail & mask] = token;
      tail = (tail + 1) | 0;
      if ((tail & PACE) === 0) Atomics.store(words, TAIL, tail);
    },
    flush() {
      Atomics.store(words, TAIL, tail);
    },
    pop() {
      if (head === tail) waitForNumbers();
      const token = cells[head & mask] as number;
      head = (head + 1) | 0;
      if ((head & PACE) === 0) Atomics.store(words, HEAD, head);
      return token;
    },
  };
}
