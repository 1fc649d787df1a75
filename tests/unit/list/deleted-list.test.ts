/**
 * What is left of a block list that was deleted: blocks in hands, handles under way, objects of threads
 * that have left it. Its number and the memory of its record go to the next list, and it has no part in them.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type Handle, System } from "lookaside";

let system: System;

beforeEach(() => {
  system = System.create({ nonPaged: "8 MiB", depth: { periodMs: 0 } });
});

afterEach(() => {
  assert.deepEqual(system.audit().problems, []);
  system.detach();
});

test("a block that is held when its list goes is no block of the list that is made next", () => {
  const small = system.blockList({ tag: "Smal", size: 16 });
  const held = small.allocateOrThrow();
  const { handle } = held;
  small.delete();
  const large = system.blockList({ tag: "Larg", size: 4096 });
  assert.deepEqual(system.audit().problems, []);
  const leaks = system.leaks().map(({ list, held: count, bytes }) => [list, count, bytes]);
  assert.deepEqual(leaks, [[null, 1, 48]]);
  assert.throws(() => large.adopt(large.handleFrom(handle)), { code: "ERR_FOREIGN_BLOCK" });
  held.free();
  assert.deepEqual(system.leaks(), []);
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

test("a thread that has left a list takes nothing from a channel of its blocks", async () => {
  const other = System.attach(system.ticket());
  const options = { tag: "Left", size: 16 } as const;
  const [here, there] = [system.blockList(options), other.blockList(options)];
  const channel = system.channel({ name: "left" });
  const [lane, otherLane] = [here.through(channel), there.through(other.channel({ name: "left" }))];
  assert.equal(lane.send(here.allocateOrThrow()), true);
  there.delete();
  const left = { code: "ERR_LIST_DELETED" };
  assert.throws(() => otherLane.receive(), left);
  assert.throws(() => otherLane.receiveHandle(), left);
  await assert.rejects(otherLane.receiveAsync(), left);
  assert.equal(channel.size, 1);
  lane.receive()?.free(); // the list is deleted, but this thread has not left it
  other.detach();
});

test("what a thread still holds of a list that is gone goes to the pool when the thread leaves", () => {
  const other = System.attach(system.ticket());
  const list = other.blockList({ tag: "Gone", size: 16 });
  const held = list.allocateOrThrow();
  list.delete();
  assert.equal(system.leaks().length, 1);
  other.detach();
  assert.deepEqual(system.leaks(), []);
  const next = System.attach(system.ticket());
  assert.equal(next.thread, other.thread);
  const theirs = next.blockList({ tag: "Next", size: 16 }).allocateOrThrow();
  assert.throws(() => held.free(), { code: "ERR_DOUBLE_FREE" });
  theirs.free();
  next.detach();
});
