/**
 * The documented facility as a contender: pairs of allocate and free, from one loop shape.
 *
 * The bare pair is the interlocked module's own pop and push: what the documented routines are
 * measured against.
 */
import {
  ExAllocateFromLookasideListEx,
  ExAllocateFromNPagedLookasideList,
  ExAllocateFromPagedLookasideList,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExFreeToLookasideListEx,
  ExFreeToNPagedLookasideList,
  ExFreeToPagedLookasideList,
  ExInitializeLookasideListEx,
  ExInitializeNPagedLookasideList,
  ExInitializePagedLookasideList,
  ExInterlockedPopEntrySList,
  ExInterlockedPushEntrySList,
  InitializeSListHead,
  memory,
  NonPagedPool,
  NULL,
  tag,
} from "lookaside/wdk";
import { bindInterlocked } from "#src/memory/index.js";
import type { Contender } from "../harness.js";

const TAG = tag("Benc");

/** Bytes of nonpaged pool. */
export function place(bytes: number): number {
  const address = ExAllocatePoolWithTag(NonPagedPool, bytes, TAG);
  if (address === 0) throw new Error("the bench needs more pool");
  return address;
}

/** A pair is one operation; every one must give an address. */
const everyOne = (operations: number): number => operations;

/** Pop and push of the bare interlocked module. */
export function barePair(): Contender {
  const { initialize, pop, push } = bindInterlocked(memory());
  const head = place(16);
  initialize(head);
  push(head, place(64));
  return {
    name: "interlocked pop + push",
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        const entry = pop(head);
        push(head, entry);
        done += entry === 0 ? 0 : 1;
      }
      return done;
    },
    expected: everyOne,
  };
}

/** The documented sequenced list. */
export function slistPair(): Contender {
  const head = place(16);
  InitializeSListHead(head);
  ExInterlockedPushEntrySList(head, place(64));
  return {
    name: "ExInterlockedPop/PushEntrySList",
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        const entry = ExInterlockedPopEntrySList(head);
        ExInterlockedPushEntrySList(head, entry);
        done += entry === 0 ? 0 : 1;
      }
      return done;
    },
    expected: everyOne,
  };
}

/** A nonpaged list with one parked entry. */
export function nonpagedPair(): Contender {
  const list = place(0x80);
  ExInitializeNPagedLookasideList(list, NULL, NULL, 0, 64, TAG, 0);
  return {
    name: "NPagedLookasideList",
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        const entry = ExAllocateFromNPagedLookasideList(list);
        ExFreeToNPagedLookasideList(list, entry);
        done += entry === 0 ? 0 : 1;
      }
      return done;
    },
    expected: everyOne,
  };
}

/** A paged list with one parked entry. */
export function pagedPair(): Contender {
  const list = place(0x80);
  ExInitializePagedLookasideList(list, NULL, NULL, 0, 64, TAG, 0);
  return {
    name: "PagedLookasideList",
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        const entry = ExAllocateFromPagedLookasideList(list);
        ExFreeToPagedLookasideList(list, entry);
        done += entry === 0 ? 0 : 1;
      }
      return done;
    },
    expected: everyOne,
  };
}

/** A unified list with one parked entry. Gives back its address too, for a guest to use. */
export function exPair(): Contender & { readonly list: number } {
  const list = place(0x60);
  ExInitializeLookasideListEx(list, NULL, NULL, NonPagedPool, 0, 64, TAG, 0);
  return {
    name: "LookasideListEx",
    list,
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        const entry = ExAllocateFromLookasideListEx(list);
        ExFreeToLookasideListEx(list, entry);
        done += entry === 0 ? 0 : 1;
      }
      return done;
    },
    expected: everyOne,
  };
}

/** ExAllocatePoolWithTag and ExFreePool of one size, with `live` more blocks of the size held meanwhile. */
export function poolPair(bytes: number, live: number): Contender {
  const held: number[] = [];
  for (let block = 0; block < live; block++) held.push(place(bytes));
  return {
    name: `pool ${bytes} B, ${live} live`,
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        const block = ExAllocatePoolWithTag(NonPagedPool, bytes, TAG);
        ExFreePool(block);
        done += block === 0 ? 0 : 1;
      }
      return done;
    },
    expected: everyOne,
    dispose() {
      for (const block of held) ExFreePool(block);
    },
  };
}

/** A ring of `live` blocks: each operation frees the oldest and allocates one. */
export function poolRing(bytes: number, live: number): Contender {
  const ring = Array.from({ length: live }, () => place(bytes));
  let oldest = 0;
  return {
    name: "lookaside pool",
    run(operations) {
      let done = 0;
      for (let at = 0; at < operations; at++) {
        ExFreePool(ring[oldest] as number);
        const block = ExAllocatePoolWithTag(NonPagedPool, bytes, TAG);
        ring[oldest] = block;
        oldest = oldest + 1 === live ? 0 : oldest + 1;
        done += block === 0 ? 0 : 1;
      }
      return done;
    },
    expected: everyOne,
  };
}
