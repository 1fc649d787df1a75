/**
 * The documented facility as a contender among the others: a nonpaged list, and the pool without a list.
 *
 * Both need a booted machine: see scenarios/machine.ts.
 */
import {
  ExAllocateFromNPagedLookasideList,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExFreeToNPagedLookasideList,
  ExInitializeNPagedLookasideList,
  NonPagedPool,
  NULL,
  setLookasideDepth,
  tag,
} from "lookaside/wdk";
import { place } from "./documented.js";
import type { Family } from "./family.js";

const TAG = tag("Benc");

/** A nonpaged lookaside list, as deep as its documented maximum: the tuner would get there in its time. */
export function nonpagedList(): Family<number> {
  return {
    name: "NPagedLookasideList",
    open(bytes, most) {
      const list = place(0x80);
      ExInitializeNPagedLookasideList(list, NULL, NULL, 0, bytes, TAG, 0);
      setLookasideDepth(list, most);
      return {
        take: () => ExAllocateFromNPagedLookasideList(list),
        give: (entry) => ExFreeToNPagedLookasideList(list, entry),
        none: 0,
      };
    },
  };
}

/** ExAllocatePoolWithTag and ExFreePool. */
export function poolFamily(): Family<number> {
  return {
    name: "pool",
    open: (bytes) => ({
      take: () => ExAllocatePoolWithTag(NonPagedPool, bytes, TAG),
      give: (block) => ExFreePool(block),
      none: 0,
    }),
  };
}
