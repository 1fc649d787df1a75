/** The scanner finds what it should, and calls what it cannot read a problem. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { scanText } from "../../../tools/conformance/scan.js";

const scan = (...lines: string[]) => scanText("sample.test.ts", lines.join("\n"));

test("a clause, an analogue and a titled test are found with ids and title", () => {
  const { tests, problems } = scan(
    'clause("AEX-04", "a hit takes the first", () => {});',
    "  analogue(",
    '    ["AEX-20", "FNP-24"],',
    '    "the name " + "is exported",',
    "    () => {},",
    "  );",
    `clause(["AEX-05", 'AEX-06',], \`for \${kind} lists\`, () => {});`,
    'test("FNP-04 APL-03 a raw descriptor is reported", () => {});',
    "it('AEX-07 it\\'s a miss', () => {});",
    'test("the export list is complete", () => {});',
  );
  const file = "sample.test.ts";
  assert.deepEqual(problems, []);
  assert.deepEqual(tests, [
    { kind: "clause", ids: ["AEX-04"], title: "a hit takes the first", file },
    { kind: "analogue", ids: ["AEX-20", "FNP-24"], title: "the name is exported", file },
    { kind: "clause", ids: ["AEX-05", "AEX-06"], title: "for … lists", file },
    { kind: "test", ids: ["FNP-04", "APL-03"], title: "a raw descriptor is reported", file },
    { kind: "test", ids: ["AEX-07"], title: "it's a miss", file },
  ]);
});

test("a mistyped id is found, so that it can be refused", () => {
  const { tests } = scan(
    'test("AXE-4 no such clause", () => {});',
    'clause("nonsense", "title", () => {});',
  );
  assert.deepEqual(
    tests.map(({ ids }) => ids),
    [["AXE-4"], ["nonsense"]],
  );
});

test("a comment is no test", () => {
  const { tests, problems } = scan(
    '// clause("AEX-04", "t", f);',
    ' * clause("AEX-04", "t", f);',
    '/* analogue("A") */',
  );
  assert.deepEqual([tests, problems], [[], []]);
});

for (const { name, line, problem } of [
  {
    name: "computed ids",
    line: 'clause(ids, "t", f);',
    problem: "write the clause ids as literals",
  },
  {
    name: "an id with a substitution",
    line: `clause(\`AEX-\${n}\`, "t", f);`,
    problem: "write the clause ids as literals",
  },
  {
    name: "a partly computed array",
    line: 'clause(["AEX-04", id], "t", f);',
    problem: "write the clause ids as literals",
  },
  { name: "no ids", line: 'clause([], "t", f);', problem: "write the clause ids as literals" },
  {
    name: "a computed title",
    line: 'clause("AEX-04", title, f);',
    problem: "write the title as a literal",
  },
  {
    name: "a partly computed title",
    line: 'clause("AEX-04", "a" + b, f);',
    problem: "write the title as a literal",
  },
  {
    name: "a hidden call",
    line: 'for (;;) clause("AEX-04", "t", f);',
    problem: "begin the line with the call, so that it is found",
  },
  {
    name: "a skipped test",
    line: 'test.skip("AEX-04 t", f);',
    problem: "a conformance test is never skipped",
  },
  {
    name: "a skip option",
    line: 'test("AEX-04 t", { skip: true }, f);',
    problem: "a conformance test is never skipped",
  },
  { name: "a skip inside", line: "  t.skip();", problem: "a conformance test is never skipped" },
]) {
  test(`${name} is a problem`, () => {
    assert.deepEqual(scan("", line).problems, [`sample.test.ts:2: ${problem}`]);
  });
}
