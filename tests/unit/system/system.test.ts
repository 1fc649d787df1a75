/** A system: made, attached to by ticket, left by threads, closed to newcomers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";

const SMALL = { nonPaged: "1 MiB", paged: "1 MiB", threads: 2, depth: { periodMs: 0 } } as const;

test("who makes a system is its thread 1, and is gone after it detached", () => {
  const system = System.create(SMALL);
  assert.deepEqual([system.thread, system.threads], [1, 1]);
  system.detach();
  system.detach();
  assert.equal(system.threads, 0);
});

test("a second way into the same memory has a number and a pool of its own", () => {
  const first = System.create(SMALL);
  const second = System.attach(first.ticket());
  assert.deepEqual([second.thread, first.threads, second.memory], [2, 2, first.memory]);
  const block = first.pool.allocate(0, 100, 7, false, 0, 0, 0);
  assert.equal(second.pool.inspect(block)?.owner, 1);
  assert.equal(second.pool.free(block, 7), 0);
  second.detach();
  first.detach();
});

test("a system that is full takes nobody until one leaves", () => {
  const first = System.create(SMALL);
  const second = System.attach(first.ticket());
  assert.throws(() => System.attach(first.ticket()), { code: "ERR_THREADS_FULL" });
  second.detach();
  const third = System.attach(first.ticket());
  assert.equal(third.thread, 2);
  for (const system of [first, third]) system.detach();
});

test("a closed system takes nobody, and those in it go on", () => {
  const first = System.create(SMALL);
  const second = System.attach(first.ticket());
  first.close();
  assert.throws(() => System.attach(second.ticket()), { code: "ERR_SYSTEM_CLOSED" });
  assert.notEqual(second.pool.allocate(0, 64, 1, false, 0, 0, 0), 0);
  second.detach();
});

test("two systems share nothing", () => {
  const one = System.create(SMALL);
  const other = System.create(SMALL);
  assert.notEqual(one.memory, other.memory);
  const blocks = [one, other].map(({ pool }) => pool.allocate(0, 64, 1, false, 0, 0, 0));
  assert.equal(blocks[0], blocks[1]);
  one.pool.free(blocks[0] as number, -1);
  assert.equal(one.pool.inspect(blocks[0] as number), null);
  assert.notEqual(other.pool.inspect(blocks[1] as number), null);
  for (const system of [one, other]) system.detach();
});

test("trim says how many bytes any size can use again", () => {
  const system = System.create(SMALL);
  const block = system.pool.allocate(0, 64, 1, false, 0, 0, 0);
  assert.equal(system.trim(), 0);
  system.pool.free(block, -1);
  assert.equal(system.trim(), 65_536);
  system.detach();
});

test("using lets go of a system at the end of its block", () => {
  const system = System.create(SMALL);
  system[Symbol.dispose]();
  assert.equal(system.threads, 0);
});

test("what cannot be laid out is refused before any memory is made", () => {
  const limits = { nonPaged: "3 GiB", paged: "3 GiB" } as const;
  assert.throws(() => System.create(limits), { code: "ERR_OPTION", message: /32-bit addresses/ });
});
