/** The choice of test files: by any part of the path, in source or compiled spelling. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { compiledPath, findTests, selectTests } from "../../tools/test-files.js";

const PATHS = ["tests/stress/hammer.test.ts", "tests/unit/pool/slab.test.ts"];

test("without a filter all tests are taken", () => {
  assert.deepEqual(selectTests(PATHS, []), PATHS);
});

test("a filter is any part of a path, as source or as compiled file", () => {
  const filters = [
    "stress",
    "./tests/stress/",
    "build/tests/stress/hammer.test.js",
    "hammer.test.js",
  ];
  for (const filter of filters) assert.deepEqual(selectTests(PATHS, [filter]), PATHS.slice(0, 1));
  assert.deepEqual(selectTests(PATHS, ["hammer", "slab"]), PATHS);
  assert.deepEqual(selectTests(PATHS, ["nothing"]), []);
});

test("a test is found by its source and runs as its compiled file", () => {
  const found = findTests(fileURLToPath(new URL("../../../", import.meta.url)));
  assert.ok(found.includes("tests/tools/test-files.test.ts"));
  assert.ok(!found.some((path) => path.startsWith("tests/browser/")));
  assert.equal(compiledPath("tests/a.test.ts"), "build/tests/a.test.js");
});
