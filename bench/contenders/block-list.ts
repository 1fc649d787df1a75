/**
 * Block lists as contenders, all checks on: by `Block`, and by handles alone.
 */
import { type Block, type BlockList, type Handle, NO_HANDLE, System } from "lookaside";
import type { Family } from "./family.js";

/** Lists of one system: how a list is opened in it, and how the system is left. */
function lists(): { open(bytes: number, most: number): BlockList; dispose(): void } {
  const system = System.create({ nonPaged: "512 MiB", threads: 2 });
  let opened = 0;
  return {
    open(bytes, most) {
      opened++;
      const maximumDepth = Math.min(16_384, Math.max(256, most));
      return system.blockList({ tag: "Benc", name: `bench ${opened}`, size: bytes, maximumDepth });
    },
    dispose: () => system.detach(),
  };
}

/** `allocate()` and `block.free()`. */
export function blockList(): Family<Block | null> {
  const { open, dispose } = lists();
  return {
    name: "BlockList",
    open(bytes, most) {
      const list = open(bytes, most);
      return { take: () => list.allocate(), give: (block) => block?.free() };
    },
    dispose,
  };
}

/** `allocateHandle()` and `freeHandle(handle)`. */
export function blockListHandles(): Family<Handle | 0> {
  const { open, dispose } = lists();
  return {
    name: "BlockList handles",
    open(bytes, most) {
      const list = open(bytes, most);
      return {
        take() {
          const handle = list.allocateHandle();
          return handle === NO_HANDLE ? 0 : handle;
        },
        give(handle) {
          if (handle !== 0) list.freeHandle(handle);
        },
      };
    },
    dispose,
  };
}
