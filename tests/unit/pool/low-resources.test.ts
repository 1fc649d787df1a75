/** Low-resource simulation: the share asked for, the same for the same seed, only under the tags named. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LowResources, type LowResourcesOptions } from "#src/pool/index.js";

/** Which of the first `count` allocations fail. */
function failures(options: LowResourcesOptions, count = 20_000, tag = 1, thread = 1): number[] {
  const simulation = new LowResources(options, thread);
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
  const simulation = new LowResources({ tags: [7, 0xffff_fff0], perTenThousand: 5_000, seed: 9 });
  const alone = new LowResources({ perTenThousand: 5_000, seed: 9 });
  for (let draw = 0; draw < 1_000; draw++) {
    assert.equal(simulation.shouldFail(8), false);
    assert.equal(simulation.shouldFail(draw % 2 ? 7 : 0xffff_fff0), alone.shouldFail(8));
  }
});

test("onlyNth fails exactly that one of those that the filters let through", () => {
  assert.deepEqual(failures({ onlyNth: 3 }, 10), [2]);
  assert.deepEqual(failures({ onlyNth: 1, after: 4 }, 10), [4]);
  const simulation = new LowResources({ onlyNth: 2, tags: [7] });
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
    [[], /an array as low resources/],
    [
      { pertenthousand: 1 },
      /the option "pertenthousand" of low resources: there are perTenThousand, /,
    ],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => new LowResources(options), { code: "ERR_OPTION", message });
  }
  assert.throws(() => new LowResources(5 as never), { code: "ERR_OPTION" });
  assert.throws(() => new LowResources(null as never), { code: "ERR_OPTION" });
});
