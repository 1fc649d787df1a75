/**
 * Every maximum of the library in one place, with its relations asserted at load.
 */

/** Bytes of one word of shared memory: the unit of every atomic access but the head of a sequenced list. */
export const WORD_BYTES = 4;

/** Bytes of a chunk: the unit in which runs are cut, equal to one page of WebAssembly memory. */
export const CHUNK_BYTES = 65_536;

/** Bytes of a page as the documented pool routines mean it: blocks below it never cross its boundary. */
export const PAGE_BYTES = 4_096;

/** Alignment in bytes of every block of pool: MEMORY_ALLOCATION_ALIGNMENT of the 64-bit profile. */
export const BLOCK_ALIGNMENT_BYTES = 16;

/** Most threads that one system can hold at a time: an owner is eight bits of a state word, 0 is nobody. */
export const THREADS_MAX = 255;

/** Threads a system holds when nothing else is asked for. */
export const THREADS_DEFAULT = 64;

/** Pool tags that are counted one by one; what comes after them is counted together. */
export const TAGS_MAX = 1_024;

/** Routine names that one system can hold. */
export const ROUTINES_MAX = 1_024;

/** Block lists that one system can hold. */
export const BLOCK_LISTS_MAX = 1_024;

/** Channels that one system can hold. */
export const CHANNELS_MAX = 256;

/** Values that one channel can hold: a power of two. */
export const CHANNEL_CAPACITY_MAX = 65_536;

/** Bytes of the name of a block list or a channel in UTF-8. */
export const LIST_NAME_BYTES_MAX = 80;

/** Bytes of a routine name in UTF-8. */
export const ROUTINE_NAME_BYTES_MAX = 116;

/** Bytes that WebAssembly memory can address with 32 bits. */
export const MEMORY_BYTES_MAX = 2 ** 32;

/** Bytes one pool may be limited to: both pools and their bookkeeping must fit 32-bit addresses. */
export const POOL_BYTES_MAX = 3 * 2 ** 30;

if (CHUNK_BYTES % PAGE_BYTES !== 0) throw new Error("a chunk must be whole pages");
if (PAGE_BYTES % BLOCK_ALIGNMENT_BYTES !== 0)
  throw new Error("a page must be whole alignment units");
