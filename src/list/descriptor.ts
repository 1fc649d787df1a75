/**
 * The general lookaside descriptor: the bytes at the caller's address that are a documented list.
 *
 * Offsets are those of 64-bit Windows (semantics 3.1). Pointer slots are 8 bytes wide, their upper
 * half zero.
 *
 * ```
 *   0x00 +--------------------------------+--------------------------------+
 *        | ListHead: flushed, family byte | head: first entry and sequence |   interlocked/assembly
 *   0x10 +-------+--------+---------------+---------------+----------------+
 *        | Depth | MaxDep | TotalAllocates| AllocateMisses| TotalFrees     |
 *   0x20 +-------+--------+---------------+---------------+----------------+
 *        | FreeMisses     | Type          | Tag           | Size           |
 *   0x30 +----------------+---------------+---------------+----------------+
 *        | Allocate       | 0             | Free          | 0              |
 *   0x40 +----------------+---------------+---------------+----------------+
 *        | Flink          | 0             | Blink         | 0              |   ListEntry
 *   0x50 +----------------+---------------+---------------+----------------+
 *        | LastTotalAlloc | LastAllocMiss | pops at reset | pushes at reset|   the last two: "Future"
 *   0x60 +----------------+---------------+---------------+----------------+
 * ```
 *
 * | field | written by |
 * |---|---|
 * | ListHead | push, pop and flush, by 64-bit compare-exchange |
 * | Depth | the balance set manager, under the set lock |
 * | TotalAllocates, TotalFrees | every caller, plainly; made exact by `settle` |
 * | AllocateMisses, FreeMisses | every caller that missed, by atomic add |
 * | ListEntry | the holder of the set lock |
 * | Last… | the balance set manager, under the set lock |
 * | everything else | initialization, once |
 */

/** Byte offsets of the fields. */
export const FIELD = {
  ListHead: 0x00,
  Family: 0x07,
  Depth: 0x10,
  MaximumDepth: 0x12,
  TotalAllocates: 0x14,
  AllocateMisses: 0x18,
  TotalFrees: 0x1c,
  FreeMisses: 0x20,
  Type: 0x24,
  Tag: 0x28,
  Size: 0x2c,
  Allocate: 0x30,
  Free: 0x38,
  ListEntry: 0x40,
  LastTotalAllocates: 0x50,
  LastAllocateMisses: 0x54,
  PopsAtReset: 0x58,
  PushesAtReset: 0x5c,
} as const;

/** Bytes of the fields: the size of a LOOKASIDE_LIST_EX. */
export const DESCRIPTOR_BYTES = 0x60;

/** Bytes of an NPAGED_LOOKASIDE_LIST and a PAGED_LOOKASIDE_LIST: the same, in whole cache lines. */
export const ALIGNED_DESCRIPTOR_BYTES = 0x80;

/** Depth of a new list: also the least that tuning leaves (semantics 2.4). */
export const INITIAL_DEPTH = 4;

/** Ceiling of Depth of a new list (semantics 2.4). */
export const INITIAL_MAXIMUM_DEPTH = 256;
