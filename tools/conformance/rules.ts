/**
 * What it means that every clause is accounted for. Each rule is a pure function of the data and
 * the scanned tests that lists what breaks it; an empty list is what the coverage test wants.
 *
 * The rules of deviations are a pair: a listed clause may only be named by `analogue`, any other
 * only by `clause` (or a plain titled test). So a test of the original statement and a deviation
 * cannot stand side by side: whoever manages to show a listed statement has to take it off the
 * list.
 */
import type { Clause, ClauseClass, Conformance } from "./data.js";
import type { NamedTest, TestKind } from "./scan.js";

export type Rule = (conformance: Conformance) => string[];

/** Every T and A clause, and every G clause that is no deviation, is shown as stated. */
export const unshown: Rule = (conformance) => {
  const shown = idsNamedBy(conformance.tests, ["clause", "test"]);
  const listed = deviationIds(conformance);
  return conformance.clauses
    .filter(
      (clause) =>
        clause.class === "T" ||
        clause.class === "A" ||
        (clause.class === "G" && !listed.has(clause.id)),
    )
    .filter((clause) => !shown.has(clause.id))
    .map((clause) => `${clause.id} (${clause.class}, ${clause.routine}): ${clause.requirement}`);
};

/** Every analogue that a deviation promises is shown by an `analogue` test. */
export const unshownAnalogues: Rule = (conformance) => {
  const shown = idsNamedBy(conformance.tests, ["analogue"]);
  return conformance.deviations
    .filter((deviation) => deviation.analogue !== null && !shown.has(deviation.id))
    .map((deviation) => `${deviation.id}: ${deviation.analogue}`);
};

/** Every id in a title is a clause, named once. */
export const unknownIds: Rule = ({ clauses, tests }) => {
  const known = new Set(clauses.map((clause) => clause.id));
  return tests.flatMap((test) =>
    test.ids
      .filter((id, index) => !known.has(id) || test.ids.indexOf(id) !== index)
      .map((id) => `${place(test)}: ${id} is ${known.has(id) ? "named twice" : "no clause"}`),
  );
};

/** No test shows the statement of a clause that is listed as a deviation. */
export const shownDeviations: Rule = (conformance) => {
  const listed = deviationIds(conformance);
  return namings(conformance.tests, ["clause", "test"])
    .filter(({ id }) => listed.has(id))
    .map(
      ({ id, test }) =>
        `${place(test)}: ${id} is a deviation: use analogue(), or take it off the list`,
    );
};

/** An `analogue` test names only deviations that promise an analogue. */
export const strayAnalogues: Rule = (conformance) => {
  const promised = new Set(
    conformance.deviations.filter((one) => one.analogue !== null).map((one) => one.id),
  );
  return namings(conformance.tests, ["analogue"])
    .filter(({ id }) => !promised.has(id))
    .map(({ id, test }) => `${place(test)}: ${id} is no deviation with an analogue: use clause()`);
};

/** The deviations are all of N and X and some of G, in the order of the clauses, with reasons. */
export const wrongDeviations: Rule = ({ clauses, deviations, readings }) => {
  const byId = new Map(clauses.map((clause) => [clause.id, clause]));
  const listed = deviations.map((deviation) => deviation.id);
  const problems = deviations.flatMap((deviation) => {
    const clause = byId.get(deviation.id);
    if (!clause) return [`${deviation.id} is no clause`];
    const found: string[] = [];
    if (clause.class !== deviation.class) found.push(`${deviation.id} is of class ${clause.class}`);
    if (clause.class === "T" || clause.class === "A")
      found.push(`${deviation.id} is to be shown, not listed`);
    if (deviation.reason.trim() === "") found.push(`${deviation.id} gives no reason`);
    if (deviation.analogue?.trim() === "")
      found.push(`${deviation.id} promises an empty analogue: write null`);
    if (
      deviation.reading !== undefined &&
      !readings.some((reading) => reading.id === deviation.reading)
    )
      found.push(`${deviation.id} refers to ${deviation.reading}, which is no reading`);
    if (clause.class === "X" && deviation.reading === undefined)
      found.push(`${deviation.id} needs a reading`);
    return found;
  });
  for (const clause of clauses)
    if ((clause.class === "N" || clause.class === "X") && !listed.includes(clause.id))
      problems.push(`${clause.id} is of class ${clause.class} and not listed`);
  const ordered = clauses.map((clause) => clause.id).filter((id) => listed.includes(id));
  if (problems.length === 0 && ordered.join() !== listed.join())
    problems.push("deviations are not in the order of the clauses, or one is listed twice");
  return problems;
};

/** How many clauses there are of each class. */
export function countByClass(clauses: readonly Clause[]): Record<ClauseClass, number> {
  const counts: Record<ClauseClass, number> = { T: 0, A: 0, G: 0, N: 0, X: 0 };
  for (const clause of clauses) counts[clause.class] += 1;
  return counts;
}

function namings(
  tests: readonly NamedTest[],
  kinds: readonly TestKind[],
): { id: string; test: NamedTest }[] {
  return tests
    .filter((test) => kinds.includes(test.kind))
    .flatMap((test) => test.ids.map((id) => ({ id, test })));
}

function idsNamedBy(tests: readonly NamedTest[], kinds: readonly TestKind[]): Set<string> {
  return new Set(namings(tests, kinds).map(({ id }) => id));
}

function deviationIds({ deviations }: Conformance): Set<string> {
  return new Set(deviations.map((deviation) => deviation.id));
}

function place(test: NamedTest): string {
  return `${test.file} “${test.title}”`;
}
