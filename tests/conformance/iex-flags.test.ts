/**
 * ExInitializeLookasideListEx, its Flags: which values are valid, what they turn into for the Allocate
 * routine, and what a failed allocation does.
 */
import assert from "node:assert/strict";
import {
  activeLists,
  EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE,
  EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL,
  ExAllocateFromLookasideListEx,
  ExAllocatePoolWithQuotaTag,
  ExFreePool,
  ExFreeToLookasideListEx,
  ExInitializeLookasideListEx,
  NonPagedPool,
  NonPagedPoolNx,
  NULL,
  PagedPool,
  PagedPoolCacheAligned,
  POOL_TYPE,
  poolInformation,
  queryPoolBlock,
  STATUS_INSUFFICIENT_RESOURCES,
  STATUS_INVALID_PARAMETER_4,
  STATUS_INVALID_PARAMETER_5,
  STATUS_QUOTA_EXCEEDED,
  STATUS_SUCCESS,
  VERIFIER_RULE,
} from "lookaside/wdk";
import {
  bugCheckOf,
  bytesAt,
  countOf,
  descriptor,
  ENTRY_TAG,
  exhaust,
  exList,
  freshMachine,
  raisedBy,
  snapshot,
  spy,
  spyAllocate,
  spyFree,
  times,
} from "./bench.js";
import { clause } from "./clause.js";

const RAISE = EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL;
const NO_RAISE = EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE;
const POOLS = [NonPagedPool, PagedPool] as const;
const POOL_TYPES = [
  NonPagedPool,
  PagedPool,
  PagedPoolCacheAligned,
  POOL_TYPE.NonPagedPoolSession,
  NonPagedPoolNx,
];

/** An Allocate routine that forwards what it is given to the quota allocator. */
function spyQuota() {
  return spy((type = 0, bytes = 0, tag = 0) => ExAllocatePoolWithQuotaTag(type, bytes, tag));
}

function quotaUsed(): number {
  return poolInformation().NonPaged.QuotaUsedBytes;
}

function initializeWith(flags: number, at = descriptor()): number {
  return ExInitializeLookasideListEx(
    at,
    spyAllocate(),
    NULL,
    NonPagedPool,
    flags,
    64,
    ENTRY_TAG,
    0,
  );
}

clause("IEX-17", "Flags may be zero: the stored type is PoolType alone", (t) => {
  freshMachine(t);
  for (const poolType of [...POOLS, NonPagedPoolNx, POOL_TYPE.PagedPoolSession]) {
    assert.equal(snapshot(exList({ poolType })).Type, poolType);
  }
});

clause("IEX-18", "Flags may be EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL, which is 1", (t) => {
  freshMachine(t);
  const at = descriptor();
  assert.equal(RAISE, 1);
  assert.equal(initializeWith(RAISE, at), STATUS_SUCCESS);
  assert.equal(snapshot(at).Type, NonPagedPool | 16);
});

clause("IEX-19", "Flags may be EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE, which is 2", (t) => {
  freshMachine(t);
  const at = descriptor();
  assert.equal(NO_RAISE, 2);
  assert.equal(initializeWith(NO_RAISE, at), STATUS_SUCCESS);
  assert.equal(snapshot(at).Type, NonPagedPool | 8);
});

clause("IEX-20", "the two flags exclude each other", (t) => {
  freshMachine(t);
  assert.equal(initializeWith(RAISE | NO_RAISE), STATUS_INVALID_PARAMETER_5);
  assert.deepEqual(activeLists(), []);
});

clause("IEX-21", "any other Flags value is refused with STATUS_INVALID_PARAMETER_5", (t) => {
  freshMachine(t);
  assert.equal(STATUS_INVALID_PARAMETER_5, 0xc000_00f3);
  const bits = times(30, (bit) => (4 << bit) >>> 0);
  for (const flags of [5, 6, 7, 17, 18, 512, 528, 0xffff_ffff, -1, ...bits]) {
    assert.equal(initializeWith(flags), STATUS_INVALID_PARAMETER_5, `Flags ${flags}`);
  }
});

clause("IEX-22", "a refused call leaves nothing active, and touches nothing", (t) => {
  freshMachine(t);
  const other = exList();
  const [allocate, free] = [spyAllocate(), spyFree()];
  const at = descriptor();
  const before = bytesAt(at, 0x80).slice();
  for (const [poolType, flags, status] of [
    [3, 0, STATUS_INVALID_PARAMETER_4],
    [0x400, 0, STATUS_INVALID_PARAMETER_4],
    [0, 3, STATUS_INVALID_PARAMETER_5],
    [1, 0x8000_0000, STATUS_INVALID_PARAMETER_5],
  ] as const) {
    const given = ExInitializeLookasideListEx(
      at,
      allocate,
      free,
      poolType,
      flags,
      64,
      ENTRY_TAG,
      0,
    );
    assert.equal(given, status);
    assert.deepEqual(activeLists(), [other]);
    assert.deepEqual(bytesAt(at, 0x80), before);
  }
  assert.deepEqual([allocate.calls, free.calls], [[], []]);
});

clause("IEX-22", "a refused call on a list in use leaves that list as it was", (t) => {
  freshMachine(t);
  const list = exList();
  const entry = ExAllocateFromLookasideListEx(list);
  ExFreeToLookasideListEx(list, entry);
  assert.equal(initializeWith(3, list), STATUS_INVALID_PARAMETER_5);
  assert.deepEqual(activeLists(), [list]);
  assert.equal(ExAllocateFromLookasideListEx(list), entry);
});

clause("IEX-23", "with RAISE_ON_FAIL a failed allocation raises instead of giving NULL", (t) => {
  freshMachine(t);
  for (const poolType of POOLS) {
    const list = exList({ poolType, flags: RAISE });
    assert.notEqual(ExAllocateFromLookasideListEx(list), NULL);
    const refill = exhaust(poolType);
    for (const attempt of [1, 2]) {
      const status = raisedBy(() => ExAllocateFromLookasideListEx(list));
      assert.equal(status, STATUS_INSUFFICIENT_RESOURCES, `attempt ${attempt}`);
    }
    const { TotalAllocates, AllocateMisses } = snapshot(list);
    assert.deepEqual([TotalAllocates, AllocateMisses], [3, 3]);
    refill();
    assert.notEqual(ExAllocateFromLookasideListEx(list), NULL);
  }
});

clause("IEX-24", "with FAIL_NO_RAISE a failed allocation gives NULL and raises nothing", (t) => {
  freshMachine(t, { quota: { nonPaged: 256 } });
  const list = exList({ allocate: spyQuota(), flags: NO_RAISE });
  const entries = times(4, () => ExAllocateFromLookasideListEx(list));
  assert.ok(entries.every((entry) => entry !== NULL));
  assert.equal(ExAllocateFromLookasideListEx(list), NULL);
  assert.equal(ExAllocateFromLookasideListEx(list), NULL);
  ExFreeToLookasideListEx(list, entries[0] as number);
  assert.equal(ExAllocateFromLookasideListEx(list), entries[0]);
});

clause("IEX-24", "with FAIL_NO_RAISE an exhausted pool gives NULL as well", (t) => {
  freshMachine(t);
  const list = exList({ allocate: spyQuota(), flags: NO_RAISE });
  exhaust(NonPagedPool);
  assert.equal(ExAllocateFromLookasideListEx(list), NULL);
});

clause("IEX-25", "FAIL_NO_RAISE is what keeps a routine that charges quota from raising", (t) => {
  freshMachine(t, { quota: { nonPaged: 128 } });
  const allocate = spyQuota();
  const [raising, quiet] = [exList({ allocate }), exList({ allocate, flags: NO_RAISE })];
  assert.equal(quotaUsed(), 0);
  const first = ExAllocateFromLookasideListEx(raising);
  assert.equal(quotaUsed(), 64);
  const second = ExAllocateFromLookasideListEx(quiet);
  assert.equal(quotaUsed(), 128);
  assert.equal(
    raisedBy(() => ExAllocateFromLookasideListEx(raising)),
    STATUS_QUOTA_EXCEEDED,
  );
  assert.equal(ExAllocateFromLookasideListEx(quiet), NULL);
  assert.equal(quotaUsed(), 128);
  ExFreePool(first);
  assert.equal(quotaUsed(), 64);
  ExFreePool(second);
  assert.equal(quotaUsed(), 0);
});

clause("IEX-26", "with Allocate NULL, Flags may be zero or RAISE_ON_FAIL", (t) => {
  freshMachine(t, { checked: true });
  for (const flags of [0, RAISE]) {
    for (const poolType of POOLS) {
      const list = exList({ poolType, flags });
      const entry = ExAllocateFromLookasideListEx(list);
      assert.equal(queryPoolBlock(entry)?.kind, poolType);
      ExFreeToLookasideListEx(list, entry);
      assert.equal(countOf(list), 1);
    }
  }
});

clause("IEX-27", "with Allocate NULL and FAIL_NO_RAISE, checked mode reports the misuse", (t) => {
  freshMachine(t, { checked: true });
  const at = descriptor();
  const { parameters } = bugCheckOf(() => exList({ at, flags: NO_RAISE }));
  const rule = VERIFIER_RULE.FAIL_NO_RAISE_WITHOUT_ROUTINE;
  assert.deepEqual(parameters, [rule, at, NonPagedPool | 8, 0]);
  assert.deepEqual(activeLists(), []);
});

clause(
  "IEX-27",
  "otherwise the default is then the quota allocator, and failure gives NULL",
  (t) => {
    freshMachine(t, { quota: { nonPaged: 64 } });
    const list = exList({ flags: NO_RAISE });
    const entry = ExAllocateFromLookasideListEx(list);
    assert.notEqual(entry, NULL);
    assert.equal(quotaUsed(), 64);
    assert.equal(ExAllocateFromLookasideListEx(list), NULL);
  },
);

/** The first arguments of a list's Allocate routine, for several pool types, with the flags given. */
function typesGiven(flags: number): number[] {
  return POOL_TYPES.map((poolType) => {
    const allocate = spyAllocate();
    ExAllocateFromLookasideListEx(exList({ allocate, poolType, flags }));
    return allocate.calls[0]?.[0] as number;
  });
}

clause("IEX-28", "with RAISE_ON_FAIL the Allocate routine is given PoolType with bit 16", (t) => {
  freshMachine(t);
  assert.deepEqual(
    typesGiven(RAISE),
    POOL_TYPES.map((poolType) => poolType | 16),
  );
});

clause("IEX-29", "that type can be handed to ExAllocatePoolWithTag as it is", (t) => {
  freshMachine(t);
  for (const poolType of POOLS) {
    const list = exList({ allocate: spyAllocate(), poolType, flags: RAISE });
    const block = queryPoolBlock(ExAllocateFromLookasideListEx(list));
    assert.deepEqual([block?.kind, block?.bytes, block?.tag], [poolType, 64, ENTRY_TAG]);
    const refill = exhaust(poolType);
    const status = raisedBy(() => ExAllocateFromLookasideListEx(list));
    assert.equal(status, STATUS_INSUFFICIENT_RESOURCES);
    refill();
  }
});

clause("IEX-30", "with FAIL_NO_RAISE the Allocate routine is given PoolType with bit 8", (t) => {
  freshMachine(t);
  assert.deepEqual(
    typesGiven(NO_RAISE),
    POOL_TYPES.map((poolType) => poolType | 8),
  );
});

clause("IEX-31", "that type can be handed to ExAllocatePoolWithQuotaTag as it is", (t) => {
  freshMachine(t, { quota: { nonPaged: 64, paged: 64 } });
  for (const poolType of POOLS) {
    const list = exList({ allocate: spyQuota(), poolType, flags: NO_RAISE });
    const block = queryPoolBlock(ExAllocateFromLookasideListEx(list));
    assert.deepEqual([block?.kind, block?.bytes, block?.tag], [poolType, 64, ENTRY_TAG]);
    assert.notEqual(block?.account, 0, "the block is charged to an account");
    assert.equal(ExAllocateFromLookasideListEx(list), NULL);
  }
});

clause("IEX-32", "with Flags zero the Allocate routine is given PoolType as it is", (t) => {
  freshMachine(t);
  assert.deepEqual(typesGiven(0), POOL_TYPES);
});
