/** Checks of numbers from outside: every refusal names the value, the thing and the bound. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LookasideError, show, truthValue, wholeNumber } from "#src/base/index.js";

test("a whole number within its bounds is given back, both bounds included", () => {
  for (const value of [3, 4, 9]) assert.equal(wholeNumber("depth", value, 3, 9), value);
});

test("anything else is refused with name, value and bounds", () => {
  for (const value of [2, 10, 3.5, Number.NaN, "4", 4n, null, undefined, {}]) {
    const refusal = {
      name: "LookasideError",
      code: "ERR_OPTION",
      message: `Cannot use ${show(value)} as depth: it must be a whole number from 3 to 9`,
    };
    assert.throws(() => wholeNumber("depth", value, 3, 9), refusal);
  }
});

test("a refusal carries the code that the caller names", () => {
  assert.throws(() => wholeNumber("Tag", -1, 0, 9, "ERR_ARGUMENT"), { code: "ERR_ARGUMENT" });
});

test("a truth value is true or false, and nothing that is merely like one", () => {
  assert.equal(truthValue("checked", true), true);
  assert.equal(truthValue("checked", false), false);
  for (const value of [0, 1, "true", null, undefined]) {
    const message = `Cannot use ${show(value)} as checked: it must be true or false`;
    assert.throws(() => truthValue("checked", value), { code: "ERR_OPTION", message });
  }
});

test("a value is shown without calling any code of its own", () => {
  const trap = {
    toString: () => assert.fail("toString was called"),
    [Symbol.toPrimitive]: () => assert.fail("toPrimitive was called"),
  };
  const shown: readonly [unknown, string][] = [
    ["text", '"text"'],
    ["x".repeat(65), `"${"x".repeat(64)}…"`],
    [7n, "7n"],
    [Symbol("secret"), "a symbol"],
    [() => 1, "a function"],
    [null, "null"],
    [[1, 2], "an array"],
    [trap, "an object"],
    [undefined, "undefined"],
    [-0.5, "-0.5"],
  ];
  for (const [value, text] of shown) assert.equal(show(value), text);
});

test("an error keeps its cause", () => {
  const cause = new Error("the host said no");
  assert.equal(new LookasideError("ERR_MEMORY", "Cannot", { cause }).cause, cause);
});
