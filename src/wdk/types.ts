/**
 * The documented callback types, and what stands for a function pointer.
 */

/** What stands for a routine's name: what `routine()` gives back, and what a descriptor stores. */
export type RoutineHandle = number;

/** Allocate of a nonpaged or paged list: (PoolType, NumberOfBytes, Tag), gives back an address or NULL. */
export type ALLOCATE_FUNCTION = (PoolType: number, NumberOfBytes: number, Tag: number) => number;

/** Free of a nonpaged or paged list: (Buffer). */
export type FREE_FUNCTION = (Buffer: number) => void;

/** LookasideListAllocateEx: (PoolType, NumberOfBytes, Tag, Lookaside), gives back an address or NULL. */
export type ALLOCATE_FUNCTION_EX = (
  PoolType: number,
  NumberOfBytes: number,
  Tag: number,
  Lookaside: number,
) => number;

/** LookasideListFreeEx: (Buffer, Lookaside). */
export type FREE_FUNCTION_EX = (Buffer: number, Lookaside: number) => void;

/**
 * What may stand where the documents want a function pointer: NULL, a handle, or this thread's function.
 */
export type Pointer<Function> = 0 | null | RoutineHandle | Function;
