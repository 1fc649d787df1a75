/**
 * Holds a run against the tests that there are: a runner that loses some of a file's tests, or a name in
 * `differences.json` that no test has any more, must not look like success.
 *
 * The tests that there are: those that the first runtime of the catalogue reported, file by file.
 */
import type { Case, Ran, Result } from "./result.js";

/** How many tests each file reported, whatever became of them. */
export type TestCounts = Readonly<Record<string, number>>;

export function countTests(cases: readonly Case[]): TestCounts {
  const counts: Record<string, number> = {};
  for (const { file } of cases) counts[file] = (counts[file] ?? 0) + 1;
  return counts;
}

/** The run, failed where a file reported fewer tests than in the run that is the measure of it. */
export function heldAgainst(result: Result, measure: Result | undefined): Result {
  if (result.outcome === "not run" || measure === undefined || measure.outcome === "not run")
    return result;
  const lost = lostTests(result, measure);
  if (lost.length === 0) return result;
  return { ...result, outcome: "failed", failures: [...result.failures, ...lost] };
}

function lostTests(result: Ran, measure: Ran): string[] {
  return Object.entries(measure.tests ?? {}).flatMap(([file, wanted]) => {
    const found = result.tests?.[file] ?? wanted; // a file that was left out is listed as such
    return found < wanted ? [`${file}: reports ${found} of its ${wanted} tests`] : [];
  });
}

/** What is written down of a run: the tests of each file only of the run that others are held against. */
export function written(result: Result, isMeasure: boolean): Result {
  if (result.outcome === "not run" || isMeasure) return result;
  const { tests: _tests, ...rest } = result;
  return rest;
}
