/**
 * The door `lookaside/wdk`: the documented routines, constants and callback types under their exact
 * names, and the few functions that stand for what a kernel does by itself (camel case).
 */
export { LookasideError } from "../base/index.js";
export type { LowResourcesOptions } from "../pool/index.js";
export type { Ticket } from "../threads/index.js";
export {
  type BootOptions,
  boot,
  memory,
  shutdown,
  simulateLowResources,
  system,
  ticket,
} from "./boot.js";
export { VERIFIER_RULE } from "./checked-lookaside.js";
export {
  APC_LEVEL,
  DISPATCH_LEVEL,
  DontUseThisType,
  DontUseThisTypeSession,
  EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE,
  EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL,
  EX_MAXIMUM_LOOKASIDE_DEPTH_BASE,
  EX_MAXIMUM_LOOKASIDE_DEPTH_LIMIT,
  HIGH_LEVEL,
  LOOKASIDE_MINIMUM_BLOCK_SIZE,
  MaxPoolType,
  MEMORY_ALLOCATION_ALIGNMENT,
  NonPagedPool,
  NonPagedPoolBase,
  NonPagedPoolCacheAligned,
  NonPagedPoolCacheAlignedMustS,
  NonPagedPoolCacheAlignedMustSSession,
  NonPagedPoolCacheAlignedSession,
  NonPagedPoolExecute,
  NonPagedPoolMustSucceed,
  NonPagedPoolMustSucceedSession,
  NonPagedPoolNx,
  NonPagedPoolNxCacheAligned,
  NonPagedPoolSession,
  NonPagedPoolSessionNx,
  NT_SUCCESS,
  NULL,
  PAGE_SIZE,
  PASSIVE_LEVEL,
  PagedPool,
  PagedPoolCacheAligned,
  PagedPoolCacheAlignedSession,
  PagedPoolSession,
  POOL_COLD_ALLOCATION,
  POOL_FLAG_CACHE_ALIGNED,
  POOL_FLAG_NON_PAGED,
  POOL_FLAG_NON_PAGED_EXECUTE,
  POOL_FLAG_PAGED,
  POOL_FLAG_RAISE_ON_FAILURE,
  POOL_FLAG_SESSION,
  POOL_FLAG_SPECIAL_POOL,
  POOL_FLAG_UNINITIALIZED,
  POOL_FLAG_USE_QUOTA,
  POOL_NX_ALLOCATION,
  POOL_QUOTA_FAIL_INSTEAD_OF_RAISE,
  POOL_RAISE_IF_ALLOCATION_FAILURE,
  POOL_TYPE,
  SIZEOF_LOOKASIDE_LIST_EX,
  SIZEOF_NPAGED_LOOKASIDE_LIST,
  SIZEOF_PAGED_LOOKASIDE_LIST,
  SLIST_HEADER_SIZE,
  STATUS_DATATYPE_MISALIGNMENT,
  STATUS_INSUFFICIENT_RESOURCES,
  STATUS_INVALID_PARAMETER,
  STATUS_INVALID_PARAMETER_4,
  STATUS_INVALID_PARAMETER_5,
  STATUS_INVALID_PARAMETER_6,
  STATUS_INVALID_PARAMETER_8,
  STATUS_NO_MEMORY,
  STATUS_QUOTA_EXCEEDED,
  STATUS_SUCCESS,
} from "./constants.js";
export {
  advanceClock,
  ExAdjustLookasideDepth,
  resetLookasideCounters,
  setLookasideDepth,
} from "./depth.js";
export { type Driver, loadDriver, type UnloadReport } from "./driver.js";
export {
  CONTAINING_RECORD,
  InterlockedAdd,
  InterlockedCompareExchange,
  InterlockedDecrement,
  InterlockedExchange,
  InterlockedExchangeAdd,
  InterlockedIncrement,
} from "./interlocked.js";
export { KeGetCurrentIrql, KeLowerIrql, KeRaiseIrql } from "./irql.js";
export { activeLists } from "./lookaside.js";
export {
  ExAllocateFromLookasideListEx,
  ExDeleteLookasideListEx,
  ExFlushLookasideListEx,
  ExFreeToLookasideListEx,
  ExInitializeLookasideListEx,
} from "./lookaside-ex.js";
export {
  ExAllocateFromNPagedLookasideList,
  ExDeleteNPagedLookasideList,
  ExFreeToNPagedLookasideList,
  ExInitializeNPagedLookasideList,
} from "./lookaside-nonpaged.js";
export {
  ExAllocateFromPagedLookasideList,
  ExDeletePagedLookasideList,
  ExFreeToPagedLookasideList,
  ExInitializePagedLookasideList,
} from "./lookaside-paged.js";
export { isBooted } from "./machine.js";
export {
  ExAllocatePool2,
  ExAllocatePoolWithQuotaTag,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExFreePoolWithTag,
} from "./pool.js";
export {
  type LookasideInformation,
  type PoolInformation,
  type PoolTagInformation,
  type PoolTally,
  parkedEntries,
  poolInformation,
  poolUsage,
  queryLookaside,
  queryLookasideLists,
  queryPoolBlock,
  type VerifierCounters,
  verifierCounters,
} from "./query.js";
export { BUG_CHECK, BugCheck, type BugCheckParameters, StatusError } from "./raise.js";
export { ExRaiseStatus, KeBugCheckEx } from "./raising.js";
export { hitRate, reportLookaside, reportPoolmon, reportPoolUsed, typeNames } from "./reports.js";
export { type Callback, routine } from "./routine.js";
export {
  ExInitializeSListHead,
  ExInterlockedFlushSList,
  ExInterlockedPopEntrySList,
  ExInterlockedPushEntrySList,
  ExQueryDepthSList,
  FirstEntrySList,
  InitializeSListHead,
  InterlockedFlushSList,
  InterlockedPopEntrySList,
  InterlockedPushEntrySList,
  QueryDepthSList,
  RtlFirstEntrySList,
} from "./slist.js";
export { tag, tagText } from "./tag.js";
export { touch } from "./touch.js";
export type {
  ALLOCATE_FUNCTION,
  ALLOCATE_FUNCTION_EX,
  FREE_FUNCTION,
  FREE_FUNCTION_EX,
  Pointer,
  RoutineHandle,
} from "./types.js";
