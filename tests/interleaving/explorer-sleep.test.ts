/**
 * Sleep under the explorer: who sleeps goes on when woken, or when its time is up, and not otherwise.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { add, load, store, waitBriefly, wake } from "./explorer/door.js";
import { explore, NO_LIMITS, type Plan, replayText } from "./explorer/index.js";
import { World } from "./explorer/world.js";
import { planOf, words } from "./small-plans.js";

/** A waits for a value; B writes it and wakes, or does not. */
function bellOf(rings: boolean, milliseconds: number): Plan {
  const sleeper = (): void => {
    while (load(words, 0) === 0) waitBriefly(words, 0, 0, milliseconds);
  };
  const ringer = (): void => {
    store(words, 0, 1);
    if (rings) wake(words, 0, 1);
  };
  return planOf({ threads: [sleeper, ringer] });
}

test("who sleeps goes on when it is woken", () => {
  const { fault, complete } = explore(bellOf(true, Number.POSITIVE_INFINITY));
  assert.equal(fault, null);
  assert.ok(complete);
});

test("a wake-up that is lost is found", () => {
  const forEver = bellOf(false, Number.POSITIVE_INFINITY);
  const { fault } = explore(forEver);
  assert.match(fault?.problem ?? "", /nobody can go on/);
  assert.match(replayText(forEver, fault?.schedule ?? "").problem ?? "", /nobody can go on/);
  const aWhile = bellOf(false, 2);
  const late = explore(aWhile).fault;
  assert.match(
    late?.problem ?? "",
    /word 0 was changed and thread A sleeps on: a wake-up was lost/,
  );
  assert.equal(replayText(aWhile, late?.schedule ?? "").problem, late?.problem);
});

test("a wake-up of one wakes who slept first", () => {
  const sleeper = (): void => waitBriefly(words, 0, 0, Number.POSITIVE_INFINITY) as never;
  const ringer = (): void => {
    wake(words, 0, 1);
    store(words, 0, 1);
    wake(words, 0, 9);
  };
  assert.equal(explore(planOf({ threads: [sleeper, sleeper, ringer] })).fault, null);
  const { fault } = explore(planOf({ threads: [sleeper, sleeper, () => wake(words, 0, 9)] }));
  assert.match(fault?.problem ?? "", /nobody can go on/, "who comes after the bell was not woken");
});

test("time passes when nobody can go on, and earlier as often as it may", () => {
  const ends = (timeouts: number): Set<string> => {
    const seen = new Set<string>();
    const sleeper = (): number => {
      waitBriefly(words, 0, 0, 2);
      return load(words, 1);
    };
    const writer = (): void => {
      store(words, 1, 1);
      add(words, 2, 1);
      store(words, 1, 2);
    };
    const plan = planOf({
      threads: [sleeper, writer, () => void add(words, 2, 1)],
      check: ([value]) => void seen.add(`${value}`),
    });
    assert.equal(explore(plan, { ...NO_LIMITS, timeouts }).fault, null);
    return seen;
  };
  assert.deepEqual([...ends(0)], ["2"]);
  assert.deepEqual([...ends(1)].sort(), ["0", "1", "2"]);
});

test("who waits for what only a death would bring is stuck", () => {
  const sleeper = (): void => waitBriefly(words, 0, 0, Number.POSITIVE_INFINITY) as never;
  const { fault } = explore(planOf({ threads: [sleeper], recoverer: () => {} }));
  assert.match(fault?.problem ?? "", /nobody can go on/);
});

/** Two that sleep, and what wakes one of them: the first who dies, or a third. */
function twoSleepers(): World {
  const sleeper = (): void => waitBriefly(words, 0, 0, 2) as never;
  const waker = (): void => wake(words, 0, 1);
  return new World(planOf({ threads: [sleeper, sleeper, waker], recoverer: waker }));
}

test("a wake-up of one wakes who slept first, whoever that is", () => {
  for (const [first, second] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const world = twoSleepers();
    world.step(first);
    world.step(second);
    assert.equal(world.step(2), 1);
    assert.deepEqual([world.sleeps(first), world.sleeps(second)], [false, true]);
  }
});

test("a wake-up goes to nobody who has died", () => {
  const world = twoSleepers();
  world.step(0);
  world.step(1);
  world.die(0);
  assert.equal(world.step(3), 1);
  assert.equal(world.sleeps(1), false);
});
