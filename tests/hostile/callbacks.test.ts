/**
 * Routines that turn on the list that calls them, one case at a time, for every family and in both
 * modes: they throw, give garbage, use, flush and delete their own list, and shut the machine down.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  boot,
  ExAllocatePoolWithTag,
  ExFlushLookasideListEx,
  ExFreePool,
  isBooted,
  KeGetCurrentIrql,
  KeLowerIrql,
  KeRaiseIrql,
  poolUsage,
  queryLookaside,
  STATUS_INSUFFICIENT_RESOURCES,
  StatusError,
  shutdown,
  system,
  tag,
  ticket,
} from "lookaside/wdk";
import { chainOf, freshMachine, spy, times } from "../conformance/bench.js";
import { LIST_FAMILIES, type ListFamily } from "../unit/wdk/list-families.js";
import { HostileError } from "./values.js";

const TAG = tag("Back");

type Allocate = (...given: number[]) => number;
type Free = (...given: number[]) => void;

const forward: Allocate = (type = 0, bytes = 0, Tag = 0) => ExAllocatePoolWithTag(type, bytes, Tag);

/** A list with routines, and four entries parked in it. */
function filled(family: ListFamily, free: Free, allocate: Allocate = forward) {
  const list = family.make({ allocate, free, size: 64, tag: TAG });
  const entries = times(4, () => family.allocate(list));
  for (const entry of entries) family.free(list, entry);
  return { list, entries, parked: entries.toReversed() };
}

function held(): number {
  const { NonPaged, Paged } = poolUsage(TAG);
  return NonPaged.Diff + Paged.Diff;
}

/** One case, for every family and in both modes. */
function each(title: string, run: (family: ListFamily, t: TestContext) => void): void {
  for (const checked of [false, true]) {
    for (const family of LIST_FAMILIES) {
      test(`${title}: ${family.name}${checked ? ", checked" : ""}`, (t) => {
        freshMachine(t, { checked });
        run(family, t);
      });
    }
  }
}

each("a Free routine that throws keeps no other entry from it at delete", (family) => {
  const free = spy((entry = 0) => {
    ExFreePool(entry);
    if (free.calls.length === 2) throw new HostileError("the second");
  });
  const { list, parked } = filled(family, free);
  assert.throws(() => family.remove(list), { name: "HostileError" });
  assert.deepEqual(
    free.calls.map(([entry]) => entry),
    parked,
  );
  assert.equal(queryLookaside(list).Family, "None", "the list is deleted all the same");
  assert.equal(held(), 0);
});

each("the first error of several comes out", (family) => {
  const free = spy((entry = 0) => {
    ExFreePool(entry);
    throw new HostileError(`entry ${free.calls.length}`);
  });
  const { list } = filled(family, free);
  assert.throws(() => family.remove(list), { message: "entry 1" });
  assert.equal(free.calls.length, 4);
});

each("a delete without the Free routine in this thread changes nothing", (family) => {
  const list = family.make({ free: system().routines.claim("Elsewhere"), size: 64, tag: TAG });
  const entries = times(3, () => family.allocate(list));
  for (const entry of entries) family.free(list, entry);
  assert.throws(() => family.remove(list), { code: "ERR_ROUTINE_MISSING" });
  assert.notEqual(queryLookaside(list).Family, "None");
  assert.deepEqual(chainOf(list), entries.toReversed());
  assert.deepEqual(
    times(3, () => family.allocate(list)),
    entries.toReversed(),
  );
});

each("an empty list is deleted without its Free routine", (family) => {
  const list = family.make({ free: system().routines.claim("Elsewhere"), size: 64, tag: TAG });
  family.remove(list);
  assert.equal(queryLookaside(list).Family, "None");
});

each(
  "a Free routine may delete its own list while it is deleted: each entry leaves once",
  (family) => {
    const free = spy((entry = 0) => {
      ExFreePool(entry);
      if (free.calls.length === 2) family.remove(list);
    });
    const { list, parked } = filled(family, free);
    family.remove(list);
    assert.deepEqual(
      free.calls.map(([entry]) => entry),
      parked,
    );
    assert.equal(queryLookaside(list).Family, "None");
    assert.equal(held(), 0);
  },
);

each("a Free routine may use its own list while it is drained", (family) => {
  let spare = 0;
  const free = spy((entry = 0) => {
    ExFreePool(entry);
    if (free.calls.length === 1) spare = family.allocate(list);
    if (free.calls.length === 3) family.free(list, spare);
  });
  const { list, parked } = filled(family, free);
  if (family.unified) ExFlushLookasideListEx(list);
  else family.remove(list);
  assert.deepEqual(
    free.calls.map(([entry]) => entry),
    family.unified ? parked : [...parked, spare], // a delete keeps nothing
  );
  if (family.unified) assert.deepEqual(chainOf(list), [spare]);
});

each("an Allocate routine may allocate from its own list", (family) => {
  let depth = 0;
  const inner: number[] = [];
  const allocate: Allocate = (...given) => {
    if (depth++ < 3) inner.push(family.allocate(list));
    return forward(...given);
  };
  const list = family.make({ allocate, size: 64, tag: TAG });
  const outer = family.allocate(list);
  assert.equal(new Set([outer, ...inner]).size, 4);
  const { TotalAllocates, AllocateMisses } = queryLookaside(list);
  assert.deepEqual([TotalAllocates, AllocateMisses], [4, 4]);
  for (const entry of [outer, ...inner]) family.free(list, entry);
  assert.equal(chainOf(list).length, 4);
});

each("a Free routine may free another entry to its own full list", (family) => {
  const more: number[] = [];
  const free: Free = (entry = 0) => {
    ExFreePool(entry);
    const next = more.pop();
    if (next !== undefined) family.free(list, next);
  };
  const list = family.make({ free, size: 64, tag: TAG });
  const entries = times(10, () => family.allocate(list));
  more.push(...entries.slice(5));
  for (const entry of entries.slice(0, 5)) family.free(list, entry);
  assert.equal(more.length, 0);
  const { TotalFrees, FreeMisses } = queryLookaside(list);
  assert.deepEqual([TotalFrees, FreeMisses, held()], [10, 6, 4]);
});

const GARBAGE: readonly unknown[] = [
  "64",
  1.5,
  Number.NaN,
  2 ** 32,
  5n,
  Symbol("x"),
  {},
  [],
  true,
  Promise.resolve(1),
];

each(
  "what is no address is refused from an Allocate routine, and counts as a failed miss",
  (family) => {
    let given: unknown = 0;
    const list = family.make({ allocate: () => given as number, size: 64, tag: TAG });
    for (given of GARBAGE) {
      assert.throws(() => family.allocate(list), {
        code: "ERR_ARGUMENT",
        message: /Allocate routine/,
      });
    }
    for (given of [undefined, null, 0]) assert.equal(family.allocate(list), 0);
    const { TotalAllocates, AllocateMisses } = queryLookaside(list);
    assert.deepEqual([TotalAllocates, AllocateMisses], [GARBAGE.length + 3, GARBAGE.length + 3]);
  },
);

each("an address above 2 GiB may come back negative, as WebAssembly gives it", (family) => {
  const list = family.make({ allocate: () => -16, size: 64, tag: TAG });
  assert.equal(family.allocate(list), 0xffff_fff0);
});

each("what an Allocate routine throws comes out as it is", (family) => {
  const raise = new StatusError(STATUS_INSUFFICIENT_RESOURCES, "the routine has nothing");
  for (const error of [raise, new HostileError("its own"), "a text", undefined]) {
    const list = family.make({
      allocate: () => {
        throw error;
      },
      size: 64,
      tag: TAG,
    });
    let thrown: unknown = "nothing";
    try {
      family.allocate(list);
    } catch (caught) {
      thrown = caught;
    }
    assert.equal(thrown, error);
    assert.equal(queryLookaside(list).AllocateMisses, 1);
  }
});

each(
  "an Allocate routine may shut the machine down: its entry comes back, then nothing works",
  (family) => {
    const way = ticket();
    const allocate: Allocate = (...given) => {
      const entry = forward(...given);
      shutdown();
      return entry;
    };
    const list = family.make({ allocate, size: 64, tag: TAG });
    const entry = family.allocate(list);
    assert.notEqual(entry, 0);
    assert.equal(isBooted(), false);
    assert.throws(() => family.allocate(list), { code: "ERR_NOT_ATTACHED" });
    boot(way);
    family.free(list, entry);
    assert.equal(family.allocate(list), entry);
  },
);

each(
  "a Free routine may shut the machine down: the other entries are still given to it",
  (family) => {
    const way = ticket();
    const free = spy((entry = 0) => {
      if (isBooted()) ExFreePool(entry);
      shutdown();
    });
    const { list, parked } = filled(family, free);
    family.remove(list);
    assert.deepEqual(
      free.calls.map(([entry]) => entry),
      parked,
    );
    boot(way);
    assert.equal(queryLookaside(list).Family, "None");
    assert.equal(held(), 3, "what the routine did not free is still held");
  },
);

each("a routine may leave the level raised", (family) => {
  const allocate: Allocate = (...given) => {
    const entry = forward(...given);
    KeRaiseIrql(family.levelMax + 1);
    return entry;
  };
  const list = family.make({ allocate, size: 64, tag: TAG });
  const entry = family.allocate(list);
  assert.equal(KeGetCurrentIrql(), family.levelMax + 1);
  assert.throws(() => family.free(list, entry), { name: "BugCheck" });
  KeLowerIrql(0);
  family.free(list, entry);
  assert.deepEqual(chainOf(list), [entry]);
});
