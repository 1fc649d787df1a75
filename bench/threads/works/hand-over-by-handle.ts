/**
 * Hand-over by handle: the sender gets a block, writes a number at both ends and pushes the handle; the
 * receiver adopts the block, adds the numbers up and frees it. Through the channel of the library.
 */
import { Contents } from "../contents.js";
import type { Member, Part } from "../part.js";
import { type AllocatorOrders, openAllocator } from "../shared-allocator.js";

/** What the threads are given. */
export interface HandOverOrders extends AllocatorOrders {
  /** Blocks that may be on the way. */
  readonly window: number;
}

/** By handle: rank 0 sends. */
export function byHandle(member: Member<HandOverOrders>): Part {
  const { rank, data } = member;
  const allocator = openAllocator(data, member);
  const contents = new Contents(allocator.memory);
  const lane = allocator.channel?.("lane", data.window);
  if (lane === undefined) throw new Error(`${data.kind} has no channel`);
  const last = data.bytes - 4;
  const send = (operations: number): number => {
    for (let at = 0; at < operations; at++) {
      const item = allocator.take();
      const address = allocator.addressOf(item);
      contents.put(address, at & 255);
      contents.put(address + last, at & 255);
      lane.send(item);
    }
    return 0;
  };
  const receive = (operations: number): number => {
    let hash = 0;
    for (let at = 0; at < operations; at++) {
      const item = lane.receive();
      const address = allocator.addressOf(item);
      hash = (hash + contents.get(address) + contents.get(address + last)) | 0;
      allocator.give(item);
    }
    return hash >>> 0;
  };
  return { run: rank === 0 ? send : receive, end: () => allocator.end() };
}
