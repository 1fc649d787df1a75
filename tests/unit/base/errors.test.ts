/** The table of error codes and what the library does with it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { ERROR_CODES, LookasideError } from "#src/base/index.js";
import { repositoryRoot } from "../../support/repository.js";

const source = new URL("src/", repositoryRoot);
const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && path !== "base/errors.ts")
  .map((path) => readFileSync(new URL(path, source), "utf8"));

test("every code of the table is used by the library", () => {
  const unused = Object.keys(ERROR_CODES).filter(
    (code) => !files.some((text) => text.includes(`"${code}"`)),
  );
  assert.deepEqual(unused, []);
});

test("every code is explained by a sentence without capital and full stop", () => {
  for (const [code, sentence] of Object.entries(ERROR_CODES)) {
    assert.match(code, /^ERR(?:_[A-Z]+)+$/);
    assert.match(sentence, /^[a-z].*[^.]$/);
  }
});

test("an error is an Error that can be told by its name and its code", () => {
  const error = new LookasideError("ERR_TICKET", "Cannot attach");
  assert.ok(error instanceof Error);
  assert.deepEqual(
    [error.name, error.code, error.message],
    ["LookasideError", "ERR_TICKET", "Cannot attach"],
  );
});
