/**
 * What a run of the conformance tests said, clause by clause. A clause is as good as the worst test
 * that names it.
 */
export type Outcome = "passed" | "failed" | "skipped";

/** One line of the reporter. */
export interface Result {
  readonly ids: readonly string[];
  readonly title: string;
  readonly outcome: Outcome;
}

/** Reads the lines a reporter wrote. */
export function parseResults(lines: string): Result[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Result);
}

/** The worst outcome of the tests that name each id. */
export function outcomeById(results: readonly Result[]): Map<string, Outcome> {
  const worst: readonly Outcome[] = ["passed", "skipped", "failed"];
  const byId = new Map<string, Outcome>();
  for (const { ids, outcome } of results)
    for (const id of ids)
      if (worst.indexOf(outcome) >= worst.indexOf(byId.get(id) ?? "passed")) byId.set(id, outcome);
  return byId;
}
