/**
 * The explorer itself: programs that are known to be wrong are caught, and programs that are right are
 * not. The outcomes that it finds are all that there are.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { add, compareExchange, load, peek, poke, store } from "./explorer/door.js";
import {
  begin,
  explore,
  NO_LIMITS,
  type Plan,
  type Program,
  replayText,
  wordsOf,
} from "./explorer/index.js";

const WORDS = 16;
const words = wordsOf(new ArrayBuffer(WORDS * 4));

interface Parts {
  readonly threads: Program[];
  readonly recoverer?: Program;
  readonly check?: (results: readonly unknown[]) => void;
  readonly races?: RegExp;
}

/** A plan of some functions: threads A, B, …, of which any may die if there is a recoverer. */
function planOf({ threads, recoverer, check = () => {}, races }: Parts): Plan {
  const prepared =
    (program: Program): Program =>
    (voice) => {
      begin();
      return program(voice);
    };
  return {
    words: WORDS,
    notes: WORDS,
    prepare: () => {},
    threads: threads.map((program, at) => ({
      name: "ABCD"[at] as string,
      mortal: recoverer !== undefined,
      program: prepared(program),
    })),
    recoverers: recoverer ? [{ name: "R", mortal: false, program: prepared(recoverer) }] : [],
    check,
    nameOf: (index) => `word ${index}`,
    intendedRaces: races ? [{ word: races, pairs: ["write/write"], reason: "a test" }] : [],
  };
}

/** Every end of a plan, as text. */
function endsOf(parts: Parts): string[] {
  const ends = new Set<string>();
  const { fault } = explore(
    planOf({ ...parts, check: (results) => void ends.add(JSON.stringify(results)) }),
  );
  assert.equal(fault, null);
  return [...ends].sort();
}

test("a lost update is found, with the schedule that loses it", () => {
  const increment = (): void => store(words, 0, load(words, 0) + 1);
  const plan = planOf({
    threads: [increment, increment],
    check: () => assert.equal(peek(words, 0), 2),
  });
  const { fault } = explore(plan);
  assert.ok(fault);
  assert.match(fault.schedule, /^A1 B2 A1$|^B1 A2 B1$/);
  assert.match(fault.trace.join("\n"), /load word 0 = 0x0/);
  assert.notEqual(replayText(plan, fault.schedule).problem, null);
});

test("an atomic update is never lost", () => {
  const increment = (): void => void add(words, 0, 1);
  const { fault, complete } = explore(
    planOf({
      threads: [increment, increment, increment],
      check: () => assert.equal(peek(words, 0), 3),
    }),
  );
  assert.equal(fault, null);
  assert.ok(complete);
});

test("every outcome of a store and a load in two threads is found, and no other", () => {
  const writes = (mine: number, other: number) => (): number => {
    store(words, mine, 1);
    return load(words, other);
  };
  assert.deepEqual(endsOf({ threads: [writes(0, 1), writes(1, 0)] }), ["[0,1]", "[1,0]", "[1,1]"]);
});

test("steps of no concern to others hide no outcome", () => {
  // Each thread scribbles over words of its own between the two that it shares.
  const busy = (mine: number, other: number, scratch: number) => (): number => {
    for (let turn = 1; turn < 5; turn++) poke(words, scratch, peek(words, scratch) + turn);
    store(words, mine, 1);
    for (let turn = 1; turn < 5; turn++) poke(words, scratch, peek(words, scratch) + turn);
    return load(words, other) * 100 + peek(words, scratch);
  };
  assert.deepEqual(endsOf({ threads: [busy(0, 1, 4), busy(1, 0, 5)] }), [
    "[120,120]",
    "[120,20]",
    "[20,120]",
  ]);
});

test("plain accesses that meet are a race, unless they are meant to", () => {
  const racy = (): void => poke(words, 3, 1);
  const { fault } = explore(planOf({ threads: [racy, racy] }));
  assert.match(fault?.problem ?? "", /plain accesses of two threads meet at word 3/);
  const { races } = explore(planOf({ threads: [racy, racy], races: /word 3/ }));
  assert.deepEqual(races, ["word 3"]);
});

test("plain accesses that an atomic flag keeps apart are no race", () => {
  const writer = (): void => {
    poke(words, 3, 7);
    store(words, 0, 1);
  };
  const reader = (): number => (load(words, 0) === 1 ? peek(words, 3) : -1);
  assert.deepEqual(endsOf({ threads: [writer, reader] }), ["[null,-1]", "[null,7]"]);
});

test("a thread that dies with a lock stops everybody, unless somebody takes it over", () => {
  const lock = (owner: number) => (): void => {
    while (compareExchange(words, 0, 0, owner) !== 0);
    store(words, 1, owner);
    store(words, 0, 0);
  };
  const threads = [lock(1), lock(2)];
  const idle = explore(planOf({ threads, recoverer: () => {} }));
  assert.match(idle.fault?.problem ?? "", /nobody can go on/);
  const recoverer: Program = (voice) => compareExchange(words, 0, voice.victim(), 0);
  assert.equal(explore(planOf({ threads, recoverer })).fault, null);
});

test("every place between two writes is tried as the place of a death", () => {
  const left = new Set<number>();
  const plan = planOf({
    threads: [
      () => {
        for (let value = 1; value <= 5; value++) poke(words, 2, value);
      },
    ],
    recoverer: () => peek(words, 2),
    check: ([, seen]) => void left.add(seen as number),
  });
  assert.equal(explore(plan).fault, null);
  left.delete(undefined as never);
  assert.deepEqual([...left].sort(), [0, 1, 2, 3, 4]);
});

test("a bound on preemptions sees less, and says how far it saw", () => {
  const increment = (): void => store(words, 0, load(words, 0) + 1);
  const plan = planOf({
    threads: [increment, increment],
    check: () => assert.equal(peek(words, 0), 2),
  });
  assert.equal(explore(plan, { ...NO_LIMITS, preemptions: 0 }).fault, null);
  assert.notEqual(explore(plan, { ...NO_LIMITS, preemptions: 1 }).fault, null);
});

test("a thread that takes no end is found", () => {
  const endless = (): void => {
    for (let turn = 0; load(words, 0) === 0; turn++) store(words, 1, turn);
  };
  const { fault } = explore(planOf({ threads: [endless] }));
  assert.match(fault?.problem ?? "", /no end after 50000 accesses/);
});

test("a function that is not the same function every time is refused", () => {
  let calls = 0;
  const moody = (): void => {
    calls++;
    load(words, calls % 3);
    load(words, 0);
    load(words, calls % 5);
  };
  assert.throws(
    () => explore(planOf({ threads: [moody, () => store(words, 0, 1)] })),
    /did something else although it read the same/,
  );
});
