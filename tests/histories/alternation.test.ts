/**
 * Every list that is not a block list, and the pool itself, under real threads, some of them ended: each
 * block goes from hand to hand, allocate and free by turns, handed on in between; no byte of it is in two
 * hands; and each allocation from the pool has a generation of its own. (Block lists: blocks.test.ts.)
 *
 * What a thread held when it was ended stays held: nobody reclaims blocks of the documented lists.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ExFreePool, system, tag, ticket } from "lookaside/wdk";
import { freshMachine } from "../conformance/bench.js";
import { crew, startCrew } from "../support/crew.js";
import { auditPool } from "../support/pool-audit.js";
import { seeded } from "../support/seed.js";
import { LIST_FAMILIES } from "../unit/wdk/list-families.js";
import { blockHistories, demandAlternation, sharedBytes, type Touch } from "./alternation.js";
import {
  ENTRY_BYTES,
  type juggle,
  type juggleObjects,
  KINDS,
  type Orders,
  PROGRESS,
  STOPPED,
} from "./alternation.tasks.js";
import { type Operation, overlaps } from "./linearize.js";
import { makeRecording, type Note, operationsOf, type Recording } from "./recorder.js";
import { makeLine } from "./starting-line.js";

const random = seeded(import.meta.url);
const LONG = process.env["LOOKASIDE_LONG"] === "1";
const THREADS = 3;
const CALLS = 2_000;
const SLOTS = 6;

const tasks = new URL("./alternation.tasks.js", import.meta.url);

/** What a thread that was ended had taken and not said, nobody has seen: no call at all. */
function touchOf({ kind, value, extra, generation }: Note, isOver: boolean): Touch | null {
  const name = KINDS[kind] ?? assert.fail(`no call has number ${kind}`);
  if (name === "destroy") return { address: value, call: { kind: name } };
  if (name === "free") return { address: value, call: { kind: name, generation } };
  return isOver ? { address: value, call: { kind: name, generation }, bytes: extra } : null;
}

/** Holds a recording against the rules; gives back its calls. */
function demandRight(recording: Recording): readonly Operation<Touch>[] {
  const touches = operationsOf<Touch>(recording, touchOf);
  demandAlternation(blockHistories(touches));
  assert.deepEqual(sharedBytes(touches), []);
  return touches;
}

/** One round: three threads, of which the first `ended` are ended one after the other. */
async function play(
  list: number,
  family: number,
  ended: number,
): Promise<readonly Operation<Touch>[]> {
  const recording = makeRecording(THREADS, CALLS);
  const slots = new Int32Array(new SharedArrayBuffer(SLOTS * 4));
  const shared = { ticket: ticket(), recording, slots, line: makeLine() };
  const data: Orders = { ...shared, list, family, seed: random.next() };
  const running = startCrew<typeof juggle>(tasks, { threads: THREADS, run: "juggle", data });
  const recoveries = running.workers.map((worker) => system().watch(worker));
  for (let rank = 0; rank < ended; rank++) {
    await running.gates.reached(PROGRESS + rank, 1 + random.int(15));
    await running.terminate(rank);
    await recoveries[rank];
  }
  for (let rank = ended; rank < THREADS; rank++)
    await running.gates.reached(PROGRESS + rank, STOPPED);
  running.gates.raise(0, 2);
  const outcomes = await running.outcomes;
  for (const outcome of outcomes) if (outcome.kind === "failed") throw outcome.error;
  await Promise.all(recoveries);
  const free = LIST_FAMILIES[family]?.free ?? ((_: number, block: number) => ExFreePool(block));
  for (const block of slots) if (block !== 0) free(list, block);
  return demandRight(recording);
}

/** Rounds on one list or on the pool, and what they showed. */
async function demandHands(t: TestContext, family: number, ended: number): Promise<void> {
  freshMachine(t, { nonPagedPoolBytes: "4 MiB", pagedPoolBytes: "4 MiB" });
  const documented = LIST_FAMILIES[family];
  let [calls, pairs] = [0, 0];
  for (let round = 0; round < (LONG ? 100 : 1); round++) {
    const list = documented?.make({ size: ENTRY_BYTES, tag: tag("Hist") }) ?? 0;
    const touches = await play(list, family, ended);
    calls += touches.length;
    pairs += overlaps(touches);
    documented?.remove(list);
  }
  assert.ok(calls > CALLS, `only ${calls} calls were recorded`);
  // Ended between a block and its bill, a thread leaves its tag one call behind: a statistic, no more.
  const { problems } = auditPool(system().region);
  assert.deepEqual(
    problems.filter((problem) => !problem.startsWith("tag ")),
    [],
  );
  t.diagnostic(`${calls} calls, ${pairs} pairs of them overlapped, ${ended} threads ended a round`);
}

for (const ended of [0, 1]) {
  const what = ended === 0 ? "live on" : "are ended, 1 of 3";
  LIST_FAMILIES.forEach(({ name }, family) => {
    test(`entries of a ${name} list go from hand to hand between threads that ${what}`, (t) =>
      demandHands(t, family, ended));
  });
  test(`blocks of the pool go from hand to hand between threads that ${what}`, (t) =>
    demandHands(t, -1, ended));
}

test("objects of a list are held once at a time, and never again when they were destroyed", async (t) => {
  for (let round = 0; round < (LONG ? 100 : 1); round++) {
    const recording = makeRecording(THREADS, CALLS);
    const data = { recording, seed: random.next() };
    const options = { threads: THREADS, run: "juggleObjects", data };
    const made = await crew<typeof juggleObjects>(tasks, options);
    const touches = demandRight(recording);
    const count = (kind: string): number =>
      touches.filter(({ call }) => call.call.kind === kind).length;
    const all = made.reduce((sum, one) => sum + one, 0);
    assert.equal(count("destroy"), all, "every object is destroyed in the end");
    assert.equal(count("allocate"), count("free"));
    if (round === 0) t.diagnostic(`${touches.length} calls, ${all} objects`);
  }
});
