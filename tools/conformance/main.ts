/**
 * Writes docs/conformance.md. Build first: the tests that run are the compiled ones.
 *
 *   node build/tools/conformance/main.js            runs the tests, then writes the document
 *     --results FILE    takes the outcomes from lines of ./reporter instead of a run
 *     --check           runs and writes nothing; exits with 1 when the document is stale
 *
 * Writing exits with 1 when a clause that a test names did not pass, or its test stands in the
 * source but never ran.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { repositoryRoot } from "../../tests/support/repository.js";
import { type Conformance, loadConformance } from "./data.js";
import { conformanceDocument, withoutStatus } from "./document.js";
import { outcomeById, parseResults, type Result } from "./results.js";

const DOCUMENT = new URL("docs/conformance.md", repositoryRoot);

const { values: options } = parseArgs({
  options: { results: { type: "string" }, check: { type: "boolean" } },
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
