/**
 * What the page is sent: one frame for each period, and now and then the runs of the memory.
 *
 * A frame is a snapshot without what grows with lists times threads (the rings), so that 1,000 lists stay
 * below half a megabyte. The page asks `/snapshot.json?list=…` for the rings of the one list it shows.
 */
import type {
  BlockListSnapshot,
  BlocksSnapshot,
  DocumentedListSnapshot,
  ListSnapshot,
  ObjectListSnapshot,
  Snapshot,
} from "../system/index.js";

/** A list in a frame. */
export type FrameList =
  | (Omit<BlockListSnapshot, "rings" | "depot"> & { readonly users: number })
  | DocumentedListSnapshot
  | ObjectListSnapshot;

/** What one period showed. */
export interface Frame
  extends Pick<
    Snapshot,
    "takenAt" | "takenBy" | "state" | "stopCode" | "pools" | "tags" | "memory" | "threads"
  > {
  readonly title: string;
  readonly periodMs: number;
  /** Milliseconds that the snapshot took in the thread that serves. */
  readonly snapshotMs: number;
  readonly lists: readonly FrameList[];
  readonly threadCapacity: number;
  readonly recoveries: Snapshot["recoveries"];
}

/**
 * A run as numbers: first chunk and count of chunks, pool (0 nonpaged, 1 paged), kind (0 slab, 1 run), bytes
 * of a block, blocks free, held and parked.
 */
export type RunNumbers = readonly [
  chunk: number,
  chunks: number,
  pool: number,
  kind: number,
  blockBytes: number,
  free: number,
  held: number,
  parked: number,
];

/** The runs of the memory, lowest address first. */
export interface MemoryFrame {
  readonly takenAt: number;
  /** Milliseconds that the walk over all blocks took. */
  readonly walkMs: number;
  readonly chunkBytes: number;
  /** Chunks that the memory may have, and has now. */
  readonly chunkCapacity: number;
  readonly chunksGrown: number;
  readonly freeBytesInUsedSlabs: number;
  readonly emptySlabBytes: number;
  readonly largestUnusedBytes: number;
  readonly runs: readonly RunNumbers[];
}

function frameList(list: ListSnapshot): FrameList {
  if (list.kind !== "block") return list;
  const { rings, depot: _depot, ...rest } = list;
  return { ...rest, users: rings.filter(({ open }) => open).length };
}

/** What a monitor adds to a snapshot. */
export type FrameContext = Pick<Frame, "title" | "periodMs" | "snapshotMs">;

/** The frame of a snapshot. */
export function frameOf(snapshot: Snapshot, context: FrameContext): Frame {
  const { version: _version, lists, blocks: _blocks, ...rest } = snapshot;
  return { ...context, ...rest, lists: lists.map(frameList) };
}

/** The runs of a snapshot that was taken with `{ blocks: true }`. */
export function memoryFrameOf(
  { takenAt, memory }: Snapshot,
  blocks: BlocksSnapshot,
  chunkBytes: number,
  walkMs: number,
): MemoryFrame {
  const chunksOf = (bytes: number): number =>
    Math.max(0, Math.floor((bytes - memory.bookkeepingBytes) / chunkBytes));
  const { freeBytesInUsedSlabs, emptySlabBytes } = blocks;
  return {
    takenAt,
    walkMs,
    chunkBytes,
    chunkCapacity: chunksOf(memory.maximumBytes),
    chunksGrown: chunksOf(memory.bytes),
    freeBytesInUsedSlabs,
    emptySlabBytes,
    largestUnusedBytes: memory.largestUnusedBytes,
    runs: blocks.runs.map((run) => [
      chunksOf(run.offset),
      run.bytes / chunkBytes,
      run.pool === "paged" ? 1 : 0,
      run.kind === "run" ? 1 : 0,
      run.blockBytes,
      run.free,
      run.held,
      run.parked,
    ]),
  };
}
