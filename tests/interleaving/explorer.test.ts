/**
 * The explorer itself: programs that are known to be wrong are caught, and programs that are right are
 * not. The outcomes that it finds are all that there are.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  add,
  compareExchange,
  forgetting,
  load,
  peek,
  poke,
  store,
  waitBriefly,
  wake,
} from "./explorer/door.js";
import {
  begin,
  explore,
  NO_LIMITS,
  type Plan,
  type Program,
  replayText,
  wasmDoor,
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

test("a wake-up goes to nobody who has died", () => {
  // A lives or dies; the one wake-up that there is wakes B unless A sleeps, or was woken and died then.
  const sleeper = (): number => (waitBriefly(words, 0, 0, 2) ? load(words, 1) : -1);
  const waker: Program = (voice) => {
    if (voice.isDead(0)) wake(words, 0, 1);
    return null;
  };
  const plan = planOf({ threads: [sleeper, sleeper], recoverer: waker });
  const threads = plan.threads.map((thread, at) => ({ ...thread, mortal: at === 0 }));
  const { fault, complete } = explore({ ...plan, threads });
  assert.equal(fault, null);
  assert.ok(complete);
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
