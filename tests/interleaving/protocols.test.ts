/**
 * The shipping code under every schedule: the small scenarios of each protocol. The full set is
 * `npm run explore -- --full`.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { againLine } from "./again-line.js";
import { explore, NO_LIMITS } from "./explorer/index.js";
import { SCENARIOS } from "./scenarios/index.js";
import { makeStage, type Stage } from "./stage/stage.js";

let stage: Stage;
before(async () => {
  stage = await makeStage();
});

for (const scenario of SCENARIOS.filter(({ quick }) => quick)) {
  test(`nothing goes wrong in any schedule of ${scenario.name}`, () => {
    const { fault, complete } = explore(scenario.plan(stage), { ...NO_LIMITS, ...scenario.limits });
    assert.equal(
      fault,
      null,
      `${fault?.problem}\n${fault?.trace.join("\n")}\n` +
        againLine(scenario.name, fault?.schedule ?? ""),
    );
    assert.ok(complete);
  });
}
