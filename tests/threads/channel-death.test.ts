/**
 * Threads that end at any instruction while they send and receive: no block is lost, none comes twice, and
 * the survivors go on. 2,000 deaths with LOOKASIDE_LONG=1.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { startCrew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import { CHANNEL, type exchange, LIST, PROGRESS } from "./channel.tasks.js";

const ROUNDS = process.env["LOOKASIDE_LONG"] === "1" ? 334 : 4;
const tasks = new URL("./channel.tasks.js", import.meta.url);

for (const manner of ["try", "block", "await"] as const) {
  test(`threads that ${manner} are ended under load, and every block is found`, async () => {
    const random = seeded(import.meta.url);
    const system = System.create({ nonPaged: "4 MiB", threads: 8, depth: { periodMs: 0 } });
    const list = system.blockList(LIST);
    const lane = list.through(system.channel(CHANNEL));
    for (let round = 0; round < ROUNDS; round++) {
      const data = { ticket: system.ticket(), seed: random.next(), manner };
      const crew = startCrew<typeof exchange>(tasks, { threads: 3, run: "exchange", data });
      const recoveries = crew.workers.map((worker) => system.watch(worker));
      for (const rank of [0, 1]) {
        await crew.gates.reached(PROGRESS + rank, 1 + random.int(10));
        await crew.terminate(rank);
        await recoveries[rank];
        const before = crew.gates.read(PROGRESS + 2);
        await crew.gates.reached(PROGRESS + 2, before + 2); // the survivor goes on
      }
      crew.gates.raise(0);
      const outcomes = await crew.outcomes;
      assert.equal(outcomes[2]?.kind, "returned", JSON.stringify(outcomes[2]));
      await recoveries[2];
      const { problems, sent, stale } = system.audit();
      assert.deepEqual(problems, []);
      assert.deepEqual([sent, stale], [lane.channel.size, 0], "what is inside can be received");
      assert.equal(list.statistics().held, sent, "and nothing else is held");
      for (let block = lane.receive(); block !== null; block = lane.receive()) {
        const [cookie] = block.bytes;
        assert.ok(block.bytes.every((byte) => byte === cookie));
        block.free();
      }
      assert.equal(list.statistics().held, 0);
      assert.equal(system.threads, 1);
    }
    assert.equal(lane.channel.statistics().stale, 0);
    system.detach();
  });
}
