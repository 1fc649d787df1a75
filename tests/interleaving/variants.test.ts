/**
 * The checker is checked: every known-wrong variant of the shipping code is caught by a scenario, and
 * changes that are no faults show nothing.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runEquivalent, runVariant } from "./run-variants.js";
import { applyPatches } from "./stage/patch.js";
import { EQUIVALENT_VARIANTS, VARIANTS, type Variant } from "./variants/index.js";

for (const variant of VARIANTS) {
  test(`it is caught when ${variant.name}`, async () => {
    const { caughtBy, fault } = await runVariant(variant);
    assert.notEqual(caughtBy, null);
    if (variant.needsDeath === true) assert.match(fault?.schedule ?? "", /!/, "nobody died");
  });
}

test("every variant says what goes wrong then", () => {
  const silent = VARIANTS.filter(({ problem }) => problem === undefined).map(({ name }) => name);
  assert.deepEqual(silent, [], "npm run explore -- --variant NAME shows it");
});

for (const variant of EQUIVALENT_VARIANTS) {
  test(`nothing shows when ${variant.name}`, async () => {
    await runEquivalent(variant);
  });
}

test("a fault is a catch only if it is the one that was to be expected", async () => {
  const first = VARIANTS.find(({ name }) => name === "a push rings for nobody") as Variant;
  const other = { ...first, problem: /a value was popped twice/ };
  await assert.rejects(runVariant(other), /caught for another reason/);
});

test("a program that is broken shows nothing", async () => {
  const broken = {
    name: "a name that nothing has",
    patches: [
      { file: "channel/bell.ts", from: "wake(this.#words, this.#bell, 1);", to: "wakes();" },
    ],
    by: ["channel/:p-:O/capacity=1"],
    problem: /./,
  };
  await assert.rejects(runVariant(broken), /caught for another reason.*\n.*wakes is not defined/);
});

test("a change that does not fit exactly once is refused", () => {
  const patch = { file: "a.ts", from: "x", to: "y" };
  assert.equal(applyPatches([patch], "a.ts", "1 x 2"), "1 y 2");
  assert.throws(() => applyPatches([patch], "a.ts", "x x"), /fits 2 places/);
  assert.throws(() => applyPatches([patch], "a.ts", "y"), /fits 0 places/);
});
