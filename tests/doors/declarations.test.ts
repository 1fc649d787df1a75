/** The declarations of every door compile with the libraries that the README names, and nothing else. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../support/repository.js";

const root = fileURLToPath(repositoryRoot);
const doors = ["", "/wdk", "/guest", "/verifier", "/metrics", "/monitor"];
const source = doors.map((door, at) => `export * as d${at} from "lookaside${door}";\n`).join("");

for (const { lib, types } of [
  { lib: ["es2022", "dom", "esnext.disposable"], types: [] },
  { lib: ["es2022", "dom"], types: ["node"] },
]) {
  const title = `${lib.join(", ")}${types.length > 0 ? " and @types/node" : ""}`;
  test(`the declarations compile with ${title}`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), "lookaside-declarations-"));
    t.after(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules/lookaside"), "junction");
    const typeRoots = [join(root, "node_modules/@types")];
    const compilerOptions = {
      ...{ strict: true, noEmit: true, skipLibCheck: false, target: "es2022", module: "nodenext" },
      ...{ lib, types, typeRoots, preserveSymlinks: true },
    };
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    writeFileSync(join(folder, "use.ts"), source);
    const files = ["use.ts"];
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], {
      encoding: "utf8",
    });
    assert.equal(stdout, "");
    assert.equal(status, 0);
  });
}
