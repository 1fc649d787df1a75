/**
 * The command `npm run conformance`: runs the tests that name clauses, and writes docs/conformance.md.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../../tests/support/repository.js";
import { readCommand } from "../command-options.js";
import { type Conformance, loadConformance } from "./data.js";
import { conformanceDocument, withoutStatus } from "./document.js";
import { outcomeById, parseResults, type Result } from "./results.js";

const DOCUMENT = new URL("docs/conformance.md", repositoryRoot);

const USAGE = `npm run conformance -- [options]

  npm run conformance   runs the conformance tests, then writes docs/conformance.md

  --results FILE   takes the outcomes from lines of tools/conformance/reporter instead of a run
  --check          runs and writes nothing; exits with 1 when the document is stale

Writing exits with 1 when a clause that a test names did not pass, or its test stands in the source but never
ran.`;

const { values: options } = readCommand(USAGE, {
  results: { type: "string" },
  check: { type: "boolean" },
});
const conformance = loadConformance(repositoryRoot);
if (options.check) check();
else
  write(
    options.results === undefined
      ? run(conformance)
      : parseResults(readFileSync(options.results, "utf8")),
  );

function check(): void {
  const fresh = withoutStatus(conformanceDocument(conformance, new Map()));
  if (withoutStatus(readFileSync(DOCUMENT, "utf8")) === fresh) return;
  console.error("docs/conformance.md is stale: run `node build/tools/conformance/main.js`");
  process.exitCode = 1;
}

function write(results: readonly Result[]): void {
  const outcomes = outcomeById(results);
  writeFileSync(DOCUMENT, conformanceDocument(conformance, outcomes));
  const named = new Set(conformance.tests.flatMap((test) => test.ids));
  const unproven = [...named].filter((id) => outcomes.get(id) !== "passed");
  const total = conformance.clauses.length;
  console.log(
    `${total} clauses: ${named.size} named by tests, ${unproven.length} of them unproven`,
  );
  for (const id of unproven) console.log(`  ${id} ${outcomes.get(id) ?? "not run"}`);
  if (unproven.length > 0) process.exitCode = 1;
}

/** Runs the compiled test files that name clauses. The others judge this very document. */
function run({ tests }: Conformance): Result[] {
  const names = [...new Set(tests.map((test) => test.file.replace(/\.ts$/, ".js")))];
  if (names.length === 0) return [];
  const files = names.map((name) =>
    fileURLToPath(new URL(`build/tests/conformance/${name}`, repositoryRoot)),
  );
  const reporter = new URL("reporter.js", import.meta.url).href;
  const child = spawnSync(process.execPath, ["--test", `--test-reporter=${reporter}`, ...files], {
    cwd: fileURLToPath(repositoryRoot),
    encoding: "utf8",
    // A runner inside a runner reports to the outer one, in another format: this one stands alone.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.error) throw child.error;
  return parseResults(child.stdout);
}
