/** Memory that one thread has grown is memory for every other one, in every routine that touches it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ExAllocateFromLookasideListEx,
  ExAllocatePoolWithTag,
  ExFreePool,
  NonPagedPool,
  queryLookaside,
  tag,
  ticket,
} from "lookaside/wdk";
import { chainOf, freshMachine } from "../conformance/bench.js";
import { startCrew } from "../support/crew.js";
import { ATTACHED, GROWN, type makeList } from "./grown-memory.tasks.js";

const tasks = new URL("./grown-memory.tasks.js", import.meta.url);

test("a thread makes, fills and queries a list in memory that has grown since it attached", async (t) => {
  freshMachine(t, { nonPagedPoolBytes: "64 MiB" });
  const place = new Float64Array(new SharedArrayBuffer(8));
  const data = { ticket: ticket(), place };
  const running = startCrew<typeof makeList>(tasks, { threads: 1, run: "makeList", data });
  await running.gates.reached(ATTACHED);
  const large = ExAllocatePoolWithTag(NonPagedPool, 40 * 2 ** 20, tag("Grow"));
  place[0] = large + 40 * 2 ** 20 - 4_096;
  running.gates.raise(GROWN);
  const [outcome] = await running.outcomes;
  assert.ok(outcome?.kind === "returned", String(outcome?.kind === "failed" ? outcome.error : ""));
  const list = place[0];
  const { Family, Depth, Size, TotalAllocates, TotalFrees } = queryLookaside(list);
  assert.deepEqual([Family, Depth, Size, TotalAllocates, TotalFrees], ["Ex", 4, 48, 3, 3]);
  assert.deepEqual(chainOf(list), outcome.result);
  assert.equal(ExAllocateFromLookasideListEx(list), outcome.result[0]);
  ExFreePool(outcome.result[0] as number);
});
