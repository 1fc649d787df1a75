/**
 * Threads that end while they make a list or a channel: the record is complete, or it is the pool's again.
 *
 * The dead are played: a second attachment of this thread does the call up to some step, and is recovered.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import { recordPlaces } from "#src/list/index.js";
import { recoverThread } from "#src/recovery/index.js";
import { dieAt, stepsOf } from "../../support/mortal.js";
import { auditPool } from "../../support/pool-audit.js";

/** Steps before the end of the call in which something is made; before that it looks for the name. */
const LAST = 160;

for (const [what, make] of [
  ["list", (system: System) => system.blockList({ tag: "Half", size: 64, maximumDepth: 8 })],
  ["channel", (system: System) => system.channel({ name: "half", capacity: 2 })],
] as const) {
  test(`a ${what} that its maker did not finish is no loss, wherever it ended`, () => {
    const system = System.create({ nonPaged: "1 MiB", threads: 2, depth: { periodMs: 0 } });
    const open = System.attach(system.ticket());
    const steps = stepsOf(() => make(open).delete());
    open.detach();
    for (let step = Math.max(1, steps - LAST); step <= steps; step++) {
      const dead = System.attach(system.ticket());
      dieAt(step, () => make(dead));
      recoverThread(system.region, system.pool, dead.identity, "reclaim");
      const { problems, held } = system.audit();
      assert.deepEqual(problems, [], `at step ${step}`);
      const isMade = held > 0;
      if (what === "list") assert.equal(recordPlaces(system.region).length > 0, isMade);
      if (isMade) make(system).delete();
      assert.equal(system.audit().held, 0, `a record was lost at step ${step}`);
    }
    system.trim();
    const sound = auditPool(system.region).problems.filter(
      (problem) => !problem.startsWith("tag "),
    );
    assert.deepEqual(sound, []);
    system.detach();
  });
}
