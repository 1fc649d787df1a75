/**
 * Benches cannot rot: every scenario runs once with tiny inputs, does its work, prints what is promised.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { repositoryRoot } from "../support/repository.js";

const run = promisify(execFile);
const main = fileURLToPath(new URL("build/bench/main.js", repositoryRoot));

type Output = Record<string, Record<string, { nsPerOp: number; bytesPerOp: number }>>;

/** Contenders that are there or not, by what is installed. */
const RIVALS = ["@thi.ng/malloc", "reusify"];

test("every scenario runs with tiny inputs and prints one JSON object", async () => {
  const { stdout, stderr } = await run(process.execPath, [main, "--quick", "--json"], {
    timeout: 120_000,
  });
  const output = JSON.parse(stdout) as Output;
  assert.deepEqual(Object.keys(output), ["lists", "pool", "ring", "blocks", "objects", "handover"]);
  for (const [scenario, contenders] of Object.entries(output)) {
    assert.ok(Object.keys(contenders).length > 0, scenario);
    for (const [name, result] of Object.entries(contenders)) {
      assert.deepEqual(Object.keys(result), ["nsPerOp", "bytesPerOp"], `${scenario}: ${name}`);
      assert.ok(result.nsPerOp > 0, `${scenario}: ${name}`);
      assert.ok(result.bytesPerOp >= 0, `${scenario}: ${name}`);
    }
  }
  const missing = [...stderr.matchAll(/^\w+: (.+) was not run: /gm)].map(([, name]) => name ?? "");
  for (const name of missing) assert.ok(RIVALS.includes(name), `${name} is no rival`);
});

test("garbage is seen where it is made", async () => {
  const args = [main, "--quick", "--json", "--scenario", "blocks"];
  const { blocks } = JSON.parse((await run(process.execPath, args)).stdout) as Output;
  const fresh = blocks?.["new Uint8Array(1024)"]?.bytesPerOp ?? 0;
  assert.ok(fresh >= 1_024, `a fresh array leaves ${fresh} bytes behind`);
});

test("the table names the machine and holds the ratios against what is wanted", async () => {
  const { stdout } = await run(process.execPath, [main, "--quick", "--scenario", "lists"]);
  assert.match(stdout, /^.+ cores, .+\nNode v\d+/);
  assert.match(stdout, /interlocked pop \+ push/);
  assert.match(
    stdout,
    /NPagedLookasideList +\/ interlocked pop \+ push +.* of +1\.25x +(?:\*\*not )?reached/,
  );
});

test("a scenario that does not exist is a usage error", async () => {
  const call = run(process.execPath, [main, "--scenario", "nothing"], { timeout: 60_000 });
  await assert.rejects(call, { code: 2 });
});
