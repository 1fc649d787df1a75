/** The checks of histories are checked: they accept what is right, and refuse each kind of wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { randomFrom, seeded } from "../support/seed.js";
import { demandAlternation, sharedBytes, type Touch } from "./alternation.js";
import { type ChannelCall, orderProblems } from "./fifo.js";
import { linearize, type Operation, overlaps } from "./linearize.js";
import { type BlockCall, blockModel, type StackCall, stackModel } from "./models.js";
import { UNKNOWN } from "./recorder.js";

/** A history from rows of thread, begin, end and call. */
function history<Call>(
  ...rows: readonly (readonly [number, number, number, Call])[]
): Operation<Call>[] {
  return rows.map(([thread, begin, end, call]) => ({ thread, begin, end, call }));
}

const push = (entry: number, seen: number): StackCall => ({ kind: "push", entry, seen });
const pop = (entry: number): StackCall => ({ kind: "pop", entry });
const allocate = (entry: number): StackCall => ({ kind: "allocate", entry });
const free = (entry: number): StackCall => ({ kind: "free", entry });

function isStack(initial: number[], rows: Operation<StackCall>[], depth?: number): boolean {
  return linearize(stackModel(initial, depth), rows).isLinearizable;
}

const RIGHT: [string, number[], Operation<StackCall>[]][] = [
  ["one call after the other", [], history([1, 1, 2, push(7, 0)], [2, 3, 4, pop(7)])],
  [
    "a pop that began before the push it saw",
    [],
    history([2, 1, 4, pop(7)], [1, 2, 3, push(7, 0)]),
  ],
  [
    "two pushes that overlap, in the order that the pops tell",
    [],
    history([1, 1, 4, push(7, 8)], [2, 2, 3, push(8, 0)], [1, 5, 6, pop(7)], [2, 7, 8, pop(8)]),
  ],
  ["an empty pop while a push is under way", [], history([1, 1, 4, push(7, 0)], [2, 2, 3, pop(0)])],
  [
    "a push that was never answered, and had its effect",
    [],
    history([1, 1, Number.POSITIVE_INFINITY, push(7, 0)], [2, 2, 3, pop(0)], [2, 4, 5, pop(7)]),
  ],
  [
    "a push that was never answered, and had none",
    [],
    history([1, 1, Number.POSITIVE_INFINITY, push(7, 0)], [2, 2, 3, pop(0)]),
  ],
];

for (const [name, initial, rows] of RIGHT) {
  test(`a stack may do this: ${name}`, () => assert.ok(isStack(initial, rows)));
}

const WRONG: [string, number[], Operation<StackCall>[]][] = [
  [
    "first in, first out",
    [],
    history([1, 1, 2, push(7, 0)], [1, 3, 4, push(8, 7)], [2, 5, 6, pop(7)], [2, 7, 8, pop(8)]),
  ],
  ["one entry popped twice", [7], history([1, 1, 4, pop(7)], [2, 2, 3, pop(7)])],
  ["an entry lost", [7, 8], history([1, 1, 2, pop(8)], [2, 3, 4, pop(0)])],
  ["nothing found while one was there all the time", [7], history([1, 1, 2, pop(0)])],
  ["an entry popped before it was pushed", [], history([2, 1, 2, pop(7)], [1, 3, 4, push(7, 0)])],
  [
    "the problem of ABA: a pop that puts an old second entry first",
    [1, 2],
    history(
      [1, 1, 10, pop(2)],
      [2, 2, 3, pop(2)],
      [2, 4, 5, pop(1)],
      [2, 6, 7, push(2, 0)],
      [2, 11, 12, pop(1)],
    ),
  ],
  ["a push that saw what was not first", [1], history([1, 1, 2, push(7, 0)])],
  [
    "a flush that left something",
    [1, 2],
    history([1, 1, 2, { kind: "flush", entry: 2 }], [1, 3, 4, pop(1)]),
  ],
  ["a depth that nobody saw", [1], history([1, 1, 2, { kind: "depth", count: 0 }])],
  [
    "other contents at the end",
    [1],
    history([1, 1, 2, push(2, 1)], [1, 3, 4, { kind: "observe", entries: [1, 2] }]),
  ],
];

for (const [name, initial, rows] of WRONG) {
  test(`no stack does this: ${name}`, () => assert.ok(!isStack(initial, rows)));
}

test("a documented list gives an entry of the pool only when none is parked, and parks up to Depth", () => {
  assert.ok(isStack([1], history([1, 1, 2, allocate(1)], [1, 3, 4, allocate(9)]), 2));
  assert.ok(!isStack([1], history([1, 1, 2, allocate(9)]), 2), "a miss although one is parked");
  const full = history([1, 1, 2, free(3)], [1, 3, 4, { kind: "observe", entries: [2, 1] }]);
  assert.ok(isStack([1, 2], full, 2));
  assert.ok(!isStack([1, 2], full, 3), "not parked although there is room");
});

test("histories of a stack with wrong outcomes of each call are refused, at random", () => {
  const random = seeded(import.meta.url);
  for (let round = 0; round < 200; round++) {
    const rows = simulated(randomFrom(random.next()));
    assert.ok(isStack([], rows), "as it was");
    const at = rows.findIndex(({ call }) => call.kind === "pop" && call.entry !== 0);
    if (at < 0) continue;
    const spoiled = rows.map((row, index) => (index === at ? { ...row, call: pop(999) } : row));
    assert.ok(!isStack([], spoiled), "with an entry that was never there");
    const twice = rows.map((row, index) => {
      const { call } = row;
      return index > at && call.kind === "pop" ? { ...row, call: rows[at]?.call ?? call } : row;
    });
    const changed = twice.some((row, index) => row.call !== rows[index]?.call);
    if (changed) assert.ok(!isStack([], twice), "with one entry popped twice");
  }
});

/** A history of three threads on a real stack: each call has its effect somewhere between its two tickets. */
function simulated(random: ReturnType<typeof randomFrom>): Operation<StackCall>[] {
  const stack: number[] = [];
  const rows: Operation<StackCall>[] = [];
  let [clock, entry] = [1, 1];
  const free = [0, 0, 0];
  for (let call = 0; call < 30; call++) {
    const thread = random.int(3);
    const begin = Math.max(free[thread] as number, clock - random.int(6)) + 0.5 + call / 1_000;
    const effect = Math.max(begin, clock) + 1;
    const end = effect + random.int(6) + 0.25 + call / 1_000;
    clock = effect;
    free[thread] = end;
    if (random.int(2) === 0) {
      rows.push({ thread: thread + 1, begin, end, call: push(entry, stack.at(-1) ?? 0) });
      stack.push(entry++);
    } else rows.push({ thread: thread + 1, begin, end, call: pop(stack.pop() ?? 0) });
  }
  return rows;
}

const block = (kind: "allocate" | "free" | "adopt", generation = UNKNOWN): BlockCall => ({
  kind,
  generation,
});

test("a block goes from hand to hand, and back to nobody", () => {
  const good = history(
    [1, 1, 4, block("allocate", 2 ** 20 - 1)],
    [2, 2, 6, block("adopt", 0)],
    [2, 7, 9, block("free", 0)],
    [1, 8, 10, block("allocate", 2)],
    [3, 11, 12, { kind: "reclaim", from: 1 } as BlockCall],
    [2, 13, 14, block("allocate")],
  );
  assert.ok(linearize(blockModel(), good).isLinearizable);
  assert.equal(overlaps(good), 2);
});

const WRONG_BLOCKS: [string, Operation<BlockCall>[]][] = [
  ["held by two at once", history([1, 1, 2, block("allocate")], [2, 3, 4, block("allocate")])],
  ["freed by another one", history([1, 1, 2, block("allocate")], [2, 3, 4, block("free")])],
  [
    "freed twice",
    history([1, 1, 2, block("allocate")], [1, 3, 4, block("free")], [1, 5, 6, block("free")]),
  ],
  ["adopted from nobody", history([1, 1, 2, block("adopt")])],
  [
    "freed after somebody adopted it",
    history([1, 1, 2, block("allocate")], [2, 3, 4, block("adopt")], [1, 5, 6, block("free")]),
  ],
  [
    "reclaimed from who had given it away",
    history(
      [1, 1, 2, block("allocate")],
      [2, 3, 4, block("adopt")],
      [3, 5, 6, { kind: "reclaim", from: 1 }],
      [1, 7, 8, block("allocate")],
    ),
  ],
  [
    "allocated in the generation that it had before",
    history(
      [1, 1, 2, block("allocate", 5)],
      [1, 3, 4, block("free", 5)],
      [2, 5, 6, block("allocate", 5)],
    ),
  ],
  [
    "allocated in an older generation",
    history(
      [1, 1, 2, block("allocate", 5)],
      [1, 3, 4, block("free", 5)],
      [1, 5, 6, block("allocate", 4)],
    ),
  ],
  [
    "adopted in the generation of the one before",
    history([1, 1, 2, block("allocate", 5)], [2, 3, 4, block("adopt", 5)]),
  ],
  [
    "freed in another generation than it was got in",
    history([1, 1, 2, block("allocate", 5)], [1, 3, 4, block("free", 6)]),
  ],
  [
    "destroyed in somebody's hands",
    history([1, 1, 2, block("allocate")], [1, 3, 4, { kind: "destroy" }]),
  ],
  [
    "given out when it was destroyed",
    history([1, 1, 2, { kind: "destroy" }], [1, 3, 4, block("allocate")]),
  ],
];

for (const [name, rows] of WRONG_BLOCKS) {
  test(`no block is ${name}`, () => assert.ok(!linearize(blockModel(), rows).isLinearizable));
}

/** One block, got and perhaps freed. */
function hold(thread: number, address: number, from: number, to: number): Operation<Touch>[] {
  const got: Touch = { address, bytes: 64, call: block("allocate") };
  const freed: Touch = { address, call: block("free") };
  return history([thread, from, from + 1, got], [thread, to, to + 1, freed]);
}

test("two blocks with bytes in common are found if both were held at one time", () => {
  const rows = (...holds: readonly Operation<Touch>[][]): string[] => sharedBytes(holds.flat());
  assert.deepEqual(rows(hold(1, 0x100, 1, 5), hold(2, 0x140, 3, 9)), [], "side by side");
  assert.deepEqual(rows(hold(1, 0x100, 1, 5), hold(2, 0x120, 6, 9)), [], "one after the other");
  assert.deepEqual(rows(hold(1, 0x100, 1, 5), hold(2, 0x120, 4, 9)), [], "perhaps so");
  const found = rows(hold(1, 0x100, 1, 5), hold(2, 0x120, 3, 9));
  assert.deepEqual(found, [
    "the blocks at 0x100 and 0x120 have bytes in common and were held at one time",
  ]);
});

test("who holds what at the end of one history is where the next one begins", () => {
  const holders = new Map<number, number>();
  const first = new Map([
    [64, history([1, 1, 4, block("allocate")], [2, 2, 3, block("allocate")])],
  ]);
  assert.throws(() => demandAlternation(first, holders), /did not go from hand to hand/);
  demandAlternation(new Map([[64, history([1, 1, 2, block("allocate")])]]), holders);
  assert.throws(
    () => demandAlternation(new Map([[64, history([2, 3, 4, block("allocate")])]]), holders),
    /block 0x40 did not go/,
  );
  demandAlternation(new Map([[64, history([1, 3, 4, block("free")])]]), holders);
  demandAlternation(new Map([[64, history([2, 5, 6, block("allocate")])]]), holders);
});

const sent = (value: number): ChannelCall => ({ kind: "push", value });
const received = (value: number): ChannelCall => ({ kind: "pop", value });

test("a channel gives each producer's values out in their order", () => {
  const good = history(
    [1, 1, 2, sent(1)],
    [1, 3, 4, sent(2)],
    [2, 5, 8, received(1)],
    [3, 6, 7, received(2)],
  );
  assert.deepEqual(orderProblems(good), []);
});

const WRONG_CHANNELS: [string, RegExp, Operation<ChannelCall>[]][] = [
  [
    "out of order",
    /value 1 was popped after 2/,
    history([1, 1, 2, sent(1)], [1, 3, 4, sent(2)], [2, 5, 6, received(2)], [3, 7, 8, received(1)]),
  ],
  [
    "twice",
    /popped twice/,
    history([1, 1, 2, sent(1)], [2, 3, 4, received(1)], [3, 5, 6, received(1)]),
  ],
  ["that nobody sent", /never pushed/, history([2, 3, 4, received(1)])],
  [
    "before it was sent",
    /before it was pushed/,
    history([2, 1, 2, received(1)], [1, 3, 4, sent(1)]),
  ],
];

for (const [name, pattern, rows] of WRONG_CHANNELS) {
  test(`no channel gives a value out ${name}`, () => {
    const problems = orderProblems(rows);
    assert.ok(
      problems.some((problem) => pattern.test(problem)),
      problems.join("; "),
    );
  });
}
