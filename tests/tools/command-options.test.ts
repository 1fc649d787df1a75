/** The developers' commands: `--help` prints the usage, a mistake is one line and exit code 2. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../support/repository.js";

interface Ending {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

function run(command: string, ...args: string[]): Ending {
  const script = fileURLToPath(new URL(`build/${command}`, repositoryRoot));
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: "utf8",
    env,
    timeout: 60_000,
  });
  return { code: status, out: stdout, error: stderr };
}

function demandRefusal({ code, error }: Ending, line: RegExp): void {
  assert.match(error, line);
  assert.match(error, /^[^\n]*\(--help tells what there is\)\n$/);
  assert.equal(code, 2);
}

const COMMANDS: Readonly<Record<string, string>> = {
  runtimes: "tools/runtimes/main.js",
  conformance: "tools/conformance/main.js",
  explore: "tests/interleaving/main.js",
  simulate: "tests/simulator/main.js",
  soak: "tests/soak/main.js",
  bench: "bench/main.js",
  depth: "bench/depth/main.js",
  "build:wasm": "tools/build-interlocked.js",
};

for (const [name, script] of Object.entries(COMMANDS)) {
  test(`npm run ${name} prints its usage when asked, and runs nothing`, () => {
    const { code, out, error } = run(script, "--help");
    assert.deepEqual([code, error], [0, ""]);
    assert.ok(out.startsWith(`npm run ${name}`), out);
  });
}

test("an option that there is not is one line and exit code 2", () => {
  const { code, out, error } = run("tests/soak/main.js", "--no-such-option");
  assert.deepEqual([code, out], [2, ""]);
  assert.equal(error, "Unknown option '--no-such-option' (--help tells what there is)\n");
});

test("values that cannot be are one line and exit code 2", () => {
  const wrong: readonly [script: string, args: readonly string[], line: RegExp][] = [
    [
      "tests/simulator/main.js",
      ["--runs", "x"],
      /^--runs is "x": it must be a whole number from 1/,
    ],
    ["tests/simulator/main.js", ["--seed"], /^Option '--seed <value>' argument missing/],
    ["tests/soak/main.js", ["--threads", "1"], /^--threads is "1": .* from 2 to 12/],
    ["tests/soak/main.js", ["for ever"], /^Unexpected argument 'for ever'/],
    ["tests/interleaving/main.js", ["--scenario", "none"], /^No scenario has "none" in its name/],
    ["tests/interleaving/main.js", ["--variant", "none"], /^No variant is named "none"/],
    ["tests/interleaving/main.js", ["--replay", "A1"], /^No scenario is named ""/],
  ];
  for (const [script, args, line] of wrong) demandRefusal(run(script, ...args), line);
});

test("values of the bench that cannot be are one line and exit code 2", () => {
  const none = run("bench/main.js", "--scenario", "none");
  demandRefusal(none, /^There is no scenario "none"/);
  const given = run("bench/main.js", "--quick=yes");
  demandRefusal(given, /^Option '--quick' does not take an argument/);
});
