/**
 * One thread allocates, writes a number and hands over; the other reads it and frees.
 */
import { Contents } from "../contents.js";
import type { Member, Part } from "../part.js";
import { openQueue, type QueueMemory } from "../queue.js";
import { type AllocatorOrders, openAllocator } from "../shared-allocator.js";

/** What the threads are given. */
export interface ProducerConsumerOrders extends AllocatorOrders {
  readonly queue: QueueMemory;
}

/** Opens the part: rank 0 produces. */
export function producerConsumer(member: Member<ProducerConsumerOrders>): Part {
  const { rank, data, board } = member;
  const allocator = openAllocator(data, member);
  const contents = new Contents(allocator.memory);
  const queue = openQueue(data.queue, board);
  const produce = (operations: number): number => {
    for (let at = 0; at < operations; at++) {
      const item = allocator.take();
      contents.put(allocator.addressOf(item), at & 255);
      queue.push(allocator.send(item));
    }
    queue.flush();
    return 0;
  };
  const consume = (operations: number): number => {
    let hash = 0;
    for (let at = 0; at < operations; at++) {
      const item = allocator.receive(queue.pop());
      hash = (hash + contents.get(allocator.addressOf(item))) | 0;
      allocator.give(item);
    }
    return hash >>> 0;
  };
  return { run: rank === 0 ? produce : consume, end: () => allocator.end() };
}

/** Opens the part of the queue alone: the numbers themselves go over, and nothing is allocated. */
export function queueAlone({ rank, data, board }: Member<ProducerConsumerOrders>): Part {
  const queue = openQueue(data.queue, board);
  const produce = (operations: number): number => {
    for (let at = 0; at < operations; at++) queue.push(at & 255);
    queue.flush();
    return 0;
  };
  const consume = (operations: number): number => {
    let hash = 0;
    for (let at = 0; at < operations; at++) hash = (hash + queue.pop()) | 0;
    return hash >>> 0;
  };
  return { run: rank === 0 ? produce : consume };
}
