/**
 * Types of block lists, shown by compiling: a line below `@ts-expect-error` must not compile, everything
 * else must. Nothing here runs.
 */
import {
  type Block,
  type BlockList,
  copyOut,
  type Handle,
  NO_HANDLE,
  ObjectList,
  System,
} from "lookaside";

/** Compiles only when both types are the same. */
type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
function holds<_Claim extends true>(): void {}

export function blocks(system: System): void {
  const frames = system.blockList({ tag: "Fram", size: 1_536 });
  const rows = system.blockList({ tag: "Rows", size: "4 KiB", name: "rows of the table" });
  holds<Same<typeof frames, BlockList<"Fram">>>();
  holds<Same<typeof rows, BlockList<"rows of the table">>>();

  const block = frames.allocate();
  holds<Same<typeof block, Block<"Fram"> | null>>();
  // @ts-expect-error allocate may give null
  block.bytes;
  const frame = frames.allocateOrThrow();
  holds<Same<typeof frame.bytes, Uint8Array<SharedArrayBuffer>>>();
  holds<Same<typeof frame.address, number>>();
  const { buffer } = frame;
  buffer.readUInt32LE(0); // a Buffer, where the types of Node are known
  // @ts-expect-error the bytes of a block are one view for good
  frame.bytes = new Uint8Array(1);

  const { handle } = frame;
  frames.adopt(handle);
  const plain: number = handle; // a handle is a number
  // @ts-expect-error and a number is no handle, unless somebody says so
  frames.adopt(plain);
  frames.adopt(frames.handleFrom(plain));
  // @ts-expect-error a handle of one list is not one of another
  rows.adopt(handle);
  // @ts-expect-error nor is its block
  rows.free(frame);

  const bare = frames.allocateHandle();
  // @ts-expect-error there may be no block
  frames.freeHandle(bare);
  if (bare !== NO_HANDLE) {
    holds<Same<typeof bare, Handle<"Fram">>>();
    frames.freeHandle(bare);
    // @ts-expect-error of another list
    rows.offsetOf(bare);
  }

  const list: BlockList = frames; // a list whose name does not matter
  list.statistics().parked.toFixed();
  const copy = copyOut(frame.bytes);
  new Blob([copy]);
  // @ts-expect-error Web interfaces take no shared bytes
  new Blob([frame.bytes]);

  using scoped = frames.allocateOrThrow();
  scoped.bytes.fill(0);
}

export function options(system: System): void {
  // @ts-expect-error a size is needed
  system.blockList({ tag: "Fram" });
  // @ts-expect-error there is no such option
  system.blockList({ tag: "Fram", size: 64, dephts: 3 });
  // @ts-expect-error there is no such pool
  system.blockList({ tag: "Fram", size: 64, pool: "swapped" });
  // @ts-expect-error nor such an option of a system
  System.create({ nonpaged: "1 MiB" });
}

export function objects(): void {
  const points = new ObjectList({ tag: "Pnts", create: () => ({ x: 0 }) });
  const point = points.allocate();
  holds<Same<typeof point, { x: number } | null>>();
  // @ts-expect-error other objects do not belong there
  points.free({ y: 0 });
  // @ts-expect-error an object list holds objects
  new ObjectList({ tag: "Nums", create: () => 1 });
}
