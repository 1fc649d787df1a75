/**
 * ExFreeToNPagedLookasideList: what it takes, and an entry that finds room in the list. What happens
 * at the limit is in fnp-free-limit.test.ts, delete in fnp-free-delete.test.ts, misuse and IRQL in
 * fnp-free-checked.test.ts.
 */
import assert from "node:assert/strict";
import {
  ExAllocateFromNPagedLookasideList,
  ExDeleteNPagedLookasideList,
  ExFreeToNPagedLookasideList,
  NonPagedPool,
  poolInformation,
  poolUsage,
  queryPoolBlock,
  setLookasideDepth,
  ticket,
} from "lookaside/wdk";
import { crew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import {
  bytesAt,
  chainOf,
  charged,
  countOf,
  ENTRY_TAG,
  freshMachine,
  nonpagedList,
  snapshot,
  spyFree,
  times,
  wordAt,
} from "./bench.js";
import { clause } from "./clause.js";
import type { freeAll } from "./fnp-free.tasks.js";
import { ShadowList } from "./shadow-list.js";

const random = seeded(import.meta.url);
const tasks = new URL("./fnp-free.tasks.js", import.meta.url);

/** `count` entries in the caller's hands. */
function hold(list: number, count: number): number[] {
  return times(count, () => ExAllocateFromNPagedLookasideList(list));
}

clause("FNP-01", "the descriptor's address and the entry's address go in", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  const other = nonpagedList();
  const [entry] = hold(list, 1) as [number];
  const untouched = snapshot(other).bytes;
  ExFreeToNPagedLookasideList(list, entry);
  assert.deepEqual(chainOf(list), [entry], "that entry, in that list");
  assert.deepEqual(snapshot(other).bytes, untouched);
  assert.equal(ExFreeToNPagedLookasideList.length, 2);
});

/** Never called: that it compiles shows that the compiler refuses another number of arguments. */
export function wrongArity(list: number, entry: number): void {
  // @ts-expect-error: the entry is missing
  ExFreeToNPagedLookasideList(list);
  // @ts-expect-error: there is no third argument
  ExFreeToNPagedLookasideList(list, entry, entry);
  // @ts-expect-error: an entry is an address
  ExFreeToNPagedLookasideList(list, "entry");
}

clause("FNP-02", "nothing comes back, whether the entry is parked or released", (t) => {
  freshMachine(t);
  const list = nonpagedList({ free: spyFree() });
  const results: unknown[] = hold(list, 6).map((entry) => ExFreeToNPagedLookasideList(list, entry));
  assert.deepEqual(
    results,
    times(6, () => undefined),
  );
  const plain = nonpagedList();
  for (const entry of hold(plain, 6)) {
    const result: unknown = ExFreeToNPagedLookasideList(plain, entry);
    assert.equal(result, undefined);
  }
});

clause("FNP-03", "each call raises TotalFrees in the descriptor by one", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  const before = snapshot(list);
  hold(list, 7).forEach((entry, index) => {
    const head = snapshot(list).bytes.subarray(0, 16);
    ExFreeToNPagedLookasideList(list, entry);
    const after = snapshot(list);
    assert.equal(after.TotalFrees, index + 1);
    assert.equal(after.FreeMisses, Math.max(0, index + 1 - 4), "past four, a miss each");
    const isMoved = head.some((byte, at) => after.bytes[at] !== byte);
    assert.equal(isMoved, index < 4, "the head moves with each entry that is parked");
  });
  const after = snapshot(list);
  for (const field of ["Depth", "MaximumDepth", "Type", "Tag", "Size", "Allocate", "Free"] as const)
    assert.equal(after[field], before[field], field);
});

clause("FNP-06", "allocate then free restores what is parked and what is outstanding", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  const [, ...warm] = hold(list, 4);
  for (const entry of warm) ExFreeToNPagedLookasideList(list, entry);
  const parked = chainOf(list);
  for (let pair = 0; pair < 100; pair++) {
    const before = { parked: chainOf(list), ...charged() };
    ExFreeToNPagedLookasideList(list, ExAllocateFromNPagedLookasideList(list));
    assert.deepEqual({ parked: chainOf(list), ...charged() }, before);
  }
  assert.deepEqual(chainOf(list), parked);
  const { TotalAllocates, TotalFrees } = snapshot(list);
  assert.equal(TotalAllocates - TotalFrees, 1, "the one that is still held");
});

clause("FNP-06", "a thread may undo the allocation of another", async (t) => {
  freshMachine(t);
  const free = spyFree();
  const list = nonpagedList({ free });
  const entries = hold(list, 3);
  await crew<typeof freeAll>(tasks, {
    threads: 1,
    run: "freeAll",
    data: { ticket: ticket(), list, entries },
  });
  assert.deepEqual(chainOf(list), entries.toReversed());
  assert.equal(charged().blocks, 3, "they are still the list's blocks");
  assert.deepEqual(hold(list, 3), entries.toReversed());
});

clause(
  "FNP-07",
  "every free ends in the list or in nonpaged pool, never in both or neither",
  (t) => {
    freshMachine(t);
    const free = spyFree();
    for (const list of [nonpagedList(), nonpagedList({ free })]) {
      const held: number[] = [];
      for (let call = 0; call < 2_000; call++) {
        if (held.length === 0 || random.int(2) === 0) {
          held.push(ExAllocateFromNPagedLookasideList(list));
          continue;
        }
        const [entry] = held.splice(random.int(held.length), 1) as [number];
        const parked = countOf(list);
        const freed = charged().frees;
        ExFreeToNPagedLookasideList(list, entry);
        const grew = countOf(list) - parked;
        const released = charged().frees - freed;
        assert.ok(grew + released === 1 && grew * released === 0, `${grew} and ${released}`);
        assert.equal(chainOf(list).includes(entry), grew === 1);
        assert.equal(queryPoolBlock(entry) === null, released === 1, "a released block is free");
      }
      assert.ok(snapshot(list).FreeMisses > 0, "both ways were taken");
      for (const entry of held) ExFreeToNPagedLookasideList(list, entry);
      ExDeleteNPagedLookasideList(list);
    }
  },
);

clause("FNP-08", "with room in the list, the entry is inserted at its front", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  const [a, b, c] = hold(list, 3) as [number, number, number];
  ExFreeToNPagedLookasideList(list, a);
  assert.deepEqual(chainOf(list), [a]);
  ExFreeToNPagedLookasideList(list, b);
  assert.deepEqual(chainOf(list), [b, a]);
  ExFreeToNPagedLookasideList(list, c);
  assert.deepEqual(chainOf(list), [c, b, a]);
  assert.deepEqual([wordAt(c), wordAt(b), wordAt(a)], [b, a, 0], "each links to the next");
});

clause("FNP-09", "with room in the list, nothing is released", (t) => {
  freshMachine(t);
  const free = spyFree();
  const list = nonpagedList({ free });
  const entries = hold(list, 4);
  const before = poolUsage();
  const whole = poolInformation();
  for (const entry of entries) {
    ExFreeToNPagedLookasideList(list, entry);
    assert.equal(queryPoolBlock(entry)?.tag, ENTRY_TAG, "to the pool it is still allocated");
  }
  assert.deepEqual(poolUsage(), before);
  assert.deepEqual(poolInformation(), whole);
  assert.equal(free.calls.length, 0);
  assert.equal(snapshot(list).FreeMisses, 0);
});

clause("FNP-10", "the same entry can be handed out again later, and used again", (t) => {
  freshMachine(t);
  const list = nonpagedList({ size: 40 });
  const entry = ExAllocateFromNPagedLookasideList(list);
  for (let round = 1; round <= 50; round++) {
    bytesAt(entry, 40).fill(round);
    ExFreeToNPagedLookasideList(list, entry);
    assert.equal(ExAllocateFromNPagedLookasideList(list), entry);
  }
  assert.equal(charged().allocs, 1);
});

clause("FNP-11", "after further frees another entry is handed out: the newest", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  const [first, second, third] = hold(list, 3) as [number, number, number];
  for (const entry of [first, second, third]) ExFreeToNPagedLookasideList(list, entry);
  const given = ExAllocateFromNPagedLookasideList(list);
  assert.notEqual(given, first);
  assert.equal(given, third);
});

clause("FNP-12", "allocate and free may alternate as one likes until delete", (t) => {
  freshMachine(t);
  const free = spyFree();
  const list = nonpagedList({ free, size: 32 });
  const shadow = new ShadowList();
  let released = 0;
  for (let call = 0; call < 20_000; call++) {
    const allocates = shadow.held.size === 0 || (shadow.held.size < 40 && random.int(2) === 0);
    if (allocates) {
      shadow.allocated(ExAllocateFromNPagedLookasideList(list));
    } else {
      const entry = random.pick([...shadow.held]);
      const isParked = shadow.freed(entry);
      ExFreeToNPagedLookasideList(list, entry);
      if (!isParked) {
        released++;
        assert.deepEqual(free.calls.at(-1), [entry]);
      }
    }
    if (random.int(500) === 0) {
      shadow.depth = 4 + random.int(12);
      setLookasideDepth(list, shadow.depth);
    }
    assert.equal(free.calls.length, released);
    if (call % 50 === 0) shadow.agreesWith(list);
  }
  shadow.agreesWith(list);
  const blocks = shadow.parked.length + shadow.held.size;
  assert.deepEqual([charged().blocks, charged().bytes], [blocks, blocks * 32]);
  assert.equal(poolUsage(ENTRY_TAG).NonPaged.Diff, blocks);
  ExDeleteNPagedLookasideList(list);
  assert.equal(charged().blocks, shadow.held.size);
  assert.equal(queryPoolBlock(list)?.kind, NonPagedPool);
});
