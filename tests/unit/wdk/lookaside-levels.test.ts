/**
 * The table of levels (semantics section 8): at which simulated IRQL each routine of each family may be
 * called, on each of its paths.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  activeLists,
  BUG_CHECK,
  ExFlushLookasideListEx,
  ExInterlockedFlushSList,
  ExInterlockedPopEntrySList,
  ExInterlockedPushEntrySList,
  ExQueryDepthSList,
  HIGH_LEVEL,
  InitializeSListHead,
  KeGetCurrentIrql,
  PagedPool,
  queryLookaside,
} from "lookaside/wdk";
import {
  atIrql,
  bugCheckOf,
  charged,
  descriptor,
  freshMachine,
  snapshot,
  spy,
  spyAllocate,
  spyFree,
  storage,
  times,
} from "../../conformance/bench.js";
import { LIST_FAMILIES, type ListFamily } from "./list-families.js";

const LEVELS = times(HIGH_LEVEL + 1, (level) => level);

/** One path of a routine: a list made ready for it below the limit, and the call that takes it. */
interface Path {
  readonly name: string;
  /** Highest level at which the path may be taken. */
  levelMax(family: ListFamily): number;
  /** False for families that have no such routine. */
  readonly exists?: (family: ListFamily) => boolean;
  ready(family: ListFamily): { list: number; call: () => unknown };
}

/** The level of the family's entries: for what touches one, or calls a routine or the pool. */
const ofEntries = ({ levelMax }: ListFamily): number => levelMax;

/** A unified list may be handled where its entries may not; the paged family stops at APC_LEVEL. */
const ofDescriptor = (family: ListFamily): number => (family.unified ? 2 : family.levelMax);

const isUnified = ({ unified }: ListFamily): boolean => unified;

/** A list with `parked` entries, and `held` entries of it. */
function listWith(
  family: ListFamily,
  parked: number,
  held: number,
): { list: number; entries: number[] } {
  const list = family.make({ size: 16 });
  const entries = times(parked + held, () => family.allocate(list));
  for (const entry of entries.splice(0, parked)) family.free(list, entry);
  return { list, entries };
}

const PATHS: readonly Path[] = [
  {
    name: "initialize",
    levelMax: ofDescriptor,
    ready(family) {
      const list = descriptor();
      return { list, call: () => family.make({ at: list }) };
    },
  },
  {
    name: "allocate, a hit",
    levelMax: ofEntries,
    ready(family) {
      const { list } = listWith(family, 1, 0);
      return { list, call: () => family.allocate(list) };
    },
  },
  {
    name: "allocate, a miss",
    levelMax: ofEntries,
    ready(family) {
      const { list } = listWith(family, 0, 0);
      return { list, call: () => family.allocate(list) };
    },
  },
  {
    name: "free, with room",
    levelMax: ofEntries,
    ready(family) {
      const { list, entries } = listWith(family, 0, 1);
      return { list, call: () => family.free(list, entries[0] as number) };
    },
  },
  {
    name: "free, at the limit",
    levelMax: ofEntries,
    ready(family) {
      const { list, entries } = listWith(family, 4, 1);
      return { list, call: () => family.free(list, entries[0] as number) };
    },
  },
  {
    name: "flush of parked entries",
    levelMax: ofEntries,
    exists: isUnified,
    ready(family) {
      const { list } = listWith(family, 2, 0);
      return { list, call: () => ExFlushLookasideListEx(list) };
    },
  },
  {
    name: "flush of nothing",
    levelMax: ofDescriptor,
    exists: isUnified,
    ready(family) {
      const { list } = listWith(family, 0, 0);
      return { list, call: () => ExFlushLookasideListEx(list) };
    },
  },
  {
    name: "delete with parked entries",
    levelMax: ofEntries,
    ready(family) {
      const { list } = listWith(family, 2, 0);
      return { list, call: () => family.remove(list) };
    },
  },
  {
    name: "delete of an empty list",
    levelMax: ofDescriptor,
    ready(family) {
      const { list } = listWith(family, 0, 0);
      return { list, call: () => family.remove(list) };
    },
  },
];

/** The bug check of a family's routine at a level that is too high. */
function codeAt(family: ListFamily, level: number): number {
  const isPaged = family.poolType === PagedPool && (!family.unified || level === 2);
  return isPaged ? BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION : BUG_CHECK.IRQL_NOT_LESS_OR_EQUAL;
}

for (const checked of [false, true]) {
  for (const family of LIST_FAMILIES) {
    const mode = checked ? "checked mode" : "unchecked mode";
    test(`each path up to its level and no further, in ${mode}: ${family.name}`, (t) => {
      freshMachine(t, { checked });
      for (const path of PATHS.filter(({ exists }) => exists?.(family) ?? true)) {
        for (const level of LEVELS) {
          const { list, call } = path.ready(family);
          const what = `${path.name} at level ${level}`;
          if (level <= path.levelMax(family)) {
            assert.doesNotThrow(() => atIrql(level, call), what);
            continue;
          }
          const before = { bytes: snapshot(list).bytes, active: activeLists(), pool: charged() };
          const { code } = atIrql(level, () => bugCheckOf(call));
          assert.equal(code, codeAt(family, level), what);
          const after = { bytes: snapshot(list).bytes, active: activeLists(), pool: charged() };
          assert.deepEqual(after, before, `${what} changes nothing`);
        }
      }
    });
  }
}

for (const family of LIST_FAMILIES) {
  test(`routines are called at the level of the call: ${family.name}`, (t) => {
    freshMachine(t);
    const levels: number[] = [];
    const [pool, toPool] = [spyAllocate(), spyFree()];
    const allocate = spy((...given) => {
      levels.push(KeGetCurrentIrql());
      return pool(...given);
    });
    const free = spy((...given) => {
      levels.push(KeGetCurrentIrql());
      toPool(...given);
    });
    for (let level = 0; level <= family.levelMax; level++) {
      levels.splice(0);
      const list = family.make({ allocate, free });
      atIrql(level, () => {
        for (const entry of times(5, () => family.allocate(list))) family.free(list, entry);
        family.remove(list);
      });
      assert.deepEqual(
        levels,
        times(5 + 1 + 4, () => level),
      );
    }
  });
}

test("an interlocked list in nonpaged memory works at every level", (t) => {
  freshMachine(t);
  const head = storage(16);
  const entries = times(3, () => storage(16));
  for (const level of LEVELS) {
    atIrql(level, () => {
      InitializeSListHead(head);
      for (const entry of entries) ExInterlockedPushEntrySList(head, entry);
      assert.equal(ExInterlockedPopEntrySList(head), entries[2]);
      assert.equal(ExInterlockedFlushSList(head), entries[1]);
      assert.equal(ExInterlockedPopEntrySList(head), 0);
    });
    assert.equal(ExQueryDepthSList(head), 0);
  }
});

test("the descriptor, nonpaged in every family, can be read at DISPATCH_LEVEL", (t) => {
  freshMachine(t);
  for (const family of LIST_FAMILIES) {
    const list = family.make({ size: 72 });
    assert.equal(
      atIrql(2, () => queryLookaside(list).Size),
      72,
    );
  }
});
