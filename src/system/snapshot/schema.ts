/**
 * What a snapshot is made of: plain, frozen objects that JSON carries unchanged. docs/snapshot.md says it in
 * one page. Fields are added, never renamed or given another meaning, while `version` stays the same.
 *
 * Counters only grow as long as one thread takes the snapshots (counters.ts), and are whole numbers.
 * Everything is exact when no thread is inside the system; while threads run, each number is what it was
 * at some instant of the snapshot, and numbers that belong together may be a few calls apart.
 */

/** Which pool memory is from. */
export type PoolName = "nonPaged" | "paged";

/** What one thread did with a block list, and has of it. */
export interface RingSnapshot {
  readonly thread: number;
  /** Whether the thread has the list open. */
  readonly open: boolean;
  /** Blocks in its ring, and how many the ring may hold now. */
  readonly parked: number;
  readonly limit: number;
  readonly allocates: number;
  readonly allocateMisses: number;
  readonly frees: number;
  readonly freeMisses: number;
  /** Batches that came from the depot, and that went there. */
  readonly refills: number;
  readonly spills: number;
  /** Handles adopted. */
  readonly adopted: number;
}

/** The part of a block list that its threads share. */
export interface DepotSnapshot {
  readonly slots: number;
  readonly fullSlots: number;
  /** Blocks of one batch: what a slot can hold. */
  readonly batch: number;
  /** Blocks in full slots. */
  readonly parked: number;
}

/** What every list has, of whatever kind. */
interface AnyListSnapshot {
  /** Stays the same as long as the list lives, and no other list of the system has it meanwhile. */
  readonly id: string;
  readonly name: string;
  /** Four characters; what cannot be printed as a dot. */
  readonly tag: string;
  /** Bytes of each block. */
  readonly size: number;
  /** Present limit on parked blocks, and its ceiling. */
  readonly depth: number;
  readonly maximumDepth: number;
  /** Calls of allocate, and of these those that no parked block could serve. */
  readonly allocates: number;
  readonly allocateMisses: number;
  /** Calls of free, and of these those whose block was not parked. */
  readonly frees: number;
  readonly freeMisses: number;
  /** Hits as a share of calls, 0 to 1; null when there were no calls. */
  readonly allocateHitRate: number | null;
  readonly freeHitRate: number | null;
  /** Blocks parked, and in users' hands. */
  readonly parked: number;
  readonly held: number;
  /** The same in bytes of `size`. */
  readonly parkedBytes: number;
  readonly heldBytes: number;
  /** Parked blocks that were given up otherwise than by an allocation: trimmed, flushed, recovered. */
  readonly trimmed: number;
}

/** A block list. `parked = (frees - freeMisses) - (allocates - allocateMisses) + reserved - trimmed`. */
export interface BlockListSnapshot extends AnyListSnapshot {
  readonly kind: "block";
  readonly pool: PoolName;
  /** Who sets depth: "idle", "windows", "fixed", or "own" for a function. */
  readonly policy: string;
  /** Deleted, but a thread has it open yet. */
  readonly deleted: boolean;
  /** Fresh blocks that were parked ahead of need. */
  readonly reserved: number;
  /** Blocks taken from the pool. `held = obtained - freeMisses - trimmed - parked`. */
  readonly obtained: number;
  /** Allocations that the pool had no room for. */
  readonly failures: number;
  readonly refills: number;
  readonly spills: number;
  readonly adopted: number;
  /** Calls that were refused as misuse: double frees, foreign blocks, stale handles. */
  readonly refused: number;
  /** One for each thread that ever used it. */
  readonly rings: readonly RingSnapshot[];
  readonly depot: DepotSnapshot;
}

/** A documented list. `parked = (frees - freeMisses) - (allocates - allocateMisses) - trimmed`. */
export interface DocumentedListSnapshot extends AnyListSnapshot {
  readonly kind: "documented";
  readonly pool: PoolName;
  /** Address of its descriptor. */
  readonly address: number;
  readonly family: "NPaged" | "Paged" | "Ex";
  /** Type as it is stored: pool type and flags. */
  readonly type: number;
}

/**
 * An object list of the thread that took the snapshot, made by `system.objectList`. No other thread can see
 * those. `parked = (frees - freeMisses) - (allocates - allocateMisses) + reserved - trimmed`. `size` is what
 * the list was told that an object costs.
 */
export interface ObjectListSnapshot extends AnyListSnapshot {
  readonly kind: "object";
  readonly thread: number;
  /** Who sets depth: "idle", "windows", "fixed", or "own" for a function. */
  readonly policy: string;
  /** Fresh objects that were parked ahead of need. */
  readonly reserved: number;
}

/** A list of any kind: `kind` tells them apart. */
export type ListSnapshot = BlockListSnapshot | DocumentedListSnapshot | ObjectListSnapshot;

/** One pool. All bytes of slabs and runs are whole chunks. */
export interface PoolSnapshot {
  readonly pool: PoolName;
  readonly limitBytes: number;
  /** Chunks of its slabs and runs, now and at most ever. */
  readonly usedBytes: number;
  readonly peakBytes: number;
  readonly slabs: number;
  readonly slabBytes: number;
  /** Blocks above 60 KiB: each a run of its own. */
  readonly runs: number;
  readonly runBytes: number;
  /** Over all tags: calls, blocks held, and bytes held, as asked for. */
  readonly allocs: number;
  readonly frees: number;
  readonly blocks: number;
  readonly bytes: number;
}

/** What one pool charges to one tag. Blocks parked in a list are charged too: the list holds them. */
export interface TagSnapshot {
  /** Four characters; `"...."` for tag 0, and for whatever found the table of tags full. */
  readonly tag: string;
  readonly pool: PoolName;
  readonly allocs: number;
  readonly frees: number;
  readonly blocks: number;
  readonly bytes: number;
  /** Most bytes held: exact while one thread alone uses the tag, else at least this. */
  readonly peakBytes: number;
}

/** A number of the thread table that was ever taken. */
export interface ThreadSnapshot {
  readonly thread: number;
  readonly status: "attached" | "recovering" | "free";
  /** The host's own number of its thread (Node's `threadId`), or null: unknown, or the number is free. */
  readonly host: number | null;
  /** How many threads had the number before, modulo 65,536. */
  readonly epoch: number;
}

/** What all recoveries after the end of a thread did so far. */
export interface RecoveriesSnapshot {
  readonly threads: number;
  /** Blocks that dead threads had parked, and held: given back to the pool, or kept for adoption. */
  readonly parked: number;
  readonly reclaimed: number;
  readonly kept: number;
  /** Locks taken over from dead threads. */
  readonly locks: number;
}

/** The shared memory. */
export interface MemorySnapshot {
  /** What it has grown to, touched or not, and may grow to. The paged pool lies behind the nonpaged one. */
  readonly bytes: number;
  readonly maximumBytes: number;
  /** Of `bytes`, what is not for blocks. */
  readonly bookkeepingBytes: number;
  /** Bytes of chunks in no slab and no run, grown or not, and the largest piece of them in one pool. */
  readonly unusedBytes: number;
  readonly largestUnusedBytes: number;
}

/** One slab, or one run, by address. Offsets and lengths are in bytes of the shared memory. */
export interface RunSnapshot {
  readonly offset: number;
  readonly bytes: number;
  readonly pool: PoolName;
  readonly kind: "slab" | "run";
  readonly blockBytes: number;
  /** Blocks in all, and by where they are. */
  readonly blocks: number;
  readonly free: number;
  readonly held: number;
  readonly parked: number;
}

/** Blocks of one list in the hands of one thread. */
export interface HolderSnapshot {
  /** `id` of the list, or null: lists that were deleted since. */
  readonly list: string | null;
  /** Its number, or 0: nobody's, kept for adoption. */
  readonly thread: number;
  readonly held: number;
  /** Bytes of their blocks, as large as the pool made them. */
  readonly bytes: number;
}

/** What only a walk over all blocks can tell. */
export interface BlocksSnapshot {
  /** Blocks in all slabs and runs; records of lists are held by nobody and count as held. */
  readonly free: number;
  readonly held: number;
  readonly parked: number;
  /** Bytes of free blocks in slabs that are partly in use: only blocks of the same size can have them. */
  readonly freeBytesInUsedSlabs: number;
  /** Bytes of slabs without a block in use: `trim` gives them to any size. */
  readonly emptySlabBytes: number;
  readonly holders: readonly HolderSnapshot[];
  /** All of them, lowest address first. */
  readonly runs: readonly RunSnapshot[];
}

/** What a system was like. */
export interface Snapshot {
  /** Of this schema. */
  readonly version: 1;
  /** When it was taken, in milliseconds since 1970, and by which thread. */
  readonly takenAt: number;
  readonly takenBy: number;
  readonly state: "open" | "closed" | "stopped";
  /** Code of the bug check that stopped the machine, or null. */
  readonly stopCode: number | null;
  readonly lists: readonly ListSnapshot[];
  readonly pools: readonly PoolSnapshot[];
  /** Tags that were ever used, by pool. */
  readonly tags: readonly TagSnapshot[];
  readonly memory: MemorySnapshot;
  readonly threads: readonly ThreadSnapshot[];
  readonly threadCapacity: number;
  readonly recoveries: RecoveriesSnapshot;
  /** Null unless it was asked for. */
  readonly blocks: BlocksSnapshot | null;
}

/** What to look at. */
export interface SnapshotOptions {
  /** Walk over all blocks, for {@link Snapshot.blocks}: about 3 ms for a million. Default false. */
  readonly blocks?: boolean;
}
