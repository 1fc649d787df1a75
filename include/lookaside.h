/*
 * lookaside.h: the documented lookaside lists, sequenced lists and pool routines, for guests of the npm
 * package `lookaside`: C (or C++) compiled with clang to WebAssembly, sharing the memory of a TypeScript
 * program.
 *
 *     clang --target=wasm32 -O2 -fPIC -fvisibility=hidden -matomics -mbulk-memory -c driver.c -o driver.o
 *     wasm-ld -shared --experimental-pic --shared-memory --max-memory=4294967296 -Bsymbolic \
 *             --export-if-defined=__wasm_init_tls --export-if-defined=__tls_size \
 *             --export-if-defined=__tls_align --build-id driver.o -o driver.wasm
 *
 * Names, prototypes and values are the documented ones. Sizes and offsets are those of 64-bit Windows, though
 * a pointer here has 32 bits: a pointer field of a descriptor is 8 bytes wide, its upper half 0. SIZE_T and
 * ULONG_PTR have 32 bits.
 *
 * What is the project's own: LOOKASIDE_EXPORT, takeRaisedStatus, the SIZEOF_ constants, SLIST_HEADER_SIZE.
 */
#ifndef LOOKASIDE_H
#define LOOKASIDE_H

#if !defined(__wasm32__)
#error "lookaside.h is for clang --target=wasm32"
#endif

#ifdef __cplusplus
#define LOOKASIDE_C extern "C"
#define LOOKASIDE_ASSERT static_assert
#else
#define LOOKASIDE_C extern
#define LOOKASIDE_ASSERT _Static_assert
#endif

/* A routine that the TypeScript side gives to the guest. */
#define LOOKASIDE_IMPORT(name) \
  LOOKASIDE_C __attribute__((import_module("lookaside"), import_name(#name)))

/* A function of the guest that the TypeScript side can call: LOOKASIDE_EXPORT(run) int run(void) { ... } */
#define LOOKASIDE_EXPORT(name) LOOKASIDE_C __attribute__((export_name(#name), visibility("default")))

#define DECLSPEC_ALIGN(bytes) __attribute__((aligned(bytes)))
#define NTAPI
#define FORCEINLINE static inline __attribute__((always_inline))
#define DECLSPEC_NORETURN __attribute__((noreturn))

/* Annotations of the documents: for readers. */
#define _In_
#define _In_opt_
#define _Out_
#define _Inout_
#define __in
#define __in_opt
#define __out
#define __inout
#define __drv_freesMem(kind)
#define __drv_allocatesMem(kind)

/* ---- types ------------------------------------------------------------------------------------------- */

#ifndef VOID
#define VOID void
#endif
#ifndef NULL
#ifdef __cplusplus
#define NULL 0
#else
#define NULL ((void *)0)
#endif
#endif

typedef void *PVOID;
typedef char CHAR;
typedef const CHAR *PCSTR;
typedef unsigned char UCHAR, *PUCHAR, BOOLEAN;
typedef unsigned short USHORT, *PUSHORT;
typedef int INT;
typedef long LONG, *PLONG;
typedef unsigned long ULONG, *PULONG;
typedef long long LONGLONG, LONG64;
typedef unsigned long long ULONGLONG, ULONG64;
typedef unsigned long ULONG_PTR, SIZE_T, *PSIZE_T;
typedef LONG NTSTATUS;
typedef UCHAR KIRQL, *PKIRQL;
typedef ULONG_PTR KSPIN_LOCK, *PKSPIN_LOCK;
typedef ULONG64 POOL_FLAGS;

#ifndef TRUE
#define TRUE 1
#define FALSE 0
#endif

/* ---- constants --------------------------------------------------------------------------------------- */

typedef enum _POOL_TYPE {
  NonPagedPool = 0,
  NonPagedPoolExecute = 0,
  NonPagedPoolBase = 0,
  PagedPool = 1,
  NonPagedPoolMustSucceed = 2,
  DontUseThisType = 3,
  NonPagedPoolCacheAligned = 4,
  PagedPoolCacheAligned = 5,
  NonPagedPoolCacheAlignedMustS = 6,
  MaxPoolType = 7,
  NonPagedPoolSession = 32,
  PagedPoolSession = 33,
  NonPagedPoolMustSucceedSession = 34,
  DontUseThisTypeSession = 35,
  NonPagedPoolCacheAlignedSession = 36,
  PagedPoolCacheAlignedSession = 37,
  NonPagedPoolCacheAlignedMustSSession = 38,
  NonPagedPoolNx = 512,
  NonPagedPoolNxCacheAligned = 516,
  NonPagedPoolSessionNx = 544
} POOL_TYPE;

/* ORed into a POOL_TYPE, and the Flags of nonpaged and paged lists. */
#define POOL_QUOTA_FAIL_INSTEAD_OF_RAISE 8
#define POOL_RAISE_IF_ALLOCATION_FAILURE 16
#define POOL_COLD_ALLOCATION 256
#define POOL_NX_ALLOCATION 512

/* The Flags of ExInitializeLookasideListEx: another number space. */
#define EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL 0x00000001UL
#define EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE 0x00000002UL

/* The Flags of ExAllocatePool2. */
#define POOL_FLAG_USE_QUOTA 0x0000000000000001ULL
#define POOL_FLAG_UNINITIALIZED 0x0000000000000002ULL
#define POOL_FLAG_SESSION 0x0000000000000004ULL
#define POOL_FLAG_CACHE_ALIGNED 0x0000000000000008ULL
#define POOL_FLAG_RAISE_ON_FAILURE 0x0000000000000020ULL
#define POOL_FLAG_NON_PAGED 0x0000000000000040ULL
#define POOL_FLAG_NON_PAGED_EXECUTE 0x0000000000000080ULL
#define POOL_FLAG_PAGED 0x0000000000000100ULL
#define POOL_FLAG_SPECIAL_POOL 0x0000000100000000ULL

#define LOOKASIDE_MINIMUM_BLOCK_SIZE 8
#define MEMORY_ALLOCATION_ALIGNMENT 16
#define PAGE_SIZE 4096
#define EX_MAXIMUM_LOOKASIDE_DEPTH_BASE 256
#define EX_MAXIMUM_LOOKASIDE_DEPTH_LIMIT 1024
#define SLIST_HEADER_SIZE 16
#define SIZEOF_NPAGED_LOOKASIDE_LIST 0x80
#define SIZEOF_PAGED_LOOKASIDE_LIST 0x80
#define SIZEOF_LOOKASIDE_LIST_EX 0x60

#define STATUS_SUCCESS ((NTSTATUS)0x00000000L)
#define STATUS_DATATYPE_MISALIGNMENT ((NTSTATUS)0x80000002L)
#define STATUS_INVALID_PARAMETER ((NTSTATUS)0xC000000DL)
#define STATUS_NO_MEMORY ((NTSTATUS)0xC0000017L)
#define STATUS_QUOTA_EXCEEDED ((NTSTATUS)0xC0000044L)
#define STATUS_INSUFFICIENT_RESOURCES ((NTSTATUS)0xC000009AL)
#define STATUS_INVALID_PARAMETER_4 ((NTSTATUS)0xC00000F2L)
#define STATUS_INVALID_PARAMETER_5 ((NTSTATUS)0xC00000F3L)
#define STATUS_INVALID_PARAMETER_6 ((NTSTATUS)0xC00000F4L)
#define STATUS_INVALID_PARAMETER_8 ((NTSTATUS)0xC00000F6L)

#define PASSIVE_LEVEL 0
#define APC_LEVEL 1
#define DISPATCH_LEVEL 2
#define HIGH_LEVEL 15

/* ---- macros ------------------------------------------------------------------------------------------ */

#define NT_SUCCESS(Status) (((NTSTATUS)(Status)) >= 0)
#define FIELD_OFFSET(type, field) ((LONG)__builtin_offsetof(type, field))
#define CONTAINING_RECORD(address, type, field) \
  ((type *)((PUCHAR)(address) - __builtin_offsetof(type, field)))
#define UNREFERENCED_PARAMETER(P) ((void)(P))
#define RtlZeroMemory(Destination, Length) __builtin_memset((Destination), 0, (Length))
#define RtlFillMemory(Destination, Length, Fill) __builtin_memset((Destination), (Fill), (Length))
#define RtlCopyMemory(Destination, Source, Length) __builtin_memcpy((Destination), (Source), (Length))

/* ---- structures: opaque, but their storage is the caller's ------------------------------------------- */

/* A pointer in 8 bytes. */
#define LOOKASIDE_POINTER(name) \
  union { \
    PVOID name; \
    ULONGLONG name##Slot; \
  }

/* An entry of a sequenced list: it begins on a 16-byte boundary, and so does whatever contains it. */
typedef struct DECLSPEC_ALIGN(16) _SLIST_ENTRY {
  struct _SLIST_ENTRY *Next;
  ULONG Reserved[3];
} SLIST_ENTRY, *PSLIST_ENTRY;

typedef struct DECLSPEC_ALIGN(16) _SLIST_HEADER {
  ULONGLONG Alignment;
  ULONGLONG Region;
} SLIST_HEADER, *PSLIST_HEADER;

#define LOOKASIDE_GENERAL \
  SLIST_HEADER ListHead; \
  USHORT Depth; \
  USHORT MaximumDepth; \
  ULONG TotalAllocates; \
  ULONG AllocateMisses; \
  ULONG TotalFrees; \
  ULONG FreeMisses; \
  ULONG Type; \
  ULONG Tag; \
  ULONG Size; \
  LOOKASIDE_POINTER(Allocate); \
  LOOKASIDE_POINTER(Free); \
  struct { \
    LOOKASIDE_POINTER(Flink); \
    LOOKASIDE_POINTER(Blink); \
  } ListEntry; \
  ULONG LastTotalAllocates; \
  ULONG LastAllocateMisses; \
  ULONG Future[2]

typedef struct DECLSPEC_ALIGN(16) _GENERAL_LOOKASIDE_POOL {
  LOOKASIDE_GENERAL;
} GENERAL_LOOKASIDE_POOL, *PGENERAL_LOOKASIDE_POOL;

typedef struct DECLSPEC_ALIGN(16) _GENERAL_LOOKASIDE {
  LOOKASIDE_GENERAL;
  UCHAR Padding[0x20];
} GENERAL_LOOKASIDE, *PGENERAL_LOOKASIDE;

typedef struct DECLSPEC_ALIGN(16) _LOOKASIDE_LIST_EX {
  GENERAL_LOOKASIDE_POOL L;
} LOOKASIDE_LIST_EX, *PLOOKASIDE_LIST_EX;

typedef struct DECLSPEC_ALIGN(16) _NPAGED_LOOKASIDE_LIST {
  GENERAL_LOOKASIDE L;
} NPAGED_LOOKASIDE_LIST, *PNPAGED_LOOKASIDE_LIST;

typedef struct DECLSPEC_ALIGN(16) _PAGED_LOOKASIDE_LIST {
  GENERAL_LOOKASIDE L;
} PAGED_LOOKASIDE_LIST, *PPAGED_LOOKASIDE_LIST;

LOOKASIDE_ASSERT(sizeof(PVOID) == 4 && sizeof(ULONG) == 4 && sizeof(POOL_TYPE) == 4, "wasm32");
LOOKASIDE_ASSERT(sizeof(SLIST_ENTRY) == 16, "an entry's place");
LOOKASIDE_ASSERT(sizeof(SLIST_HEADER) == SLIST_HEADER_SIZE, "a header's place");
LOOKASIDE_ASSERT(sizeof(LOOKASIDE_LIST_EX) == SIZEOF_LOOKASIDE_LIST_EX, "the x64 size");
LOOKASIDE_ASSERT(sizeof(NPAGED_LOOKASIDE_LIST) == SIZEOF_NPAGED_LOOKASIDE_LIST, "the x64 size");
LOOKASIDE_ASSERT(sizeof(PAGED_LOOKASIDE_LIST) == SIZEOF_PAGED_LOOKASIDE_LIST, "the x64 size");
LOOKASIDE_ASSERT(__alignof__(LOOKASIDE_LIST_EX) == MEMORY_ALLOCATION_ALIGNMENT, "as the pool aligns");
LOOKASIDE_ASSERT(__alignof__(NPAGED_LOOKASIDE_LIST) == MEMORY_ALLOCATION_ALIGNMENT, "as the pool aligns");

#define LOOKASIDE_FIELD(field, offset) \
  LOOKASIDE_ASSERT(__builtin_offsetof(GENERAL_LOOKASIDE_POOL, field) == (offset), #field)
LOOKASIDE_FIELD(ListHead, 0x00);
LOOKASIDE_FIELD(Depth, 0x10);
LOOKASIDE_FIELD(MaximumDepth, 0x12);
LOOKASIDE_FIELD(TotalAllocates, 0x14);
LOOKASIDE_FIELD(AllocateMisses, 0x18);
LOOKASIDE_FIELD(TotalFrees, 0x1C);
LOOKASIDE_FIELD(FreeMisses, 0x20);
LOOKASIDE_FIELD(Type, 0x24);
LOOKASIDE_FIELD(Tag, 0x28);
LOOKASIDE_FIELD(Size, 0x2C);
LOOKASIDE_FIELD(Allocate, 0x30);
LOOKASIDE_FIELD(Free, 0x38);
LOOKASIDE_FIELD(ListEntry, 0x40);
LOOKASIDE_FIELD(LastTotalAllocates, 0x50);
LOOKASIDE_FIELD(LastAllocateMisses, 0x54);
LOOKASIDE_FIELD(Future, 0x58);

/* ---- callbacks --------------------------------------------------------------------------------------- */

typedef PVOID NTAPI ALLOCATE_FUNCTION(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
typedef ALLOCATE_FUNCTION *PALLOCATE_FUNCTION;

typedef VOID NTAPI FREE_FUNCTION(PVOID Buffer);
typedef FREE_FUNCTION *PFREE_FUNCTION;

typedef PVOID NTAPI ALLOCATE_FUNCTION_EX(
  POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag, PLOOKASIDE_LIST_EX Lookaside);
typedef ALLOCATE_FUNCTION_EX *PALLOCATE_FUNCTION_EX;

typedef VOID NTAPI FREE_FUNCTION_EX(PVOID Buffer, PLOOKASIDE_LIST_EX Lookaside);
typedef FREE_FUNCTION_EX *PFREE_FUNCTION_EX;

/* ---- nonpaged lists ---------------------------------------------------------------------------------- */

LOOKASIDE_IMPORT(ExInitializeNPagedLookasideList)
VOID ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate,
  PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth);
LOOKASIDE_IMPORT(ExAllocateFromNPagedLookasideList)
PVOID ExAllocateFromNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside);
LOOKASIDE_IMPORT(ExFreeToNPagedLookasideList)
VOID ExFreeToNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry);
LOOKASIDE_IMPORT(ExDeleteNPagedLookasideList)
VOID ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside);

/* ---- paged lists ------------------------------------------------------------------------------------- */

LOOKASIDE_IMPORT(ExInitializePagedLookasideList)
VOID ExInitializePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate,
  PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth);
LOOKASIDE_IMPORT(ExAllocateFromPagedLookasideList)
PVOID ExAllocateFromPagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside);
LOOKASIDE_IMPORT(ExFreeToPagedLookasideList)
VOID ExFreeToPagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside, PVOID Entry);
LOOKASIDE_IMPORT(ExDeletePagedLookasideList)
VOID ExDeletePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside);

/* ---- unified lists ----------------------------------------------------------------------------------- */

LOOKASIDE_IMPORT(ExInitializeLookasideListEx)
NTSTATUS ExInitializeLookasideListEx(PLOOKASIDE_LIST_EX Lookaside, PALLOCATE_FUNCTION_EX Allocate,
  PFREE_FUNCTION_EX Free, POOL_TYPE PoolType, ULONG Flags, SIZE_T Size, ULONG Tag, USHORT Depth);
LOOKASIDE_IMPORT(ExAllocateFromLookasideListEx)
PVOID ExAllocateFromLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);
LOOKASIDE_IMPORT(ExFreeToLookasideListEx)
VOID ExFreeToLookasideListEx(PLOOKASIDE_LIST_EX Lookaside, PVOID Entry);
LOOKASIDE_IMPORT(ExFlushLookasideListEx)
VOID ExFlushLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);
LOOKASIDE_IMPORT(ExDeleteLookasideListEx)
VOID ExDeleteLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);

/* Reserved for the system. */
LOOKASIDE_IMPORT(ExAdjustLookasideDepth)
VOID ExAdjustLookasideDepth(VOID);

/* ---- pool -------------------------------------------------------------------------------------------- */

LOOKASIDE_IMPORT(ExAllocatePoolWithTag)
PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
LOOKASIDE_IMPORT(ExAllocatePoolWithQuotaTag)
PVOID ExAllocatePoolWithQuotaTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
LOOKASIDE_IMPORT(ExAllocatePool2)
PVOID ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag);
LOOKASIDE_IMPORT(ExFreePool)
VOID ExFreePool(PVOID P);
LOOKASIDE_IMPORT(ExFreePoolWithTag)
VOID ExFreePoolWithTag(PVOID P, ULONG Tag);

/* ---- sequenced lists --------------------------------------------------------------------------------- */

LOOKASIDE_IMPORT(InitializeSListHead)
VOID InitializeSListHead(PSLIST_HEADER ListHead);
LOOKASIDE_IMPORT(ExInitializeSListHead)
VOID ExInitializeSListHead(PSLIST_HEADER ListHead);
LOOKASIDE_IMPORT(ExInterlockedPushEntrySList)
PSLIST_ENTRY ExInterlockedPushEntrySList(PSLIST_HEADER ListHead, PSLIST_ENTRY ListEntry, PKSPIN_LOCK Lock);
LOOKASIDE_IMPORT(ExInterlockedPopEntrySList)
PSLIST_ENTRY ExInterlockedPopEntrySList(PSLIST_HEADER ListHead, PKSPIN_LOCK Lock);
LOOKASIDE_IMPORT(ExInterlockedFlushSList)
PSLIST_ENTRY ExInterlockedFlushSList(PSLIST_HEADER ListHead);
LOOKASIDE_IMPORT(InterlockedPushEntrySList)
PSLIST_ENTRY InterlockedPushEntrySList(PSLIST_HEADER ListHead, PSLIST_ENTRY ListEntry);
LOOKASIDE_IMPORT(InterlockedPopEntrySList)
PSLIST_ENTRY InterlockedPopEntrySList(PSLIST_HEADER ListHead);
LOOKASIDE_IMPORT(InterlockedFlushSList)
PSLIST_ENTRY InterlockedFlushSList(PSLIST_HEADER ListHead);
LOOKASIDE_IMPORT(ExQueryDepthSList)
USHORT ExQueryDepthSList(PSLIST_HEADER SListHead);
LOOKASIDE_IMPORT(QueryDepthSList)
USHORT QueryDepthSList(PSLIST_HEADER SListHead);
LOOKASIDE_IMPORT(FirstEntrySList)
PSLIST_ENTRY FirstEntrySList(const SLIST_HEADER *SListHead);
LOOKASIDE_IMPORT(RtlFirstEntrySList)
PSLIST_ENTRY RtlFirstEntrySList(const SLIST_HEADER *SListHead);

/* ---- interlocked words ------------------------------------------------------------------------------- */

LOOKASIDE_IMPORT(InterlockedIncrement)
LONG InterlockedIncrement(LONG volatile *Addend);
LOOKASIDE_IMPORT(InterlockedDecrement)
LONG InterlockedDecrement(LONG volatile *Addend);
LOOKASIDE_IMPORT(InterlockedAdd)
LONG InterlockedAdd(LONG volatile *Addend, LONG Value);
LOOKASIDE_IMPORT(InterlockedExchangeAdd)
LONG InterlockedExchangeAdd(LONG volatile *Addend, LONG Value);
LOOKASIDE_IMPORT(InterlockedExchange)
LONG InterlockedExchange(LONG volatile *Target, LONG Value);
LOOKASIDE_IMPORT(InterlockedCompareExchange)
LONG InterlockedCompareExchange(LONG volatile *Destination, LONG ExChange, LONG Comperand);

/* ---- levels, raises, bug checks, output -------------------------------------------------------------- */

LOOKASIDE_IMPORT(KeGetCurrentIrql)
KIRQL KeGetCurrentIrql(VOID);
LOOKASIDE_IMPORT(KeRaiseIrql)
VOID KeRaiseIrql(KIRQL NewIrql, PKIRQL OldIrql);
LOOKASIDE_IMPORT(KeLowerIrql)
VOID KeLowerIrql(KIRQL NewIrql);
LOOKASIDE_IMPORT(KeBugCheckEx)
DECLSPEC_NORETURN VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1,
  ULONG_PTR BugCheckParameter2, ULONG_PTR BugCheckParameter3, ULONG_PTR BugCheckParameter4);
LOOKASIDE_IMPORT(ExRaiseStatus)
DECLSPEC_NORETURN VOID ExRaiseStatus(NTSTATUS Status);
LOOKASIDE_IMPORT(DbgPrint)
__attribute__((format(printf, 1, 2))) ULONG DbgPrint(PCSTR Format, ...);

/*
 * In a guest that was loaded with onRaise "return": the status of the last raise that a routine turned into
 * the NULL (or the status) it gave back; STATUS_SUCCESS when there was none since the last call.
 */
LOOKASIDE_IMPORT(takeRaisedStatus)
NTSTATUS takeRaisedStatus(VOID);

#endif
