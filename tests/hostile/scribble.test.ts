/**
 * The storm again, while somebody writes into the attacked descriptors themselves: what no machine
 * survives. Still every outcome is documented and none hangs, the pool holds against its audit, and
 * lists that were not written to go on exactly, whoever their neighbours in the set are.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { ticket } from "lookaside/wdk";
import { freshMachine } from "../conformance/bench.js";
import { auditPool } from "../support/pool-audit.js";
import { seeded } from "../support/seed.js";
import { Storm } from "./storm.js";

const random = seeded(import.meta.url);
const CALLS = process.env["LOOKASIDE_LONG"] === "1" ? 2_000_000 : 60_000;

test("overwritten descriptors harm their own lists alone", (t) => {
  freshMachine(t, {
    checked: true,
    nonPagedPoolBytes: "32 MiB",
    pagedPoolBytes: "32 MiB",
    threads: 4,
  });
  const system = System.attach(ticket());
  t.after(() => system.detach());
  const storm = new Storm(random, true);
  for (let call = 1; call <= CALLS; call++) {
    storm.step();
    if (call % 1_000 !== 0) continue;
    storm.calm();
    assert.deepEqual(auditPool(system.region).problems, []);
    if (storm.freeBytes < 2 ** 20) continue; // the attacker has taken all: nobody else has room
    for (const bystander of storm.arena.bystanders) bystander.verify();
    storm.arena.spareBystanders();
  }
  storm.calm();
  for (const bystander of storm.arena.bystanders) bystander.end();
});
