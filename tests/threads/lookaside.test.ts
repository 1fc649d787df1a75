/**
 * Several threads on one documented list of each family: no entry is lost or held twice, Depth is never
 * passed, and at rest the counters obey the conservation laws of semantics section 9.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { poolUsage, queryLookaside, setLookasideDepth, tag, ticket } from "lookaside/wdk";
import { chainOf, freshMachine } from "../conformance/bench.js";
import { crew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import { LIST_FAMILIES } from "../unit/wdk/list-families.js";
import type { churn } from "./lookaside.tasks.js";
import { heldBlocks, makeRegistry } from "./ownership.js";

const random = seeded(import.meta.url);
const CALLS = process.env["LOOKASIDE_LONG"] === "1" ? 2_000_000 : 40_000;
const MEMORY_BYTES = 64 * 2 ** 20;
const TAG = tag("Thrd");
const tasks = new URL("./lookaside.tasks.js", import.meta.url);

/** Place in LIST_FAMILIES, threads, Depth, and whether the machine is in checked mode. */
const TRIALS = [
  ...LIST_FAMILIES.map((_, family) => ({ family, threads: 2, depth: 4, checked: false })),
  { family: 0, threads: 4, depth: 12, checked: false },
  { family: 3, threads: 4, depth: 12, checked: false },
  { family: 1, threads: 3, depth: 6, checked: true },
  { family: 2, threads: 3, depth: 6, checked: true },
];

for (const { family: at, threads, depth, checked } of TRIALS) {
  const family = LIST_FAMILIES[at] ?? assert.fail();
  const mode = checked ? ", checked" : "";
  test(`${threads} threads on one ${family.name} list of depth ${depth}${mode}`, async (t) => {
    freshMachine(t, { checked, nonPagedPoolBytes: "2 MiB", pagedPoolBytes: "2 MiB" });
    const list = family.make({ size: 48, tag: TAG });
    setLookasideDepth(list, depth);
    const registry = makeRegistry(MEMORY_BYTES);
    const orders = { ticket: ticket(), registry, list, depth, family: at };
    const data = { ...orders, calls: checked ? CALLS / 10 : CALLS, seed: random.next() };
    const tallies = await crew<typeof churn>(tasks, { threads, run: "churn", data });

    const { TotalAllocates, AllocateMisses, TotalFrees, FreeMisses } = queryLookaside(list);
    const sum = (pick: (tally: (typeof tallies)[number]) => number): number =>
      tallies.reduce((total, tally) => total + pick(tally), 0);
    assert.equal(
      TotalAllocates,
      sum((tally) => tally.allocates),
    );
    assert.equal(
      TotalFrees,
      sum((tally) => tally.frees),
    );
    const parked = chainOf(list);
    assert.equal(TotalFrees - FreeMisses - (TotalAllocates - AllocateMisses), parked.length);
    assert.equal(TotalAllocates, TotalFrees, "nothing is held any more");
    assert.equal(AllocateMisses - FreeMisses, parked.length, "obtained and not given back: parked");
    assert.ok(
      tallies.every(({ parkedMax }) => parkedMax <= depth),
      "Depth was passed",
    );
    assert.equal(new Set(parked).size, parked.length);
    assert.equal(heldBlocks(registry), 0);

    const { NonPaged, Paged } = poolUsage(TAG);
    assert.equal(NonPaged.Diff + Paged.Diff, parked.length);
    assert.equal(NonPaged.Allocs + Paged.Allocs, AllocateMisses);
    family.remove(list);
    const after = poolUsage(TAG);
    assert.equal(after.NonPaged.Diff + after.Paged.Diff, 0);
  });
}
