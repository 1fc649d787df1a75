/** A system that an AudioWorklet makes for itself: no timers, no text codecs, no random numbers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { lockPrefix } from "#src/threads/index.js";

test("a worklet makes systems of its own, each with an id of its own", () => {
  const ids = Array.from({ length: 2 }, () => {
    const system = System.create({ nonPaged: "1 MiB", paged: "64 KiB" });
    const list = system.blockList({ tag: "Wklt", size: 64, name: "名前" });
    for (let round = 0; round < 1_000; round++) list.allocate()?.free();
    assert.equal(list.name, "名前");
    assert.deepEqual(system.audit().problems, []);
    const id = lockPrefix(system.region);
    system.detach();
    return id;
  });
  assert.notEqual(ids[0], ids[1]);
});

test("a worklet has no Web Locks to watch by, and is told so", () => {
  const system = System.create({ nonPaged: "1 MiB", paged: "64 KiB" });
  assert.throws(() => system.watchThreads(), { code: "ERR_NO_LOCKS" });
  system.detach();
});
