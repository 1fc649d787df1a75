/**
 * ExAllocateFromLookasideListEx, the contract: what it takes, what it gives, and from where. In which
 * order entries come back is in aex-allocate-lifo.test.ts, at which IRQL it may be called in
 * aex-allocate-irql.test.ts.
 */
import assert from "node:assert/strict";
import {
  BUG_CHECK,
  ExAllocateFromLookasideListEx,
  ExAllocatePoolWithTag,
  ExDeleteLookasideListEx,
  ExFlushLookasideListEx,
  ExFreeToLookasideListEx,
  loadDriver,
  NonPagedPool,
  PagedPool,
  poolUsage,
  queryPoolBlock,
  routine,
  tag,
  ticket,
  VERIFIER_RULE,
} from "lookaside/wdk";
import { crew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import type { missAfterRegistering, missWithoutRegistering } from "./aex-allocate.tasks.js";
import {
  BENCH_TAG,
  bugCheckOf,
  bytesAt,
  chainOf,
  charged,
  countOf,
  descriptor,
  ENTRY_TAG,
  exhaust,
  exList,
  freshMachine,
  nonpagedList,
  pagedList,
  snapshot,
  spy,
  spyAllocate,
  storage,
  times,
} from "./bench.js";
import { clause } from "./clause.js";

const random = seeded(import.meta.url);
const tasks = new URL("./aex-allocate.tasks.js", import.meta.url);

/** Parks `count` entries. Gives them back in the order in which they were freed. */
function park(list: number, count: number): number[] {
  const entries = times(count, () => ExAllocateFromLookasideListEx(list));
  for (const entry of entries) ExFreeToLookasideListEx(list, entry);
  return entries;
}

clause("AEX-01", "a descriptor's address goes in, the address of an entry comes out", (t) => {
  freshMachine(t);
  const list = exList();
  const given = times(20, () => ExAllocateFromLookasideListEx(list));
  for (const entry of given) {
    assert.ok(Number.isSafeInteger(entry) && entry > 0, `${entry} is an address`);
    assert.equal(queryPoolBlock(entry)?.kind, 0, "the address is a block of nonpaged pool");
  }
  assert.equal(new Set(given).size, given.length);
  exhaust(NonPagedPool);
  assert.equal(ExAllocateFromLookasideListEx(list), 0);
});

clause("AEX-02", "a miss changes the counters in the descriptor and nothing else", (t) => {
  freshMachine(t);
  const list = exList();
  const before = snapshot(list);
  ExAllocateFromLookasideListEx(list);
  const after = snapshot(list);
  assert.equal(after.TotalAllocates, before.TotalAllocates + 1);
  assert.equal(after.AllocateMisses, before.AllocateMisses + 1);
  const { bytes: _before, TotalAllocates: _a, AllocateMisses: _b, ...kept } = before;
  const { bytes: _after, TotalAllocates: _c, AllocateMisses: _d, ...found } = after;
  assert.deepEqual(found, kept);
  assert.deepEqual(after.bytes.subarray(0, 16), before.bytes.subarray(0, 16), "the head");
});

clause("AEX-02", "a hit changes the head and the total in the descriptor and nothing else", (t) => {
  freshMachine(t);
  const list = exList({ size: 112, tag: tag("Hit ") });
  park(list, 2);
  const before = snapshot(list);
  ExAllocateFromLookasideListEx(list);
  const after = snapshot(list);
  assert.notDeepEqual(after.bytes.subarray(0, 16), before.bytes.subarray(0, 16), "the head");
  assert.equal(after.TotalAllocates, before.TotalAllocates + 1);
  const { bytes: _before, TotalAllocates: _a, ...kept } = before;
  const { bytes: _after, TotalAllocates: _b, ...found } = after;
  assert.deepEqual(found, kept);
  assert.deepEqual([found.Size, found.Tag, found.Type], [112, tag("Hit "), NonPagedPool]);
});

clause("AEX-03", "checked mode finds a descriptor that the Ex routine did not prepare", (t) => {
  freshMachine(t, { checked: true });
  const zeroed = descriptor(0);
  const deleted = exList();
  ExDeleteLookasideListEx(deleted);
  const randoms = times(20, () => {
    const address = descriptor();
    bytesAt(address, 0x80).forEach((_, at, bytes) => {
      bytes[at] = random.int(256);
    });
    return address;
  });
  const looksLikeOne = descriptor(0);
  bytesAt(looksLikeOne, 0x60).set(snapshot(exList()).bytes); // a copy is not the list
  for (const list of [zeroed, deleted, looksLikeOne, nonpagedList(), pagedList(), ...randoms]) {
    const before = snapshot(list).bytes;
    const { code, parameters } = bugCheckOf(() => ExAllocateFromLookasideListEx(list));
    assert.equal(code, BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION);
    assert.deepEqual(parameters.slice(0, 2), [VERIFIER_RULE.LIST_NOT_INITIALIZED, list]);
    assert.deepEqual(snapshot(list).bytes, before, "a refused call changes nothing");
  }
});

clause("AEX-03", "the bug check of an unprepared descriptor stops the machine", (t) => {
  freshMachine(t, { checked: true, bugChecks: "stop" });
  const list = exList();
  const raw = descriptor(0);
  const found = bugCheckOf(() => ExAllocateFromLookasideListEx(raw));
  const refused = bugCheckOf(() => ExAllocateFromLookasideListEx(list));
  assert.deepEqual([refused.code, refused.parameters], [found.code, found.parameters]);
});

clause("AEX-04", "the first parked entry is taken off the list and given back", (t) => {
  freshMachine(t);
  const list = exList();
  const [p, q] = park(list, 2) as [number, number];
  assert.deepEqual(chainOf(list), [q, p]);
  assert.equal(ExAllocateFromLookasideListEx(list), q);
  assert.deepEqual(chainOf(list), [p]);
});

clause(
  "AEX-05",
  "a hit takes exactly one entry and leaves the rest of the chain as it was",
  (t) => {
    freshMachine(t);
    for (let parked = 1; parked <= 4; parked++) {
      const list = exList();
      park(list, parked);
      const [first, ...rest] = chainOf(list);
      assert.equal(ExAllocateFromLookasideListEx(list), first);
      assert.equal(countOf(list), parked - 1);
      assert.deepEqual(chainOf(list), rest);
    }
  },
);

clause("AEX-06", "a hit asks neither the pool nor the Allocate routine for storage", (t) => {
  freshMachine(t);
  const allocate = spyAllocate();
  for (const list of [exList({ allocate }), exList(), exList({ poolType: PagedPool })]) {
    park(list, 4);
    const calls = allocate.calls.length;
    const before = poolUsage();
    times(4, () => assert.notEqual(ExAllocateFromLookasideListEx(list), 0));
    assert.deepEqual(poolUsage(), before);
    assert.equal(allocate.calls.length, calls);
  }
});

clause("AEX-07", "with nothing parked, storage for one entry is obtained from the pool", (t) => {
  freshMachine(t);
  const list = exList();
  assert.equal(charged().allocs, 0);
  for (let miss = 1; miss <= 5; miss++) {
    ExAllocateFromLookasideListEx(list);
    assert.deepEqual(charged(), { allocs: miss, frees: 0, blocks: miss, bytes: miss * 64 });
  }
});

clause("AEX-08", "what the Allocate routine obtained is what the caller receives", (t) => {
  freshMachine(t);
  const known = [storage(64), storage(64), storage(64)];
  const waiting = [...known];
  const list = exList({ allocate: () => waiting.shift() ?? 0 });
  assert.deepEqual(
    times(3, () => ExAllocateFromLookasideListEx(list)),
    known,
  );
  assert.equal(countOf(list), 0, "none of them was parked on the way");
});

clause("AEX-09", "a parked entry is given out although the pool has nothing left", (t) => {
  freshMachine(t);
  const list = exList();
  const [entry] = park(list, 1);
  exhaust(NonPagedPool);
  assert.equal(ExAllocatePoolWithTag(NonPagedPool, 64, BENCH_TAG), 0);
  assert.equal(ExAllocateFromLookasideListEx(list), entry);
});

clause("AEX-09", "an entry is given out whenever the pool can give one", (t) => {
  freshMachine(t);
  const list = exList();
  const release = exhaust(NonPagedPool);
  assert.equal(ExAllocateFromLookasideListEx(list), 0);
  release();
  assert.notEqual(ExAllocateFromLookasideListEx(list), 0);
});

clause("AEX-10", "NULL comes back when nothing is parked and the pool has nothing", (t) => {
  freshMachine(t);
  for (const poolType of [NonPagedPool, PagedPool]) {
    const list = exList({ poolType });
    const release = exhaust(poolType);
    assert.equal(ExAllocateFromLookasideListEx(list), 0);
    const { TotalAllocates, AllocateMisses } = snapshot(list);
    assert.deepEqual([TotalAllocates, AllocateMisses], [1, 1], "a failure is a counted miss");
    release();
  }
});

clause("AEX-10", "NULL from the Allocate routine is handed on", (t) => {
  freshMachine(t);
  const allocate = spy(() => 0);
  const list = exList({ allocate });
  assert.deepEqual(
    times(3, () => ExAllocateFromLookasideListEx(list)),
    [0, 0, 0],
  );
  assert.equal(allocate.calls.length, 3);
});

clause(
  "AEX-11",
  "the Allocate routine is called once for each miss, with its four arguments",
  (t) => {
    freshMachine(t);
    const allocate = spyAllocate();
    const list = exList({ allocate, poolType: PagedPool, size: 96 });
    for (let miss = 1; miss <= 3; miss++) {
      ExAllocateFromLookasideListEx(list);
      assert.equal(allocate.calls.length, miss);
      assert.deepEqual(allocate.calls.at(-1), [PagedPool, 96, ENTRY_TAG, list]);
    }
  },
);

clause(
  "AEX-11",
  "a miss in another thread calls that thread's routine of the same name",
  async (t) => {
    freshMachine(t);
    const here = spyAllocate();
    const list = exList({ allocate: routine("Counted", here) });
    const data = { ticket: ticket(), list };
    const [there] = await crew<typeof missAfterRegistering>(tasks, {
      threads: 1,
      run: "missAfterRegistering",
      data,
    });
    assert.deepEqual(there?.calls, [[NonPagedPool, 64, ENTRY_TAG, list]]);
    assert.equal(queryPoolBlock(there?.entry ?? 0)?.tag, ENTRY_TAG);
    assert.equal(here.calls.length, 0);
  },
);

clause("AEX-11", "a thread that has not registered the routine cannot miss silently", async (t) => {
  freshMachine(t);
  const list = exList({ allocate: routine("Unknown there", spyAllocate()) });
  const [code] = await crew<typeof missWithoutRegistering>(tasks, {
    threads: 1,
    run: "missWithoutRegistering",
    data: { ticket: ticket(), list },
  });
  assert.equal(code, "ERR_ROUTINE_MISSING");
});

clause(
  "AEX-12",
  "without a routine the pool gives a block of the list's tag, size and kind",
  (t) => {
    freshMachine(t);
    for (const [poolType, kind] of [
      [NonPagedPool, 0],
      [PagedPool, 1],
    ] as const) {
      const list = exList({ poolType, size: 200, tag: tag("Dflt") });
      const block = queryPoolBlock(ExAllocateFromLookasideListEx(list));
      assert.ok(block);
      assert.deepEqual([block.tag, block.bytes, block.kind], [tag("Dflt"), 200, kind]);
    }
    const { NonPaged, Paged } = poolUsage(tag("Dflt"));
    assert.deepEqual([NonPaged.Allocs, Paged.Allocs], [1, 1]);
  },
);

clause("AEX-13", "an entry given back through the Ex free routine is parked", (t) => {
  freshMachine(t);
  const list = exList();
  const entry = ExAllocateFromLookasideListEx(list);
  assert.equal(countOf(list), 0);
  ExFreeToLookasideListEx(list, entry);
  assert.deepEqual(chainOf(list), [entry]);
});

clause("AEX-13", "the leak report names the tag and the number of entries not given back", (t) => {
  freshMachine(t);
  const driver = loadDriver("leaky.sys", [ENTRY_TAG]);
  const list = exList({ size: 80 });
  const [first, , , last] = times(4, () => ExAllocateFromLookasideListEx(list));
  ExFreeToLookasideListEx(list, first as number);
  ExFreeToLookasideListEx(list, last as number);
  ExFlushLookasideListEx(list);
  ExDeleteLookasideListEx(list);
  assert.deepEqual(driver.unload().tags, [{ tag: ENTRY_TAG, blocks: 2, bytes: 160 }]);
});

clause("AEX-13", "checked mode stops a driver that keeps an entry, and lets a tidy one go", (t) => {
  freshMachine(t, { checked: true });
  const tidy = loadDriver("tidy.sys", [ENTRY_TAG]);
  const list = exList();
  const entry = ExAllocateFromLookasideListEx(list);
  ExFreeToLookasideListEx(list, entry);
  ExDeleteLookasideListEx(list);
  assert.deepEqual(tidy.unload(), { lists: [], tags: [] });
  const leaky = loadDriver("leaky.sys", [ENTRY_TAG]);
  const again = exList();
  ExAllocateFromLookasideListEx(again);
  ExDeleteLookasideListEx(again);
  const { code, parameters } = bugCheckOf(() => leaky.unload());
  assert.equal(code, BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION);
  assert.deepEqual(parameters, [0x62, tag("leak"), 0, 1]); // of its name "leaky.sys"
});
