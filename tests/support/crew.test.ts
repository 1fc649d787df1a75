/** Crews: results in order, barriers that hold, failures that reach the test, members that may be ended. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CrewBroken, crew, startCrew } from "./crew.js";
import {
  type draw,
  type exit,
  type failFirst,
  GO,
  type hold,
  type leaveFirst,
  READY,
  type rounds,
  type work,
} from "./crew.tasks.js";
import { randomFrom } from "./seed.js";

const url = new URL("./crew.tasks.js", import.meta.url);

test("results come back in the order of ranks", async () => {
  const results = await crew<typeof work>(url, { threads: 3, data: { factor: 10 } });
  assert.deepEqual(results, [30, 60, 90]);
});

test("the barrier holds every round until all have arrived", async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const data = { words, rounds: 500 };
  await crew<typeof rounds>(url, { threads: 4, run: "rounds", data });
  assert.equal(words[0], 2_000);
});

test("the error of a member reaches the test and frees those who wait for it", async () => {
  const running = crew<typeof failFirst>(url, { threads: 3, run: "failFirst" });
  await assert.rejects(running, new RangeError("member 0 has failed"));
});

test("a wait of the starting thread ends with the error of the member that failed", async () => {
  const { gates, outcomes } = startCrew<typeof failFirst>(url, { threads: 3, run: "failFirst" });
  await assert.rejects(gates.reached(9), new RangeError("member 0 has failed"));
  await outcomes;
});

test("a barrier that a member has left behind ends with an error", async () => {
  const { outcomes } = startCrew<typeof leaveFirst>(url, { threads: 2, run: "leaveFirst" });
  const [left, waited] = await outcomes;
  assert.equal(left?.kind, "returned");
  assert.ok(waited?.kind === "failed" && waited.error instanceof Error);
  assert.equal(waited.error.name, CrewBroken.name);
});

test("a member that ends without a result is a failure", async () => {
  await assert.rejects(crew<typeof exit>(url, { threads: 1, run: "exit" }), /ended with code 3/);
});

test("a name that the module does not export is a failure", async () => {
  await assert.rejects(crew(url, { threads: 1, run: "nothing" }), /exports no function "nothing"/);
});

test("a member may be ended while the others go on", async () => {
  const running = startCrew<typeof hold>(url, { threads: 3, run: "hold" });
  await running.gates.reached(READY, 3);
  await running.terminate(1);
  running.gates.raise(GO);
  assert.deepEqual(await running.outcomes, [
    { kind: "returned", result: 0 },
    { kind: "terminated" },
    { kind: "returned", result: 2 },
  ]);
});

test("a seed and a rank give each thread numbers that can be made again", async () => {
  const results = await crew<typeof draw>(url, { threads: 2, run: "draw", data: { seed: 5 } });
  assert.deepEqual(results, [randomFrom(5).next(), randomFrom(6).next()]);
});

test("there is no gate beyond the sixteen", async () => {
  const running = startCrew<typeof work>(url, { threads: 1, data: { factor: 1 } });
  assert.throws(() => running.gates.read(16), RangeError);
  await running.outcomes;
});
