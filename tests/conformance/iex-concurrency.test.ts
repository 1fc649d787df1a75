/**
 * ExInitializeLookasideListEx on several threads: insertions and removals are synchronized, calls of the
 * routines are not.
 */
import assert from "node:assert/strict";
import {
  ExAllocateFromLookasideListEx,
  ExDeleteLookasideListEx,
  ExFreePool,
  ExFreeToLookasideListEx,
  InterlockedDecrement,
  NonPagedPool,
  queryLookaside,
  queryPoolBlock,
  routine,
  setLookasideDepth,
  ticket,
} from "lookaside/wdk";
import { crew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import {
  chainOf,
  charged,
  countOf,
  exList,
  freshMachine,
  spyAllocate,
  spyFree,
  storage,
  times,
  wordAt,
} from "./bench.js";
import { clause } from "./clause.js";
import {
  COUNTER,
  type countMisses,
  type countPlainly,
  type countReleases,
  type countUnderLock,
  type Given,
  type meetInAllocate,
  type meetInFree,
} from "./iex-concurrency.tasks.js";
import type { SharedList, stampAndCheck, Witness } from "./stamps.tasks.js";

const random = seeded(import.meta.url);
const tasks = new URL("./iex-concurrency.tasks.js", import.meta.url);
const stamps = new URL("./stamps.tasks.js", import.meta.url);
const THREADS = 3;

/** Lets threads stamp entries of a list of the depth given, until all are freed. */
async function stamped(list: number, steps: number): Promise<Witness[]> {
  const shared: SharedList = {
    ticket: ticket(),
    list,
    family: "unified",
    size: 64,
    steps,
    heldMax: 12,
    seed: random.next(),
  };
  return await crew<typeof stampAndCheck>(stamps, {
    threads: THREADS,
    run: "stampAndCheck",
    data: shared,
  });
}

function sum(witnesses: readonly Witness[], of: (witness: Witness) => number): number {
  return witnesses.reduce((total, witness) => total + of(witness), 0);
}

clause(
  "IEX-71",
  "insertions are synchronized with all other insertions and removals",
  async (t) => {
    freshMachine(t);
    for (const depth of [4, 40]) {
      const list = exList();
      setLookasideDepth(list, depth);
      const witnesses = await stamped(list, 20_000);
      const chain = chainOf(list);
      // None lost, none doubled: what the pool says is allocated is what is on the chain.
      assert.equal(chain.length, countOf(list));
      assert.ok(chain.length <= depth);
      assert.equal(charged().blocks, chain.length);
      for (const entry of chain) assert.equal(queryPoolBlock(entry)?.bytes, 64);
      // The counters are exact, and obey the law of conservation.
      const seen = queryLookaside(list);
      assert.equal(
        seen.TotalAllocates,
        sum(witnesses, (one) => one.allocates),
      );
      assert.equal(
        seen.TotalFrees,
        sum(witnesses, (one) => one.frees),
      );
      const freeHits = seen.TotalFrees - seen.FreeMisses;
      assert.equal(freeHits - (seen.TotalAllocates - seen.AllocateMisses), chain.length);
      ExDeleteLookasideListEx(list);
      assert.equal(charged().blocks, 0);
    }
  },
);

clause("IEX-72", "removals are synchronized: no entry is ever held by two threads", async (t) => {
  freshMachine(t);
  for (const depth of [1, 4, 256]) {
    const list = exList();
    setLookasideDepth(list, depth);
    const witnesses = await stamped(list, 20_000);
    for (const { conflicts } of witnesses) assert.deepEqual(conflicts, []);
    const { TotalAllocates, AllocateMisses } = queryLookaside(list);
    assert.ok(TotalAllocates > AllocateMisses, "some removals were hits");
    ExDeleteLookasideListEx(list);
  }
});

/** What a task is given. */
function given(list: number, calls = 0, entries: readonly (readonly number[])[] = []): Given {
  return { ticket: ticket(), list, words: storage(64, NonPagedPool, 0), calls, entries };
}

/** A list whose routines other threads register under the names "Allocate" and "Free". */
function listWithRoutines(): number {
  return exList({ allocate: routine("Allocate", spyAllocate()), free: routine("Free", spyFree()) });
}

clause(
  "IEX-75",
  "calls of the Allocate routine are not synchronized: two threads meet in it",
  async (t) => {
    freshMachine(t);
    const data = given(listWithRoutines());
    const run = "meetInAllocate";
    const entries = await crew<typeof meetInAllocate>(tasks, { threads: 2, run, data });
    assert.equal(new Set(entries).size, 2);
    assert.equal(queryLookaside(data.list).AllocateMisses, 2);
  },
);

clause(
  "IEX-76",
  "calls of the Free routine are not synchronized: two threads meet in it",
  async (t) => {
    freshMachine(t);
    const list = listWithRoutines();
    const entries = times(6, () => ExAllocateFromLookasideListEx(list));
    for (const entry of entries.splice(0, 4)) ExFreeToLookasideListEx(list, entry);
    const data = given(list, 0, [entries.slice(0, 1), entries.slice(1)]);
    await crew<typeof meetInFree>(tasks, { threads: 2, run: "meetInFree", data });
    for (const entry of entries) assert.equal(queryPoolBlock(entry), null);
    assert.equal(queryLookaside(list).FreeMisses, 2);
  },
);

const CALLS = 2_000;

clause("IEX-77", "a routine with a lock of its own is safe on any number of threads", async (t) => {
  freshMachine(t);
  const data = given(listWithRoutines(), CALLS);
  const run = "countUnderLock";
  const results = await crew<typeof countUnderLock>(tasks, { threads: THREADS, run, data });
  assert.ok(results.every(({ alone }) => alone));
  assert.equal(wordAt(data.words + COUNTER), THREADS * CALLS);
  assert.equal(new Set(results.flatMap(({ entries }) => entries)).size, THREADS * CALLS);
});

clause("IEX-78", "atomic increments in the routine keep an exact count", async (t) => {
  freshMachine(t);
  const data = given(listWithRoutines(), CALLS);
  const run = "countMisses";
  const entries = await crew<typeof countMisses>(tasks, { threads: THREADS, run, data });
  assert.equal(new Set(entries.flat()).size, THREADS * CALLS);
  assert.equal(wordAt(data.words + COUNTER), THREADS * CALLS);
  assert.equal(queryLookaside(data.list).AllocateMisses, THREADS * CALLS);
});

clause(
  "IEX-79",
  "atomic decrements in the Free routine bring the count back to zero",
  async (t) => {
    freshMachine(t);
    const data = given(listWithRoutines(), CALLS);
    const run = "countMisses";
    const entries = await crew<typeof countMisses>(tasks, { threads: THREADS, run, data });
    const freeing = { ...data, entries };
    await crew<typeof countReleases>(tasks, {
      threads: THREADS,
      run: "countReleases",
      data: freeing,
    });
    assert.equal(wordAt(data.words + COUNTER), countOf(data.list));
    routine("Free", (buffer: number) => {
      InterlockedDecrement(data.words + COUNTER);
      ExFreePool(buffer);
    });
    ExDeleteLookasideListEx(data.list);
    assert.equal(wordAt(data.words + COUNTER), 0);
    assert.equal(charged().blocks, 0);
  },
);

clause(
  "IEX-80",
  "a plain counter serves as a statistic: it may miss some, and never counts more",
  async (t) => {
    freshMachine(t);
    const data = given(listWithRoutines(), CALLS);
    const run = "countPlainly";
    const entries = await crew<typeof countPlainly>(tasks, { threads: THREADS, run, data });
    assert.equal(new Set(entries.flat()).size, THREADS * CALLS);
    const counted = wordAt(data.words + COUNTER);
    assert.ok(
      counted > 0 && counted <= THREADS * CALLS,
      `${counted} of ${THREADS * CALLS} were counted`,
    );
  },
);
