/**
 * Snapshots made by hand, for those who show them: each part has something in it, and takes
 * what a test changes.
 */
import type {
  BlockListSnapshot,
  DocumentedListSnapshot,
  ObjectListSnapshot,
  Snapshot,
  TagSnapshot,
} from "lookaside";

const COUNTS = {
  size: 1_536,
  depth: 64,
  maximumDepth: 256,
  allocates: 1_000,
  allocateMisses: 100,
  frees: 950,
  freeMisses: 10,
  allocateHitRate: 0.9,
  freeHitRate: 940 / 950,
  parked: 40,
  held: 50,
  parkedBytes: 61_440,
  heldBytes: 76_800,
  trimmed: 0,
} as const;

/** A block list. */
export function blockListOf(changes: Partial<BlockListSnapshot> = {}): BlockListSnapshot {
  return {
    ...COUNTS,
    kind: "block",
    id: "block-1",
    name: "frames",
    tag: "Fram",
    pool: "nonPaged",
    policy: "idle",
    deleted: false,
    reserved: 0,
    obtained: 100,
    failures: 0,
    refills: 3,
    spills: 2,
    adopted: 1,
    refused: 0,
    rings: [
      {
        thread: 1,
        open: true,
        parked: 40,
        limit: 64,
        allocates: 1_000,
        allocateMisses: 100,
        frees: 950,
        freeMisses: 10,
        refills: 3,
        spills: 2,
        adopted: 1,
      },
    ],
    depot: { slots: 8, fullSlots: 0, batch: 16, parked: 0 },
    ...changes,
  };
}

/** A documented list. */
export function documentedListOf(
  changes: Partial<DocumentedListSnapshot> = {},
): DocumentedListSnapshot {
  return {
    ...COUNTS,
    kind: "documented",
    id: "documented-1000-1",
    name: "NPaged list @ 0x1000",
    tag: "Docu",
    pool: "nonPaged",
    address: 0x1000,
    family: "NPaged",
    type: 0,
    ...changes,
  };
}

/** An object list. */
export function objectListOf(changes: Partial<ObjectListSnapshot> = {}): ObjectListSnapshot {
  return {
    ...COUNTS,
    kind: "object",
    id: "object-1-1",
    name: "Part",
    tag: "Part",
    thread: 1,
    policy: "own",
    reserved: 0,
    ...changes,
  };
}

/** A tag. */
export function tagOf(changes: Partial<TagSnapshot> = {}): TagSnapshot {
  return {
    tag: "Fram",
    pool: "nonPaged",
    allocs: 100,
    frees: 10,
    blocks: 90,
    bytes: 138_240,
    peakBytes: 150_000,
    ...changes,
  };
}

const POOL = {
  limitBytes: 67_108_864,
  usedBytes: 589_824,
  peakBytes: 655_360,
  slabs: 9,
  slabBytes: 589_824,
  runs: 0,
  runBytes: 0,
  allocs: 100,
  frees: 10,
  blocks: 90,
  bytes: 138_240,
} as const;

/** A snapshot. */
export function snapshotOf(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    version: 1,
    takenAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    takenBy: 1,
    state: "open",
    stopCode: null,
    lists: [blockListOf(), documentedListOf(), objectListOf()],
    pools: [
      { pool: "nonPaged", ...POOL },
      { pool: "paged", ...POOL },
    ],
    tags: [tagOf(), tagOf({ tag: "Page", pool: "paged" })],
    memory: {
      bytes: 27_394_048,
      maximumBytes: 109_641_728,
      bookkeepingBytes: 25_755_648,
      unusedBytes: 1_048_576,
      largestUnusedBytes: 1_048_576,
    },
    threads: [{ thread: 1, status: "attached", host: 0, epoch: 0 }],
    threadCapacity: 255,
    recoveries: { threads: 0, parked: 0, reclaimed: 0, kept: 0, locks: 0 },
    blocks: null,
    ...changes,
  };
}
