/**
 * What is known to differ on a runtime: data with a reason, in `differences.json`.
 *
 * A difference without titles leaves files out, by their paths or by what they import. One with titles
 * names tests that fail there: they are run, and one that passes is an error, so the data cannot grow stale;
 * unless what they need holds there at some moments only.
 */
import { readFileSync } from "node:fs";
import { repositoryRoot } from "../../tests/support/repository.js";
import { countTests } from "./completeness.js";
import { reached } from "./reach.js";
import type { Case, Ran } from "./result.js";

/** One entry of `differences.json`. */
export interface Difference {
  /** Names of runtimes, or beginnings of them: `chromium` means all contexts of Chromium. */
  readonly runtimes: readonly string[];
  /** Files, as beginnings of their paths from the root. */
  readonly files?: readonly string[];
  /** Modules: those files are meant that reach one of them, through whatever they import. */
  readonly modules?: readonly string[];
  /** Tests that fail there; absent: the files are not run. */
  readonly titles?: readonly string[];
  /** Whether those tests may pass as well: what they need is not promised there, and may hold by luck. */
  readonly sometimes?: boolean;
  /** One line for the README's table: what differs. */
  readonly what: string;
  /** Why it differs, and what follows for who uses the library there; absent: said with the same `what`. */
  readonly why?: string;
}

/** The differences as they stand in the repository. */
export function readDifferences(): Difference[] {
  const url = new URL("tools/runtimes/differences.json", repositoryRoot);
  return JSON.parse(readFileSync(url, "utf8")) as Difference[];
}

/** Those that concern a runtime. */
export function differencesOf(all: readonly Difference[], runtime: string): Difference[] {
  return all.filter(({ runtimes }) =>
    runtimes.some((name) => runtime === name || runtime.startsWith(`${name}-`)),
  );
}

/** Which files are run on a runtime with these differences, and which not: by what differs. */
export function divide(
  files: readonly string[],
  own: readonly Difference[],
): { readonly chosen: string[]; readonly leftOut: Record<string, string[]> } {
  const out = own.filter((difference) => difference.titles === undefined);
  const chosen: string[] = [];
  const leftOut: Record<string, string[]> = {};
  for (const file of files) {
    const reason = out.find((difference) => concerns(difference, file))?.what;
    if (reason === undefined) chosen.push(file);
    else leftOut[reason] = [...(leftOut[reason] ?? []), file];
  }
  return { chosen, leftOut };
}

/** Counts the tests of a run, and says which of them should have ended otherwise. */
export function judge(
  cases: readonly Case[],
  own: readonly Difference[],
  run: Pick<Ran, "version" | "files" | "leftOut">,
): Ran {
  const failures = cases.length === 0 ? ["no test was run"] : staleTitles(cases, own);
  const counts = { passed: 0, skipped: 0, differs: 0 };
  for (const { file, title, outcome, message = "" } of cases) {
    const known = own.find((one) => one.titles?.includes(title) && concerns(one, file));
    if (outcome === "skipped") counts.skipped++;
    else if (known && (outcome === "failed" || known.sometimes)) counts.differs++;
    else if (outcome === "failed") failures.push(`${file}: ${title}: ${firstLine(message)}`);
    else if (known) failures.push(`${file}: ${title}: passes now; take it out of differences.json`);
    else counts.passed++;
  }
  const outcome = failures.length === 0 ? "passed" : "failed";
  return { outcome, ...run, ...counts, tests: countTests(cases), failures };
}

/** Names of tests in `differences.json` that no test has, although all files of the entry were run. */
function staleTitles(cases: readonly Case[], own: readonly Difference[]): string[] {
  const files = [...new Set(cases.map(({ file }) => file))];
  const whole = own.filter(({ files: starts = [] }) =>
    starts.every((start) => files.some((file) => file.startsWith(start))),
  );
  const names = new Set(cases.map(({ title }) => title));
  return whole
    .flatMap(({ titles = [] }) => titles.filter((title) => !names.has(title)))
    .map((title) => `differences.json: there is no test ${JSON.stringify(title)}`);
}

function concerns({ files = [], modules = [] }: Difference, file: string): boolean {
  if (files.some((start) => file.startsWith(start))) return true;
  if (modules.length === 0) return false;
  const names = reached(file);
  return modules.some((module) => names.has(module));
}

function firstLine(message: string): string {
  return message.split("\n")[0] ?? "";
}
