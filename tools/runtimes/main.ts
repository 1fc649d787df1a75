/**
 * The command `npm run runtimes`: runs the tests on other runtimes, and keeps the README's table of them.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../../tests/support/repository.js";
import { readCommand } from "../command-options.js";
import { findAllTests, selectTests } from "../test-files.js";
import { RUNTIMES } from "./catalogue.js";
import { heldAgainst, written } from "./completeness.js";
import { differencesOf, readDifferences } from "./differences.js";
import type { Result, Results } from "./result.js";
import type { Runtime } from "./runtime.js";
import { runtimesTable, withTable } from "./table.js";

const RESULTS = new URL("docs/runtimes.json", repositoryRoot);
const README = new URL("README.md", repositoryRoot);
/** The run that the others are held against. */
const MEASURE = RUNTIMES[0]?.name ?? "";

const USAGE = `npm run runtimes -- [name…] [part of a path…] [options]

  npm run runtimes                      the tests on all runtimes; writes the README's table
  npm run runtimes -- bun node-24       on two of them
  npm run runtimes -- deno tests/unit   on one of them, some of the files: nothing is written

  --no-write        leaves docs/runtimes.json and the README as they are
  --table           runs nothing, writes the table again
  --may-be-missing  a runtime that cannot be had is no failure

Names: ${RUNTIMES.map(({ name }) => name).join(", ")}.
Exits with 1 when a test failed that differences.json does not know, or a runtime did not run.`;

const { values: options, positionals } = readCommand(
  USAGE,
  {
    "no-write": { type: "boolean" },
    table: { type: "boolean" },
    "may-be-missing": { type: "boolean" },
  },
  { words: true },
);
const isAsked = ({ name }: Runtime, asked: string): boolean =>
  name === asked || name.startsWith(`${asked}-`);
const filters = positionals.filter((asked) => !RUNTIMES.some((one) => isAsked(one, asked)));
const names = positionals.filter((asked) => !filters.includes(asked));
const chosen = RUNTIMES.filter(
  (runtime) => names.length === 0 || names.some((asked) => isAsked(runtime, asked)),
);
const files = selectTests(findAllTests(fileURLToPath(repositoryRoot)), filters);
if (files.length === 0) {
  console.error(`No runtime and no test is named so: ${filters.join(", ")}`);
  process.exit(2);
}
const differences = readDifferences();

const isWritten = !options["no-write"] && filters.length === 0;
for (const runtime of options.table ? [] : chosen) {
  const started = performance.now();
  const ran = await runtime.run(files, differencesOf(differences, runtime.name));
  const result = heldAgainst(ran, readResults()[MEASURE]);
  if (isWritten)
    write({ ...readResults(), [runtime.name]: written(result, runtime.name === MEASURE) });
  report(runtime, result, Math.round((performance.now() - started) / 1000));
}
if (options.table) write(readResults());

function report({ name }: Runtime, result: Result, seconds: number): void {
  if (result.outcome === "not run") {
    console.log(`${name}: not run: ${result.reason}`);
    if (!options["may-be-missing"]) process.exitCode = 1;
    return;
  }
  const { version, passed, failures, skipped, differs, leftOut } = result;
  const counts = `${passed} passed, ${failures.length} failed, ${skipped} skipped`;
  const out = Object.values(leftOut).flat().length;
  const known = `${differs} known to differ, ${out} files left out`;
  console.log(`${name} ${version}: ${counts}, ${known}, ${seconds} s`);
  for (const failure of failures) console.log(`  ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
}

function readResults(): Results {
  return JSON.parse(readFileSync(RESULTS, "utf8")) as Results;
}

/** Results in the order of the catalogue, so that a run of one runtime changes one part of the file. */
function write(results: Results): void {
  const ordered = RUNTIMES.flatMap(({ name }) => {
    const result = results[name];
    return result === undefined ? [] : [[name, result] as const];
  });
  writeFileSync(RESULTS, `${JSON.stringify(Object.fromEntries(ordered), null, 2)}\n`);
  const table = runtimesTable(RUNTIMES, results, differences);
  writeFileSync(README, withTable(readFileSync(README, "utf8"), table));
}
