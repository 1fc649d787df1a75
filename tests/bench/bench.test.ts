/**
 * Benches cannot rot: every scenario runs once with tiny inputs, does its work, prints what is promised.
 *
 * One run of all scenarios is what most of these look at.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SCENARIOS } from "../../bench/scenarios/index.js";
import { TARGETS } from "../../bench/targets.js";
import { repositoryRoot } from "../support/repository.js";

const run = promisify(execFile);
const main = fileURLToPath(new URL("build/bench/main.js", repositoryRoot));

type Output = Record<string, Record<string, { nsPerOp: number; bytesPerOp: number }>>;

/** Contenders that are there or not, by what the machine has. */
const MAY_BE_MISSING = /^(?:@thi\.ng\/malloc|reusify|malloc \w+)/;

const everything = run(process.execPath, [main, "--quick", "--json"], { timeout: 300_000 }).then(
  ({ stdout, stderr }) => ({ output: JSON.parse(stdout) as Output, stderr }),
);

/** Contenders of a run that were not run, by the lines that say why. */
function missingIn(stderr: string): string[] {
  return [...stderr.matchAll(/^[\w-]+: (.+) was not run: \S/gm)].map(([, name]) => name ?? "");
}

test("every scenario runs with tiny inputs and prints one JSON object", async () => {
  const { output } = await everything;
  assert.deepEqual(
    Object.keys(output),
    SCENARIOS.map(({ name }) => name),
  );
  for (const [scenario, contenders] of Object.entries(output)) {
    assert.ok(Object.keys(contenders).length > 0, scenario);
    for (const [name, result] of Object.entries(contenders)) {
      assert.deepEqual(Object.keys(result), ["nsPerOp", "bytesPerOp"], `${scenario}: ${name}`);
      assert.ok(result.nsPerOp > 0, `${scenario}: ${name}`);
      assert.ok(result.bytesPerOp >= 0, `${scenario}: ${name}`);
    }
  }
});

test("a contender that was not run is named with the reason, and only what may be missing is", async () => {
  const { stderr } = await everything;
  for (const name of missingIn(stderr)) assert.match(name, MAY_BE_MISSING);
});

test("every target names contenders that were run, or that the run says were not", async () => {
  const { output, stderr } = await everything;
  const missing = missingIn(stderr);
  for (const { scenario, contender, against } of TARGETS) {
    for (const name of [contender, against ?? contender]) {
      const there = output[scenario]?.[name] !== undefined || missing.includes(name);
      assert.ok(there, `${scenario}: ${name}`);
    }
  }
});

test("garbage is seen where it is made", async () => {
  const { output } = await everything;
  const fresh = output["blocks-1024"]?.["new Uint8Array"]?.bytesPerOp ?? 0;
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

test("the table for the README has a row for each target of what was run", async () => {
  const args = [main, "--quick", "--markdown", "--scenario", "objects"];
  const { stdout } = await run(process.execPath, args);
  const rows = stdout.split("\n").filter((line) => line.startsWith("| objects "));
  assert.equal(rows.length, TARGETS.filter(({ scenario }) => scenario === "objects").length);
});

test("a scenario that does not exist is a usage error", async () => {
  const call = run(process.execPath, [main, "--scenario", "nothing"], { timeout: 60_000 });
  await assert.rejects(call, { code: 2 });
});

test("a Node that is not installed is an error that says how to install one", async () => {
  const call = run(process.execPath, [main, "--node", "3"], { timeout: 60_000 });
  await assert.rejects(call, /npm ci --prefix bench\/runtimes/);
});
