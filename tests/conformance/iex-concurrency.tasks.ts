/** What other threads run for iex-concurrency.test.ts: lists whose routines every thread registers. */
import {
  boot,
  ExAllocateFromLookasideListEx,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExFreeToLookasideListEx,
  InterlockedCompareExchange,
  InterlockedDecrement,
  InterlockedExchange,
  InterlockedIncrement,
  memory,
  routine,
  shutdown,
  type Ticket,
} from "lookaside/wdk";
import type { CrewMember, CrewTask } from "../support/crew.js";

/** A list whose routines are named "Allocate" and "Free", words for counting, and how much to do. */
export interface Given {
  readonly ticket: Ticket;
  readonly list: number;
  /** Address of words of the test's own. */
  readonly words: number;
  readonly calls: number;
  /** Entries that each thread holds already, by rank. */
  readonly entries: readonly (readonly number[])[];
}

/** The words at {@link Given.words}. */
export const COUNTER = 0;
export const LOCK = 4;
export const INSIDE = 8;

/** Each thread misses once; the Allocate routine waits in the middle until all threads are in it. */
export const meetInAllocate: CrewTask<Given, number> = ({ data, barrier }) => {
  boot(data.ticket);
  routine("Allocate", (type, bytes, tag) => {
    barrier();
    return ExAllocatePoolWithTag(type, bytes, tag);
  });
  const entry = ExAllocateFromLookasideListEx(data.list);
  shutdown();
  return entry;
};

/** Each thread frees one entry to a full list; the Free routine waits until all threads are in it. */
export const meetInFree: CrewTask<Given> = ({ data, rank, barrier }) => {
  boot(data.ticket);
  routine("Free", (buffer: number) => {
    barrier();
    ExFreePool(buffer);
  });
  ExFreeToLookasideListEx(data.list, data.entries[rank]?.[0] as number);
  shutdown();
};

/** Misses as often as asked. Gives back what it holds then. */
function missAll({ data, barrier }: CrewMember<Given>): number[] {
  barrier();
  return Array.from({ length: data.calls }, () => ExAllocateFromLookasideListEx(data.list));
}

/** Every miss increments the counter atomically. */
export const countMisses: CrewTask<Given, number[]> = (member) => {
  const { data } = member;
  boot(data.ticket);
  routine("Allocate", (type, bytes, tag) => {
    InterlockedIncrement(data.words + COUNTER);
    return ExAllocatePoolWithTag(type, bytes, tag);
  });
  const entries = missAll(member);
  shutdown();
  return entries;
};

/** Frees all entries of its own; every one that the list gives up decrements the counter atomically. */
export const countReleases: CrewTask<Given> = ({ data, rank, barrier }) => {
  boot(data.ticket);
  routine("Free", (buffer: number) => {
    InterlockedDecrement(data.words + COUNTER);
    ExFreePool(buffer);
  });
  barrier();
  for (const entry of data.entries[rank] ?? []) ExFreeToLookasideListEx(data.list, entry);
  shutdown();
};

/** Every miss increments the counter as a statistic, without any care. */
export const countPlainly: CrewTask<Given, number[]> = (member) => {
  const { data } = member;
  boot(data.ticket);
  const words = new Int32Array(memory().buffer);
  const counter = (data.words + COUNTER) / 4;
  routine("Allocate", (type, bytes, tag) => {
    words[counter] = (words[counter] as number) + 1;
    return ExAllocatePoolWithTag(type, bytes, tag);
  });
  const entries = missAll(member);
  shutdown();
  return entries;
};

/** Every miss increments the counter plainly, under a lock of the routine's own. */
export const countUnderLock: CrewTask<Given, { entries: number[]; alone: boolean }> = (member) => {
  const { data } = member;
  boot(data.ticket);
  const words = new Int32Array(memory().buffer);
  const counter = (data.words + COUNTER) / 4;
  const inside = (data.words + INSIDE) / 4;
  let alone = true;
  routine("Allocate", (type, bytes, tag) => {
    while (InterlockedCompareExchange(data.words + LOCK, 1, 0) !== 0) {
      // Its holder is inside the lines below, which wait for nobody.
    }
    alone &&= words[inside] === 0;
    words[inside] = 1;
    words[counter] = (words[counter] as number) + 1;
    words[inside] = 0;
    InterlockedExchange(data.words + LOCK, 0);
    return ExAllocatePoolWithTag(type, bytes, tag);
  });
  const entries = missAll(member);
  shutdown();
  return { entries, alone };
};
