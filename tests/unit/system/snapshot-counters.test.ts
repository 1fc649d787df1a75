/** Counters that never wrap: 32-bit words in, totals out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CounterGroup } from "#src/system/snapshot/counters.js";
import { seeded } from "../../support/seed.js";

test("a total goes on where its word wraps, any number of times", () => {
  const random = seeded(import.meta.url);
  const counters = new CounterGroup(1);
  let truth = 0;
  for (let look = 0; look < 1_000; look++) {
    truth += random.next();
    assert.equal(counters.note(3, truth | 0), truth);
    assert.equal(counters.total(3), truth);
  }
  assert.ok(truth > 2 ** 40);
});

test("counters do not touch each other, however many come to be", () => {
  const counters = new CounterGroup(2);
  for (let counter = 0; counter < 50; counter++) counters.note(counter, -counter);
  for (let counter = 0; counter < 50; counter++) {
    assert.equal(counters.total(counter), -counter >>> 0);
    assert.equal(counters.note(counter, -counter), -counter >>> 0);
  }
});

test("what must not be less than another counter is not, whatever its word has lost", () => {
  const counters = new CounterGroup(2);
  const misses = counters.note(0, 1_000);
  assert.equal(counters.note(1, 400, misses), 2 ** 32 + 400);
  assert.equal(counters.note(1, 500, misses), 2 ** 32 + 500);
});

test("a word that is read too small does not take a total down", () => {
  const counters = new CounterGroup(1);
  assert.deepEqual(
    [7, 6, 7, 8, -1].map((word) => counters.noteRise(0, word)),
    [7, 7, 7, 8, 8],
  );
});
