/**
 * Documented lists of all families against a naive list, on any sequence of calls (fast-check).
 *
 * After every call:
 * - an allocate gives the entry parked last, or asks the allocator; a full free asks the Free routine;
 * - the eight fields of the descriptor are those of the naive list, before anybody settles them;
 * - the chain of parked entries is that of the naive list, and no held entry is on it;
 * - an entry comes back as it was left, but for its first 8 bytes;
 * - the pool holds as many blocks under the tag as are parked or held.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import {
  ExAdjustLookasideDepth,
  ExFlushLookasideListEx,
  ExFreePool,
  queryLookaside,
  resetLookasideCounters,
  setLookasideDepth,
  simulateLowResources,
  tag,
} from "lookaside/wdk";
import {
  bytesAt,
  chainOf,
  charged,
  descriptor,
  freshMachine,
  type Spy,
  snapshot,
  spyAllocate,
  spyFree,
} from "../conformance/bench.js";
import { seeded } from "../support/seed.js";
import { LIST_FAMILIES, type ListFamily } from "../unit/wdk/list-families.js";
import { NaiveList } from "./naive-list.js";

const { seed } = seeded(import.meta.url);
const RUNS = process.env["LOOKASIDE_LONG"] === "1" ? 2_000 : 60;
const TAG = tag("Prop");
const SIZE = 72;

type Step =
  | { readonly do: "allocate" | "flush" | "renew" | "adjust" | "reset" }
  | { readonly do: "free"; readonly which: number }
  | { readonly do: "depth"; readonly to: number }
  | { readonly do: "exhaust"; readonly on: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: fc.constant<Step>({ do: "allocate" }) },
  { weight: 28, arbitrary: fc.record({ do: fc.constant("free" as const), which: fc.nat(63) }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Step>({ do: "flush" }, { do: "renew" }, { do: "reset" }),
  },
  { weight: 3, arbitrary: fc.constant<Step>({ do: "adjust" }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("depth" as const), to: fc.nat(300) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("exhaust" as const), on: fc.boolean() }) },
);

/** One list and everything that is known of it. */
class Trial {
  readonly #family: ListFamily;
  readonly #list: number;
  readonly #routines: { readonly allocate?: Spy<number>; readonly free?: Spy<void> };
  /** Held entries and the byte that fills each. */
  readonly #held = new Map<number, number>();
  readonly #left = new Map<number, number>();
  #naive = new NaiveList();
  #isExhausted = false;
  #fill = 0;

  constructor(family: ListFamily, isCustom: boolean) {
    this.#family = family;
    this.#routines = isCustom ? { allocate: spyAllocate(), free: spyFree() } : {};
    this.#list = descriptor();
    this.#make();
  }

  #make(): void {
    this.#naive = new NaiveList();
    this.#family.make({ ...this.#routines, size: SIZE, tag: TAG, at: this.#list });
  }

  take(one: Step): void {
    switch (one.do) {
      case "allocate":
        this.#allocate();
        break;
      case "free":
        this.#free(one.which);
        break;
      case "flush":
        if (this.#family.unified) this.#drained(() => ExFlushLookasideListEx(this.#list));
        break;
      case "renew":
        this.#drained(() => this.#family.remove(this.#list));
        assert.equal(queryLookaside(this.#list).Family, "None");
        this.#make();
        break;
      case "adjust":
        ExAdjustLookasideDepth();
        this.#naive.adjust();
        break;
      case "depth":
        setLookasideDepth(this.#list, one.to);
        this.#naive.setDepth(one.to);
        break;
      case "reset":
        resetLookasideCounters(this.#list);
        this.#naive.resetCounters();
        break;
      case "exhaust":
        this.#isExhausted = one.on;
        simulateLowResources(one.on ? { perTenThousand: 10_000 } : null);
    }
    this.compare();
  }

  #allocate(): void {
    const wanted = this.#naive.allocate();
    const asked = this.#routines.allocate?.calls.length ?? 0;
    const entry = this.#family.allocate(this.#list);
    if (wanted === undefined) this.#expectCalls(this.#routines.allocate, asked + 1);
    else this.#expectCalls(this.#routines.allocate, asked);
    if (wanted === undefined && this.#isExhausted) {
      assert.equal(entry, 0);
      return;
    }
    if (wanted !== undefined) {
      assert.equal(entry, wanted);
      const fill = this.#left.get(entry) ?? assert.fail("an entry was parked that was never freed");
      assert.deepEqual(bytesAt(entry + 8, SIZE - 8), new Uint8Array(SIZE - 8).fill(fill));
    }
    assert.ok(entry !== 0 && !this.#held.has(entry), "an entry is held twice");
    this.#fill = (this.#fill + 1) & 0xff;
    bytesAt(entry, SIZE).fill(this.#fill);
    this.#held.set(entry, this.#fill);
  }

  #free(which: number): void {
    const entry = [...this.#held.keys()][which % Math.max(1, this.#held.size)];
    if (entry === undefined) return;
    const fill = this.#held.get(entry) as number;
    assert.deepEqual(bytesAt(entry, SIZE), new Uint8Array(SIZE).fill(fill));
    this.#held.delete(entry);
    const released = this.#routines.free?.calls.length ?? 0;
    const parks = this.#naive.free(entry);
    if (parks) this.#left.set(entry, fill);
    this.#family.free(this.#list, entry);
    this.#expectCalls(this.#routines.free, released + (parks ? 0 : 1));
  }

  #drained(action: () => void): void {
    const gone = this.#naive.drain();
    const before = this.#routines.free?.calls.length ?? 0;
    action();
    if (this.#routines.free === undefined) return;
    const given = this.#routines.free.calls.slice(before).map(([entry]) => entry);
    assert.deepEqual(given, gone);
  }

  #expectCalls(routine: Spy<unknown> | undefined, count: number): void {
    if (routine === undefined) return;
    assert.equal(routine.calls.length, count);
    if (this.#family.unified)
      for (const given of routine.calls) assert.equal(given.at(-1), this.#list);
  }

  compare(): void {
    const { Depth, MaximumDepth, TotalAllocates, AllocateMisses, ...rest } = snapshot(this.#list);
    const { TotalFrees, FreeMisses, LastTotalAllocates, LastAllocateMisses } = rest;
    const last = { LastTotalAllocates, LastAllocateMisses };
    const counters = { TotalAllocates, AllocateMisses, TotalFrees, FreeMisses };
    assert.deepEqual({ Depth, MaximumDepth, ...counters, ...last }, this.#naive.fields);
    const chain = chainOf(this.#list);
    assert.deepEqual(chain, this.#naive.parked);
    assert.ok(chain.every((entry) => !this.#held.has(entry)));
    assert.equal(charged(TAG).blocks, chain.length + this.#held.size);
    assert.equal(charged(TAG).bytes, (chain.length + this.#held.size) * SIZE);
  }

  end(): void {
    simulateLowResources(null);
    this.#drained(() => this.#family.remove(this.#list));
    for (const entry of this.#held.keys()) ExFreePool(entry);
    ExFreePool(this.#list);
    assert.equal(charged(TAG).blocks, 0);
  }
}

function agrees(t: TestContext, family: ListFamily, isCustom: boolean, checked: boolean): void {
  freshMachine(t, { checked, nonPagedPoolBytes: "4 MiB", pagedPoolBytes: "4 MiB" });
  const property = fc.property(fc.array(step, { maxLength: 250, size: "max" }), (steps) => {
    const trial = new Trial(family, isCustom);
    try {
      for (const one of steps) trial.take(one);
    } finally {
      simulateLowResources(null);
    }
    trial.end();
  });
  fc.assert(property, { seed: seed | 0, numRuns: RUNS });
}

for (const family of LIST_FAMILIES) {
  for (const isCustom of [false, true]) {
    const how = isCustom ? "with routines of its own" : "with the default routines";
    test(`a ${family.name} list ${how} does what a naive list does`, (t) =>
      agrees(t, family, isCustom, false));
    test(`in checked mode too: a ${family.name} list ${how}`, (t) =>
      agrees(t, family, isCustom, true));
  }
}
