/**
 * Runs the tests: `node build/tools/run-tests.js [path or part of a path]… [--flag-for-node=…]…`.
 *
 * Arguments with dashes go to node (`--test-name-pattern=AEX-07`, `--test-reporter=tap`); the others choose
 * files. The runner's own output and exit code pass through untouched, its closing summary included.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compiledPath, findTests, selectTests } from "./test-files.js";

// Node 20 counts it for a whole file, later versions for each test as well. The long form of a test that ends
// thousands of threads takes longer than any bound that would be of use to the others.
const TEST_TIMEOUT_MS = process.env["LOOKASIDE_LONG"] === "1" ? 7_200_000 : 300_000;

// Compiled to build/tools/run-tests.js, two folders below the root.
const root = fileURLToPath(new URL("../../", import.meta.url));
const args = process.argv.slice(2);
const flags = args.filter((argument) => argument.startsWith("-"));
const filters = args.filter((argument) => !argument.startsWith("-"));

const chosen = selectTests(findTests(root), filters).map(compiledPath);
const files = chosen.filter((path) => existsSync(join(root, path)));
for (const path of chosen) {
  if (!files.includes(path)) console.error(`${path} is missing: npm run build makes it`);
}

if (files.length === 0) {
  const asked = filters.length === 0 ? "" : ` for ${filters.join(", ")}`;
  console.error(`No compiled test found under build/tests${asked}`);
  process.exit(1);
}

const defaults = ["--expose-gc", "--test-concurrency=2", `--test-timeout=${TEST_TIMEOUT_MS}`];
if (!flags.some((flag) => flag.startsWith("--test-reporter"))) {
  defaults.push("--test-reporter=spec");
}

// A run started from inside a test would otherwise believe that it is that test's child.
const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
const runner = spawn(process.execPath, ["--test", ...defaults, ...flags, ...files], {
  cwd: root,
  env,
  stdio: "inherit",
});
// Ended from outside, the runner must not stay behind; it prints its summary first.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => runner.kill(signal));
runner.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
});
