/* A guest with a function for everything that guests do: the tests of `lookaside/guest` call them. */
#include <lookaside.h>

#define TAG 'borP'

/* ---- lists and pool ---------------------------------------------------------------------------------- */

LOOKASIDE_EXPORT(allocate)
PVOID allocate(PLOOKASIDE_LIST_EX List)
{
  return ExAllocateFromLookasideListEx(List);
}

LOOKASIDE_EXPORT(release)
VOID release(PLOOKASIDE_LIST_EX List, PVOID Entry)
{
  ExFreeToLookasideListEx(List, Entry);
}

LOOKASIDE_EXPORT(pairs)
VOID pairs(PLOOKASIDE_LIST_EX List, ULONG Pairs)
{
  while (Pairs--)
    ExFreeToLookasideListEx(List, ExAllocateFromLookasideListEx(List));
}

LOOKASIDE_EXPORT(poolPairs)
VOID poolPairs(SIZE_T Size, ULONG Pairs)
{
  while (Pairs--)
    ExFreePoolWithTag(ExAllocatePoolWithTag(NonPagedPool, Size, TAG), TAG);
}

LOOKASIDE_EXPORT(poolBlock)
PVOID poolBlock(POOL_TYPE Type, SIZE_T Size)
{
  return ExAllocatePoolWithTag(Type, Size, TAG);
}

LOOKASIDE_EXPORT(poolBlock2)
PVOID poolBlock2(POOL_FLAGS Flags, SIZE_T Size)
{
  return ExAllocatePool2(Flags, Size, TAG);
}

/* ---- routines of lists ------------------------------------------------------------------------------- */

static LONG AllocateCalls, FreeCalls;

static PVOID CountedAllocate(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
  InterlockedIncrement(&AllocateCalls);
  return ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
}

static VOID CountedFree(PVOID Buffer)
{
  InterlockedIncrement(&FreeCalls);
  ExFreePool(Buffer);
}

static PVOID CountedAllocateEx(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag, PLOOKASIDE_LIST_EX List)
{
  UNREFERENCED_PARAMETER(List);
  return CountedAllocate(PoolType, NumberOfBytes, Tag);
}

static VOID CountedFreeEx(PVOID Buffer, PLOOKASIDE_LIST_EX List)
{
  UNREFERENCED_PARAMETER(List);
  CountedFree(Buffer);
}

static PVOID RaisingAllocateEx(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag, PLOOKASIDE_LIST_EX List)
{
  volatile CHAR Frame[256]; /* a frame that the raise leaves behind */
  UNREFERENCED_PARAMETER(PoolType);
  UNREFERENCED_PARAMETER(List);
  Frame[Tag & 0xFF] = (CHAR)NumberOfBytes;
  ExRaiseStatus(STATUS_NO_MEMORY);
}

LOOKASIDE_EXPORT(allocateCalls)
LONG allocateCalls(VOID)
{
  return AllocateCalls;
}

LOOKASIDE_EXPORT(freeCalls)
LONG freeCalls(VOID)
{
  return FreeCalls;
}

/* The pointers themselves: for lists that the TypeScript side initializes. */
LOOKASIDE_EXPORT(countedAllocateEx)
PALLOCATE_FUNCTION_EX countedAllocateEx(VOID)
{
  return CountedAllocateEx;
}

LOOKASIDE_EXPORT(countedFreeEx)
PFREE_FUNCTION_EX countedFreeEx(VOID)
{
  return CountedFreeEx;
}

LOOKASIDE_EXPORT(countedAllocate)
PALLOCATE_FUNCTION countedAllocate(VOID)
{
  return CountedAllocate;
}

LOOKASIDE_EXPORT(makeList)
NTSTATUS makeList(PLOOKASIDE_LIST_EX List, ULONG Flags)
{
  return ExInitializeLookasideListEx(
    List, CountedAllocateEx, CountedFreeEx, NonPagedPool, Flags, 64, TAG, 0);
}

LOOKASIDE_EXPORT(makeRaisingList)
NTSTATUS makeRaisingList(PLOOKASIDE_LIST_EX List)
{
  return ExInitializeLookasideListEx(List, RaisingAllocateEx, NULL, NonPagedPool, 0, 64, TAG, 0);
}

LOOKASIDE_EXPORT(makeNPagedList)
VOID makeNPagedList(PNPAGED_LOOKASIDE_LIST List)
{
  ExInitializeNPagedLookasideList(List, CountedAllocate, CountedFree, 0, 64, TAG, 0);
}

LOOKASIDE_EXPORT(makePagedList)
VOID makePagedList(PPAGED_LOOKASIDE_LIST List)
{
  ExInitializePagedLookasideList(List, CountedAllocate, CountedFree, 0, 64, TAG, 0);
}

/* A routine of the system where a driver's own could stand. */
LOOKASIDE_EXPORT(makeListOfPoolRoutines)
VOID makeListOfPoolRoutines(PNPAGED_LOOKASIDE_LIST List)
{
  ExInitializeNPagedLookasideList(List, ExAllocatePoolWithTag, ExFreePool, 0, 64, TAG, 0);
}

/* A pointer that points nowhere. */
LOOKASIDE_EXPORT(makeListOfPointer)
NTSTATUS makeListOfPointer(PLOOKASIDE_LIST_EX List, PALLOCATE_FUNCTION_EX Allocate)
{
  return ExInitializeLookasideListEx(List, Allocate, NULL, NonPagedPool, 0, 64, TAG, 0);
}

LOOKASIDE_EXPORT(npagedRound)
PVOID npagedRound(PNPAGED_LOOKASIDE_LIST List)
{
  PVOID Entry = ExAllocateFromNPagedLookasideList(List);
  ExFreeToNPagedLookasideList(List, Entry);
  return Entry;
}

LOOKASIDE_EXPORT(pagedRound)
PVOID pagedRound(PPAGED_LOOKASIDE_LIST List)
{
  PVOID Entry = ExAllocateFromPagedLookasideList(List);
  ExFreeToPagedLookasideList(List, Entry);
  return Entry;
}

/* ---- raises ------------------------------------------------------------------------------------------ */

LOOKASIDE_EXPORT(raise)
VOID raise(NTSTATUS Status)
{
  volatile CHAR Frame[1024];
  Frame[Status & 0x3FF] = 1;
  ExRaiseStatus(Status);
}

LOOKASIDE_EXPORT(takeRaise)
NTSTATUS takeRaise(VOID)
{
  return takeRaisedStatus();
}

/* ---- words, levels, sequenced lists -------------------------------------------------------------------- */

LOOKASIDE_EXPORT(words)
LONG words(LONG volatile *Word)
{
  LONG Sum = 0;
  InterlockedExchange(Word, 10);
  Sum += InterlockedIncrement(Word);
  Sum = Sum * 100 + InterlockedDecrement(Word);
  Sum = Sum * 100 + InterlockedAdd(Word, 5);
  Sum = Sum * 100 + InterlockedExchangeAdd(Word, -3);
  Sum = Sum * 100 + InterlockedCompareExchange(Word, 7, 12);
  return Sum;
}

LOOKASIDE_EXPORT(increment)
LONG increment(LONG volatile *Word)
{
  return InterlockedIncrement(Word);
}

LOOKASIDE_EXPORT(raiseIrql)
KIRQL raiseIrql(KIRQL Level)
{
  KIRQL Before = 0xFF;
  KeRaiseIrql(Level, &Before);
  return Before;
}

LOOKASIDE_EXPORT(irql)
KIRQL irql(VOID)
{
  return KeGetCurrentIrql();
}

LOOKASIDE_EXPORT(lowerIrql)
VOID lowerIrql(KIRQL Level)
{
  KeLowerIrql(Level);
}

LOOKASIDE_EXPORT(sequenced)
ULONG sequenced(PSLIST_HEADER Head, PSLIST_ENTRY Entries)
{
  PSLIST_ENTRY First;
  ULONG Right = 0;
  InitializeSListHead(Head);
  Right += InterlockedPushEntrySList(Head, &Entries[0]) == NULL;
  Right += ExInterlockedPushEntrySList(Head, &Entries[1], NULL) == &Entries[0];
  Right += ExInterlockedPushEntrySList(Head, &Entries[2], NULL) == &Entries[1];
  Right += QueryDepthSList(Head) == 3 && ExQueryDepthSList(Head) == 3;
  Right += FirstEntrySList(Head) == &Entries[2] && RtlFirstEntrySList(Head) == &Entries[2];
  Right += InterlockedPopEntrySList(Head) == &Entries[2];
  Right += ExInterlockedPopEntrySList(Head, NULL) == &Entries[1];
  ExInterlockedPushEntrySList(Head, &Entries[1], NULL);
  First = InterlockedFlushSList(Head);
  Right += First == &Entries[1] && First->Next == &Entries[0] && First->Next->Next == NULL;
  Right += ExInterlockedFlushSList(Head) == NULL;
  return Right;
}

/* ---- the guest's own memory -------------------------------------------------------------------------- */

static LONG Counter = 41;
static LONG Zeroes[1000];
static PCSTR Names[] = { "zero", "one", "two" };
static PALLOCATE_FUNCTION Handlers[] = { CountedAllocate };
static _Thread_local LONG PerThread = 7;
LOOKASIDE_C __attribute__((visibility("default"))) LONG Shown;
LONG Shown = 1234;
static LONG Constructed;

__attribute__((constructor)) static void construct(void)
{
  InterlockedIncrement(&Constructed);
}

LOOKASIDE_EXPORT(count)
LONG count(VOID)
{
  return InterlockedIncrement(&Counter);
}

LOOKASIDE_EXPORT(countHere)
LONG countHere(VOID)
{
  return ++PerThread;
}

LOOKASIDE_EXPORT(constructed)
LONG constructed(VOID)
{
  return Constructed;
}

LOOKASIDE_EXPORT(sumOfZeroes)
LONG sumOfZeroes(VOID)
{
  LONG Sum = 0;
  for (ULONG At = 0; At < 1000; At++)
    Sum += Zeroes[At];
  return Sum;
}

LOOKASIDE_EXPORT(letter)
LONG letter(ULONG Name, ULONG At)
{
  return Names[Name][At];
}

LOOKASIDE_EXPORT(setName)
VOID setName(ULONG Name, ULONG Other)
{
  Names[Name] = Names[Other];
}

LOOKASIDE_EXPORT(handled)
PVOID handled(SIZE_T Size)
{
  return Handlers[0](NonPagedPool, Size, TAG);
}

LOOKASIDE_EXPORT(frameAddress)
ULONG_PTR frameAddress(VOID)
{
  volatile CHAR Frame[16];
  ULONG_PTR Address = (ULONG_PTR)&Frame[0];
  Frame[0] = 1;
  return Address;
}

/* Uses so many kilobytes of stack, and writes all of them. */
LOOKASIDE_EXPORT(deep)
LONG deep(ULONG Kilobytes)
{
  volatile CHAR Frame[1000];
  for (ULONG At = 0; At < sizeof(Frame); At++)
    Frame[At] = 1;
  return Kilobytes == 0 ? 0 : deep(Kilobytes - 1) + Frame[Kilobytes & 0x1FF];
}

LOOKASIDE_EXPORT(trap)
VOID trap(VOID)
{
  volatile CHAR Frame[64];
  Frame[0] = 1;
  __builtin_trap();
}

/* ---- output ------------------------------------------------------------------------------------------ */

LOOKASIDE_EXPORT(print)
VOID print(VOID)
{
  DbgPrint("plain\n");
  DbgPrint("%d %i %u %x %X %o %c %s %%\n", -5, 7, 4000000000U, 0xbeef, 0xBEEF, 8, 'c', "text");
  DbgPrint("[%5d] [%-5d] [%05d] [%8s] [%-8s] [%.2s] [%.3d]\n", 42, 42, -42, "right", "left", "cut", 7);
  DbgPrint("%lu %lld %llu %llx %p\n", 1UL, -1LL, 18446744073709551615ULL,
    0x123456789ABCDEFULL, (PVOID)0xC0FFEE);
  DbgPrint("%d %llu %d\n", 1, 2ULL, 3);
}

LOOKASIDE_EXPORT(printAt)
VOID printAt(PCSTR Format, PCSTR Text)
{
#pragma clang diagnostic ignored "-Wformat-nonliteral"
#pragma clang diagnostic ignored "-Wformat-security"
  DbgPrint(Format, Text);
}
