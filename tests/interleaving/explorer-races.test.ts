/**
 * The explorer finds races: accesses that nothing orders, wherever they stand, and no others.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { add, compareExchange, load, peek, poke, store } from "./explorer/door.js";
import {
  explore,
  NO_LIMITS,
  type Plan,
  type Program,
  replayText,
  wasmDoor,
} from "./explorer/index.js";
import { endsOf, planOf, words } from "./small-plans.js";

/** That a plan has a race, which a replay of its schedule shows again. */
function demandRace(plan: Plan, race: string, limits = NO_LIMITS): void {
  const { fault } = explore(plan, limits);
  assert.equal(fault?.problem, `a race of two threads at ${race}`);
  assert.equal(replayText(plan, fault.schedule).problem, fault.problem);
}

test("plain accesses that meet are a race, unless they are meant to", () => {
  const racy = (): void => poke(words, 3, 1);
  demandRace(planOf({ threads: [racy, racy] }), "word 3: write/write");
  const { races } = explore(planOf({ threads: [racy, racy], races: /word 3/ }));
  assert.deepEqual(races, ["word 3: write/write"]);
});

test("a race that is meant to be is one of those accesses only", () => {
  const writer = (): void => poke(words, 3, 1);
  const reader = (): number => peek(words, 3);
  demandRace(planOf({ threads: [writer, reader], races: /word 3/ }), "word 3: read/write");
});

test("a plain access and an atomic one race too", () => {
  demandRace(
    planOf({ threads: [() => store(words, 3, 1), () => peek(words, 3)] }),
    "word 3: read/atomic write",
  );
  demandRace(
    planOf({ threads: [() => poke(words, 3, 1), () => load(words, 3)] }),
    "word 3: write/atomic read",
  );
});

test("a compare-exchange that loses is a read", () => {
  const loses = (): number => compareExchange(words, 3, 5, 6);
  assert.equal(explore(planOf({ threads: [loses, () => peek(words, 3)] })).fault, null);
});

test("atomic accesses of two sizes at one place race", () => {
  const wide = (): void => wasmDoor.store64(12 & ~7, 1n);
  demandRace(planOf({ threads: [wide, () => load(words, 2)] }), "word 2: atomic read/64-bit write");
});

test("a race is found in a schedule in which its accesses are far apart", () => {
  // Without preemptions the two never stand side by side.
  const first = (): void => {
    store(words, 0, 1);
    poke(words, 3, 1);
  };
  const second = (): void => {
    load(words, 0);
    poke(words, 3, 2);
  };
  const plan = planOf({ threads: [first, second] });
  demandRace(plan, "word 3: write/write", { ...NO_LIMITS, preemptions: 0 });
});

test("what a read-modify-write hands on is what came to it as well", () => {
  const first = (): void => {
    poke(words, 3, 7);
    add(words, 0, 1);
  };
  const second = (): void => void add(words, 0, 1);
  const third = (): number => (load(words, 0) === 2 ? peek(words, 3) : -1);
  assert.equal(explore(planOf({ threads: [first, second, third] })).fault, null);
  // A store hands on only what its own thread knows.
  const forgets = (): void => store(words, 0, 2);
  const late = (): number => (load(words, 0) === 2 ? peek(words, 3) : -1);
  demandRace(planOf({ threads: [first, forgets, late] }), "word 3: read/write");
});

test("who sees that a thread has died knows what it did", () => {
  const writer = (): void => {
    poke(words, 3, 7);
    poke(words, 3, 8);
  };
  const looks: Program = (voice) => (voice.isDead(0) ? peek(words, 3) : -1);
  const plan = planOf({ threads: [writer, looks], recoverer: () => {} });
  const threads = plan.threads.map((thread, at) => ({ ...thread, mortal: at === 0 }));
  assert.equal(explore({ ...plan, threads }).fault, null);
});

test("who recovers a thread knows what it did", () => {
  const writer = (): void => {
    poke(words, 3, 7);
    poke(words, 3, 8);
  };
  assert.equal(explore(planOf({ threads: [writer], recoverer: () => peek(words, 3) })).fault, null);
});

test("plain accesses that an atomic flag keeps apart are no race", () => {
  const writer = (): void => {
    poke(words, 3, 7);
    store(words, 0, 1);
  };
  const reader = (): number => (load(words, 0) === 1 ? peek(words, 3) : -1);
  assert.deepEqual(endsOf({ threads: [writer, reader] }), ["[null,-1]", "[null,7]"]);
});
