/**
 * All bookkeeping is out of band: random bytes over all bytes of all blocks, held, parked and given back, by
 * several threads at once, change nothing of what a block list does (promise 7).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, type BlockList, System } from "lookaside";
import { crew } from "../support/crew.js";
import { type Random, seeded } from "../support/seed.js";
import { CHANNEL, LISTS, makeSeen, type scribble } from "./bytes.tasks.js";

const LONG = process.env["LOOKASIDE_LONG"] === "1";
const random = seeded(import.meta.url);
const LIMITS = { nonPaged: "24 MiB", paged: "4 MiB", threads: 8, depth: { periodMs: 0 } } as const;

test("threads that write over everybody's blocks lose none, and hold none twice", async () => {
  const system = System.create(LIMITS);
  const lists = LISTS.map((options) => system.blockList(options));
  for (const at of LISTS.keys()) system.channel({ ...CHANNEL, name: `${CHANNEL.name} ${at}` });
  const holders = new SharedArrayBuffer(system.region.layout.endByte / 4);
  const steps = LONG ? 600_000 : 8_000;
  const data = { ticket: system.ticket(), steps, seed: random.seed, holders, seen: makeSeen() };
  const tasks = new URL("./bytes.tasks.js", import.meta.url);
  await crew<typeof scribble>(tasks, { threads: 3, run: "scribble", data });
  assert.ok(new Int32Array(holders).every((holder) => holder === 0));
  assert.deepEqual(system.audit().problems, []);
  for (const list of lists) {
    const { held, parked, depth, adopted } = list.statistics();
    assert.equal(held, 0, list.name);
    assert.ok(parked <= depth, list.name);
    assert.ok(adopted > 0, `${list.name}: blocks were handed over`);
  }
  system.trim();
  assert.deepEqual(
    lists.map((list) => list.statistics().parked),
    LISTS.map(() => 0),
  );
  system.detach();
});

/** Random bytes over the whole of a memory that only blocks lie in. */
function overwrite(bytes: Uint8Array, source: Random): void {
  let word = source.next() | 1;
  for (let at = 0; at < bytes.length; at++) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    bytes[at] = word;
  }
}

test("a list goes on exactly as a stack when every byte of every slab was overwritten", () => {
  const system = System.create({ ...LIMITS, nonPaged: "1 MiB", paged: "1 MiB" });
  const options = { tag: "Over", size: 240, depth: 32, maximumDepth: 32, policy: "fixed" } as const;
  const list: BlockList = system.blockList(options);
  const held: Block[] = [];
  const stack: number[] = [];
  const rounds = LONG ? 2_000 : 60;
  for (let round = 0; round < rounds; round++) {
    for (let step = 0; step < 40; step++) {
      if (random.int(2) === 0 && held.length < 200) {
        const block = list.allocate() ?? assert.fail("no room");
        const wanted = stack.pop();
        if (wanted !== undefined) assert.equal(block.address, wanted);
        held.push(block);
        continue;
      }
      const [block] = held.splice(random.int(held.length + 1), 1);
      if (block === undefined) continue;
      if (stack.length < 32) stack.push(block.address);
      block.free();
    }
    const chunks = new Set(
      [...held.map(({ address }) => address), ...stack].map((at) => at >>> 16),
    );
    for (const chunk of chunks) {
      overwrite(new Uint8Array(system.memory.buffer, chunk * 65_536, 65_536), random);
    }
    const { parked, held: count } = list.statistics();
    assert.deepEqual([parked, count], [stack.length, held.length]);
  }
  assert.deepEqual(system.audit().problems, []);
  system.detach();
});
