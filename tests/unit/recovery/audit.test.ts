/** The audit finds no fault where there is none: what the storms of tests/hostile found wrong with it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";

test("who deleted a list may free what it held of it while others are still in it", () => {
  const options = {
    nonPaged: "1 MiB",
    paged: "64 KiB",
    threads: 2,
    depth: { periodMs: 0 },
  } as const;
  const system = System.create(options);
  const other = System.attach(system.ticket());
  const list = system.blockList({ tag: "Gone", size: 48 });
  const theirs = other.blockList({ tag: "Gone", size: 48 });
  const [block, second] = [list.allocate(), theirs.allocate()];
  list.delete();
  block?.free();
  assert.deepEqual(system.audit().problems, []);
  second?.free();
  other.detach();
  assert.deepEqual(system.audit().problems, []);
  assert.equal(system.audit().held, 0);
  system.detach();
});
