/**
 * The checker is checked: every known-wrong variant of the shipping code is caught by a scenario, and
 * changes that are no faults show nothing.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runEquivalent, runVariant } from "./run-variants.js";
import { applyPatches } from "./stage/patch.js";
import { EQUIVALENT_VARIANTS, VARIANTS } from "./variants/index.js";

for (const variant of VARIANTS) {
  test(`it is caught when ${variant.name}`, async () => {
    const { caughtBy, fault } = await runVariant(variant);
    assert.notEqual(caughtBy, null);
    if (variant.needsDeath === true) assert.match(fault?.schedule ?? "", /!/, "nobody died");
  });
}

for (const variant of EQUIVALENT_VARIANTS) {
  test(`nothing shows when ${variant.name}`, async () => {
    await runEquivalent(variant);
  });
}

test("a change that does not fit exactly once is refused", () => {
  const patch = { file: "a.ts", from: "x", to: "y" };
  assert.equal(applyPatches([patch], "a.ts", "1 x 2"), "1 y 2");
  assert.throws(() => applyPatches([patch], "a.ts", "x x"), /fits 2 places/);
  assert.throws(() => applyPatches([patch], "a.ts", "y"), /fits 0 places/);
});
