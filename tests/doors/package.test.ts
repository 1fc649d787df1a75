/** The package as users get it: what is in it, what it promises to offer, and that it needs nothing else. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Conditions of a door, nested or not; the leaves are paths. */
type Target = string | { readonly [condition: string]: Target };

interface Manifest {
  readonly exports: Readonly<Record<string, Target>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;

const BELONGS = /^(?:(?:dist|include|docs)\/.*|(?:README|CHANGELOG)\.md|LICENSE|package\.json)$/;

async function packedPaths(): Promise<string[]> {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const { stdout } = await promisify(execFile)("npm", args, { cwd: root, maxBuffer: 2 ** 26 });
  const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  return packed.files.map(({ path }) => path);
}

function leaves(target: Target): string[] {
  return typeof target === "string" ? [target] : Object.values(target).flatMap(leaves);
}

/** A target with a star stands for every file of its folder: there must be one. */
function exists(target: string): boolean {
  const path = join(root, target);
  if (!target.endsWith("/*")) return existsSync(path);
  const folder = path.slice(0, -2);
  return existsSync(folder) && readdirSync(folder).length > 0;
}

test("the package holds compiled code, headers and documents, and no source", async () => {
  const paths = await packedPaths();
  assert.deepEqual(
    paths.filter((path) => !BELONGS.test(path)),
    [],
  );
  assert.deepEqual(
    paths.filter((path) => /\.[cm]?tsx?$/.test(path) && !/\.d\.[cm]?ts$/.test(path)),
    [],
  );
  for (const path of ["README.md", "CHANGELOG.md", "LICENSE", "package.json"]) {
    assert.ok(paths.includes(path), `${path} is missing`);
  }
});

test("the package needs no other package: what it can work with is optional", () => {
  const fields = ["dependencies", "optionalDependencies", "bundleDependencies"];
  for (const field of fields) assert.equal(manifest[field], undefined, field);
  const peers = Object.keys(manifest["peerDependencies"] as Record<string, string>);
  const meta = manifest["peerDependenciesMeta"] as Record<string, { optional?: boolean }>;
  for (const peer of peers) assert.equal(meta[peer]?.optional, true, peer);
});

for (const [door, target] of Object.entries(manifest.exports)) {
  test(`the door "${door}" leads to files that exist`, () => {
    const missing = leaves(target).filter((path) => !exists(path));
    assert.deepEqual(missing, []);
  });
}

for (const [name, target] of Object.entries(manifest.bin)) {
  test(`the command "${name}" is a program`, () => {
    const text = readFileSync(join(root, target), "utf8");
    assert.ok(text.startsWith("#!/usr/bin/env node\n"), "it must open with a line that names node");
  });
}
