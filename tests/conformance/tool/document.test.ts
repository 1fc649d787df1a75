/** The document carries the status of each clause and can be compared without it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Conformance } from "../../../tools/conformance/data.js";
import { conformanceDocument, withoutStatus } from "../../../tools/conformance/document.js";
import { type Outcome, outcomeById, parseResults } from "../../../tools/conformance/results.js";

const conformance: Conformance = {
  clauses: [
    {
      id: "AEX-01",
      class: "T",
      seed: "000",
      routine: "R",
      requirement: "One | two.",
      shownBy: "way",
    },
    { id: "AEX-19", class: "N", seed: "000", routine: "R", requirement: "Vista.", shownBy: "way" },
  ],
  readings: [],
  deviations: [{ id: "AEX-19", class: "N", reason: "why", analogue: null }],
  tests: [{ kind: "clause", ids: ["AEX-01"], title: "works", file: "aex.test.ts" }],
  problems: [],
};

const rows = (outcomes: [string, Outcome][]): string[] =>
  conformanceDocument(conformance, new Map(outcomes))
    .split("\n")
    .filter((line) => line.startsWith("| AEX"));

test("a row has id, class, requirement, test and status", () => {
  assert.deepEqual(rows([["AEX-01", "passed"]]), [
    "| AEX-01 | T | One \\| two. | [aex](../tests/conformance/aex.test.ts): works | passed |",
    "| AEX-19 | N | Vista. |  | deviation |",
    "| AEX-19 (N) | why | none |  |",
  ]);
});

test("an outcome changes nothing but the status", () => {
  const before = conformanceDocument(conformance, new Map());
  const after = conformanceDocument(conformance, new Map([["AEX-01", "failed"]]));
  assert.notEqual(before, after);
  assert.equal(withoutStatus(before), withoutStatus(after));
  const moved = { ...conformance, tests: [] };
  assert.notEqual(withoutStatus(conformanceDocument(moved, new Map())), withoutStatus(before));
});

test("the worst outcome of the tests that name a clause counts", () => {
  const line = (outcome: Outcome, ...ids: string[]): string =>
    JSON.stringify({ ids, title: ids.join(" "), outcome });
  const lines = [
    line("failed", "AEX-01"),
    line("passed", "AEX-01", "AEX-02"),
    line("skipped", "AEX-02"),
    "",
  ];
  assert.deepEqual(
    [...outcomeById(parseResults(lines.join("\n")))],
    [
      ["AEX-01", "failed"],
      ["AEX-02", "skipped"],
    ],
  );
});
