/**
 * A storm of at least 100,000 random calls in checked mode, with every function of the door, wrong
 * types, wild addresses, freed and foreign blocks, and routines that turn on their callers:
 *
 * - every outcome is a value, a raise, a bug check or a LookasideError that is documented, and none hangs;
 * - the pool holds against its audit, the sets of lists are whole both ways round;
 * - lists that were not attacked go on exactly, and legal work can be done.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import * as wdk from "lookaside/wdk";
import { freshMachine } from "../conformance/bench.js";
import { auditPool } from "../support/pool-audit.js";
import { seeded } from "../support/seed.js";
import { auditSets } from "../support/set-audit.js";
import { LIST_FAMILIES } from "../unit/wdk/list-families.js";
import { ATTACKS, CALLED_APART, CLASSES } from "./attacks.js";
import { Storm } from "./storm.js";

const random = seeded(import.meta.url);
const CALLS = process.env["LOOKASIDE_LONG"] === "1" ? 3_000_000 : 120_000;
const BETWEEN_LOOKS = 2_000;

test("no function of the door is left out", () => {
  const functions = Object.entries(wdk).flatMap(([name, value]) =>
    typeof value === "function" ? [name] : [],
  );
  const known = [...ATTACKS.map(({ name }) => name), ...CALLED_APART, ...CLASSES];
  assert.deepEqual(functions.sort(), known.sort());
});

/** A list of each family, made, used and deleted by the book; pool and sequenced list as well. */
function legalWork(): void {
  for (const family of LIST_FAMILIES) {
    const list = family.make({ size: 40, tag: wdk.tag("Legl") });
    const entries = [1, 2, 3, 4, 5, 6].map(() => family.allocate(list));
    assert.ok(entries.every((entry) => entry !== 0));
    for (const entry of entries) family.free(list, entry);
    assert.deepEqual(wdk.parkedEntries(list), entries.slice(0, 4).reverse());
    family.remove(list);
    wdk.ExFreePool(list);
  }
  const head = wdk.ExAllocatePool2(wdk.POOL_FLAG_NON_PAGED, 64, wdk.tag("Legl"));
  wdk.InitializeSListHead(head);
  assert.equal(wdk.InterlockedPushEntrySList(head, head + 32), 0);
  assert.equal(wdk.InterlockedPopEntrySList(head), head + 32);
  wdk.ExFreePoolWithTag(head, wdk.tag("Legl"));
  assert.equal(wdk.poolUsage(wdk.tag("Legl")).NonPaged.Diff, 0);
}

test("nothing undocumented comes out of a storm, and whoever stood aside is unharmed", (t) => {
  freshMachine(t, {
    checked: true,
    nonPagedPoolBytes: "32 MiB",
    pagedPoolBytes: "32 MiB",
    threads: 4,
  });
  const system = System.attach(wdk.ticket());
  t.after(() => system.detach());
  const storm = new Storm(random);
  const look = (): void => {
    storm.calm();
    assert.deepEqual(auditPool(system.region).problems, []);
    const { problems, lists } = auditSets(system.region);
    assert.deepEqual(problems, []);
    for (const { list } of storm.arena.bystanders) assert.ok(lists.includes(list));
    if (storm.freeBytes < 2 ** 20) return; // the attacker has taken all: legal work has no room
    for (const bystander of storm.arena.bystanders) bystander.verify();
    storm.arena.spareBystanders();
    legalWork();
  };
  for (let call = 1; call <= CALLS; call++) {
    storm.step();
    if (call % BETWEEN_LOOKS === 0) look();
  }
  look();
  for (const bystander of storm.arena.bystanders) bystander.end();
  assert.equal(wdk.poolUsage(wdk.tag("Byst")).NonPaged.Diff, 0);
  assert.equal(wdk.poolUsage(wdk.tag("Byst")).Paged.Diff, 0);
  for (const kind of [
    "a value",
    "a LookasideError",
    "a raise",
    "a bug check",
    "an error of a routine",
  ]) {
    const count = storm.outcomes.get(kind) ?? 0;
    assert.ok(count > CALLS / 20_000, `${kind} came out ${count} times only`);
  }
  t.diagnostic([...storm.outcomes].map(([kind, count]) => `${kind}: ${count}`).join(", "));
});
