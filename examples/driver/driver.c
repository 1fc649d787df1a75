/*
 * The example of the page on ExInitializeLookasideListEx, complete: a driver that counts what its lookaside list
 * takes from the pool, in a record that it finds again from the list's own address.
 *
 * Two slips of the page are repaired: MyContext is a pointer, so its fields are reached with an arrow, and
 * InterlockedIncrement takes the address of the counter, not its value.
 */
#include <wdm.h>

#define ENTRY_SIZE 256
#define MY_POOL_TAG 'tsLL'

typedef struct {
  LONG NumberOfAllocations; /* entries that the list has from the pool now */
  LONG NumberOfFrees;       /* entries that it has given back */
  LOOKASIDE_LIST_EX LookasideField;
} MY_PRIVATE_DATA;

static PVOID MyLookasideListAllocateEx(
  __in POOL_TYPE PoolType,
  __in SIZE_T NumberOfBytes,
  __in ULONG Tag,
  __inout PLOOKASIDE_LIST_EX Lookaside)
{
  MY_PRIVATE_DATA *MyContext = CONTAINING_RECORD(Lookaside, MY_PRIVATE_DATA, LookasideField);
  PVOID NewEntry = ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);

  if (NewEntry)
    InterlockedIncrement(&MyContext->NumberOfAllocations);

  return NewEntry;
}

static VOID MyLookasideListFreeEx(__in PVOID Buffer, __inout PLOOKASIDE_LIST_EX Lookaside)
{
  MY_PRIVATE_DATA *MyContext = CONTAINING_RECORD(Lookaside, MY_PRIVATE_DATA, LookasideField);

  ExFreePoolWithTag(Buffer, MY_POOL_TAG);
  InterlockedDecrement(&MyContext->NumberOfAllocations);
  InterlockedIncrement(&MyContext->NumberOfFrees);
}

/* Makes a record with an empty list; NULL when there is no memory for it. */
LOOKASIDE_EXPORT(start)
MY_PRIVATE_DATA *start(VOID)
{
  MY_PRIVATE_DATA *MyContext;
  NTSTATUS status;

  MyContext = ExAllocatePoolWithTag(NonPagedPool, sizeof(MY_PRIVATE_DATA), MY_POOL_TAG);
  if (!MyContext)
    return NULL;

  MyContext->NumberOfAllocations = 0;
  MyContext->NumberOfFrees = 0;
  status = ExInitializeLookasideListEx(&MyContext->LookasideField, MyLookasideListAllocateEx,
    MyLookasideListFreeEx, NonPagedPool, 0, ENTRY_SIZE, MY_POOL_TAG, 0);
  if (!NT_SUCCESS(status)) {
    ExFreePoolWithTag(MyContext, MY_POOL_TAG);
    return NULL;
  }
  DbgPrint("driver: list at %p, entries of %u bytes\n", &MyContext->LookasideField, ENTRY_SIZE);
  return MyContext;
}

/*
 * What a driver does all day: takes Burst entries, uses them, gives them back; so Rounds times. Any number of
 * threads may be in here with one record. Tells how many entries it did not get.
 */
LOOKASIDE_EXPORT(work)
ULONG work(MY_PRIVATE_DATA *MyContext, ULONG Rounds, ULONG Burst)
{
  ULONG Missing = 0;

  for (ULONG Round = 0; Round < Rounds; Round++) {
    PVOID *Held = NULL; /* the entries in hand, each pointing to the one before */

    for (ULONG Count = 0; Count < Burst; Count++) {
      PVOID *Entry = ExAllocateFromLookasideListEx(&MyContext->LookasideField);
      if (!Entry) {
        Missing++;
        continue;
      }
      RtlFillMemory(Entry, ENTRY_SIZE, 0x4C);
      *Entry = Held;
      Held = (PVOID *)Entry;
    }
    while (Held) {
      PVOID *Next = (PVOID *)*Held;
      ExFreeToLookasideListEx(&MyContext->LookasideField, Held);
      Held = Next;
    }
  }
  return Missing;
}

/* Gives the entries and the record back. No other thread may be working with it. */
LOOKASIDE_EXPORT(stop)
VOID stop(MY_PRIVATE_DATA *MyContext)
{
  ExDeleteLookasideListEx(&MyContext->LookasideField);
  ExFreePoolWithTag(MyContext, MY_POOL_TAG);
}
