/**
 * The pass over the blocks of one thread finds exactly what the pass over all blocks finds of it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Handle, NO_HANDLE, System } from "lookaside";
import { CACHED, DEPOT, HELD, kindOf, subjectOf, walkBlocks, walkOwned } from "#src/pool/index.js";

const SIZES = [1, 16, 48, 100, 500, 512, 1_024, 1_536, 2_048, 2_049, 4_096, 5_000, 12_288, 61_440];
const RUNS = [61_441, 65_536, 200_000];

test("the blocks that name a thread are found in slabs of every size, and in runs", () => {
  using system = System.create({ nonPaged: "64 MiB", paged: "16 MiB" });
  const other = System.attach(system.ticket());
  for (const size of [...SIZES, ...RUNS]) {
    for (const thread of [system, other]) {
      const pool = size === 512 ? "paged" : "nonPaged";
      const list = thread.blockList({
        tag: "Walk",
        name: `${size}`,
        size,
        maximumDepth: 8,
        policy: "fixed",
        pool,
        batch: 2,
      });
      const held: Handle[] = [];
      for (let block = 0; block < (size > 4_096 ? 5 : 40); block++) {
        const handle = list.allocateHandle();
        if (handle !== NO_HANDLE) held.push(handle);
      }
      for (const handle of held.splice(0, held.length >> 1))
        list.freeHandle(list.handleFrom(handle));
    }
  }
  for (const thread of [system.thread, other.thread]) {
    for (const withDepots of [false, true]) {
      const expected = new Map<number, number>();
      walkBlocks(system.region, (state, seen) => {
        const kind = kindOf(seen);
        const isOwned = (kind === HELD || kind === CACHED) && subjectOf(seen) === thread;
        if (isOwned || (withDepots && kind === DEPOT)) expected.set(state, seen);
      });
      const found = new Map<number, number>();
      walkOwned(system.region, thread, withDepots, (state, seen) => {
        const kind = kindOf(seen);
        if (kind === HELD || kind === CACHED || (withDepots && kind === DEPOT))
          found.set(state, seen);
      });
      assert.ok(expected.size > SIZES.length);
      assert.deepEqual(found, expected);
    }
  }
  other.detach();
});
