/** The table of runtimes says what ran, what failed and what was not run, and numbers what differs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Difference, judge } from "../../tools/runtimes/differences.js";
import type { Case, Results } from "../../tools/runtimes/result.js";
import { runtimesTable, withTable } from "../../tools/runtimes/table.js";

const LABELS = [
  { name: "node-20", label: "Node 20" },
  { name: "bun", label: "Bun" },
  { name: "chromium-page", label: "Chromium, page" },
  { name: "chromium-worklet", label: "Chromium, AudioWorklet" },
];

const difference = (runtimes: readonly string[], what: string): Difference => ({
  runtimes,
  what,
  why: "because",
});

const DIFFERENCES = [
  difference(["bun"], "no benches"),
  difference(["chromium"], "no files"),
  difference(["chromium-worklet"], "no timers"),
  difference(["chromium-page", "bun"], "no benches"),
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
  },
  "chromium-page": { outcome: "not run", reason: "not installed" },
};

test("every runtime has a row; what was not run never counts as passed", () => {
  const rows = runtimesTable(LABELS, RESULTS, DIFFERENCES).split("\n");
  assert.deepEqual(rows.slice(2, 6), [
    "| Node 20 | v20.1.0 | 10 of 10 | passed |  |",
    "| Bun | 1.3.0 | 8 of 10 | **failed** | 1 |",
    "| Chromium, page |  |  | **not run**: not installed | 1, 2 |",
    "| Chromium, AudioWorklet |  |  | **not run**: never asked for | 2, 3 |",
  ]);
});

test("what differs is told once, below the table, by the numbers of the rows", () => {
  const rows = runtimesTable(LABELS, RESULTS, DIFFERENCES).split("\n");
  assert.deepEqual(rows.slice(6), ["", "1. no benches", "2. no files", "3. no timers"]);
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
