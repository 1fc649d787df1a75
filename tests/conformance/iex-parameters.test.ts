/**
 * ExInitializeLookasideListEx, its parameters: order, place of the descriptor, PoolType, Depth, IRQL.
 * Size and Tag are in iex-entries.test.ts, Flags in iex-flags.test.ts, routines in iex-callbacks.test.ts.
 */
import assert from "node:assert/strict";
import * as wdk from "lookaside/wdk";
import {
  type ALLOCATE_FUNCTION_EX,
  activeLists,
  BUG_CHECK,
  CONTAINING_RECORD,
  ExAllocateFromLookasideListEx,
  ExDeleteLookasideListEx,
  ExFreeToLookasideListEx,
  ExInitializeLookasideListEx,
  type FREE_FUNCTION_EX,
  HIGH_LEVEL,
  NonPagedPool,
  NonPagedPoolNx,
  NT_SUCCESS,
  NULL,
  PagedPool,
  POOL_TYPE,
  type Pointer,
  queryLookaside,
  queryPoolBlock,
  STATUS_DATATYPE_MISALIGNMENT,
  STATUS_INVALID_PARAMETER_4,
  STATUS_SUCCESS,
  tag,
  VERIFIER_RULE,
} from "lookaside/wdk";
import {
  atIrql,
  bugCheckOf,
  countOf,
  descriptor,
  ENTRY_TAG,
  exList,
  freshMachine,
  nonpagedList,
  pagedList,
  raisedBy,
  snapshot,
  spy,
  spyAllocate,
  spyFree,
  storage,
  times,
} from "./bench.js";
import { analogue, clause } from "./clause.js";

/** What PoolType may be: the published enumeration, written down anew. */
const VALID_POOL_TYPES = [0, 1, 2, 4, 5, 6, 32, 33, 34, 36, 37, 38, 512, 516, 544];

/** Initializes with the pool type, and everything else plain. */
function initializeOf(poolType: number, at = descriptor()): number {
  return ExInitializeLookasideListEx(at, NULL, NULL, poolType, 0, 64, ENTRY_TAG, 0);
}

clause("IEX-01", "eight arguments are taken in the documented order", (t) => {
  freshMachine(t);
  assert.equal(ExInitializeLookasideListEx.length, 8);
  const at = descriptor();
  const [allocate, free] = [spyAllocate(), spyFree()];
  const [size, entryTag] = [0x1230, tag("Posi")];
  ExInitializeLookasideListEx(at, allocate, free, NonPagedPoolNx, 1, size, entryTag, 0);
  assert.ok(activeLists().includes(at));
  const { Type, Size, Tag } = snapshot(at);
  assert.deepEqual({ Type, Size, Tag }, { Type: 512 | 16, Size: size, Tag: entryTag });
  const entries = times(5, () => ExAllocateFromLookasideListEx(at));
  for (const entry of entries) ExFreeToLookasideListEx(at, entry);
  assert.deepEqual(allocate.calls[0], [512 | 16, size, entryTag, at]);
  assert.deepEqual(free.calls, [[entries[4], at]]);
});

clause("IEX-02", "the result is an NTSTATUS: 32 bits whose top bit tells failure", (t) => {
  freshMachine(t);
  for (const status of [initializeOf(0), initializeOf(1), initializeOf(3), initializeOf(35)]) {
    assert.ok(Number.isInteger(status) && status >= 0 && status <= 0xffff_ffff);
    assert.equal(NT_SUCCESS(status), (status | 0) >= 0);
  }
  assert.ok(NT_SUCCESS(initializeOf(NonPagedPool)));
  assert.ok(!NT_SUCCESS(initializeOf(POOL_TYPE.MaxPoolType)));
});

clause(
  "IEX-04",
  "the descriptor lies in nonpaged memory, whatever pool the entries are of",
  (t) => {
    freshMachine(t, { checked: true });
    for (const poolType of [NonPagedPool, PagedPool]) {
      const wrong = storage(0x80, PagedPool);
      const { code, parameters } = bugCheckOf(() => initializeOf(poolType, wrong));
      assert.equal(code, BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION);
      assert.deepEqual(parameters, [VERIFIER_RULE.DESCRIPTOR_NOT_NONPAGED, wrong, 0, 0]);
      assert.ok(!activeLists().includes(wrong));
      const list = descriptor();
      assert.equal(initializeOf(poolType, list), STATUS_SUCCESS);
      assert.equal(queryPoolBlock(ExAllocateFromLookasideListEx(list))?.kind, poolType);
    }
  },
);

clause("IEX-05", "the descriptor is 16-byte aligned", (t) => {
  freshMachine(t);
  const room = storage(0x100);
  for (let offset = 0; offset <= 32; offset++) {
    const at = room + offset;
    if (offset % 16 === 0) {
      assert.equal(initializeOf(NonPagedPool, at), STATUS_SUCCESS);
      ExDeleteLookasideListEx(at);
      continue;
    }
    assert.equal(
      raisedBy(() => initializeOf(NonPagedPool, at)),
      STATUS_DATATYPE_MISALIGNMENT,
    );
    assert.deepEqual(activeLists(), []);
  }
});

clause("IEX-15", "every valid value of the enumeration is accepted as PoolType", (t) => {
  freshMachine(t);
  for (const poolType of VALID_POOL_TYPES) {
    const at = descriptor();
    assert.equal(initializeOf(poolType, at), STATUS_SUCCESS, `PoolType ${poolType}`);
    assert.equal(snapshot(at).Type, poolType);
    const entry = ExAllocateFromLookasideListEx(at);
    assert.equal(queryPoolBlock(entry)?.kind, poolType & 1, `PoolType ${poolType}`);
  }
});

clause("IEX-16", "a PoolType that is not valid is refused with STATUS_INVALID_PARAMETER_4", (t) => {
  freshMachine(t);
  assert.equal(STATUS_INVALID_PARAMETER_4, 0xc000_00f2);
  const published = [3, 7, 35, 8, 16, 0x400, 0x8000_0000, 17, 39, 256, 513, 0xffff_ffff, -1];
  for (const poolType of published) {
    assert.equal(initializeOf(poolType), STATUS_INVALID_PARAMETER_4, `PoolType ${poolType}`);
  }
  const valid = new Set(VALID_POOL_TYPES);
  for (let poolType = 0; poolType < 0x800; poolType++) {
    const status = initializeOf(poolType, poolType === 0 ? descriptor() : activeLists()[0]);
    assert.equal(status === STATUS_SUCCESS, valid.has(poolType), `PoolType ${poolType}`);
  }
});

clause("IEX-36", "Depth is reserved: zero is meant, and another value changes no limit", (t) => {
  freshMachine(t);
  for (const depth of [0, 1, 3, 20, 255, 256, 1_024, 65_535]) {
    const { Depth, MaximumDepth } = snapshot(exList({ depth }));
    assert.deepEqual({ Depth, MaximumDepth }, { Depth: 4, MaximumDepth: 256 });
  }
});

clause("IEX-37", "STATUS_SUCCESS is 0 and means that the list can be used", (t) => {
  freshMachine(t);
  assert.equal(STATUS_SUCCESS, 0);
  const list = descriptor();
  assert.equal(initializeOf(NonPagedPool, list), STATUS_SUCCESS);
  const entry = ExAllocateFromLookasideListEx(list);
  assert.notEqual(entry, NULL);
  ExFreeToLookasideListEx(list, entry);
  assert.equal(ExAllocateFromLookasideListEx(list), entry);
});

clause(
  "IEX-61",
  "paged and nonpaged entries have descriptors of their own, of distinct types",
  (t) => {
    freshMachine(t, { checked: true });
    const [nonpaged, paged] = [nonpagedList(), pagedList()];
    const [a, b] = [
      wdk.ExAllocateFromNPagedLookasideList(nonpaged),
      wdk.ExAllocateFromPagedLookasideList(paged),
    ];
    assert.deepEqual([queryPoolBlock(a)?.kind, queryPoolBlock(b)?.kind], [NonPagedPool, PagedPool]);
    wdk.ExFreeToNPagedLookasideList(nonpaged, a);
    wdk.ExFreeToPagedLookasideList(paged, b);
    assert.deepEqual([countOf(nonpaged), countOf(paged)], [1, 1]);
    assert.notEqual(queryLookaside(nonpaged).Family, queryLookaside(paged).Family);
    const rule = VERIFIER_RULE.LIST_NOT_INITIALIZED;
    for (const call of [
      () => wdk.ExAllocateFromNPagedLookasideList(paged),
      () => wdk.ExAllocateFromPagedLookasideList(nonpaged),
    ]) {
      assert.equal(bugCheckOf(call).parameters[0], rule);
    }
  },
);

clause(
  "IEX-62",
  "it may be called up to DISPATCH_LEVEL, for paged and nonpaged entries alike",
  (t) => {
    freshMachine(t);
    for (const poolType of [NonPagedPool, PagedPool]) {
      for (let level = 0; level <= HIGH_LEVEL; level++) {
        const at = descriptor();
        const call = (): number => atIrql(level, () => initializeOf(poolType, at));
        if (level <= 2) {
          assert.equal(call(), STATUS_SUCCESS);
          assert.ok(activeLists().includes(at));
          continue;
        }
        const { code, parameters } = bugCheckOf(call);
        assert.deepEqual([code, parameters[1]], [BUG_CHECK.IRQL_NOT_LESS_OR_EQUAL, level]);
        assert.ok(!activeLists().includes(at));
      }
    }
  },
);

analogue(
  "IEX-74",
  "the routine that frees is exported as ExFreeToLookasideListEx, and under no name with From",
  () => {
    const names = Object.keys(wdk);
    assert.ok(names.includes("ExFreeToLookasideListEx"));
    assert.deepEqual(
      names.filter((name) => /^ExFreeFrom/.test(name)),
      [],
    );
  },
);

analogue(
  "IEX-84",
  "the routine is exported with its type, beside the constants and callback types",
  (t) => {
    freshMachine(t);
    // That these lines compile is what shows the types.
    const initialize: (
      Lookaside: number,
      Allocate: Pointer<ALLOCATE_FUNCTION_EX>,
      Free: Pointer<FREE_FUNCTION_EX>,
      PoolType: number,
      Flags: number,
      Size: number,
      Tag: number,
      Depth: number,
    ) => number = wdk.ExInitializeLookasideListEx;
    const allocate: ALLOCATE_FUNCTION_EX = (_type, _bytes, _tag, Lookaside) =>
      CONTAINING_RECORD(Lookaside, 16);
    const free: FREE_FUNCTION_EX = (_buffer, _Lookaside) => {};
    // @ts-expect-error A text is no pointer to a routine.
    assert.throws(() => initialize(descriptor(), "MyAllocate", NULL, 0, 0, 64, ENTRY_TAG, 0));
    assert.equal(initialize(descriptor(), allocate, free, 0, 0, 64, ENTRY_TAG, 0), STATUS_SUCCESS);
    assert.equal(wdk.EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL, 1);
    assert.equal(wdk.EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE, 2);
    assert.equal(wdk.SIZEOF_LOOKASIDE_LIST_EX, 0x60);
    assert.equal(spy(allocate)(0, 0, 0, 0x50), 0x40);
  },
);
