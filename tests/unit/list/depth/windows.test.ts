/** The documented depth rule as a pure function, held against the worked values of semantics 10.3. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { depthUnderPressure, WINDOWS_DEPTH, windowsDepth } from "#src/list/index.js";
import { seeded } from "../../../support/seed.js";

const random = seeded(import.meta.url);

/** Depth before, allocations, misses, depth after; the ceiling is 256. */
const WORKED: readonly (readonly [number, number, number, number])[] = [
  [4, 0, 0, 4],
  [30, 24, 24, 20],
  [12, 10, 10, 4],
  [30, 1_000, 4, 29],
  [30, 1_000, 5, 35],
  [4, 25, 25, 135],
  [135, 1_000, 500, 170],
  [254, 100, 100, 256],
  [4, 1_000, 3, 4],
];

function rule(depth: number, allocates: number, misses: number, maximumDepth = 256): number {
  return windowsDepth({ depth, maximumDepth, allocates, misses }, WINDOWS_DEPTH);
}

for (const [depth, allocates, misses, after] of WORKED) {
  test(`Depth ${depth} becomes ${after} after ${allocates} allocations with ${misses} misses`, () => {
    assert.equal(rule(depth, allocates, misses), after);
  });
}

test("the result is a whole number from the least depth to the ceiling, whatever happened", () => {
  for (let draw = 0; draw < 50_000; draw++) {
    const maximumDepth = 4 + random.int(1_021);
    const depth = 4 + random.int(maximumDepth - 3);
    const allocates = random.int(2 ** random.int(33));
    const misses = random.int(allocates + 1);
    const after = rule(depth, allocates, misses, maximumDepth);
    assert.ok(Number.isInteger(after) && after >= 4 && after <= maximumDepth, `${after}`);
  }
});

test("depth grows by at least the growth step once misses are not rare, up to the ceiling", () => {
  for (let misses = 5; misses <= 1_000; misses++) {
    assert.ok(rule(30, 1_000, misses) >= 35);
    assert.ok(rule(30, 1_000, misses) >= rule(30, 1_000, misses - 1));
  }
});

test("more misses than allocations, which only a torn sample shows, grow no more than all misses", () => {
  assert.equal(rule(4, 100, 5_000), rule(4, 100, 100));
});

test("a ceiling below the least depth wins", () => {
  assert.equal(rule(2, 0, 0, 2), 2);
  assert.equal(rule(2, 1_000, 1_000, 2), 2);
});

test("every constant of the rule is a parameter", () => {
  const sample = { depth: 30, maximumDepth: 256, allocates: 20, misses: 20 };
  const changed = (constants: object): number =>
    windowsDepth(sample, { ...WINDOWS_DEPTH, ...constants });
  assert.equal(changed({}), 20);
  assert.equal(changed({ lowUseStep: 3 }), 27);
  assert.equal(changed({ minimumDepth: 25 }), 25);
  assert.equal(changed({ allocationThreshold: 20 }), 30 + 113 + 5);
  assert.equal(changed({ allocationThreshold: 20, growthStep: 50 }), 30 + 113 + 50);
  assert.equal(changed({ allocationThreshold: 20, lowMissPerMille: 1_001 }), 29);
});

test("under pressure a depth is halved towards the least, and never raised", () => {
  const halved = [0, 1, 4, 5, 7, 8, 9, 256].map((depth) =>
    depthUnderPressure(depth, WINDOWS_DEPTH),
  );
  assert.deepEqual(halved, [0, 1, 4, 4, 4, 4, 4, 128]);
});
