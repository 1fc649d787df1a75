/**
 * Every JavaScript example of the README runs, and prints what its comments say.
 *
 * A line `console.log(x); // text` is a promise: the output must hold the text up to a colon or semicolon.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { repositoryRoot } from "../support/repository.js";

const run = promisify(execFile);
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
    const { stdout } = await run(process.execPath, [fileURLToPath(file)], { timeout: 60_000 });
    const lines = stdout.split("\n");
    let promised = 0;
    for (const match of code.matchAll(/^ *console\.log\(.*\); \/\/ (?<what>true|false|\d+)\b/gm)) {
      assert.ok(lines.includes(match.groups?.["what"] ?? ""), `${match[0]} in ${stdout}`);
      promised++;
    }
    assert.ok(promised > 0, "an example promises some output");
  });
});
