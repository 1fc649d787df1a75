/**
 * The driver of `driver.c` in TypeScript: the same record at the same offsets, the same routines by the same
 * names, the same counters.
 */
import {
  CONTAINING_RECORD,
  ExAllocateFromLookasideListEx,
  ExAllocatePoolWithTag,
  ExDeleteLookasideListEx,
  ExFreePoolWithTag,
  ExFreeToLookasideListEx,
  ExInitializeLookasideListEx,
  InterlockedDecrement,
  InterlockedExchange,
  InterlockedIncrement,
  NonPagedPool,
  NT_SUCCESS,
  NULL,
  routine,
  SIZEOF_LOOKASIDE_LIST_EX,
  tag,
  touch,
} from "lookaside/wdk";

const ENTRY_SIZE = 256;
/** 'tsLL' in C: tools show a tag by its lowest byte first. */
const MY_POOL_TAG = tag("LLst");

/** MY_PRIVATE_DATA: where its fields lie. */
export const MY_PRIVATE_DATA = {
  NumberOfAllocations: 0,
  NumberOfFrees: 4,
  LookasideField: 16,
  bytes: 16 + SIZEOF_LOOKASIDE_LIST_EX,
} as const;

function recordOf(Lookaside: number): number {
  return CONTAINING_RECORD(Lookaside, MY_PRIVATE_DATA.LookasideField);
}

function MyLookasideListAllocateEx(
  PoolType: number,
  NumberOfBytes: number,
  Tag: number,
  Lookaside: number,
): number {
  const MyContext = recordOf(Lookaside);
  const NewEntry = ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
  if (NewEntry) InterlockedIncrement(MyContext + MY_PRIVATE_DATA.NumberOfAllocations);
  return NewEntry;
}

function MyLookasideListFreeEx(Buffer: number, Lookaside: number): void {
  const MyContext = recordOf(Lookaside);
  ExFreePoolWithTag(Buffer, MY_POOL_TAG);
  InterlockedDecrement(MyContext + MY_PRIVATE_DATA.NumberOfAllocations);
  InterlockedIncrement(MyContext + MY_PRIVATE_DATA.NumberOfFrees);
}

/** The driver in this thread. A function pointer is a name, which each thread that works registers. */
export function loadTypeScriptDriver() {
  const allocate = routine("MyLookasideListAllocateEx", MyLookasideListAllocateEx);
  const free = routine("MyLookasideListFreeEx", MyLookasideListFreeEx);

  /** Makes a record with an empty list; NULL when there is no memory for it. */
  function start(): number {
    const MyContext = ExAllocatePoolWithTag(NonPagedPool, MY_PRIVATE_DATA.bytes, MY_POOL_TAG);
    if (!MyContext) return NULL;
    InterlockedExchange(MyContext + MY_PRIVATE_DATA.NumberOfAllocations, 0);
    InterlockedExchange(MyContext + MY_PRIVATE_DATA.NumberOfFrees, 0);
    const list = MyContext + MY_PRIVATE_DATA.LookasideField;
    const status = ExInitializeLookasideListEx(
      list,
      allocate,
      free,
      NonPagedPool,
      0,
      ENTRY_SIZE,
      MY_POOL_TAG,
      0,
    );
    if (NT_SUCCESS(status)) return MyContext;
    ExFreePoolWithTag(MyContext, MY_POOL_TAG);
    return NULL;
  }

  /** Takes `burst` entries, uses them, gives them back; so `rounds` times. Tells how many it did not get. */
  function work(MyContext: number, rounds: number, burst: number): number {
    const list = MyContext + MY_PRIVATE_DATA.LookasideField;
    const held: number[] = [];
    let missing = 0;
    for (let round = 0; round < rounds; round++) {
      for (let count = 0; count < burst; count++) {
        const entry = ExAllocateFromLookasideListEx(list);
        if (entry === NULL) missing++;
        else held.push(entry);
      }
      for (let entry = held.pop(); entry !== undefined; entry = held.pop()) {
        touch(entry, ENTRY_SIZE).fill(0x4c);
        ExFreeToLookasideListEx(list, entry);
      }
    }
    return missing;
  }

  /** Gives the entries and the record back. */
  function stop(MyContext: number): void {
    ExDeleteLookasideListEx(MyContext + MY_PRIVATE_DATA.LookasideField);
    ExFreePoolWithTag(MyContext, MY_POOL_TAG);
  }

  return { start, work, stop };
}
