/**
 * What a list leaves behind when it ends: blocks that are still held, handles that are still known, and a
 * name and a number that are given again.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type BlockList, type Handle, NO_HANDLE, System } from "lookaside";
import { peek } from "#src/memory/index.js";
import { kindOf, stateIndex } from "#src/pool/index.js";
import { FREE } from "#src/pool/state-word.js";
import { recoverThread } from "#src/recovery/index.js";

const SMALL = { tag: "Ends", size: 100, batch: 2 } as const;
const LARGE = { tag: "Ends", size: 4_000, batch: 2 } as const;

let system: System;
let other: System;
let list: BlockList<"Ends">;

beforeEach(() => {
  system = System.create({ nonPaged: "1 MiB", paged: "1 MiB", depth: { periodMs: 0 } });
  other = System.attach(system.ticket());
  list = system.blockList(SMALL);
});

afterEach(() => {
  other.detach();
  const audit = system.audit();
  system.detach();
  assert.deepEqual(audit.problems, []);
});

function refused(code: string, action: () => unknown): void {
  assert.throws(action, { code });
}

function isFree(address: number): boolean {
  return kindOf(peek(system.region.words, stateIndex(system.region, address))) === FREE;
}

/** A block of a list, by handle. */
function handleIn(of: BlockList<"Ends">): Handle<"Ends"> {
  const handle = of.allocateHandle();
  assert.notEqual(handle, NO_HANDLE, "no room");
  return handle as Handle<"Ends">;
}

test("a handle of a list that has gone is none of the list that has its name and number now", () => {
  const [freed, shared] = [handleIn(list), handleIn(list)];
  list.share(shared);
  list.delete();
  const again = system.blockList(LARGE);
  const theirs = other.blockList(LARGE);
  refused("ERR_FOREIGN_BLOCK", () => again.freeHandle(freed));
  refused("ERR_FOREIGN_BLOCK", () => again.share(freed));
  refused("ERR_FOREIGN_BLOCK", () => again.adopt(shared));
  refused("ERR_FOREIGN_BLOCK", () => theirs.adoptHandle(shared));
  assert.equal(again.statistics().held, 0);
  const blocks = [again.allocateOrThrow(), theirs.allocateOrThrow()];
  for (const block of blocks) block.bytes.fill(7);
  assert.deepEqual(system.audit().problems, []);
  for (const block of blocks) block.free();
});

test("blocks of a list that has gone are counted in no list, and freed by who holds them", () => {
  const blocks = Array.from({ length: 5 }, () => list.allocateOrThrow());
  list.delete();
  const again = system.blockList(SMALL);
  again.allocateOrThrow();
  assert.deepEqual(system.audit().problems, []);
  assert.equal(again.statistics().held, 1);
  const gone = system.leaks().find((leak) => leak.list === null);
  assert.deepEqual([gone?.held, gone?.bytes], [5, 5 * 112]);
  const { held } = system.audit();
  for (const block of blocks) block.free();
  assert.equal(system.audit().held, held - blocks.length);
  assert.equal(again.statistics().parked, 0);
});

test("blocks of a list that has gone go to the pool when their thread ends, or detaches", () => {
  const [mine, theirs] = [list, other.blockList(SMALL)];
  const died = [theirs.allocateOrThrow(), theirs.allocateOrThrow()];
  const left = mine.allocateOrThrow();
  theirs.delete();
  mine.delete();
  const again = system.blockList(SMALL);
  other.blockList(SMALL);
  const [report] = recoverThread(system.region, system.pool, other.identity, "reclaim");
  assert.equal(report?.reclaimed, 0, "they are no blocks of a list that it had open");
  for (const block of died) assert.ok(isFree(block.address));
  other = System.attach(system.ticket());
  const third = System.attach(system.ticket());
  const passing = third.blockList({ ...SMALL, tag: "Pass" });
  const kept = passing.allocateOrThrow();
  passing.delete();
  third.detach();
  assert.ok(isFree(kept.address));
  left.free();
  assert.equal(again.statistics().held, 0);
});

test("what is nobody's of a list goes to the pool with the last thread that leaves it", () => {
  const leaver = System.attach(system.ticket());
  const orphans = [1, 2, 3].map(() => leaver.blockList(SMALL).allocateOrThrow());
  leaver.detach();
  const theirs = other.blockList(SMALL);
  list.delete();
  for (const orphan of orphans) assert.ok(!isFree(orphan.address));
  theirs.delete();
  for (const orphan of orphans) assert.ok(isFree(orphan.address));
});

test("who has left a list adopts and receives nothing by it, and what was sent stays where it is", () => {
  const theirs = other.blockList(SMALL);
  const channel = system.channel({ name: "ends", capacity: 4 });
  const block = theirs.allocateOrThrow();
  const sent = theirs.allocateOrThrow();
  assert.ok(theirs.through(other.channel({ name: "ends", capacity: 4 })).send(sent));
  const lane = list.through(channel);
  list.delete();
  theirs.delete();
  refused("ERR_LIST_DELETED", () => list.adopt(block.handle));
  refused("ERR_LIST_DELETED", () => list.adoptHandle(block.handle));
  refused("ERR_LIST_DELETED", () => lane.receive());
  refused("ERR_LIST_DELETED", () => lane.receiveHandle());
  assert.equal(channel.size, 1);
  assert.equal(channel.statistics().stale, 0);
  block.free();
});

test("a deleted list takes no block of the list that has its number now", () => {
  const before = system.blockList<string>({ tag: "Befo", size: 64 });
  before.delete();
  const after = system.blockList<string>({ tag: "Afte", size: 64 });
  const handle = after.allocateHandle() as Handle;
  assert.throws(() => before.freeHandle(handle), { code: "ERR_FOREIGN_BLOCK" });
  assert.throws(() => before.offsetOf(handle), { code: "ERR_FOREIGN_BLOCK" });
  assert.throws(() => before.adopt(after.share(handle)), { code: "ERR_LIST_DELETED" });
  after.freeHandle(handle);
  assert.equal(after.statistics().held, 0);
});

test("a thread that has left a list adopts none of its blocks: its number may be another thread's", () => {
  const other = System.attach(system.ticket());
  const here = system.blockList<string>({ tag: "Left", size: 16 });
  const there = other.blockList<string>({ tag: "Left", size: 16 });
  const handle = there.allocateOrThrow().handle as Handle;
  other.detach();
  const left = { code: "ERR_LIST_DELETED" };
  assert.throws(() => there.adopt(handle), left);
  assert.throws(() => there.adoptHandle(handle), left);
  assert.equal(System.attach(system.ticket()).thread, other.thread);
  here.adopt(handle).free();
  assert.equal(here.statistics().held, 0);
});

test("a number may be given as often as you like", () => {
  const kept: { free(): void }[] = [];
  for (let round = 0; round < 2_000; round++) {
    const passing = system.blockList({ ...SMALL, tag: "Pass" });
    const block = passing.allocateOrThrow();
    if (round % 100 === 0) kept.push(block);
    else block.free();
    passing.delete();
  }
  assert.deepEqual(system.audit().problems, []);
  assert.equal(
    system.audit().held,
    kept.length + 1,
    "the kept ones, and the record of the other list",
  );
  for (const block of kept) block.free();
});
