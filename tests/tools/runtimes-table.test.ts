/** The table of runtimes says what ran, what failed and what was not run, and numbers what differs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { heldAgainst, written } from "../../tools/runtimes/completeness.js";
import { type Difference, judge } from "../../tools/runtimes/differences.js";
import type { Case, Results } from "../../tools/runtimes/result.js";
import { runtimesTable, withTable } from "../../tools/runtimes/table.js";

const LABELS = [
  { name: "node-20", label: "Node 20" },
  { name: "bun", label: "Bun" },
  { name: "chromium-page", label: "Chromium, page" },
  { name: "chromium-worklet", label: "Chromium, AudioWorklet" },
];

const difference = (
  runtimes: readonly string[],
  what: string,
  why = "because",
): Difference & { why: string } => ({ runtimes, what, why });

const DIFFERENCES = [
  difference(["bun"], "no benches", "no gc"),
  difference(["chromium"], "no files"),
  difference(["chromium-worklet"], "no timers"),
  difference(["chromium-page", "bun"], "no benches", "no collector"),
];

const counts = { files: 3, skipped: 0, differs: 0, leftOut: {} };

const RESULTS: Results = {
  "node-20": { outcome: "passed", version: "v20.1.0", passed: 10, failures: [], ...counts },
  bun: {
    outcome: "failed",
    version: "1.3.0",
    passed: 8,
    failures: ["a test", "another"],
    ...counts,
    differs: 3,
    skipped: 4,
    leftOut: { "no benches": ["one.test.ts"], "no files": ["other.test.ts"] },
  },
  "chromium-page": { outcome: "not run", reason: "not installed" },
};

test("every runtime has a row; what was not run never counts as passed", () => {
  const rows = runtimesTable(LABELS, RESULTS, DIFFERENCES).split("\n");
  assert.deepEqual(rows.slice(2, 6), [
    "| Node 20 | v20.1.0 | 10 | 0 | 0 | 0 | 0 | passed |  |",
    "| Bun | 1.3.0 | 8 | 2 | 3 | 4 | 2 | **failed** | 1 |",
    "| Chromium, page |  |  |  |  |  |  | **not run**: not installed | 1, 2 |",
    "| Chromium, AudioWorklet |  |  |  |  |  |  | **not run**: never asked for | 2, 3 |",
  ]);
});

test("what differs is told once, below the table, with the reasons, by the numbers of the rows", () => {
  const rows = runtimesTable(LABELS, RESULTS, DIFFERENCES).split("\n");
  assert.deepEqual(rows.slice(-3), [
    "1. *no benches*: no gc no collector",
    "2. *no files*: because",
    "3. *no timers*: because",
  ]);
  const unsaid = [{ runtimes: ["bun"], what: "no benches" }];
  assert.throws(() => runtimesTable(LABELS, RESULTS, unsaid), /no reason: no benches/);
});

test("a table is put between its markers, and nowhere else", () => {
  const document = "a\n<!-- runtimes -->\nold\n<!-- /runtimes -->\nb\n";
  assert.equal(withTable(document, "new"), "a\n<!-- runtimes -->\nnew\n<!-- /runtimes -->\nb\n");
  assert.throws(() => withTable("no markers", "new"), /is missing/);
});

test("a known difference that passes is a failure, unless it is known to pass sometimes", () => {
  const known = { ...difference(["bun"], "no exit"), files: ["a.test.ts"], titles: ["ends"] };
  const run = { version: "1.3.0", files: 1, leftOut: {} };
  const judged = (outcome: Case["outcome"], sometimes: boolean): (string | number)[] => {
    const cases = [{ file: "a.test.ts", title: "ends", outcome }];
    const { outcome: whole, passed, differs } = judge(cases, [{ ...known, sometimes }], run);
    return [whole, passed, differs];
  };
  assert.deepEqual(judged("failed", false), ["passed", 0, 1]);
  assert.deepEqual(judged("passed", false), ["failed", 0, 0]);
  assert.deepEqual(judged("failed", true), ["passed", 0, 1]);
  assert.deepEqual(judged("passed", true), ["passed", 0, 1]);
});

const RUN = { version: "1.3.0", files: 1, leftOut: {} };

test("a run without a test is a failure, and so is a known difference that names no test", () => {
  assert.equal(judge([], [], RUN).outcome, "failed");
  const cases = [{ file: "a.test.ts", title: "ends", outcome: "passed" }] as const;
  const titled = (file: string): Difference => ({
    ...difference(["bun"], "no exit"),
    files: [file],
    titles: ["begins"],
  });
  assert.deepEqual(judge(cases, [titled("a.")], RUN).failures, [
    'differences.json: there is no test "begins"',
  ]);
  assert.equal(judge(cases, [titled("b.")], RUN).outcome, "passed", "its file was not run");
});

test("a file that reports fewer tests than where it is measured is a failure", () => {
  const cases = (count: number): Case[] =>
    Array.from({ length: count }, (_, at) => ({
      file: "a.test.ts",
      title: `${at}`,
      outcome: "passed",
    }));
  const measure = written(
    judge([...cases(3), { ...cases(1)[0], file: "b.test.ts" } as Case], [], RUN),
    true,
  );
  assert.deepEqual(heldAgainst(judge(cases(2), [], RUN), measure), {
    ...judge(cases(2), [], RUN),
    outcome: "failed",
    failures: ["a.test.ts: reports 2 of its 3 tests"],
  });
  for (const one of [judge(cases(3), [], RUN), judge(cases(4), [], RUN)])
    assert.equal(heldAgainst(one, measure).outcome, "passed");
  assert.equal(heldAgainst(judge(cases(1), [], RUN), undefined).outcome, "passed");
  assert.ok(!("tests" in written(judge(cases(1), [], RUN), false)));
});
