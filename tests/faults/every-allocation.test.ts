/**
 * One scenario over all families, pool routines and quotas, run again and again with the n-th allocation
 * failing, for every n until nothing new happens: a failure is NULL or the raise that the call asked for, it
 * counts as the documents say, it loses nothing, and everything after it works.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { System } from "lookaside";
import {
  BUG_CHECK,
  BugCheck,
  EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE,
  EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL,
  ExAllocatePool2,
  ExAllocatePoolWithQuotaTag,
  ExAllocatePoolWithTag,
  ExFreePool,
  NonPagedPool,
  NonPagedPoolMustSucceed,
  PagedPool,
  POOL_FLAG_NON_PAGED,
  POOL_FLAG_PAGED,
  POOL_FLAG_RAISE_ON_FAILURE,
  POOL_FLAG_USE_QUOTA,
  POOL_QUOTA_FAIL_INSTEAD_OF_RAISE,
  POOL_RAISE_IF_ALLOCATION_FAILURE,
  poolInformation,
  poolUsage,
  STATUS_INSUFFICIENT_RESOURCES,
  StatusError,
  simulateLowResources,
  ticket,
  verifierCounters,
} from "lookaside/wdk";
import {
  chainOf,
  exList,
  freshMachine,
  nonpagedList,
  pagedList,
  snapshot,
} from "../conformance/bench.js";
import { auditPool } from "../support/pool-audit.js";
import { LIST_FAMILIES, type ListFamily } from "../unit/wdk/list-families.js";

const TAG = 0x746c_7546;
const RAISE = POOL_RAISE_IF_ALLOCATION_FAILURE;
const NO_RAISE = POOL_QUOTA_FAIL_INSTEAD_OF_RAISE;

/** What a call must come to when its allocation fails. */
type Failure = "NULL" | "raise" | "bug check";

function outcomeOf(call: () => number): number | Failure {
  try {
    return call() || "NULL";
  } catch (error) {
    if (error instanceof StatusError && error.status === STATUS_INSUFFICIENT_RESOURCES)
      return "raise";
    if (error instanceof BugCheck && error.code === BUG_CHECK.MUST_SUCCEED_POOL_EMPTY)
      return "bug check";
    throw error;
  }
}

/** Makes the call and holds its outcome against what the simulation did to it. */
function attempt(failure: Failure, call: () => number): number {
  const before = verifierCounters().FailedDeliberately;
  const outcome = outcomeOf(call);
  const hasFailed = verifierCounters().FailedDeliberately > before;
  if (hasFailed) assert.equal(outcome, failure);
  else assert.equal(typeof outcome, "number", `${outcome} without a failure`);
  return typeof outcome === "number" ? outcome : 0;
}

const POOL_CALLS: readonly (readonly [Failure, (bytes: number) => number])[] = [
  ["NULL", (bytes) => ExAllocatePoolWithTag(NonPagedPool, bytes, TAG)],
  ["NULL", (bytes) => ExAllocatePoolWithTag(PagedPool, bytes, TAG)],
  ["raise", (bytes) => ExAllocatePoolWithTag(NonPagedPool | RAISE, bytes, TAG)],
  ["raise", (bytes) => ExAllocatePoolWithTag(PagedPool | RAISE, bytes, TAG)],
  ["bug check", (bytes) => ExAllocatePoolWithTag(NonPagedPoolMustSucceed, bytes, TAG)],
  ["raise", (bytes) => ExAllocatePoolWithQuotaTag(NonPagedPool, bytes, TAG)],
  ["NULL", (bytes) => ExAllocatePoolWithQuotaTag(PagedPool | NO_RAISE, bytes, TAG)],
  ["NULL", (bytes) => ExAllocatePool2(POOL_FLAG_PAGED, bytes, TAG)],
  ["NULL", (bytes) => ExAllocatePool2(POOL_FLAG_NON_PAGED | POOL_FLAG_USE_QUOTA, bytes, TAG)],
  [
    "raise",
    (bytes) => ExAllocatePool2(POOL_FLAG_NON_PAGED | POOL_FLAG_RAISE_ON_FAILURE, bytes, TAG),
  ],
];

/** An Allocate routine that needs two allocations, and undoes the first when the second fails. */
function allocateWithHeader(type = 0, bytes = 0, tag = 0): number {
  const header = ExAllocatePoolWithTag(type, 32, tag);
  if (header === 0) return 0;
  const entry = ExAllocatePoolWithTag(type, bytes, tag);
  ExFreePool(header);
  return entry;
}

const [NPAGED, PAGED, EX_NPAGED, EX_PAGED] = LIST_FAMILIES as [
  ListFamily,
  ListFamily,
  ListFamily,
  ListFamily,
];

/** Lists of every family and flag, what a failed miss of each comes to, and how its family is called. */
function makeLists(at: readonly number[], checked: boolean) {
  const place = (index: number): { at: number; tag: number } => ({ at: at[index] ?? 0, tag: TAG });
  const custom = { allocate: allocateWithHeader };
  const lists: (readonly [Failure, number, ListFamily])[] = [
    ["NULL", nonpagedList(place(0)), NPAGED],
    ["raise", nonpagedList({ ...place(1), flags: RAISE }), NPAGED],
    ["NULL", pagedList(place(2)), PAGED],
    ["raise", pagedList({ ...place(3), flags: RAISE }), PAGED],
    ["NULL", exList(place(4)), EX_NPAGED],
    ["raise", exList({ ...place(5), flags: EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL }), EX_NPAGED],
    ["NULL", exList({ ...place(6), poolType: PagedPool, ...custom }), EX_PAGED],
    ["NULL", nonpagedList({ ...place(7), ...custom }), NPAGED],
  ];
  if (!checked) {
    // Checked mode reports such a list: without an Allocate routine its failure is undefined.
    const flags = EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE;
    lists.push(["NULL", exList({ ...place(8), flags }), EX_NPAGED]);
  }
  return lists;
}

/** Allocates six entries and frees them again, twice; holds the counters against what happened. */
function useList(failure: Failure, list: number, family: ListFamily): void {
  let [allocates, failed, frees] = [0, 0, 0];
  for (let round = 0; round < 2; round++) {
    const entries: number[] = [];
    for (let count = 0; count < 6; count++) {
      const entry = attempt(failure, () => family.allocate(list));
      allocates++;
      if (entry === 0) failed++;
      else entries.push(entry);
      assert.equal(snapshot(list).TotalAllocates, allocates, "a failed call counts as well");
    }
    for (const entry of entries) family.free(list, entry);
    frees += entries.length;
  }
  const { TotalFrees, AllocateMisses, FreeMisses } = snapshot(list);
  const parked = chainOf(list).length;
  assert.equal(TotalFrees, frees);
  assert.equal(TotalFrees - FreeMisses - (allocates - AllocateMisses), parked);
  assert.equal(AllocateMisses - failed, FreeMisses + parked, "obtained = given back + parked");
}

/** Everything once. Gives back how many allocations failed on purpose. */
function scenario(n: number, checked: boolean): number {
  const before = verifierCounters().FailedDeliberately;
  simulateLowResources({ onlyNth: n });
  const blocks: number[] = [];
  for (const bytes of [1, 100, 4_096, 70_000]) {
    for (const [failure, call] of POOL_CALLS) {
      const block = attempt(failure, () => call(bytes));
      if (block !== 0) blocks.push(block);
    }
  }
  const at = Array.from({ length: 9 }, () =>
    attempt("NULL", () => ExAllocatePoolWithTag(NonPagedPool, 0x80, TAG)),
  );
  if (at.every((address) => address !== 0)) {
    const lists = makeLists(at, checked);
    for (const [failure, list, family] of lists) useList(failure, list, family);
    for (const [, list, family] of lists) family.remove(list);
  }
  for (const block of [...blocks, ...at]) if (block !== 0) ExFreePool(block);
  simulateLowResources(null);
  return verifierCounters().FailedDeliberately - before;
}

function nothingIsLeft(system: System, n: number): void {
  const { NonPaged, Paged } = poolUsage(TAG);
  const left = [NonPaged.Diff, NonPaged.Bytes, Paged.Diff, Paged.Bytes];
  assert.deepEqual(left, [0, 0, 0, 0], `the failure of allocation ${n} leaked`);
  const information = poolInformation();
  assert.equal(information.NonPaged.QuotaUsedBytes + information.Paged.QuotaUsedBytes, 0);
  const { problems, blocks } = auditPool(system.region);
  assert.deepEqual([problems, blocks.length], [[], 0], `after the failure of allocation ${n}`);
}

function everyFailure(t: TestContext, checked: boolean): void {
  freshMachine(t, { checked, nonPagedPoolBytes: "2 MiB", pagedPoolBytes: "2 MiB" });
  const system = System.attach(ticket());
  t.after(() => system.detach());
  let n = 1;
  for (; scenario(n, checked) > 0; n++) nothingIsLeft(system, n);
  nothingIsLeft(system, n);
  assert.ok(n > 100, `the scenario has only ${n - 1} allocations`);
}

test("whichever allocation fails, the call fails as asked for and nothing is lost", (t) =>
  everyFailure(t, false));

test("the same holds in checked mode", (t) => everyFailure(t, true));
