/**
 * The documented constants under their documented names (semantics section 2): 64-bit profile.
 */
import { ulong } from "./arguments.js";

/** POOL_TYPE: kinds of pool. Bit 0 paged, 1 must succeed, 2 cache aligned, 5 session, 9 no execute. */
export const POOL_TYPE = {
  NonPagedPool: 0,
  NonPagedPoolExecute: 0,
  NonPagedPoolBase: 0,
  PagedPool: 1,
  NonPagedPoolMustSucceed: 2,
  DontUseThisType: 3,
  NonPagedPoolCacheAligned: 4,
  PagedPoolCacheAligned: 5,
  NonPagedPoolCacheAlignedMustS: 6,
  MaxPoolType: 7,
  NonPagedPoolSession: 32,
  PagedPoolSession: 33,
  NonPagedPoolMustSucceedSession: 34,
  DontUseThisTypeSession: 35,
  NonPagedPoolCacheAlignedSession: 36,
  PagedPoolCacheAlignedSession: 37,
  NonPagedPoolCacheAlignedMustSSession: 38,
  NonPagedPoolNx: 512,
  NonPagedPoolNxCacheAligned: 516,
  NonPagedPoolSessionNx: 544,
} as const;

/* The enumerators by bare name, as the C header has them. */
export const NonPagedPool = POOL_TYPE.NonPagedPool;
export const NonPagedPoolExecute = POOL_TYPE.NonPagedPoolExecute;
export const NonPagedPoolBase = POOL_TYPE.NonPagedPoolBase;
export const PagedPool = POOL_TYPE.PagedPool;
export const NonPagedPoolMustSucceed = POOL_TYPE.NonPagedPoolMustSucceed;
export const DontUseThisType = POOL_TYPE.DontUseThisType;
export const NonPagedPoolCacheAligned = POOL_TYPE.NonPagedPoolCacheAligned;
export const PagedPoolCacheAligned = POOL_TYPE.PagedPoolCacheAligned;
export const NonPagedPoolCacheAlignedMustS = POOL_TYPE.NonPagedPoolCacheAlignedMustS;
export const MaxPoolType = POOL_TYPE.MaxPoolType;
export const NonPagedPoolSession = POOL_TYPE.NonPagedPoolSession;
export const PagedPoolSession = POOL_TYPE.PagedPoolSession;
export const NonPagedPoolMustSucceedSession = POOL_TYPE.NonPagedPoolMustSucceedSession;
export const DontUseThisTypeSession = POOL_TYPE.DontUseThisTypeSession;
export const NonPagedPoolCacheAlignedSession = POOL_TYPE.NonPagedPoolCacheAlignedSession;
export const PagedPoolCacheAlignedSession = POOL_TYPE.PagedPoolCacheAlignedSession;
export const NonPagedPoolCacheAlignedMustSSession = POOL_TYPE.NonPagedPoolCacheAlignedMustSSession;
export const NonPagedPoolNx = POOL_TYPE.NonPagedPoolNx;
export const NonPagedPoolNxCacheAligned = POOL_TYPE.NonPagedPoolNxCacheAligned;
export const NonPagedPoolSessionNx = POOL_TYPE.NonPagedPoolSessionNx;

/** Flags ORed into a pool type. */
export const POOL_QUOTA_FAIL_INSTEAD_OF_RAISE = 8;
export const POOL_RAISE_IF_ALLOCATION_FAILURE = 16;
export const POOL_COLD_ALLOCATION = 256;
export const POOL_NX_ALLOCATION = 512;

/** Flags of ExInitializeLookasideListEx: another number space than the above. */
export const EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL = 1;
export const EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE = 2;

/** Flags of ExAllocatePool2. */
export const POOL_FLAG_USE_QUOTA = 0x1;
export const POOL_FLAG_UNINITIALIZED = 0x2;
export const POOL_FLAG_SESSION = 0x4;
export const POOL_FLAG_CACHE_ALIGNED = 0x8;
export const POOL_FLAG_RAISE_ON_FAILURE = 0x20;
export const POOL_FLAG_NON_PAGED = 0x40;
export const POOL_FLAG_NON_PAGED_EXECUTE = 0x80;
export const POOL_FLAG_PAGED = 0x100;
export const POOL_FLAG_SPECIAL_POOL = 0x1_0000_0000;

/** Sizes and limits in bytes or entries. */
export const LOOKASIDE_MINIMUM_BLOCK_SIZE = 8;
export const MEMORY_ALLOCATION_ALIGNMENT = 16;
export const PAGE_SIZE = 4_096;
export const EX_MAXIMUM_LOOKASIDE_DEPTH_BASE = 256;
export const EX_MAXIMUM_LOOKASIDE_DEPTH_LIMIT = 1_024;
export const SLIST_HEADER_SIZE = 16;
export const SIZEOF_NPAGED_LOOKASIDE_LIST = 0x80;
export const SIZEOF_PAGED_LOOKASIDE_LIST = 0x80;
export const SIZEOF_LOOKASIDE_LIST_EX = 0x60;

/** NULL, as an address. */
export const NULL = 0;

/** NTSTATUS values, unsigned. */
export const STATUS_SUCCESS = 0x0000_0000;
export const STATUS_DATATYPE_MISALIGNMENT = 0x8000_0002;
export const STATUS_INVALID_PARAMETER = 0xc000_000d;
export const STATUS_NO_MEMORY = 0xc000_0017;
export const STATUS_QUOTA_EXCEEDED = 0xc000_0044;
export const STATUS_INSUFFICIENT_RESOURCES = 0xc000_009a;
export const STATUS_INVALID_PARAMETER_4 = 0xc000_00f2;
export const STATUS_INVALID_PARAMETER_5 = 0xc000_00f3;
export const STATUS_INVALID_PARAMETER_6 = 0xc000_00f4;
export const STATUS_INVALID_PARAMETER_8 = 0xc000_00f6;

/**
 * Whether a status means success: its top bit is clear. Needs no machine. @throws {LookasideError}
 * ERR_ARGUMENT for what is no whole number.
 *
 * @example
 * ```ts
 * console.log(NT_SUCCESS(STATUS_SUCCESS)); // true
 * console.log(NT_SUCCESS(STATUS_NO_MEMORY)); // false
 * ```
 */
export function NT_SUCCESS(Status: number): boolean {
  return (ulong("NT_SUCCESS", "Status", Status) | 0) >= 0;
}

/** Interrupt request levels. */
export const PASSIVE_LEVEL = 0;
export const APC_LEVEL = 1;
export const DISPATCH_LEVEL = 2;
export const HIGH_LEVEL = 15;
