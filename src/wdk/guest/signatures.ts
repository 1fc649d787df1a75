/**
 * Every routine that a guest can import from the module `lookaside`, with its WebAssembly type.
 *
 * A type is written as parameters, `>`, result: `i` is an i32 (a pointer, a SIZE_T, a ULONG...), `j` an i64.
 * The names are the documented ones, but for the last: the project's own begin with a small letter.
 * `include/lookaside.h` declares the same; a test holds the two together.
 */
export const SIGNATURES = {
  ExInitializeNPagedLookasideList: "iiiiiii>",
  ExAllocateFromNPagedLookasideList: "i>i",
  ExFreeToNPagedLookasideList: "ii>",
  ExDeleteNPagedLookasideList: "i>",
  ExInitializePagedLookasideList: "iiiiiii>",
  ExAllocateFromPagedLookasideList: "i>i",
  ExFreeToPagedLookasideList: "ii>",
  ExDeletePagedLookasideList: "i>",
  ExInitializeLookasideListEx: "iiiiiiii>i",
  ExAllocateFromLookasideListEx: "i>i",
  ExFreeToLookasideListEx: "ii>",
  ExFlushLookasideListEx: "i>",
  ExDeleteLookasideListEx: "i>",
  ExAdjustLookasideDepth: ">",

  ExAllocatePoolWithTag: "iii>i",
  ExAllocatePoolWithQuotaTag: "iii>i",
  ExAllocatePool2: "jii>i",
  ExFreePool: "i>",
  ExFreePoolWithTag: "ii>",

  InitializeSListHead: "i>",
  ExInitializeSListHead: "i>",
  ExInterlockedPushEntrySList: "iii>i",
  ExInterlockedPopEntrySList: "ii>i",
  ExInterlockedFlushSList: "i>i",
  InterlockedPushEntrySList: "ii>i",
  InterlockedPopEntrySList: "i>i",
  InterlockedFlushSList: "i>i",
  ExQueryDepthSList: "i>i",
  QueryDepthSList: "i>i",
  FirstEntrySList: "i>i",
  RtlFirstEntrySList: "i>i",

  InterlockedIncrement: "i>i",
  InterlockedDecrement: "i>i",
  InterlockedAdd: "ii>i",
  InterlockedExchangeAdd: "ii>i",
  InterlockedExchange: "ii>i",
  InterlockedCompareExchange: "iii>i",

  KeGetCurrentIrql: ">i",
  KeRaiseIrql: "ii>",
  KeLowerIrql: "i>",
  KeBugCheckEx: "iiiii>",
  ExRaiseStatus: "i>",
  DbgPrint: "ii>i",

  takeRaisedStatus: ">i",
} as const;

/** A routine that a guest can import. */
export type GuestRoutine = keyof typeof SIGNATURES;

/** Whether a name is one of {@link SIGNATURES}. */
export function isGuestRoutine(name: string): name is GuestRoutine {
  return Object.hasOwn(SIGNATURES, name);
}

/** How many parameters a routine has. */
export function parametersOf(routine: GuestRoutine): number {
  return SIGNATURES[routine].indexOf(">");
}
