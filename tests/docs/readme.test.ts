/**
 * Every JavaScript example of the README runs, and prints what its comments say.
 *
 * A line `console.log(x); // word` is a promise: a line of the output must be the word.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../support/repository.js";
import { promisesOf, runExample } from "./examples.js";

const readme = readFileSync(new URL("README.md", repositoryRoot), "utf8");
const examples = [...readme.matchAll(/```js\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");

test("the README has examples", () => {
  assert.ok(examples.length >= 2);
});

examples.forEach((code, index) => {
  test(`README example ${index + 1} runs and prints what it says`, async () => {
    const folder = new URL("build/examples-of-readme/", repositoryRoot); // so that the package finds itself
    mkdirSync(folder, { recursive: true });
    const file = new URL(`${index + 1}.js`, folder);
    writeFileSync(file, code);
    assert.ok(promisesOf(code).length > 0, "an example promises some output");
    await runExample(fileURLToPath(file), code);
  });
});
