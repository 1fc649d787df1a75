/**
 * Demand for tuning tests: makes a list see an exact number of allocations and misses, and nothing parked
 * before and after, so that one demand does not disturb the next.
 */
import assert from "node:assert/strict";
import {
  ExAllocateFromLookasideListEx,
  ExAllocateFromNPagedLookasideList,
  ExAllocateFromPagedLookasideList,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExFreeToLookasideListEx,
  ExFreeToNPagedLookasideList,
  ExFreeToPagedLookasideList,
} from "lookaside/wdk";
import { countOf, exList, nonpagedList, pagedList, snapshot } from "./bench.js";

/** A family of lists: how one is made and used. */
export interface Family {
  readonly name: string;
  readonly make: () => number;
  readonly allocate: (list: number) => number;
  readonly free: (list: number, entry: number) => void;
}

/** Unified lists of nonpaged entries. */
export const UNIFIED: Family = {
  name: "unified",
  make: () => exList(),
  allocate: ExAllocateFromLookasideListEx,
  free: ExFreeToLookasideListEx,
};

/** Nonpaged lists. */
export const NONPAGED: Family = {
  name: "nonpaged",
  make: () => nonpagedList(),
  allocate: ExAllocateFromNPagedLookasideList,
  free: ExFreeToNPagedLookasideList,
};

/** Paged lists. */
export const PAGED: Family = {
  name: "paged",
  make: () => pagedList(),
  allocate: ExAllocateFromPagedLookasideList,
  free: ExFreeToPagedLookasideList,
};

/**
 * Allocates `allocates` times, `misses` of them with nothing parked. What was allocated goes back to the
 * pool past the list, so the list is empty before and after.
 */
export function demand(family: Family, list: number, allocates: number, misses: number): void {
  assert.equal(countOf(list), 0, "demand wants a list with nothing parked");
  const before = snapshot(list);
  const held: number[] = [];
  for (let miss = 0; miss < misses; miss++) {
    const entry = family.allocate(list);
    if (entry !== 0) held.push(entry);
  }
  const hits = allocates - misses;
  if (hits > 0) {
    const { Type, Size, Tag } = before;
    let entry = held.pop() ?? ExAllocatePoolWithTag(Type, Size, Tag);
    for (let hit = 0; hit < hits; hit++) {
      family.free(list, entry);
      entry = family.allocate(list);
    }
    held.push(entry);
  }
  for (const entry of held) ExFreePool(entry);
  const after = snapshot(list);
  assert.equal((after.TotalAllocates - before.TotalAllocates) >>> 0, allocates);
  assert.equal((after.AllocateMisses - before.AllocateMisses) >>> 0, misses);
  assert.equal(countOf(list), 0);
}

/** How many entries a list parks before the next one overflows: its limit as frees find it. */
export function roomOf(family: Family, list: number): number {
  const entries = Array.from({ length: 300 }, () => family.allocate(list));
  for (const entry of entries) family.free(list, entry);
  const room = countOf(list);
  for (let parked = 0; parked < room; parked++) ExFreePool(family.allocate(list));
  return room;
}
