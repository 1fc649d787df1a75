/**
 * The test bench that the clauses assume: a machine of its own for each test, descriptors and lists,
 * spies, exhausted pools, and descriptors read as bytes.
 *
 * All of it goes through the door `lookaside/wdk` and the memory itself. Machines have small pools, a
 * clock that is moved by hand, and go on after a bug check, so that one test can show several.
 */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import {
  type ALLOCATE_FUNCTION,
  type ALLOCATE_FUNCTION_EX,
  type BootOptions,
  BugCheck,
  boot,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExInitializeLookasideListEx,
  ExInitializeNPagedLookasideList,
  ExInitializePagedLookasideList,
  FirstEntrySList,
  type FREE_FUNCTION,
  type FREE_FUNCTION_EX,
  KeLowerIrql,
  KeRaiseIrql,
  memory,
  NonPagedPool,
  type Pointer,
  poolUsage,
  QueryDepthSList,
  STATUS_SUCCESS,
  StatusError,
  shutdown,
  tag,
} from "lookaside/wdk";

/** Tag of the entries of a list, unless a test names another. */
export const ENTRY_TAG = tag("Entr");
/** Tag of descriptors and other storage that a test makes for itself. */
export const BENCH_TAG = tag("Bnch");

/** Boots a fresh machine for this test, and shuts it down when the test ends. */
export function freshMachine(t: TestContext, options: BootOptions = {}): void {
  boot({
    nonPagedPoolBytes: "1 MiB",
    pagedPoolBytes: "1 MiB",
    threads: 8,
    bugChecks: "continue",
    depth: { periodMs: 0 },
    ...options,
  });
  t.after(shutdown);
}

/** Storage from the pool that `poolType` names, filled with `fill` so that nothing is zero by luck. */
export function storage(bytes: number, poolType: number = NonPagedPool, fill = 0xa5): number {
  const address = ExAllocatePoolWithTag(poolType, bytes, BENCH_TAG);
  assert.notEqual(address, 0, "the bench has no pool left");
  bytesAt(address, bytes).fill(fill);
  return address;
}

/** Storage for one descriptor of any family. */
export function descriptor(fill = 0xa5): number {
  return storage(0x80, NonPagedPool, fill);
}

/** What a list is made with; what is left out is plain: no routines, no flags, 64 bytes, ENTRY_TAG. */
export interface ListOptions<Allocate, Free> {
  readonly allocate?: Pointer<Allocate>;
  readonly free?: Pointer<Free>;
  readonly flags?: number;
  readonly size?: number;
  readonly tag?: number;
  readonly depth?: number;
  /** Where the descriptor lies; storage of its own unless given. */
  readonly at?: number;
}

/** A unified list is also made of a pool type. */
export interface ExListOptions extends ListOptions<ALLOCATE_FUNCTION_EX, FREE_FUNCTION_EX> {
  readonly poolType?: number;
}

/** An initialized unified list: the address of its descriptor. */
export function exList(options: ExListOptions = {}): number {
  const {
    allocate = 0,
    free = 0,
    poolType = NonPagedPool,
    flags = 0,
    size = 64,
    depth = 0,
  } = options;
  const { tag: entryTag = ENTRY_TAG, at = descriptor() } = options;
  const status = ExInitializeLookasideListEx(
    at,
    allocate,
    free,
    poolType,
    flags,
    size,
    entryTag,
    depth,
  );
  assert.equal(status, STATUS_SUCCESS);
  return at;
}

/** An initialized nonpaged list: the address of its descriptor. */
export function nonpagedList(options: ListOptions<ALLOCATE_FUNCTION, FREE_FUNCTION> = {}): number {
  const { allocate = 0, free = 0, flags = 0, size = 64, depth = 0 } = options;
  const { tag: entryTag = ENTRY_TAG, at = descriptor() } = options;
  ExInitializeNPagedLookasideList(at, allocate, free, flags, size, entryTag, depth);
  return at;
}

/** An initialized paged list: the address of its descriptor. */
export function pagedList(options: ListOptions<ALLOCATE_FUNCTION, FREE_FUNCTION> = {}): number {
  const { allocate = 0, free = 0, flags = 0, size = 64, depth = 0 } = options;
  const { tag: entryTag = ENTRY_TAG, at = descriptor() } = options;
  ExInitializePagedLookasideList(at, allocate, free, flags, size, entryTag, depth);
  return at;
}

/** The results of `count` calls. */
export function times<Result>(count: number, call: (index: number) => Result): Result[] {
  return Array.from({ length: count }, (_, index) => call(index));
}

/** A routine that remembers the arguments of every call. */
export interface Spy<Result> {
  (...given: number[]): Result;
  readonly calls: readonly (readonly number[])[];
}

/** A spy that answers as `answer` does. */
export function spy<Result>(answer: (...given: number[]) => Result): Spy<Result> {
  const calls: number[][] = [];
  const routine = (...given: number[]): Result => {
    calls.push(given);
    return answer(...given);
  };
  return Object.assign(routine, { calls });
}

/** An Allocate routine of any family that only forwards to the pool. */
export function spyAllocate(): Spy<number> {
  return spy((type = 0, bytes = 0, tagGiven = 0) => ExAllocatePoolWithTag(type, bytes, tagGiven));
}

/** A Free routine of any family that only forwards to the pool. */
export function spyFree(): Spy<void> {
  return spy((buffer = 0) => ExFreePool(buffer));
}

/**
 * Takes all that a pool has left, down to the smallest block; gives back what returns it.
 * Until then every allocation of any size from that pool fails for want of room.
 */
export function exhaust(poolType: number): () => void {
  const taken: number[] = [];
  const sizes = [
    65_536,
    ...times(15, (pages) => (15 - pages) * 4_096),
    ...times(256, (at) => (256 - at) * 16),
  ];
  for (const bytes of sizes) {
    for (;;) {
      const block = ExAllocatePoolWithTag(poolType, bytes, BENCH_TAG);
      if (block === 0) break;
      taken.push(block);
    }
  }
  return () => taken.splice(0).forEach((block) => void ExFreePool(block));
}

/** The bytes at an address, unchecked: the memory itself. */
export function bytesAt(address: number, length: number): Uint8Array {
  return new Uint8Array(memory().buffer, address, length);
}

/** The 32-bit word at an address, unsigned. */
export function wordAt(address: number): number {
  return new DataView(memory().buffer).getUint32(address, true);
}

/** Offsets of the documented fields, 64-bit profile (semantics 3.1): written down anew, not imported. */
export const OFFSET = {
  Depth: 0x10,
  MaximumDepth: 0x12,
  TotalAllocates: 0x14,
  AllocateMisses: 0x18,
  TotalFrees: 0x1c,
  FreeMisses: 0x20,
  Type: 0x24,
  Tag: 0x28,
  Size: 0x2c,
  Allocate: 0x30,
  Free: 0x38,
  ListEntry: 0x40,
  LastTotalAllocates: 0x50,
  LastAllocateMisses: 0x54,
} as const;

/** The bytes of a descriptor at one moment, and their fields. */
export interface Snapshot {
  readonly bytes: Uint8Array;
  readonly Depth: number;
  readonly MaximumDepth: number;
  readonly TotalAllocates: number;
  readonly AllocateMisses: number;
  readonly TotalFrees: number;
  readonly FreeMisses: number;
  readonly Type: number;
  readonly Tag: number;
  readonly Size: number;
  readonly Allocate: number;
  readonly Free: number;
  readonly LastTotalAllocates: number;
  readonly LastAllocateMisses: number;
}

/** Copies a descriptor out of the memory. */
export function snapshot(list: number): Snapshot {
  const bytes = bytesAt(list, 0x60).slice();
  const view = new DataView(bytes.buffer);
  const word = (offset: number): number => view.getUint32(offset, true);
  return {
    bytes,
    Depth: view.getUint16(OFFSET.Depth, true),
    MaximumDepth: view.getUint16(OFFSET.MaximumDepth, true),
    TotalAllocates: word(OFFSET.TotalAllocates),
    AllocateMisses: word(OFFSET.AllocateMisses),
    TotalFrees: word(OFFSET.TotalFrees),
    FreeMisses: word(OFFSET.FreeMisses),
    Type: word(OFFSET.Type),
    Tag: word(OFFSET.Tag),
    Size: word(OFFSET.Size),
    Allocate: word(OFFSET.Allocate),
    Free: word(OFFSET.Free),
    LastTotalAllocates: word(OFFSET.LastTotalAllocates),
    LastAllocateMisses: word(OFFSET.LastAllocateMisses),
  };
}

/** The on-list count of a list. */
export function countOf(list: number): number {
  return QueryDepthSList(list);
}

/** The parked entries of a list that stands still, first to last, as their links in memory say. */
export function chainOf(list: number): number[] {
  const entries: number[] = [];
  for (let entry = FirstEntrySList(list); entry !== 0; entry = wordAt(entry)) {
    assert.ok(!entries.includes(entry), "the chain is a ring");
    entries.push(entry);
  }
  return entries;
}

/** What both pools together charge to a tag. */
export interface Charge {
  /** Allocations so far. */
  readonly allocs: number;
  readonly frees: number;
  /** Blocks held. */
  readonly blocks: number;
  /** Bytes held, as asked for. */
  readonly bytes: number;
}

/** What both pools charge to a tag. */
export function charged(entryTag: number = ENTRY_TAG): Charge {
  const { NonPaged, Paged } = poolUsage(entryTag);
  return {
    allocs: NonPaged.Allocs + Paged.Allocs,
    frees: NonPaged.Frees + Paged.Frees,
    blocks: NonPaged.Diff + Paged.Diff,
    bytes: NonPaged.Bytes + Paged.Bytes,
  };
}

/** Runs `action` at a simulated level, and comes back to the level before. */
export function atIrql<Result>(level: number, action: () => Result): Result {
  const before = KeRaiseIrql(level);
  try {
    return action();
  } finally {
    KeLowerIrql(before);
  }
}

/** The bug check that `action` must end in. */
export function bugCheckOf(action: () => unknown): BugCheck {
  return thrownBy(action, BugCheck);
}

/** The status that `action` must raise. */
export function raisedBy(action: () => unknown): number {
  return thrownBy(action, StatusError).status;
}

function thrownBy<Thrown>(
  action: () => unknown,
  kind: abstract new (...given: never) => Thrown,
): Thrown {
  let result: unknown;
  try {
    result = action();
  } catch (error) {
    assert.ok(error instanceof kind, `a ${kind.name} was due, not ${String(error)}`);
    return error;
  }
  return assert.fail(`a ${kind.name} was due, and the call gave ${String(result)}`);
}
