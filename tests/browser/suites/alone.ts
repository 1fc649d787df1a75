/**
 * A context that is not cross-origin isolated: the host has no SharedArrayBuffer to give away. A system of
 * one thread works all the same; its ticket is what cannot leave.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { boot, ExAllocatePoolWithTag, ExFreePool, NonPagedPool, shutdown } from "lookaside/wdk";

test("the host says that it is not isolated", () => {
  assert.equal(Reflect.get(globalThis, "crossOriginIsolated") ?? false, false);
  assert.equal(typeof Reflect.get(globalThis, "SharedArrayBuffer"), "undefined");
});

test("a system of one thread works, and all of its blocks come back", () => {
  const system = System.create({ nonPaged: "2 MiB", paged: "64 KiB" });
  const list = system.blockList({ tag: "Alon", size: 300, maximumDepth: 16 });
  const blocks = Array.from({ length: 40 }, () => list.allocate());
  blocks.forEach((block, at) => {
    block?.bytes.fill(at);
  });
  assert.ok(blocks.every((block, at) => block?.bytes.every((byte) => byte === at)));
  for (const block of blocks) block?.free();
  assert.equal(list.statistics().held, 0);
  assert.deepEqual(system.audit().problems, []);
  const channel = system.channel({ name: "to oneself", capacity: 4 });
  assert.ok(channel.push(7));
  assert.equal(channel.pop(), 7);
  system.detach();
});

test("the documented routines work in one thread", () => {
  boot({ nonPagedPoolBytes: 1 << 20 });
  const address = ExAllocatePoolWithTag(NonPagedPool, 100, 0x656e6f41);
  assert.notEqual(address, 0);
  ExFreePool(address);
  shutdown();
});

test("its ticket cannot be posted: the host refuses, and the system works on", async () => {
  if (typeof MessageChannel === "undefined") return; // a worklet makes no channels of its own
  const system = System.create({ nonPaged: "1 MiB", paged: "64 KiB" });
  const { port1, port2 } = new MessageChannel();
  assert.throws(() => port1.postMessage(system.ticket()), { name: "DataCloneError" });
  port2.close();
  const list = system.blockList({ tag: "Alon", size: 64 });
  list.allocate()?.free();
  assert.deepEqual(system.audit().problems, []);
  system.detach();
});
