/**
 * Every statement of the documentation is accounted for: shown by a test that is titled by its id,
 * or listed in deviations.json with a reason. What the rules mean is in tools/conformance/rules.ts.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConformance } from "../../tools/conformance/data.js";
import * as rules from "../../tools/conformance/rules.js";
import { repositoryRoot } from "../support/repository.js";

const conformance = loadConformance(repositoryRoot);

test("the clauses are the 221 of the five pages, each page numbered without a gap", () => {
  const pages = [
    { prefix: "AEX", seed: "000", routine: "ExAllocateFromLookasideListEx", count: 23 },
    { prefix: "IEX", seed: "001", routine: "ExInitializeLookasideListEx", count: 85 },
    { prefix: "APL", seed: "002", routine: "ExAllocateFromPagedLookasideList", count: 20 },
    { prefix: "FNP", seed: "003", routine: "ExFreeToNPagedLookasideList", count: 26 },
    { prefix: "INP", seed: "004", routine: "ExInitializeNPagedLookasideList", count: 67 },
  ];
  const expected = pages.flatMap(({ prefix, seed, routine, count }) =>
    Array.from({ length: count }, (_, index) => [
      `${prefix}-${`${index + 1}`.padStart(2, "0")}`,
      seed,
      routine,
    ]),
  );
  const actual = conformance.clauses.map((clause) => [clause.id, clause.seed, clause.routine]);
  assert.deepEqual(actual, expected);
  assert.equal(actual.length, 221);
});

test("the clauses are 161 T, 31 A, 8 G, 17 N and 4 X", () => {
  assert.deepEqual(rules.countByClass(conformance.clauses), { T: 161, A: 31, G: 8, N: 17, X: 4 });
});

test("every clause says what is required and how a test shows it", () => {
  const silent = conformance.clauses.filter(
    (clause) => clause.requirement === "" || clause.shownBy === "",
  );
  assert.deepEqual(silent, []);
});

test("the readings are K-1 to K-12", () => {
  const expected = Array.from({ length: 12 }, (_, index) => `K-${index + 1}`);
  assert.deepEqual(
    conformance.readings.map((reading) => reading.id),
    expected,
  );
});

test("every deviation is of class N, X or G and gives its reason", () => {
  none(rules.wrongDeviations);
});

test("every clause test can be read from its source and none is skipped", () => {
  assert.deepEqual(conformance.problems, []);
});

test("every id in a title is a clause", () => {
  none(rules.unknownIds);
});

test("no test shows the statement of a listed deviation", () => {
  none(rules.shownDeviations);
});

test("an analogue stands only for a deviation that promises one", () => {
  none(rules.strayAnalogues);
});

test("every T and A clause, and every G clause that is not a deviation, has a test", () => {
  none(rules.unshown);
});

test("every analogue that a deviation promises has a test", () => {
  none(rules.unshownAnalogues);
});

function none(rule: rules.Rule): void {
  const broken = rule(conformance);
  assert.equal(broken.length, 0, `${broken.length} found:\n${broken.join("\n")}`);
}
