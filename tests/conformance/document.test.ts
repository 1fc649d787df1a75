/**
 * docs/conformance.md says which test shows which clause. It must say what is so now; the outcomes
 * in it are those of the last recorded run and are left out of the comparison.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { loadConformance } from "../../tools/conformance/data.js";
import { conformanceDocument, withoutStatus } from "../../tools/conformance/document.js";
import { repositoryRoot } from "../support/repository.js";

test("docs/conformance.md is fresh", () => {
  const fresh = conformanceDocument(loadConformance(repositoryRoot), new Map());
  const written = readFileSync(new URL("docs/conformance.md", repositoryRoot), "utf8");
  assert.ok(
    withoutStatus(written) === withoutStatus(fresh),
    "docs/conformance.md is stale: build, then run `node build/tools/conformance/main.js`",
  );
});
