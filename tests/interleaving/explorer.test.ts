/**
 * The explorer itself: programs that are known to be wrong are caught, and programs that are right are
 * not. The outcomes that it finds are all that there are.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf } from "./explorer/bytes.js";
import { add, compareExchange, forgetting, load, peek, poke, store } from "./explorer/door.js";
import { explore, NO_LIMITS, type Program, replayText } from "./explorer/index.js";
import { endsOf, planOf, words } from "./small-plans.js";

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

test("threads that keep each other from coming to an end are found, and shown again", () => {
  const insists = (me: number) => (): void => {
    store(words, 0, me);
    while (load(words, 0) !== me || load(words, 1) !== me) {
      store(words, 0, me);
      store(words, 1, load(words, 0));
    }
  };
  const plan = planOf({ threads: [insists(1), insists(2)] });
  const { fault } = explore(plan);
  assert.match(fault?.problem ?? "", /keep each other from coming to an end$/);
  assert.match(replayText(plan, fault?.schedule ?? "").problem ?? "", /keep each other/);
});

test("what must hold at every instant is looked at in every state, and when a schedule is replayed", () => {
  const twice = (): void => {
    add(words, 0, 1);
    add(words, 0, -1);
  };
  const demand = (memory: Int32Array): void => assert.ok((memory[0] as number) < 2, "two at once");
  const plan = { ...planOf({ threads: [twice, twice] }), invariant: demand };
  const { fault } = explore(plan);
  assert.equal(fault?.problem, "two at once");
  assert.equal(replayText(plan, fault?.schedule ?? "").problem, "two at once");
});

test("a thread dies also between a look at it and what it does next alone", () => {
  const looks: Program = (voice) => {
    const before = voice.isDead(0);
    return [before, voice.isDead(0)];
  };
  const plan = planOf({
    threads: [
      () => {
        poke(words, 5, 1);
        poke(words, 5, 2);
      },
      looks,
    ],
    recoverer: () => {},
    check: ([, seen]) => void found.add(JSON.stringify(seen)),
  });
  const found = new Set<string>();
  assert.equal(
    explore({
      ...plan,
      threads: plan.threads.map((thread, at) => ({ ...thread, mortal: at === 0 })),
    }).fault,
    null,
  );
  assert.ok(found.has("[false,true]"), [...found].join());
});

test("what a function has read is forgotten where nothing is left of it", () => {
  const spin = (forgets: boolean): number => {
    const reads = (): void => {
      for (let turn = 0; turn < 4; turn++) load(words, 0);
    };
    const reader = (): void => {
      if (forgets) forgetting(reads);
      else reads();
      for (let turn = 0; turn < 4; turn++) store(words, 1, turn);
    };
    const writer = (): void => {
      for (let turn = 0; turn < 6; turn++) store(words, 0, turn + load(words, 1));
    };
    return explore(planOf({ threads: [reader, writer] })).counts.states;
  };
  assert.ok(spin(true) < spin(false) / 2, `${spin(true)} of ${spin(false)}`);
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

test("bytes are those of the words: looked at one by one, filled in whole words, and seen to race", () => {
  const bytes = bytesOf(words.buffer);
  const fills = (): number[] => {
    bytes.fill(0xf7, 4, 12);
    return [3, 4, 11, 12].map((at) => bytes[at] as number);
  };
  assert.deepEqual(endsOf({ threads: [fills] }), ["[[0,247,247,0]]"]);
  const looks = (): unknown => bytes[5];
  const { fault } = explore(planOf({ threads: [fills, looks] }));
  assert.match(fault?.problem ?? "", /a race of two threads at word 1: read\/write/);
  const outside = (): unknown => [bytes[words.byteLength], bytes[-1]];
  assert.deepEqual(endsOf({ threads: [outside] }), ["[[null,null]]"]);
  assert.throws(() => Object.assign(bytes, { 5: 1 }), TypeError);
  assert.throws(() => bytes.fill(1, 2, 8), /not whole words/);
});

test("a thread that fails before it has touched anything is no thread that did nothing", () => {
  const fails = (): void => {
    throw new Error("at once");
  };
  assert.throws(() => explore(planOf({ threads: [fails] })), /failed before its first access/);
});
