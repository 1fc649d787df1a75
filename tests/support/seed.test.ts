/** Seeds: the same seed gives the same numbers, and the printed line names file and seed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFrom, rerunLine, seedOfRun } from "./seed.js";

test("the same seed gives the same numbers", () => {
  const draw = (seed: number): number[] => {
    const random = randomFrom(seed);
    return Array.from({ length: 100 }, () => random.next());
  };
  assert.deepEqual(draw(42), draw(42));
  assert.notDeepEqual(draw(42), draw(43));
});

test("int stays below its bound and reaches every value", () => {
  const random = randomFrom(7);
  const seen = new Set(Array.from({ length: 1_000 }, () => random.int(10)));
  assert.deepEqual(
    [...seen].sort((left, right) => left - right),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  assert.equal(random.int(1), 0);
});

test("int refuses a bound that is not a positive whole number", () => {
  const random = randomFrom(7);
  for (const below of [0, -1, 1.5, Number.NaN, 2 ** 32 + 1]) {
    assert.throws(() => random.int(below), RangeError);
  }
});

test("pick gives an item and refuses an empty array", () => {
  const random = randomFrom(7);
  assert.ok(["left", "right"].includes(random.pick(["left", "right"])));
  assert.throws(() => random.pick([]), RangeError);
});

test("a seed asked for is taken, a wrong one is refused, none makes a fresh one", () => {
  assert.equal(seedOfRun("123"), 123);
  assert.equal(seedOfRun("0xff"), 255);
  for (const wrong of ["abc", "-1", "1.5", String(2 ** 32)]) {
    assert.throws(() => seedOfRun(wrong), RangeError);
  }
  const fresh = seedOfRun(undefined);
  assert.ok(Number.isInteger(fresh) && fresh >= 0 && fresh < 2 ** 32);
});

test("the rerun line names the seed and the source of the test", () => {
  const url = "file:///somewhere/build/tests/stress/hammer.test.js";
  assert.equal(rerunLine(9, url), "LOOKASIDE_SEED=9 npm test -- tests/stress/hammer.test.ts");
});
