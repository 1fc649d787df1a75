/**
 * The documented lists as one table: three families, the unified one for each kind of entries, so that
 * what holds for all of them is tested for all of them.
 */
import {
  ExAllocateFromLookasideListEx,
  ExAllocateFromNPagedLookasideList,
  ExAllocateFromPagedLookasideList,
  ExDeleteLookasideListEx,
  ExDeleteNPagedLookasideList,
  ExDeletePagedLookasideList,
  ExFreeToLookasideListEx,
  ExFreeToNPagedLookasideList,
  ExFreeToPagedLookasideList,
  NonPagedPool,
  PagedPool,
  type RoutineHandle,
} from "lookaside/wdk";
import { exList, nonpagedList, pagedList } from "../../conformance/bench.js";

/** What every family can be made with. */
export interface CommonOptions {
  /** Called with three arguments, or four for the unified family. */
  readonly allocate?: RoutineHandle | ((...given: number[]) => number);
  /** Called with one argument, or two for the unified family. */
  readonly free?: RoutineHandle | ((...given: number[]) => void);
  readonly size?: number;
  readonly tag?: number;
  readonly at?: number;
}

/** One family of documented lists. */
export interface ListFamily {
  readonly name: string;
  /** The pool type of its entries. */
  readonly poolType: number;
  /** Highest level at which its entries can be had. */
  readonly levelMax: number;
  /** Whether routines get the list's address as a last argument, and flush exists. */
  readonly unified: boolean;
  make(options?: CommonOptions): number;
  allocate(list: number): number;
  free(list: number, entry: number): void;
  remove(list: number): void;
}

const unified = {
  unified: true,
  allocate: ExAllocateFromLookasideListEx,
  free: ExFreeToLookasideListEx,
  remove: ExDeleteLookasideListEx,
} as const;

export const LIST_FAMILIES: readonly ListFamily[] = [
  {
    name: "nonpaged",
    poolType: NonPagedPool,
    levelMax: 2,
    unified: false,
    make: nonpagedList,
    allocate: ExAllocateFromNPagedLookasideList,
    free: ExFreeToNPagedLookasideList,
    remove: ExDeleteNPagedLookasideList,
  },
  {
    name: "paged",
    poolType: PagedPool,
    levelMax: 1,
    unified: false,
    make: pagedList,
    allocate: ExAllocateFromPagedLookasideList,
    free: ExFreeToPagedLookasideList,
    remove: ExDeletePagedLookasideList,
  },
  {
    name: "unified of nonpaged entries",
    poolType: NonPagedPool,
    levelMax: 2,
    make: (options) => exList({ ...options, poolType: NonPagedPool }),
    ...unified,
  },
  {
    name: "unified of paged entries",
    poolType: PagedPool,
    levelMax: 1,
    make: (options) => exList({ ...options, poolType: PagedPool }),
    ...unified,
  },
];
