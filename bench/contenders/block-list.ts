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

/** `allocate()` and `block.free()`. The loops look whether there was a block. */
export function blockList(): Family<Block> {
  const { open, dispose } = lists();
  return {
    name: "BlockList",
    open(bytes, most) {
      const list = open(bytes, most);
      return { take: () => list.allocate() as Block, give: (block) => block.free(), none: null };
    },
    dispose,
  };
}

/** `allocateHandle()` and `freeHandle(handle)`. */
export function blockListHandles(): Family<Handle> {
  const { open, dispose } = lists();
  return {
    name: "BlockList handles",
    open(bytes, most) {
      const list = open(bytes, most);
      return {
        take: () => list.allocateHandle() as Handle,
        give: (handle) => list.freeHandle(handle),
        none: NO_HANDLE,
      };
    },
    dispose,
  };
}
