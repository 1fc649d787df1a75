/**
 * ExInitializeNPagedLookasideList and the life of a list: where its state lies, how entries come, collect
 * and go, and how it ends.
 */
import assert from "node:assert/strict";
import * as wdk from "lookaside/wdk";
import {
  activeLists,
  ExAllocateFromLookasideListEx,
  ExAllocateFromNPagedLookasideList,
  ExDeleteNPagedLookasideList,
  ExFreeToLookasideListEx,
  ExFreeToNPagedLookasideList,
  loadDriver,
  memory,
  NULL,
  poolUsage,
  queryPoolBlock,
  SIZEOF_NPAGED_LOOKASIDE_LIST,
  tag,
  ticket,
} from "lookaside/wdk";
import { crew } from "../support/crew.js";
import { randomFrom, seeded } from "../support/seed.js";
import {
  bugCheckOf,
  bytesAt,
  chainOf,
  charged,
  countOf,
  descriptor,
  exList,
  freshMachine,
  nonpagedList,
  snapshot,
  spyAllocate,
  spyFree,
  times,
} from "./bench.js";
import { clause } from "./clause.js";
import type { useFromElsewhere } from "./inp-use.tasks.js";
import { liveAlike } from "./twins.js";

const random = seeded(import.meta.url);

/** Parks `count` fresh entries. Gives them back in the order in which they were freed. */
function park(list: number, count: number): number[] {
  const entries = times(count, () => ExAllocateFromNPagedLookasideList(list));
  for (const entry of entries) ExFreeToNPagedLookasideList(list, entry);
  return entries;
}

clause("INP-29", "after it, blocks of Size bytes can be allocated", (t) => {
  freshMachine(t);
  const list = nonpagedList({ size: 120 });
  const entries = times(20, () => ExAllocateFromNPagedLookasideList(list));
  assert.equal(new Set(entries).size, 20);
  for (const entry of entries) assert.equal(queryPoolBlock(entry)?.bytes, 120);
});

clause("INP-30", "after it, blocks can be freed", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  const entries = park(list, 20);
  assert.equal(snapshot(list).TotalFrees, 20);
  assert.deepEqual(chainOf(list), entries.slice(0, 4).toReversed());
});

clause("INP-31", "layout and content of an entry are the caller's", (t) => {
  freshMachine(t);
  const size = 96;
  const list = nonpagedList({ size });
  const [below, entry, above] = times(3, () => ExAllocateFromNPagedLookasideList(list)) as [
    number,
    number,
    number,
  ];
  for (const neighbour of [below, above]) bytesAt(neighbour, size).fill(0x77);
  for (let byte = 0; byte < 256; byte++) {
    bytesAt(entry, size).fill(byte);
    assert.ok(bytesAt(entry, size).every((seen) => seen === byte));
  }
  for (const neighbour of [below, above]) {
    assert.ok(bytesAt(neighbour, size).every((seen) => seen === 0x77));
  }
  ExFreeToNPagedLookasideList(list, entry);
  assert.equal(ExAllocateFromNPagedLookasideList(list), entry);
  // The list's link was in the first eight bytes; what follows is as it was left: nothing is cleared.
  assert.ok(bytesAt(entry + 8, size - 8).every((seen) => seen === 0xff));
});

clause("INP-32", "any number of entries may be in use; only the parked ones are limited", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  const entries = times(5_000, () => ExAllocateFromNPagedLookasideList(list));
  assert.ok(!entries.includes(NULL));
  assert.equal(new Set(entries).size, 5_000);
  assert.equal(charged().blocks, 5_000);
  for (const entry of entries) ExFreeToNPagedLookasideList(list, entry);
  assert.deepEqual([countOf(list), charged().blocks], [4, 4]);
});

clause("INP-45", "the system keeps a set of all lists in use", (t) => {
  freshMachine(t);
  const alive: number[] = [];
  for (let step = 0; step < 300; step++) {
    if (alive.length > 0 && random.int(5) < 2) {
      ExDeleteNPagedLookasideList(alive.splice(random.int(alive.length), 1)[0] as number);
    } else {
      alive.push(nonpagedList());
    }
    assert.deepEqual(activeLists(), alive);
  }
});

clause("INP-48", "a driver must free its lists before it unloads", (t) => {
  freshMachine(t, { checked: true });
  const driver = loadDriver("Leaky");
  const [kept] = [nonpagedList(), ExDeleteNPagedLookasideList(nonpagedList())];
  const fatal = bugCheckOf(() => driver.unload());
  assert.equal(fatal.code, 0xc7);
  assert.deepEqual(fatal.parameters.slice(1, 3), [kept, 1]);
  assert.ok(fatal.message.includes(`0x${kept.toString(16)}`));
  ExDeleteNPagedLookasideList(kept);
  const tidy = loadDriver("Tidy");
  ExDeleteNPagedLookasideList(nonpagedList());
  assert.deepEqual(tidy.unload().lists, []);
});

clause("INP-48", "otherwise the unload reports the lists that were not freed", (t) => {
  freshMachine(t);
  const driver = loadDriver("Leaky");
  const kept = times(2, () => nonpagedList());
  assert.deepEqual(driver.unload().lists, kept);
});

clause("INP-49", "ExDeleteNPagedLookasideList frees the list", (t) => {
  freshMachine(t);
  const [first, second] = [nonpagedList(), nonpagedList()];
  park(first, 3);
  ExDeleteNPagedLookasideList(first);
  assert.deepEqual(activeLists(), [second]);
  assert.equal(charged().blocks, 0);
  nonpagedList({ at: first });
  assert.deepEqual(activeLists(), [second, first]);
});

clause(
  "INP-50",
  "the list is at the place that the caller supplied: other threads find it there",
  async (t) => {
    freshMachine(t);
    const list = nonpagedList();
    const entries = park(list, 3);
    const module = new URL("./inp-use.tasks.js", import.meta.url);
    const data = { ticket: ticket(), list };
    const [there] = await crew<typeof useFromElsewhere>(module, {
      threads: 1,
      run: "useFromElsewhere",
      data,
    });
    assert.deepEqual(there, { active: [list], entry: entries[2] });
    const { TotalAllocates, TotalFrees } = snapshot(list);
    assert.deepEqual([TotalAllocates, TotalFrees], [4, 4]);
    assert.deepEqual(chainOf(list), entries.toReversed());
  },
);

clause(
  "INP-50",
  "all state of the list is in its bytes: they can be taken away and put back",
  (t) => {
    freshMachine(t);
    const list = nonpagedList();
    const entries = park(list, 3);
    const bytes = bytesAt(list, SIZEOF_NPAGED_LOOKASIDE_LIST);
    const kept = bytes.slice();
    const around = bytesAt(list - 16, SIZEOF_NPAGED_LOOKASIDE_LIST + 32).slice();
    times(3, () => ExAllocateFromNPagedLookasideList(list)); // the list goes on, and is put back
    bytes.fill(0);
    bytes.set(kept);
    assert.deepEqual(bytesAt(list - 16, around.length), around);
    assert.equal(ExAllocateFromNPagedLookasideList(list), entries[2]);
    assert.equal(snapshot(list).TotalAllocates, 4);
  },
);

clause(
  "INP-51",
  "the list head is opaque: the door exports no fields, a list is an address",
  (t) => {
    freshMachine(t);
    const list = nonpagedList();
    // @ts-expect-error A list has no fields for callers.
    assert.equal(list.Depth, undefined);
    const exported = Object.entries(wdk as Record<string, unknown>);
    const telling = exported.filter(
      ([name, value]) => /FIELD|OFFSET/.test(name) || JSON.stringify(value)?.includes("ListHead"),
    );
    assert.deepEqual(telling, []);
    // Tools are told by a copy, which leads nowhere.
    const copy = wdk.queryLookaside(list) as { Depth: number };
    copy.Depth = 99;
    assert.equal(wdk.queryLookaside(list).Depth, 4);
  },
);

clause("INP-52", "no memory is preallocated for entries", (t) => {
  freshMachine(t);
  const [allocate, free] = [spyAllocate(), spyFree()];
  const places = times(3, () => descriptor());
  const [before, size] = [poolUsage(), memory().buffer.byteLength];
  nonpagedList({ at: places[0] as number });
  nonpagedList({ at: places[1] as number, size: 100_000 });
  nonpagedList({ at: places[2] as number, allocate, free });
  assert.deepEqual(poolUsage(), before);
  assert.equal(memory().buffer.byteLength, size);
  assert.deepEqual([allocate.calls, free.calls], [[], []]);
});

clause("INP-53", "initial entries are allocated one by one as allocate calls occur", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  for (let count = 1; count <= 20; count++) {
    ExAllocateFromNPagedLookasideList(list);
    assert.equal(charged().allocs, count);
    assert.equal(countOf(list), 0);
  }
});

clause(["INP-54", "INP-55"], "freed entries are held, up to the system's maximum", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  const entries = times(10, () => ExAllocateFromNPagedLookasideList(list));
  entries.forEach((entry, index) => {
    ExFreeToNPagedLookasideList(list, entry);
    assert.equal(countOf(list), Math.min(index + 1, 4));
    assert.equal(charged().frees, Math.max(index - 3, 0));
  });
  assert.equal(countOf(list), snapshot(list).Depth);
});

clause("INP-56", "beyond the maximum, entries go back to nonpaged pool as they are freed", (t) => {
  freshMachine(t);
  const list = nonpagedList();
  const entries = park(list, 50);
  assert.deepEqual([charged().frees, charged().blocks], [46, 4]);
  for (const entry of entries.slice(4)) assert.equal(queryPoolBlock(entry), null);
  for (const entry of entries.slice(0, 4)) assert.notEqual(queryPoolBlock(entry), null);
});

clause(
  "INP-57",
  "when the list runs empty again, the Allocate function or the pool serves",
  (t) => {
    freshMachine(t);
    const allocate = spyAllocate();
    for (const list of [nonpagedList(), nonpagedList({ allocate })]) {
      park(list, 4);
      const before = charged().allocs;
      times(4, () => ExAllocateFromNPagedLookasideList(list));
      assert.equal(charged().allocs, before);
      assert.notEqual(ExAllocateFromNPagedLookasideList(list), NULL);
      assert.equal(charged().allocs, before + 1);
    }
    assert.equal(allocate.calls.length, 5);
  },
);

clause(
  "INP-61",
  "the unified family is an alternative: one history, the same observable results",
  (t) => {
    freshMachine(t);
    const tags = [tag("Unif"), tag("Npag")] as const;
    for (let history = 0; history < 3; history++) {
      const unified = exList({ tag: tags[0] });
      const nonpaged = nonpagedList({ tag: tags[1] });
      liveAlike(
        randomFrom(random.next()),
        2_000,
        [
          { list: unified, allocate: ExAllocateFromLookasideListEx, free: ExFreeToLookasideListEx },
          {
            list: nonpaged,
            allocate: ExAllocateFromNPagedLookasideList,
            free: ExFreeToNPagedLookasideList,
          },
        ],
        (first, second) => assert.deepEqual(first, second),
      );
      assert.deepEqual(charged(tags[0]), charged(tags[1]));
    }
  },
);
