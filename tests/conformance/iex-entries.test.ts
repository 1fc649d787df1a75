/**
 * ExInitializeLookasideListEx and the entries: none at first, none allocated, and later each of Size
 * bytes under Tag.
 */
import assert from "node:assert/strict";
import {
  ExAllocateFromLookasideListEx,
  ExDeleteLookasideListEx,
  ExFreeToLookasideListEx,
  poolUsage,
  queryPoolBlock,
  tag,
} from "lookaside/wdk";
import { seeded } from "../support/seed.js";
import {
  bugCheckOf,
  bytesAt,
  chainOf,
  charged,
  countOf,
  descriptor,
  exList,
  freshMachine,
  snapshot,
  spyAllocate,
  spyFree,
  times,
} from "./bench.js";
import { clause } from "./clause.js";

const random = seeded(import.meta.url);

clause("IEX-03", "on return the descriptor is an empty list, whatever its bytes were", (t) => {
  freshMachine(t);
  for (const fill of [0x00, 0x10, 0xff]) {
    const list = exList({ at: descriptor(fill) });
    assert.equal(countOf(list), 0);
    const before = charged();
    ExAllocateFromLookasideListEx(list);
    assert.equal(charged().allocs, before.allocs + 1);
    assert.equal(snapshot(list).AllocateMisses, 1);
  }
});

clause(
  "IEX-33",
  "Size is the bytes of each entry: all of them can be written and no others",
  (t) => {
    freshMachine(t);
    const allocate = spyAllocate();
    for (const size of [8, 16, 24, 100, 256, 1_000, 4_096, 5_000, 70_000]) {
      const list = exList({ allocate, size });
      const entries = times(4, () => ExAllocateFromLookasideListEx(list));
      for (const call of allocate.calls.slice(-4)) assert.equal(call[1], size);
      entries.forEach((entry, index) => void bytesAt(entry, size).fill(index + 1));
      entries.forEach((entry, index) => {
        assert.ok(
          bytesAt(entry, size).every((byte) => byte === index + 1),
          `entries of ${size} bytes`,
        );
        ExFreeToLookasideListEx(list, entry);
      });
      ExDeleteLookasideListEx(list);
    }
  },
);

clause("IEX-33", "Size bytes stay clear of what the verifier puts behind an entry", (t) => {
  freshMachine(t, { checked: true });
  const list = exList({ size: 100 });
  const entry = ExAllocateFromLookasideListEx(list);
  bytesAt(entry, 100).fill(0xee);
  ExFreeToLookasideListEx(list, entry);
  assert.equal(ExAllocateFromLookasideListEx(list), entry);
  bytesAt(entry, 101).fill(0xee);
  assert.equal(bugCheckOf(() => ExFreeToLookasideListEx(list, entry)).parameters[0], 0x51);
});

clause("IEX-34", "all entries of a list have the one size, over any history", (t) => {
  freshMachine(t);
  const list = exList({ size: 200 });
  const held: number[] = [];
  for (let step = 0; step < 3_000; step++) {
    if (held.length > 0 && random.int(2) === 0) {
      ExFreeToLookasideListEx(list, held.splice(random.int(held.length), 1)[0] as number);
      continue;
    }
    const entry = ExAllocateFromLookasideListEx(list);
    assert.equal(queryPoolBlock(entry)?.bytes, 200);
    held.push(entry);
  }
  assert.equal(charged().bytes, charged().blocks * 200);
});

clause("IEX-35", "Tag is four bytes and marks the storage of the entries", (t) => {
  freshMachine(t);
  for (const entryTag of [tag("Pool"), 0x7fff_ffff, 0x8000_0000, 0xfffe_fdfc, 0x0000_0041]) {
    const allocate = spyAllocate();
    const list = exList({ allocate, tag: entryTag });
    const entry = ExAllocateFromLookasideListEx(list);
    assert.equal(snapshot(list).Tag, entryTag);
    assert.equal(allocate.calls[0]?.[2], entryTag);
    assert.equal(queryPoolBlock(entry)?.tag, entryTag);
    assert.equal(poolUsage(entryTag).NonPaged.Diff, 1);
  }
});

clause("IEX-42", "after initialization the list has no entries", (t) => {
  freshMachine(t);
  const list = exList({ at: descriptor(0xff) });
  assert.deepEqual(chainOf(list), []);
  assert.equal(countOf(list), 0);
});

clause("IEX-43", "initialization allocates nothing and calls no routine", (t) => {
  freshMachine(t);
  const [allocate, free] = [spyAllocate(), spyFree()];
  const places = times(3, () => descriptor());
  const before = poolUsage();
  for (const at of places) exList({ allocate, free, at });
  assert.deepEqual(poolUsage(), before);
  assert.deepEqual([allocate.calls, free.calls], [[], []]);
});
