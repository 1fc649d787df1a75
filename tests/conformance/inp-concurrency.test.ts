/**
 * ExInitializeNPagedLookasideList on several processors. The list takes no lock, so what is shown is the
 * purpose of one: nothing is lost and nothing is handed out twice.
 */
import assert from "node:assert/strict";
import {
  ExDeleteNPagedLookasideList,
  queryLookaside,
  queryPoolBlock,
  setLookasideDepth,
  ticket,
} from "lookaside/wdk";
import { crew } from "../support/crew.js";
import { seeded } from "../support/seed.js";
import { chainOf, charged, countOf, freshMachine, nonpagedList } from "./bench.js";
import { clause } from "./clause.js";
import type { SharedList, stampAndCheck } from "./stamps.tasks.js";

const random = seeded(import.meta.url);
const stamps = new URL("./stamps.tasks.js", import.meta.url);

clause(
  "INP-38",
  "the list is safe on several processors: nothing is lost or doubled",
  async (t) => {
    freshMachine(t);
    for (const depth of [1, 4, 60]) {
      const list = nonpagedList({ size: 48 });
      setLookasideDepth(list, depth);
      const data: SharedList = {
        ticket: ticket(),
        list,
        family: "nonpaged",
        size: 48,
        steps: 20_000,
        heldMax: 20,
        seed: random.next(),
      };
      const run = "stampAndCheck";
      const witnesses = await crew<typeof stampAndCheck>(stamps, { threads: 3, run, data });
      assert.deepEqual(
        witnesses.flatMap(({ conflicts }) => conflicts),
        [],
      );
      const chain = chainOf(list);
      assert.ok(chain.length <= depth);
      assert.equal(countOf(list), chain.length);
      assert.equal(charged().blocks, chain.length);
      for (const entry of chain) assert.equal(queryPoolBlock(entry)?.bytes, 48);
      const { TotalAllocates, TotalFrees } = queryLookaside(list);
      const allocates = witnesses.reduce((total, witness) => total + witness.allocates, 0);
      assert.deepEqual([TotalAllocates, TotalFrees], [allocates, allocates]);
      ExDeleteNPagedLookasideList(list);
      assert.equal(charged().blocks, 0);
    }
  },
);
