/**
 * What stands for loaders, headers and link libraries: the door `lookaside/wdk` and what it exports.
 * The types are shown by compilation: this file does not build when one of them is another.
 */
import assert from "node:assert/strict";
import type {
  ALLOCATE_FUNCTION,
  ALLOCATE_FUNCTION_EX,
  FREE_FUNCTION,
  FREE_FUNCTION_EX,
} from "lookaside/wdk";
import * as wdk from "lookaside/wdk";
import { analogue } from "./clause.js";

/** Compiles only when both types are the same. */
type Same<Left, Right> =
  (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;

function sameType<Left, Right>(_same: Same<Left, Right>): void {}

/** The routines of sections 1, 4, 5.12, 6 and 7 of the semantics, with their parameter counts. */
const DOCUMENTED_ROUTINES: Readonly<Record<string, number>> = {
  ExInitializeNPagedLookasideList: 7,
  ExAllocateFromNPagedLookasideList: 1,
  ExFreeToNPagedLookasideList: 2,
  ExDeleteNPagedLookasideList: 1,
  ExInitializePagedLookasideList: 7,
  ExAllocateFromPagedLookasideList: 1,
  ExFreeToPagedLookasideList: 2,
  ExDeletePagedLookasideList: 1,
  ExInitializeLookasideListEx: 8,
  ExAllocateFromLookasideListEx: 1,
  ExFreeToLookasideListEx: 2,
  ExFlushLookasideListEx: 1,
  ExDeleteLookasideListEx: 1,
  ExAdjustLookasideDepth: 0,
  InitializeSListHead: 1,
  ExInitializeSListHead: 1,
  ExInterlockedPushEntrySList: 2, // and a lock that modern systems do not use
  ExInterlockedPopEntrySList: 1, // likewise
  ExInterlockedFlushSList: 1,
  ExQueryDepthSList: 1,
  FirstEntrySList: 1,
  ExAllocatePoolWithTag: 3,
  ExAllocatePoolWithQuotaTag: 3,
  ExAllocatePool2: 3,
  ExFreePool: 1,
  ExFreePoolWithTag: 2,
};

function exported(name: string): unknown {
  return (wdk as Record<string, unknown>)[name];
}

analogue(["AEX-20", "APL-20", "FNP-24"], "the door exports the routines by exact name", () => {
  for (const name of [
    "ExAllocateFromLookasideListEx",
    "ExAllocateFromPagedLookasideList",
    "ExFreeToNPagedLookasideList",
  ]) {
    const routine = exported(name);
    assert.equal(typeof routine, "function", name);
    assert.equal((routine as { name: string }).name, name);
  }
});

analogue(["AEX-22", "APL-19"], "the door exports the allocate routines with their types", () => {
  sameType<typeof wdk.ExAllocateFromLookasideListEx, (Lookaside: number) => number>(true);
  sameType<typeof wdk.ExAllocateFromPagedLookasideList, (Lookaside: number) => number>(true);
  sameType<ALLOCATE_FUNCTION, (PoolType: number, NumberOfBytes: number, Tag: number) => number>(
    true,
  );
  sameType<
    ALLOCATE_FUNCTION_EX,
    (PoolType: number, NumberOfBytes: number, Tag: number, Lookaside: number) => number
  >(true);
  sameType<FREE_FUNCTION, (Buffer: number) => void>(true);
  sameType<FREE_FUNCTION_EX, (Buffer: number, Lookaside: number) => void>(true);
  const needed = {
    NULL: 0,
    NonPagedPool: 0,
    PagedPool: 1,
    NonPagedPoolNx: 512,
    POOL_QUOTA_FAIL_INSTEAD_OF_RAISE: 8,
    POOL_RAISE_IF_ALLOCATION_FAILURE: 16,
    POOL_NX_ALLOCATION: 512,
    EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL: 1,
    EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE: 2,
    LOOKASIDE_MINIMUM_BLOCK_SIZE: 8,
    SIZEOF_LOOKASIDE_LIST_EX: 0x60,
    SIZEOF_PAGED_LOOKASIDE_LIST: 0x80,
    SIZEOF_NPAGED_LOOKASIDE_LIST: 0x80,
    STATUS_SUCCESS: 0,
    STATUS_INSUFFICIENT_RESOURCES: 0xc000009a,
  };
  for (const [name, value] of Object.entries(needed)) assert.equal(exported(name), value, name);
});

analogue(["AEX-23"], "one import path supplies every documented routine", () => {
  for (const [name, parameters] of Object.entries(DOCUMENTED_ROUTINES)) {
    const routine = exported(name);
    assert.equal(typeof routine, "function", name);
    assert.equal((routine as { length: number }).length, parameters, `parameters of ${name}`);
  }
});

analogue(["FNP-26"], "one import path exports the free routine with its type", () => {
  sameType<typeof wdk.ExFreeToNPagedLookasideList, (Lookaside: number, Entry: number) => void>(
    true,
  );
  assert.equal(typeof exported("ExFreeToNPagedLookasideList"), "function");
});
