/**
 * Block lists and channels under real threads, some of them ended: each block's history is held against the
 * one rule that it has, allocate and free by turns with adoptions in between, each in a newer generation;
 * each channel's against the order that it promises.
 *
 * A value whose reader was ended comes out again, out of order: at most one for each death.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type RecoveryReport, System } from "lookaside";
import { startCrew } from "../support/crew.js";
import { type Random, seeded } from "../support/seed.js";
import { blockHistories, demandAlternation, type Touch } from "./alternation.js";
import { CHANNEL, type juggle, KINDS, LIST, PROGRESS, STOPPED } from "./blocks.tasks.js";
import { type ChannelCall, orderProblems } from "./fifo.js";
import type { Operation } from "./linearize.js";
import type { BlockCall } from "./models.js";
import { makeRecording, type Note, operationsOf, type Recording, ticketOf } from "./recorder.js";

const LONG = process.env["LOOKASIDE_LONG"] === "1";
const tasks = new URL("./blocks.tasks.js", import.meta.url);

/** The end of one thread: when, and what its recovery did. */
interface Death {
  readonly lane: number;
  readonly begin: number;
  readonly end: number;
  readonly reports: readonly RecoveryReport[];
}

function touchOf({ kind, value, generation }: Note, isOver: boolean): Touch | null {
  const name = KINDS[kind];
  if (name === "send") return null; // the block is still the sender's
  // A receipt that was never answered may be any block's.
  if (name === "receive")
    return { address: isOver ? value : 0, call: { kind: "adopt", generation } };
  if (name === "allocate" && !isOver) return null; // if it got one, nobody has seen it
  return { address: value, call: { kind: name === "free" ? "free" : "allocate", generation } };
}

/** The histories of all blocks, by address, the recoveries of the dead among their calls. */
function historiesOf(
  recording: Recording,
  deaths: readonly Death[],
): Map<number, Operation<BlockCall>[]> {
  const histories = blockHistories(operationsOf<Touch>(recording, touchOf));
  for (const { lane, begin, end, reports } of deaths) {
    const kept = new Set(reports.flatMap(({ sent }) => sent.map(({ address }) => address)));
    const call: BlockCall = { kind: "reclaim", from: lane };
    for (const [address, history] of histories)
      if (!kept.has(address)) history.push({ thread: 0, begin, end, call });
  }
  return histories;
}

function channelCallOf(kind: number, extra: number, isOver: boolean): ChannelCall | null {
  if (KINDS[kind] === "send") return { kind: "push", value: extra };
  return KINDS[kind] === "receive" && isOver ? { kind: "pop", value: extra } : null;
}

function demandRight(recording: Recording, deaths: readonly Death[], t: TestContext): void {
  const histories = historiesOf(recording, deaths);
  const calls = demandAlternation(histories);
  const sent = operationsOf<ChannelCall>(recording, ({ kind, extra }, isOver) =>
    channelCallOf(kind, extra, isOver),
  );
  const problems = orderProblems(sent);
  const late = problems.filter((problem) => problem.includes("popped after"));
  assert.deepEqual(
    problems.filter((problem) => !late.includes(problem)),
    [],
  );
  assert.ok(late.length <= deaths.length, late.join("; "));
  t.diagnostic(
    `${calls} calls on ${histories.size} blocks, ${sent.length} through the channel, ` +
      `${deaths.length} deaths, ${late.length} late`,
  );
}

/** One round: three threads, of which the first `ended` are ended one after the other. */
async function play(system: System, random: Random, ended: number, t: TestContext): Promise<void> {
  const threads = 3;
  const recording = makeRecording(threads, 3_000);
  const data = { ticket: system.ticket(), recording, seed: random.next(), ended };
  const crew = startCrew<typeof juggle>(tasks, { threads, run: "juggle", data });
  const recoveries = crew.workers.map((worker) => system.watch(worker));
  const deaths: Death[] = [];
  for (let rank = 0; rank < ended; rank++) {
    await crew.gates.reached(PROGRESS + rank, 1 + random.int(20));
    const begin = ticketOf(recording);
    await crew.terminate(rank);
    const reports = (await recoveries[rank]) ?? [];
    deaths.push({ lane: rank + 1, begin, end: ticketOf(recording), reports });
  }
  for (let rank = ended; rank < threads; rank++)
    await crew.gates.reached(PROGRESS + rank, ended === 0 ? STOPPED : 40);
  crew.gates.raise(0);
  const outcomes = await crew.outcomes;
  for (const outcome of outcomes) if (outcome.kind === "failed") throw outcome.error;
  await Promise.all(recoveries);
  const list = system.blockList(LIST);
  const channel = list.through(system.channel(CHANNEL));
  demandRight(recording, deaths, t);
  for (let block = channel.receive(); block !== null; block = channel.receive()) block.free();
  assert.deepEqual(system.audit().problems, []);
  assert.equal(list.statistics().held, 0);
}

for (const ended of [0, 1, 2]) {
  const what = ended === 0 ? "live on" : `are ended, ${ended} of 3`;
  test(`blocks of threads that ${what} go from hand to hand, in order`, async (t) => {
    const random = seeded(import.meta.url);
    const system = System.create({ nonPaged: "4 MiB", threads: 8, depth: { periodMs: 0 } });
    for (let round = 0; round < (LONG ? 200 : 2); round++) await play(system, random, ended, t);
    system.detach();
  });
}
