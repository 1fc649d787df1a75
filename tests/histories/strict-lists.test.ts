/**
 * Sequenced lists and documented lists under real threads: whatever their calls gave back, one order of
 * the calls explains it, in which each call lies between its beginning and its end. So these lists are stacks
 * for all threads together, not only for each. And an entry that a documented list takes from the pool when
 * it has none is in nobody's hands: each entry's calls alternate.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ExAllocatePoolWithTag,
  ExInterlockedPushEntrySList,
  InitializeSListHead,
  NonPagedPool,
  setLookasideDepth,
  tag,
  ticket,
} from "lookaside/wdk";
import { chainOf, freshMachine } from "../conformance/bench.js";
import { startCrew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import { LIST_FAMILIES } from "../unit/wdk/list-families.js";
import { blockHistories, demandAlternation, type Touch } from "./alternation.js";
import { linearize, type Operation, overlaps } from "./linearize.js";
import { type StackCall, stackModel } from "./models.js";
import { clear, makeRecording, type Note, operationsOf, ticketOf } from "./recorder.js";
import { makeLine } from "./starting-line.js";
import { KINDS, type Orders, type play } from "./strict-lists.tasks.js";

const random = seeded(import.meta.url);
const LONG = process.env["LOOKASIDE_LONG"] === "1";
/** Pairs of calls that should overlap. */
const OVERLAPS = 200;

const tasks = new URL("./strict-lists.tasks.js", import.meta.url);

function callOf(kind: number, value: number, extra: number): StackCall {
  const name = KINDS[kind];
  if (name === "push") return { kind: name, entry: value, seen: extra };
  if (name === "depth") return { kind: name, count: value };
  assert.ok(name !== undefined);
  return { kind: name, entry: value };
}

/** What a call did to an entry, of a documented list: for a sequenced list the stack says it all. */
function touchOf({ kind, value, generation }: Note): Touch | null {
  const name = KINDS[kind];
  if (name !== "allocate" && name !== "free") return null;
  return value === 0 ? null : { address: value, call: { kind: name, generation } };
}

/**
 * Runs the rounds, and holds each against the model: at least a tenth of them, and more until enough calls
 * overlapped, for on a busy machine the threads take turns. Gives back what it did, in words.
 */
async function demandLinearizable(
  orders: Omit<Orders, "recording" | "line" | "ticket">,
  threads: number,
  depth: number,
): Promise<string> {
  const recording = makeRecording(threads, orders.calls);
  const data: Orders = { ...orders, ticket: ticket(), recording, line: makeLine() };
  let initial = chainOf(orders.list).reverse();
  let [overlapping, rounds] = [0, 0];
  const holders = new Map<number, number>();
  const running = startCrew<typeof play>(tasks, { threads, run: "play", data });
  for (let round = 1; round <= orders.rounds; round++) {
    await running.gates.reached(0, round * threads);
    const history: Operation<StackCall>[] = operationsOf(recording, ({ kind, value, extra }) =>
      callOf(kind, value, extra),
    );
    assert.equal(history.length, threads * orders.calls);
    const entries = chainOf(orders.list);
    const begin = ticketOf(recording);
    const observed: StackCall = { kind: "observe", entries };
    history.push({ thread: 0, begin, end: ticketOf(recording), call: observed });
    const { isLinearizable, order } = linearize(stackModel(initial, depth), history);
    if (!isLinearizable) {
      running.gates.raise(1, orders.rounds);
      const rest = history.filter((one) => !order.includes(one));
      const text = JSON.stringify({ round, initial, explained: order, rest });
      assert.fail(`no order explains these calls: ${text}`);
    }
    demandAlternation(blockHistories(operationsOf<Touch>(recording, touchOf)), holders);
    overlapping += overlaps(history);
    rounds = round;
    if (round >= orders.rounds / 10 && overlapping >= OVERLAPS) running.gates.raise(2);
    initial = entries.reverse();
    clear(recording);
    running.gates.raise(1);
    if (running.gates.read(2) > 0) break;
  }
  const outcomes = await running.outcomes;
  for (const outcome of outcomes) if (outcome.kind === "failed") throw outcome.error;
  return `${overlapping} pairs of calls overlapped in ${rounds} rounds`;
}

for (const [threads, entries, calls] of [
  [2, 3, 150],
  [3, 5, 60],
] as const) {
  const title = `${threads} threads on a sequenced list of ${entries} entries`;
  test(`${title}: it is one stack for all`, async (t) => {
    freshMachine(t);
    const head = ExAllocatePoolWithTag(NonPagedPool, 16 * (entries + 1), tag("SLst"));
    InitializeSListHead(head);
    for (let entry = 1; entry <= entries; entry++)
      ExInterlockedPushEntrySList(head, head + 16 * entry);
    const rounds = LONG ? 10_000 : 400;
    const orders = { list: head, family: -1, rounds, calls, seed: random.next() };
    t.diagnostic(await demandLinearizable(orders, threads, Number.POSITIVE_INFINITY));
  });
}

for (const [at, threads, depth, calls] of [
  [0, 2, 4, 150],
  [1, 2, 4, 150],
  [2, 3, 4, 60],
  [3, 2, 5, 150],
] as const) {
  const family = LIST_FAMILIES[at] ?? assert.fail();
  const title = `${threads} threads on one ${family.name} list of depth ${depth}`;
  test(`${title}: it is one stack for all`, async (t) => {
    freshMachine(t, { depth: { periodMs: 0 } });
    const list = family.make({ size: 48, tag: tag("Hist") });
    setLookasideDepth(list, depth);
    const rounds = LONG ? 5_000 : 300;
    const orders = { list, family: at, rounds, calls, seed: random.next() };
    t.diagnostic(await demandLinearizable(orders, threads, depth));
    family.remove(list);
  });
}
