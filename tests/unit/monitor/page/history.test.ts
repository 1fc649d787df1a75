/** Samples over time: rates from differences, gaps where nothing is known, five minutes and no more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CAPACITY, History } from "#src/monitor/page/history.js";
import type { Frame, FrameList } from "#src/monitor/page/wire.js";

function list(id: string, calls: number, misses: number, depth = 4): FrameList {
  return {
    ...{ id, name: id, tag: id, size: 100, kind: "object", thread: 1, policy: "idle" },
    ...{ depth, maximumDepth: 64, parked: 2, held: 3, parkedBytes: 200, heldBytes: 300 },
    ...{ allocates: calls, allocateMisses: misses, frees: calls, freeMisses: 0 },
    ...{ allocateHitRate: null, freeHitRate: null, trimmed: 0, reserved: 0 },
  } as FrameList;
}

function frame(takenAt: number, ...lists: FrameList[]): Frame {
  return { takenAt, periodMs: 500, lists } as unknown as Frame;
}

test("rates and hit rates come from the differences of two frames", () => {
  const history = new History();
  history.note(frame(1_000, list("a", 100, 50), list("b", 0, 0)));
  assert.deepEqual(history.values("a", "allocates"), [null], "one frame tells no rate");
  history.note(frame(1_500, list("a", 200, 75), list("b", 0, 0)));
  assert.deepEqual(history.values("a", "allocates"), [null, 200]);
  assert.deepEqual(history.values("a", "misses"), [null, 50]);
  assert.deepEqual(history.values("a", "hitRate"), [null, 0.75]);
  assert.deepEqual(history.values("b", "hitRate"), [null, null], "no calls, no rate");
  assert.deepEqual(history.values(null, "allocates"), [null, 200]);
  assert.deepEqual(history.values(null, "parkedBytes"), [400, 400]);
  assert.deepEqual(history.times(), [1, 1.5]);
});

test("a list that begins anew, or comes later, has no rate across that", () => {
  const history = new History();
  history.note(frame(1_000, list("a", 100, 0)));
  history.note(frame(1_500, list("a", 10, 0), list("b", 1_000, 0)));
  assert.deepEqual(history.values("a", "allocates"), [null, null]);
  assert.deepEqual(history.values("b", "allocates"), [null, null]);
  assert.deepEqual(history.values("b", "depth"), [null, 4]);
  history.note(frame(2_000, list("b", 1_050, 0)));
  assert.deepEqual(history.values("b", "allocates"), [null, null, 100]);
  assert.deepEqual(history.values("a", "depth"), [null, null, null], "who is gone is forgotten");
});

test("a long silence is a gap, a short one is not", () => {
  const history = new History();
  history.note(frame(1_000, list("a", 0, 0)));
  history.note(frame(3_900, list("a", 29, 0)));
  assert.deepEqual(history.values("a", "allocates"), [null, 10]);
  history.note(frame(13_900, list("a", 129, 0)));
  assert.deepEqual(history.values("a", "depth"), [4, 4, null, 4]);
});

test("the present is the mean of the last known samples", () => {
  const history = new History();
  assert.equal(history.recent("a", "allocates"), null);
  for (const [at, calls] of [
    [0, 0],
    [1, 10],
    [2, 30],
    [3, 60],
  ] as const) {
    history.note(frame(1_000 * (at + 1), list("a", calls, 0)));
  }
  assert.equal(history.recent("a", "allocates", 2), 25);
  assert.equal(history.recent("a", "allocates", 9), 20);
});

test("the oldest samples give way to new ones", () => {
  const history = new History();
  for (let at = 0; at < CAPACITY + 10; at++) history.note(frame(500 * at, list("a", at, 0, at)));
  assert.equal(history.length, CAPACITY);
  assert.equal(history.times()[0], 5);
  assert.deepEqual(history.values("a", "depth").slice(0, 2), [10, 11]);
  assert.equal(history.values("a", "depth").at(-1), CAPACITY + 9);
});

test("a clock that was set back makes no negative rates", () => {
  const history = new History();
  history.note(frame(9_000, list("a", 10, 0)));
  history.note(frame(1_000, list("a", 20, 0)));
  assert.deepEqual(history.values("a", "allocates"), [null, null]);
});
