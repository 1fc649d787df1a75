/**
 * A thread that leaves with blocks in its hands: they become nobody's, and its number means somebody else.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type Block, type BlockList, System } from "lookaside";
import { peek } from "#src/memory/index.js";
import { kindOf, stateIndex, subjectOf } from "#src/pool/index.js";
import { FREE } from "#src/pool/state-word.js";
import { recoverThread } from "#src/recovery/index.js";

const LIST = { tag: "Left", size: 64, maximumDepth: 16, batch: 4 } as const;

let system: System;
let leaver: System;
let list: BlockList;
let leavers: BlockList;

beforeEach(() => {
  system = System.create({ nonPaged: "1 MiB", paged: "1 MiB", depth: { periodMs: 0 } });
  leaver = System.attach(system.ticket());
  list = system.blockList(LIST);
  leavers = leaver.blockList(LIST);
});

afterEach(() => system.detach());

function taken(from: BlockList, count: number): Block[] {
  return Array.from({ length: count }, () => from.allocate() ?? assert.fail("no room"));
}

function stateOf(block: Block): number {
  return peek(system.region.words, stateIndex(system.region, block.address));
}

function ownerOf(block: Block): number {
  return subjectOf(stateOf(block));
}

function demandWhole(held: number): void {
  assert.deepEqual(system.audit().problems, []);
  assert.equal(list.statistics().held, held);
}

test("a thread that detaches leaves what it holds to whoever has the handle", () => {
  const blocks = taken(leavers, 5);
  const handles = blocks.map((block, at) => {
    block.bytes.fill(at);
    return block.handle;
  });
  leaver.detach();
  demandWhole(5);
  handles.forEach((handle, at) => {
    const block = list.adopt(handle);
    assert.equal(block.bytes[63], at);
    block.free();
    assert.throws(() => list.adopt(handle), { code: "ERR_STALE_HANDLE" });
  });
  demandWhole(0);
});

test("the next thread of the same number is not taken for the owner", () => {
  const blocks = taken(leavers, 3);
  const handles = blocks.map((block) => block.handle);
  leaver.detach();
  const next = System.attach(system.ticket());
  assert.equal(next.thread, leaver.thread);
  const own = taken(next.blockList(LIST), 2);
  for (const block of blocks) assert.equal(ownerOf(block), 0);
  const dead = { thread: next.thread, epoch: 1 };
  const [report] = recoverThread(system.region, system.pool, dead, "reclaim");
  assert.equal(report?.reclaimed, own.length, "its end reclaims its own blocks only");
  demandWhole(3);
  for (const handle of handles) list.adopt(handle).free();
  demandWhole(0);
});

test("the objects of a thread that left are refused", () => {
  const [block] = taken(leavers, 1);
  const handle = block?.handle ?? assert.fail();
  leaver.detach();
  const nobodys = { code: "ERR_NOT_OWNER", message: /nobody's since its thread was detached/ };
  assert.throws(() => block?.free(), nobodys);
  assert.throws(() => block?.handle, nobodys);
  block?.[Symbol.dispose]();
  list.adopt(handle).free();
  demandWhole(0);
});

test("what was freed, parked or handed over before is nobody's business at the end", () => {
  const [kept, parked, given] = taken(leavers, 3);
  const adopted = list.adopt(given?.handle ?? assert.fail());
  parked?.free();
  leaver.detach();
  assert.equal(ownerOf(kept ?? assert.fail()), 0);
  assert.equal(ownerOf(adopted), system.thread);
  adopted.free();
  demandWhole(1);
});

test("a thread knows when it holds nothing, without looking at a block", () => {
  const blocks = taken(leavers, 9);
  for (const block of blocks) block.free();
  assert.equal(leavers.mayHold, false);
  const [one] = taken(leavers, 1);
  assert.equal(leavers.mayHold, true);
  one?.free();
  assert.equal(leavers.mayHold, false);
  assert.equal(leavers.reserve(2), 2);
  assert.equal(leavers.mayHold, false, "parked blocks are in nobody's hands");
  assert.equal(leavers.adopt(taken(list, 1)[0]?.handle ?? assert.fail()).free(), undefined);
  assert.equal(leavers.mayHold, false);
  leaver.detach();
  demandWhole(0);
});

test("blocks of a list that another thread deleted go to the pool", () => {
  const blocks = taken(leavers, 3);
  const third = System.attach(system.ticket());
  third.blockList(LIST);
  list.delete();
  leaver.detach();
  assert.deepEqual(system.audit().problems, []);
  for (const block of blocks) assert.equal(kindOf(stateOf(block)), FREE);
  third.detach();
  const nothing = { problems: [], held: 0, cached: 0, depot: 0, sent: 0, stale: 0 };
  assert.deepEqual({ ...system.audit() }, nothing);
});

test("blocks of a list that the thread deleted itself do not keep its number", () => {
  const [block] = taken(leavers, 1);
  leavers.delete();
  leaver.blockList({ tag: "Othe", size: 64 });
  leaver.detach();
  assert.equal(ownerOf(block ?? assert.fail()), 0, "the list lives on in the other thread");
  assert.deepEqual(system.audit().problems, []);
});
