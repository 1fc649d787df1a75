/**
 * Channels between real threads: every value arrives once and in order, whatever the manner of waiting.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, System } from "lookaside";
import { crew, startCrew } from "../support/crew.js";
import type { Manner, sendAndEnd, stream, waitForEver } from "./channel.tasks.js";
import { CHANNEL, LIST } from "./channel.tasks.js";

const LONG = process.env["LOOKASIDE_LONG"] === "1";
const tasks = new URL("./channel.tasks.js", import.meta.url);

interface Shape {
  readonly manner: Manner;
  readonly producers: number;
  readonly consumers: number;
  readonly capacity: number;
  readonly values: number;
}

const SHAPES: readonly Shape[] = [
  { manner: "try", producers: 1, consumers: 1, capacity: 64, values: 20_000 },
  { manner: "try", producers: 2, consumers: 2, capacity: 8, values: 4_000 },
  { manner: "block", producers: 1, consumers: 1, capacity: 1, values: 4_000 },
  { manner: "block", producers: 2, consumers: 3, capacity: 4, values: 8_000 },
  { manner: "block", producers: 3, consumers: 1, capacity: 256, values: 8_000 },
  { manner: "await", producers: 1, consumers: 1, capacity: 16, values: 4_000 },
  { manner: "await", producers: 2, consumers: 2, capacity: 2, values: 2_000 },
];

for (const { manner, producers, consumers, capacity, values: few } of SHAPES) {
  const values = LONG ? few * 50 : few;
  const title = `${producers} to ${consumers} through ${capacity} cells, by ${manner}`;
  test(`${title}: each value arrives once, each producer's in order, and all hear of the end`, async () => {
    const system = System.create({ nonPaged: "4 MiB", threads: 8, depth: { periodMs: 0 } });
    const channel = system.channel({ name: "stream", capacity });
    const data = { ticket: system.ticket(), capacity, producers, values, manner };
    const threads = producers + consumers;
    const seen = await crew<typeof stream>(tasks, { threads, run: "stream", data });
    for (let producer = 0; producer < producers; producer++) {
      const arrived = seen.reduce((sum, { counts }) => sum + (counts[producer] ?? 0), 0);
      assert.equal(arrived, values, `of producer ${producer}`);
    }
    const sum = seen.reduce((total, one) => total + one.sum, 0);
    assert.equal(sum, (producers * values * (values - 1)) / 2);
    assert.ok(seen.every(({ ordered }) => ordered));
    const { pushed, popped, size } = channel.statistics();
    assert.deepEqual([pushed, popped, size], [producers * values, producers * values, 0]);
    assert.deepEqual(system.audit().problems, []);
    system.detach();
  });
}

test("blocks that a thread sent before it ended reach the receiver, what it kept is reclaimed", async () => {
  const system = System.create({ nonPaged: "4 MiB", threads: 4, depth: { periodMs: 0 } });
  const list = system.blockList(LIST);
  const lane = list.through(system.channel(CHANNEL));
  const data = { ticket: system.ticket(), seed: 0, manner: "try" } as const;
  const one = startCrew<typeof sendAndEnd>(tasks, { threads: 1, run: "sendAndEnd", data });
  const recovery = system.watch(one.workers[0] ?? assert.fail("there is a worker"));
  await one.gates.reached(0);
  const first = lane.receive() ?? assert.fail("ten were sent");
  await one.terminate(0);
  const [report] = await recovery;
  assert.deepEqual([report?.sent.length, report?.reclaimed, report?.kept.length], [9, 3, 0]);
  const blocks: Block[] = [first];
  for (let next = lane.receive(); next !== null; next = lane.receive()) blocks.push(next);
  blocks.forEach((block, at) => {
    assert.deepEqual(block.bytes, new Uint8Array(64).fill(at));
    block.free();
  });
  assert.equal(blocks.length, 10);
  assert.equal(list.statistics().held, 0);
  assert.deepEqual(system.audit().problems, []);
  system.detach();
});

test("a thread that is ended while it waits is in nobody's way", async () => {
  const system = System.create({ nonPaged: "4 MiB", threads: 8, depth: { periodMs: 0 } });
  const list = system.blockList(LIST);
  const lane = list.through(system.channel(CHANNEL));
  const data = { ticket: system.ticket(), seed: 0, manner: "block" } as const;
  const crowd = startCrew<typeof waitForEver>(tasks, { threads: 2, run: "waitForEver", data });
  const recoveries = crowd.workers.map((worker) => system.watch(worker));
  await crowd.gates.reached(0, 2);
  const mine = lane.receiveAsync();
  await Promise.all([crowd.terminate(0), crowd.terminate(1), ...recoveries]);
  assert.equal(lane.channel.statistics().size, 0);
  assert.ok(lane.send(list.allocate() ?? assert.fail("no room")));
  (await mine)?.free();
  assert.equal(list.statistics().held, 0);
  assert.deepEqual(system.audit().problems, []);
  system.detach();
});
