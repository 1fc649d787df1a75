/**
 * Threads that end at any instruction: nothing is lost, nothing is handed out twice, nobody hangs.
 *
 * The threads are real and really ended, by `worker.terminate()`, under load; 2,000 with LOOKASIDE_LONG=1.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type RecoveryReport, System } from "lookaside";
import { type Crew, startCrew } from "../support/crew.js";
import { type Random, seeded } from "../support/seed.js";
import { type abandon, LIST, type outlive, type work } from "./death.tasks.js";

const ROUNDS = process.env["LOOKASIDE_LONG"] === "1" ? 1_000 : 20;
const tasks = new URL("./death.tasks.js", import.meta.url);

/** Ends a member after a random amount of work. */
async function endMember(crew: Crew<unknown>, rank: number, random: Random): Promise<void> {
  await crew.gates.reached(rank, 1 + random.int(30));
  await crew.terminate(rank);
}

function demandWhole(system: System): void {
  const { problems } = system.audit();
  assert.deepEqual(problems, []);
}

test("threads that are ended under load leave every block where it can be found", async () => {
  const random = seeded(import.meta.url);
  const system = System.create({ nonPaged: "4 MiB", threads: 8 });
  const list = system.blockList(LIST);
  for (let round = 0; round < ROUNDS; round++) {
    const data = { ticket: system.ticket(), seed: random.next() };
    const crew = startCrew<typeof work>(tasks, { threads: 2, run: "work", data });
    const recoveries = crew.workers.map((worker) => system.watch(worker));
    await Promise.all([endMember(crew, 0, random), endMember(crew, 1, random)]);
    const reports = (await Promise.all(recoveries)).flat();
    assert.equal(reports.length, 2, "both threads were recovered, once each");
    demandWhole(system);
    assert.equal(list.statistics().held, 0, "what the dead held was reclaimed");
    assert.equal(system.threads, 1, "their numbers are free again");
  }
  list.trim();
  const onlyTheRecord = { problems: [], held: 1, cached: 0, depot: 0, sent: 0, stale: 0 };
  assert.deepEqual({ ...system.audit() }, onlyTheRecord);
  system.detach();
});

test("survivors work on while another thread is ended and recovered", async () => {
  const random = seeded(import.meta.url);
  const system = System.create({ nonPaged: "4 MiB", threads: 8 });
  const list = system.blockList(LIST);
  for (let round = 0; round < Math.ceil(ROUNDS / 4); round++) {
    const data = { ticket: system.ticket(), seed: random.next() };
    const crew = startCrew<typeof outlive>(tasks, { threads: 2, run: "outlive", data });
    const recovered = crew.workers.map((worker) => system.watch(worker));
    await endMember(crew, 0, random);
    await recovered[0];
    const before = crew.gates.read(1);
    await crew.gates.reached(1, before + 5); // the survivor goes on
    crew.gates.raise(15);
    const [, survivor] = await crew.outcomes;
    assert.equal(survivor?.kind, "returned");
    assert.deepEqual(await recovered[1], [], "who left in peace needs no recovery");
    demandWhole(system);
    assert.equal(list.statistics().held, 0);
  }
  system.detach();
});

/** Has a thread abandon 20 blocks, and gives back the report of its recovery and the handles it told. */
async function abandoned(
  system: System,
  orphans: Parameters<System["watch"]>[1],
): Promise<{ report: RecoveryReport; handles: number[] }> {
  const handles = new SharedArrayBuffer(20 * 8);
  const data = { ticket: system.ticket(), seed: 0, handles };
  const crew = startCrew<typeof abandon>(tasks, { threads: 1, run: "abandon", data });
  const [worker] = crew.workers;
  assert.ok(worker);
  const recovered = system.watch(worker, orphans);
  await crew.gates.reached(0);
  await crew.terminate(0);
  const [report] = await recovered;
  assert.ok(report);
  return { report, handles: [...new Float64Array(handles)] };
}

test("orphans are reclaimed by default, and their handles are stale", async () => {
  const system = System.create({ nonPaged: "4 MiB" });
  const list = system.blockList(LIST);
  const { report, handles } = await abandoned(system, undefined);
  assert.deepEqual(
    { reclaimed: report.reclaimed, kept: report.kept.length },
    { reclaimed: 20, kept: 0 },
  );
  for (const handle of handles) {
    assert.throws(() => list.adopt(list.handleFrom(handle)), { code: "ERR_STALE_HANDLE" });
  }
  demandWhole(system);
  system.detach();
});

test("reported orphans are kept with their bytes until somebody adopts them", async () => {
  const system = System.create({ nonPaged: "4 MiB" });
  const list = system.blockList(LIST);
  const { report, handles } = await abandoned(system, "report");
  assert.deepEqual(report.kept.map((orphan) => orphan.handle).sort(), [...handles].sort());
  demandWhole(system);
  handles.forEach((handle, at) => {
    const block = list.adopt(list.handleFrom(handle));
    assert.equal(block.bytes[63], at);
    block.free();
  });
  assert.equal(list.statistics().held, 0);
  demandWhole(system);
  system.detach();
});

test("a function decides for each orphan", async () => {
  const system = System.create({ nonPaged: "4 MiB" });
  system.blockList(LIST);
  let asked = 0;
  const { report } = await abandoned(system, () => (asked++ % 2 === 0 ? "keep" : "reclaim"));
  assert.deepEqual(
    { reclaimed: report.reclaimed, kept: report.kept.length },
    { reclaimed: 10, kept: 10 },
  );
  demandWhole(system);
  system.detach();
});

test("what is no worker cannot be watched", () => {
  const system = System.create({ nonPaged: "1 MiB" });
  for (const value of [null, undefined, {}, { threadId: -1, once: () => {} }, 7]) {
    assert.throws(() => system.watch(value as never), { code: "ERR_ARGUMENT" });
  }
  system.detach();
});
