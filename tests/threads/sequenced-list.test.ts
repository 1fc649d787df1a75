/**
 * Several threads on one sequenced list: every entry is on the list or in one thread's hands, and after
 * millions of changes all of them are there.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ExAllocatePoolWithTag,
  ExInterlockedPushEntrySList,
  InitializeSListHead,
  NonPagedPool,
  QueryDepthSList,
  tag,
  ticket,
} from "lookaside/wdk";
import { chainOf, freshMachine } from "../conformance/bench.js";
import { crew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import type { shuffle } from "./lookaside.tasks.js";
import { heldBlocks, makeRegistry } from "./ownership.js";

const random = seeded(import.meta.url);
const CALLS = process.env["LOOKASIDE_LONG"] === "1" ? 10_000_000 : 150_000;
const tasks = new URL("./lookaside.tasks.js", import.meta.url);

for (const [threads, entries] of [
  [2, 3],
  [3, 100],
  [4, 12],
] as const) {
  test(`${threads} threads share ${entries} entries of one list, and none is lost or doubled`, async (t) => {
    freshMachine(t);
    const head = ExAllocatePoolWithTag(NonPagedPool, 16 * (entries + 1), tag("SLst"));
    InitializeSListHead(head);
    const all = Array.from({ length: entries }, (_, index) => head + 16 * (index + 1));
    for (const entry of all) ExInterlockedPushEntrySList(head, entry);
    const registry = makeRegistry(64 * 2 ** 20);
    const data = { ticket: ticket(), registry, head, calls: CALLS, seed: random.next() };
    const changes = await crew<typeof shuffle>(tasks, { threads, run: "shuffle", data });
    assert.ok(
      changes.every((count) => count > 0),
      "a thread did not come to its turn",
    );
    assert.equal(QueryDepthSList(head), entries);
    assert.deepEqual(chainOf(head).sort(), all.sort());
    assert.equal(heldBlocks(registry), 0);
  });
}
