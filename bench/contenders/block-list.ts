/**
 * Block lists as contenders, all checks on: by `Block`, and by handles alone.
 */
import { type Block, type BlockList, System } from "lookaside";
import type { NotRun } from "../harness.js";
import type { Family } from "./family.js";

/** The pair that makes no object for a block. */
export interface HandleLevel {
  allocateHandle(): number | null;
  freeHandle(handle: number): void;
  offsetOf(handle: number): number;
}

/** The list's handle-level pair, or null in a version without one. */
export function handleLevel(list: object): HandleLevel | null {
  return "allocateHandle" in list && "freeHandle" in list ? (list as HandleLevel) : null;
}

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
export function blockListHandles(): Family<number | null> | NotRun {
  const name = "BlockList handles";
  const { open, dispose } = lists();
  if (handleLevel(open(64, 1)) === null) {
    dispose();
    return { name, notRun: "this version has no handle-level pair" };
  }
  return {
    name,
    open(bytes, most) {
      const list = open(bytes, most) as unknown as HandleLevel;
      return { take: () => list.allocateHandle(), give: (handle) => list.freeHandle(handle ?? 0) };
    },
    dispose,
  };
}
