/** Low-resource simulation through the documented door: its share, its seed, its tags, its end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type BootOptions,
  ExAllocatePoolWithTag,
  ExFreePool,
  type LowResourcesOptions,
  NonPagedPool,
  POOL_RAISE_IF_ALLOCATION_FAILURE,
  poolUsage,
  queryLookaside,
  STATUS_INSUFFICIENT_RESOURCES,
  StatusError,
  simulateLowResources,
  tag,
  ticket,
  verifierCounters,
} from "lookaside/wdk";
import { freshMachine } from "../conformance/bench.js";
import { crew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import { LIST_FAMILIES } from "../unit/wdk/list-families.js";
import type { draw } from "./low-resources.tasks.js";

const random = seeded(import.meta.url);
const TAG = tag("Low ");
const tasks = new URL("./low-resources.tasks.js", import.meta.url);

/** Which of `count` allocations fail under a tag. */
function failures(options: LowResourcesOptions, count: number, tagGiven = TAG): number[] {
  simulateLowResources(options);
  const failed: number[] = [];
  for (let index = 0; index < count; index++) {
    const block = ExAllocatePoolWithTag(NonPagedPool, 32, tagGiven);
    if (block === 0) failed.push(index);
    else ExFreePool(block);
  }
  simulateLowResources(null);
  return failed;
}

test("600 of 10,000 fail by default, and the counters say so", (t) => {
  freshMachine(t);
  const failed = failures({}, 50_000).length;
  assert.ok(failed > 2_800 && failed < 3_200, `${failed} of 50,000`);
  const { Attempted, Succeeded, Failed, FailedDeliberately } = verifierCounters();
  assert.deepEqual([Attempted, Succeeded], [50_000, 50_000 - failed]);
  assert.deepEqual([Failed, FailedDeliberately], [failed, failed]);
});

test("the same seed fails the same allocations of a machine, again and in the next one", (t) => {
  freshMachine(t);
  const seed = random.next();
  const first = failures({ seed }, 5_000);
  assert.deepEqual(failures({ seed }, 5_000), first);
  assert.notDeepEqual(failures({ seed: (seed ^ 1) >>> 0 }, 5_000), first);
});

test("only the tags named fail", (t) => {
  freshMachine(t);
  const all = { perTenThousand: 10_000, tags: [TAG] };
  assert.equal(failures(all, 100).length, 100);
  assert.equal(failures(all, 100, tag("Othr")).length, 0);
});

test("a machine may be booted with it", (t) => {
  const options: BootOptions = { lowResources: { perTenThousand: 10_000, after: 3 } };
  freshMachine(t, options);
  const blocks = [1, 2, 3, 4, 5].map(() => ExAllocatePoolWithTag(NonPagedPool, 32, TAG));
  assert.deepEqual(
    blocks.map((block) => block !== 0),
    [true, true, true, false, false],
  );
  const raise = (): number => ExAllocatePoolWithTag(POOL_RAISE_IF_ALLOCATION_FAILURE, 32, TAG);
  assert.throws(raise, { status: STATUS_INSUFFICIENT_RESOURCES });
});

test("every thread takes part in the simulation of its machine, with choices of its own", async (t) => {
  freshMachine(t, { lowResources: { perTenThousand: 3_000, seed: 4 } });
  const data = { ticket: ticket(), count: 2_000 };
  const results = await crew<typeof draw>(tasks, { threads: 2, run: "draw", data });
  for (const { booted } of results) {
    assert.ok(booted.length > 500 && booted.length < 700, `${booted.length} of 2,000`);
  }
  assert.notDeepEqual(results[0]?.booted, results[1]?.booted);
  for (const { off } of results) assert.deepEqual(off, [], "one thread turned it off for all");
  for (const { on } of results) assert.equal(on.length, 2_000, "and on");
  const all = results.flatMap(({ booted, on }) => [...booted, ...on]).length;
  const { Attempted, Failed, FailedDeliberately } = verifierCounters();
  assert.deepEqual([Attempted, Failed, FailedDeliberately], [12_000, all, all]);
});

for (const family of LIST_FAMILIES) {
  test(`a ${family.name} list on a pool that often fails keeps the laws of its counters`, (t) => {
    freshMachine(t);
    const list = family.make({ size: 64, tag: TAG });
    simulateLowResources({ perTenThousand: 4_000, seed: random.next() });
    const held: number[] = [];
    let failed = 0;
    for (let call = 0; call < 5_000; call++) {
      if (random.int(2) === 0 || held.length === 0) {
        const entry = family.allocate(list);
        if (entry === 0) failed++;
        else held.push(entry);
      } else family.free(list, held.splice(random.int(held.length), 1)[0] as number);
    }
    assert.ok(failed > 50);
    const { TotalAllocates, AllocateMisses, TotalFrees, FreeMisses, CurrentDepth } =
      queryLookaside(list);
    assert.equal(held.length, TotalAllocates - TotalFrees - failed);
    assert.equal(AllocateMisses - failed, FreeMisses + CurrentDepth + held.length);
    simulateLowResources(null);
    for (const entry of held) family.free(list, entry);
    family.remove(list);
    const { NonPaged, Paged } = poolUsage(TAG);
    assert.equal(NonPaged.Diff + Paged.Diff, 0);
  });
}

test("options out of their bounds are refused and change nothing", (t) => {
  freshMachine(t);
  simulateLowResources({ perTenThousand: 10_000 });
  for (const options of [
    5,
    "6 %",
    [],
    { seed: -1 },
    { tags: [1.5] },
  ] as unknown as LowResourcesOptions[]) {
    assert.throws(() => simulateLowResources(options), { code: "ERR_OPTION" });
  }
  assert.equal(ExAllocatePoolWithTag(NonPagedPool, 32, TAG), 0);
  assert.ok(new StatusError(0, "") instanceof Error);
});
