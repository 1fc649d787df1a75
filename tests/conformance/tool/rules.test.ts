/** Each rule catches the mistake it is there for, and lets a sound set pass. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  Clause,
  ClauseClass,
  Conformance,
  Deviation,
} from "../../../tools/conformance/data.js";
import * as rules from "../../../tools/conformance/rules.js";
import { scanText } from "../../../tools/conformance/scan.js";

const clauses = [
  aClause("AEX-01", "T"),
  aClause("AEX-02", "A"),
  aClause("AEX-03", "G"),
  aClause("AEX-04", "N"),
  aClause("AEX-05", "X"),
];
const readings = [{ id: "K-1", matter: "matter", reading: "reading" }];
const silent: Deviation = { id: "AEX-04", class: "N", reason: "why", analogue: null };
const shown: Deviation = {
  id: "AEX-05",
  class: "X",
  reading: "K-1",
  reason: "why",
  analogue: "what",
};

const soundTests = [
  'clause(["AEX-01", "AEX-02"], "t", f);',
  'test("AEX-03 t", f);',
  'analogue("AEX-05", "t", f);',
];

test("a sound set breaks no rule", () => {
  const all = [
    rules.unshown,
    rules.unshownAnalogues,
    rules.unknownIds,
    rules.shownDeviations,
    rules.strayAnalogues,
    rules.wrongDeviations,
  ];
  assert.deepEqual(
    all.flatMap((rule) => rule(given(soundTests))),
    [],
  );
});

test("a T, A or G clause without a test is found; a G clause may be a deviation instead", () => {
  assert.equal(rules.unshown(given([])).length, 3);
  const advice: Deviation = { id: "AEX-03", class: "G", reason: "why", analogue: null };
  assert.equal(rules.unshown(given([], [advice, silent, shown])).length, 2);
});

test("an analogue does not show a T clause", () => {
  const conformance = given(['analogue("AEX-01", "t", f);']);
  assert.equal(rules.unshown(conformance).length, 3);
  assert.equal(rules.strayAnalogues(conformance).length, 1);
});

test("a promised analogue without a test is found", () => {
  assert.deepEqual(rules.unshownAnalogues(given([])), ["AEX-05: what"]);
});

test("an id that is no clause, or is named twice, is found", () => {
  assert.equal(
    rules.unknownIds(given(['clause(["AEX-99", "AEX-01", "AEX-01"], "t", f);'])).length,
    2,
  );
});

test("a test of a deviation's own statement is found, of either kind", () => {
  const tests = ['clause("AEX-05", "t", f);', 'test("AEX-04 t", f);', ...soundTests];
  assert.equal(rules.shownDeviations(given(tests)).length, 2);
});

test("an analogue of a deviation that promises none is found", () => {
  assert.equal(rules.strayAnalogues(given(['analogue("AEX-04", "t", f);'])).length, 1);
});

for (const { name, deviations } of [
  { name: "an N clause that is not listed", deviations: [shown] },
  {
    name: "a listed T clause",
    deviations: [{ ...silent, id: "AEX-01", class: "T" as const }, silent, shown],
  },
  {
    name: "a listed id that is no clause",
    deviations: [silent, shown, { ...silent, id: "AEX-99" }],
  },
  {
    name: "another class than the clause's",
    deviations: [{ ...silent, class: "X" as const }, shown],
  },
  { name: "an empty reason", deviations: [{ ...silent, reason: " " }, shown] },
  { name: "an empty analogue", deviations: [silent, { ...shown, analogue: "" }] },
  { name: "an unknown reading", deviations: [silent, { ...shown, reading: "K-99" }] },
  {
    name: "a defect without a reading",
    deviations: [silent, { ...silent, id: "AEX-05", class: "X" as const }],
  },
  { name: "another order", deviations: [shown, silent] },
  { name: "one listed twice", deviations: [silent, silent, shown] },
]) {
  test(`the rule of deviations refuses ${name}`, () => {
    assert.equal(rules.wrongDeviations(given(soundTests, deviations)).length, 1);
  });
}

function aClause(id: string, ofClass: ClauseClass): Clause {
  return {
    id,
    class: ofClass,
    seed: "000",
    routine: "Routine",
    requirement: "requirement",
    shownBy: "way",
  };
}

function given(
  lines: readonly string[],
  deviations: readonly Deviation[] = [silent, shown],
): Conformance {
  return { clauses, readings, deviations, ...scanText("sample.test.ts", lines.join("\n")) };
}
