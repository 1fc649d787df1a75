/** The simulator: seeds pass, a seed can be run again to the last access, and what is broken shows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { seeded } from "../support/seed.js";
import { makeSimulatorStage } from "./machine-room.js";
import { type Outcome, simulate } from "./simulation.js";

const SEEDS = process.env["LOOKASIDE_LONG"] === "1" ? 3_000 : 24;
const stage = await makeSimulatorStage();

test("threads that are ended, stalled and told late or twice lose nothing, whatever the seed", (t) => {
  const { seed: first } = seeded(import.meta.url);
  const outcomes: Outcome[] = [];
  for (let run = 0; run < SEEDS; run++) outcomes.push(simulate(stage, (first + run) >>> 0));
  const sum = (of: (outcome: Outcome) => number): number =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0);
  t.diagnostic(
    `${SEEDS} seeds, ${sum(({ steps }) => steps)} accesses, ${sum(({ kills }) => kills)} ended, ` +
      `${sum(({ stalls }) => stalls)} stalls, ${sum(({ doubled }) => doubled)} signals doubled`,
  );
  assert.ok(sum(({ kills }) => kills) > 0 && sum(({ stalls }) => stalls) > 0);
});

test("two runs of a seed are the same to the last access, two seeds are not", () => {
  const random = seeded(import.meta.url);
  for (let run = 0; run < 3; run++) {
    const seed = random.next();
    const outcome = simulate(stage, seed);
    assert.deepEqual(simulate(stage, seed), outcome);
    assert.notEqual(simulate(stage, (seed + 1) >>> 0).hash, outcome.hash);
  }
});

for (const [what, file, from, to] of [
  [
    "forgets what the dead had parked",
    "recovery/recover.ts",
    "for (const state of this.parked)",
    "for (const state of [])",
  ],
  [
    "leaves the locks of the dead alone",
    "recovery/locks.ts",
    "if ((seen & OWNER_MASK) !== dead)",
    "if ((seen & OWNER_MASK) !== -1)",
  ],
] as const) {
  test(`a recovery that ${what} is found out`, async () => {
    const broken = await makeSimulatorStage([{ file, from, to }]);
    let seed = 1;
    const isFound = (): boolean => {
      try {
        simulate(broken, seed);
        return false;
      } catch (error) {
        assert.match((error as Error).message, new RegExp(`^seed ${seed} failed after `));
        return true;
      }
    };
    while (!isFound()) assert.ok(++seed <= 60, "sixty seeds have passed");
  });
}
