/** Low-resource simulation: the share asked for, the same for the same seed, only under the tags named. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegion, HEADER, type Region } from "#src/memory/index.js";
import { Pool } from "#src/pool/index.js";
import {
  completeLowResources,
  LowResources,
  type LowResourcesOptions,
} from "#src/pool/low-resources.js";
import { simulateIn } from "#src/pool/simulation.js";
import { allocationCounts } from "#src/pool/verifier-counters.js";

const TAG = 0x4c6f_7754;

function streamOf(options: LowResourcesOptions, thread = 1): LowResources {
  return new LowResources(completeLowResources(options), thread);
}

/** Which of the first `count` allocations fail. */
function failures(options: LowResourcesOptions, count = 20_000, tag = 1, thread = 1): number[] {
  const simulation = streamOf(options, thread);
  return Array.from({ length: count }, (_, index) => index).filter(() =>
    simulation.shouldFail(tag),
  );
}

test("6 % fail unless another share is asked for", () => {
  for (const seed of [1, 2, 3, 0xffff_ffff]) {
    const share = failures({ seed }, 100_000).length / 100_000;
    assert.ok(share > 0.057 && share < 0.063, `seed ${seed} fails ${share}`);
  }
});

test("a share of 0 fails none, of 10,000 all, of 2,500 a quarter", () => {
  assert.equal(failures({ perTenThousand: 0 }).length, 0);
  assert.equal(failures({ perTenThousand: 10_000 }).length, 20_000);
  const quarter = failures({ perTenThousand: 2_500 }).length;
  assert.ok(quarter > 4_700 && quarter < 5_300, `${quarter}`);
});

test("the same seed fails the same allocations, another seed others", () => {
  assert.deepEqual(failures({ seed: 5 }), failures({ seed: 5 }));
  assert.notDeepEqual(failures({ seed: 5 }), failures({ seed: 6 }));
});

test("threads draw from one seed differently", () => {
  assert.notDeepEqual(failures({ seed: 5 }, 20_000, 1, 1), failures({ seed: 5 }, 20_000, 1, 2));
});

test("with a tag filter, other tags pass and draw no number", () => {
  const simulation = streamOf({ tags: [7, 0xffff_fff0], perTenThousand: 5_000, seed: 9 });
  const alone = streamOf({ perTenThousand: 5_000, seed: 9 });
  for (let draw = 0; draw < 1_000; draw++) {
    assert.equal(simulation.shouldFail(8), false);
    assert.equal(simulation.shouldFail(draw % 2 ? 7 : 0xffff_fff0), alone.shouldFail(8));
  }
});

test("onlyNth fails exactly that one of those that the filters let through", () => {
  assert.deepEqual(failures({ onlyNth: 3 }, 10), [2]);
  assert.deepEqual(failures({ onlyNth: 1, after: 4 }, 10), [4]);
  const simulation = streamOf({ onlyNth: 2, tags: [7] });
  assert.deepEqual(
    [7, 8, 7, 7].map((tag) => simulation.shouldFail(tag)),
    [false, false, true, false],
  );
});

test("the first ones pass when asked for", () => {
  const failed = failures({ perTenThousand: 10_000, after: 12 }, 20);
  assert.deepEqual(failed, [12, 13, 14, 15, 16, 17, 18, 19]);
});

test("options out of their bounds are refused, each by its name", () => {
  const wrong: readonly [object, RegExp][] = [
    [{ perTenThousand: 10_001 }, /as perTenThousand: .* 0 to 10000/],
    [{ seed: -1 }, /as seed: .* 0 to 4294967295/],
    [{ after: 1.5 }, /as after/],
    [{ onlyNth: "2" }, /as onlyNth/],
    [{ tags: 5 }, /as tags: it must be an array/],
    [{ tags: ["Demo"] }, /"Demo" as tags/],
    [{ tags: Array.from({ length: 201 }, (_, at) => at) }, /201 tags: at most 200/],
    [[], /an array as low resources/],
    [
      { pertenthousand: 1 },
      /the option "pertenthousand" of low resources: there are perTenThousand, /,
    ],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => completeLowResources(options), { code: "ERR_OPTION", message });
  }
  assert.throws(() => completeLowResources(5 as never), { code: "ERR_OPTION" });
  assert.throws(() => completeLowResources(null as never), { code: "ERR_OPTION" });
});

/** Threads of one system, and a way to try `count` allocations in one of them. */
function system(): { region: Region; fails: (thread: number, count?: number) => number[] } {
  const region = createRegion(4, 8);
  region.words[HEADER.CHUNK_LIMIT] = 8;
  const pools = [1, 2, 3, 4].map((thread) => new Pool(region, thread));
  const fails = (thread: number, count = 500): number[] => {
    const pool = pools[thread - 1] as Pool;
    const failed: number[] = [];
    for (let index = 0; index < count; index++) {
      const block = pool.allocate(0, 64, TAG, false, 0, 0, 0);
      if (block === 0) failed.push(index);
      else pool.free(block, TAG);
    }
    return failed;
  };
  return { region, fails };
}

test("a simulation holds in every thread, from its next allocation on, and so does its end", () => {
  const { region, fails } = system();
  for (const thread of [1, 2, 3]) assert.equal(fails(thread).length, 0); // they remember blocks now
  simulateIn(region, 2, { perTenThousand: 3_000, seed: 5 });
  const first = [1, 2, 3, 4].map((thread) => fails(thread));
  for (const failed of first) assert.ok(failed.length > 100 && failed.length < 200);
  assert.equal(new Set(first.map(String)).size, 4, "each draws from a stream of its own");
  simulateIn(region, 3, { perTenThousand: 3_000, seed: 5 });
  const again = [4, 3, 2, 1].map((thread) => fails(thread)).reverse();
  assert.deepEqual(again, first, "whatever the order of the threads");
  simulateIn(region, 4, null);
  for (const thread of [1, 2, 3, 4]) assert.equal(fails(thread).length, 0);
});

test("every setting reaches every thread whole", () => {
  const { region, fails } = system();
  simulateIn(region, 1, { perTenThousand: 10_000, after: 2 ** 40 });
  assert.equal(fails(2).length, 0);
  simulateIn(region, 1, { perTenThousand: 10_000, after: 3 });
  assert.deepEqual(fails(2, 5), [3, 4]);
  simulateIn(region, 1, { onlyNth: 2 });
  assert.deepEqual([fails(1, 5), fails(2, 5)], [[1], [1]]);
  simulateIn(region, 1, { onlyNth: 2 ** 33 + 1 });
  assert.deepEqual(fails(2, 5), []);
  simulateIn(region, 1, { perTenThousand: 10_000, tags: [TAG + 1, 0xffff_fff0] });
  assert.deepEqual(fails(2, 5), []);
  simulateIn(region, 1, { perTenThousand: 10_000, tags: [] });
  assert.deepEqual(fails(2, 5), []);
  simulateIn(region, 1, { perTenThousand: 10_000, tags: [0xffff_fff0, TAG] });
  assert.deepEqual(fails(2, 5), [0, 1, 2, 3, 4]);
  assert.throws(() => simulateIn(region, 1, { seed: -1 }), { code: "ERR_OPTION" });
  assert.deepEqual(fails(2, 2), [0, 1], "refused options change nothing");
});

test("a writer that died half way leaves no simulation, and the next one is whole", () => {
  const { region, fails } = system();
  simulateIn(region, 1, { perTenThousand: 10_000 });
  region.words[HEADER.SIMULATION] = 0; // its first step
  (region.words as Int32Array)[HEADER.SIMULATION + 2] = 1;
  assert.deepEqual(fails(2, 5), []);
  simulateIn(region, 2, { perTenThousand: 10_000 });
  assert.deepEqual(fails(1, 2), [0, 1]);
});

test("attempts are what succeeded and what failed, in all threads together", () => {
  const { region, fails } = system();
  const zero = { succeeded: 0, failed: 0, failedOnPurpose: 0 };
  assert.deepEqual(allocationCounts(region), zero);
  simulateIn(region, 1, { perTenThousand: 5_000 });
  const failed = fails(1, 100).length + fails(3, 50).length;
  simulateIn(region, 1, null);
  const pool = new Pool(region, 4);
  assert.equal(pool.allocate(0, 2 ** 20, TAG, false, 0, 0, 0), 0);
  assert.deepEqual(allocationCounts(region), {
    succeeded: 150 - failed,
    failed: failed + 1,
    failedOnPurpose: failed,
  });
});
