/**
 * A block list of one thread against a plain stack with a limit: order, depth and counters are exact.
 *
 * The histories are long and random: allocate, free in any order, a depth that changes, trims and reserves.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, type BlockList, System } from "lookaside";
import { type Random, seeded } from "../support/seed.js";

const STEPS = process.env["LOOKASIDE_LONG"] === "1" ? 6_000_000 : 300_000;

/** What a block list of one thread must be: a stack of addresses with a limit. */
class PlainStack {
  readonly parked: number[] = [];
  depth = 0;
  allocates = 0;
  allocateMisses = 0;
  frees = 0;
  freeMisses = 0;

  allocated(): number | undefined {
    this.allocates++;
    if (this.parked.length === 0) this.allocateMisses++;
    return this.parked.pop();
  }

  freed(address: number): void {
    this.frees++;
    if (this.parked.length < this.depth) this.parked.push(address);
    else this.freeMisses++;
  }
}

function allocateBoth(list: BlockList, stack: PlainStack, held: Block[]): void {
  const wanted = stack.allocated();
  const block = list.allocate();
  assert.ok(block !== null);
  if (wanted !== undefined) assert.equal(block.address, wanted, "the block freed last comes first");
  held.push(block);
}

function freeBoth(stack: PlainStack, held: Block[], random: Random): void {
  const at = random.int(held.length);
  const block = held[at] as Block;
  held[at] = held[held.length - 1] as Block;
  held.pop();
  stack.freed(block.address);
  block.free();
}

function compare(list: BlockList, stack: PlainStack, held: readonly Block[]): void {
  const { allocates, allocateMisses, frees, freeMisses, parked, ...rest } = list.statistics();
  const counters = { allocates, allocateMisses, frees, freeMisses, parked, held: rest.held };
  const { allocates: a, allocateMisses: am, frees: f, freeMisses: fm } = stack;
  const wanted = { allocates: a, allocateMisses: am, frees: f, freeMisses: fm };
  assert.deepEqual(counters, { ...wanted, parked: stack.parked.length, held: held.length });
}

for (const { batch, maximumDepth } of [
  { batch: 1, maximumDepth: 3 },
  { batch: 4, maximumDepth: 37 },
  { batch: 8, maximumDepth: 300 },
  { batch: 32, maximumDepth: 256 },
]) {
  test(`a list of batch ${batch} and depth ${maximumDepth} is exactly a stack with a limit`, () => {
    const random = seeded(import.meta.url);
    const system = System.create({ nonPaged: "64 MiB" });
    const list = system.blockList({ tag: "Prop", size: 64, batch, maximumDepth, policy: "fixed" });
    const stack = new PlainStack();
    stack.depth = maximumDepth;
    const held: Block[] = [];
    let bias = 500;
    for (let step = 0; step < STEPS / 4; step++) {
      const dice = random.int(1_000);
      if (step % 997 === 0) bias = 300 + random.int(400);
      if (dice === 0) {
        // What is parked above a lowered depth stays until it is allocated, as in the plain stack.
        stack.depth = random.int(maximumDepth + 1);
        list.depth = stack.depth;
      } else if (dice < bias || held.length === 0) {
        if (held.length < 5_000) allocateBoth(list, stack, held);
      } else {
        freeBoth(stack, held, random);
      }
      if (step % 5_000 === 0) compare(list, stack, held);
    }
    compare(list, stack, held);
    for (const block of held) block.free();
    list.delete();
    system.detach();
  });
}

test("after everything is freed and trimmed, every byte is back in the pool", () => {
  const random = seeded(import.meta.url);
  const system = System.create({ nonPaged: "8 MiB" });
  const list = system.blockList({ tag: "Back", size: 1_536, maximumDepth: 64 });
  const before = whatFits(system);
  const held: Block[] = [];
  for (let step = 0; step < 20_000; step++) {
    const block = random.int(2) === 0 ? list.allocate() : null;
    if (block !== null) held.push(block);
    else held.splice(random.int(held.length + 1), 1)[0]?.free();
  }
  for (const block of held) block.free();
  assert.ok(list.reserve(10) <= 64);
  system.trim();
  assert.equal(list.statistics().parked, 0);
  assert.equal(whatFits(system), before);
  system.detach();
});

/** The largest single run, in chunks, that a system can still give. */
function whatFits(system: System): number {
  system.trim();
  for (let chunks = 128; chunks > 0; chunks--) {
    const address = system.pool.allocate(0, chunks * 65_536, 1, false, 0, 0, 0);
    if (address === 0) continue;
    system.pool.free(address, -1);
    return chunks;
  }
  return 0;
}
