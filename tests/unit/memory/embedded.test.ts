/** The embedded WebAssembly: the committed bytes are what the source in the repository gives. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { compileAssembly, embed, MODULES } from "../../../tools/build-interlocked.js";
import { repositoryRoot } from "../../support/repository.js";

for (const module of MODULES) {
  test(`${module.path} is what ${module.entry} compiles to`, async () => {
    const text = embed(module.constant, await compileAssembly(module));
    assert.equal(readFileSync(new URL(module.path, repositoryRoot), "utf8"), text);
  });
}
