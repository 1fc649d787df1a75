/**
 * Pairs in each thread: allocate a block, free it at once.
 */
import type { Member, Part } from "../part.js";
import { type AllocatorOrders, openAllocator } from "../shared-allocator.js";

/** Opens the part. */
export function pairs(member: Member<AllocatorOrders>): Part {
  const allocator = openAllocator(member.data, member);
  return {
    run(operations) {
      let done = 0;
      for (let at = member.rank; at < operations; at += member.threads) {
        const item = allocator.take();
        allocator.give(item);
        done++;
      }
      return done;
    },
    end: () => allocator.end(),
  };
}
