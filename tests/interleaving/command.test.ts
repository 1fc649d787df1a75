/**
 * `npm run explore` when something goes wrong: the trace has names, the line below it shows the same again,
 * and a variant that survives fails the run.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { againLine } from "./again-line.js";

const main = fileURLToPath(new URL("main.js", import.meta.url));

function explore(...args: readonly string[]): {
  readonly out: string;
  readonly error: string;
  readonly code: number | null;
} {
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...args], {
    encoding: "utf8",
  });
  return { out: stdout, error: stderr, code: status };
}

test("a fault is shown with names of words, and its last line shows it again", () => {
  const variant = "pop stores the head instead of comparing it";
  const scenario = "sequenced-list/o-oouu/00/deaths";
  const { out, code } = explore("--variant", variant, "--scenario", scenario);
  assert.equal(code, 1);
  assert.match(out, /^[AB] · pop$/m);
  assert.match(out, /^[AB] {3}peek entry 0\.next = 0x[0-9a-f]+$/m);
  const again =
    /^again: npm run explore -- --variant "(.*)" --scenario "(.*)" --replay "(.*)"$/m.exec(out);
  assert.ok(again);
  const [, againVariant, againScenario, schedule] = again as unknown as [
    string,
    string,
    string,
    string,
  ];
  assert.deepEqual([againVariant, againScenario], [variant, scenario]);
  assert.match(schedule, /^[A-Z](\d+|!)( [A-Z](\d+|!)){0,7}$/, "the schedule is no short one");
  const replayed = explore("--variant", variant, "--scenario", scenario, "--replay", schedule);
  assert.equal(replayed.code, 1);
  const lines = (text: string): string[] => text.split("\n").filter((line) => /^[A-Z] /.test(line));
  assert.deepEqual(lines(replayed.out), lines(out).slice(-lines(replayed.out).length));
  // Without the variant the same schedule is harmless.
  const right = explore("--scenario", scenario, "--replay", schedule);
  assert.match(right.out, /nothing goes wrong/);
  assert.equal(right.code, 0);
});

test("a race and a wake-up that is lost are shown short, and again by the line below", () => {
  for (const [variant, scenario, problem] of [
    [
      "a cell is published before its value is in",
      "channel/:pp-:oo/capacity=1",
      "a race of two threads",
    ],
    ["who gives a lock back wakes nobody", "pool/:rf-:rf/chunks=1", "a wake-up was lost"],
  ] as const) {
    const { out, code } = explore("--variant", variant, "--scenario", scenario);
    assert.equal(code, 1);
    assert.ok(out.includes(problem), out);
    const schedule = /--replay "(.*)"$/m.exec(out)?.[1] ?? "";
    assert.match(schedule, /^[A-Z](\d+|!)( [A-Z](\d+|!)){0,7}$/, "the schedule is no short one");
    const replayed = explore("--variant", variant, "--scenario", scenario, "--replay", schedule);
    assert.equal(replayed.code, 1);
    assert.ok(replayed.out.includes(problem), replayed.out);
  }
});

test("what is asked for and is not there is an error", () => {
  for (const args of [
    ["--scenario", "typo"],
    ["--scenario", "typo", "--replay", "A1"],
    ["--variant", "typo"],
    ["--scenario", "channel", "--write"],
    ["--variants", "--write"],
  ]) {
    const { out, error, code } = explore(...args);
    assert.deepEqual([out, code], ["", 2], args.join(" "));
    assert.match(error, /^(No (scenario|variant) |--write goes with no choice)/);
  }
});

test("the line that shows a fault again is one that a shell takes as it is", () => {
  const line = againLine("block-list/a:>-:</x", "A1 B2", 'a "$variant`');
  const quoted = '--variant "a \\"\\$variant\\`" --scenario "block-list/a:>-:</x" --replay "A1 B2"';
  assert.equal(line, `npm run explore -- ${quoted}`);
});

test("--variants --json prints how many there are and how many are caught, and nothing else", () => {
  const { out, code } = explore("--variants", "--json", "--variant", "credits are returned twice");
  assert.deepEqual([out, code], ['{"variants":1,"caught":1}\n', 0]);
});

test("a variant that survives fails the run", () => {
  const harmless = "free puts the block into the ring before it counts the call";
  const { out, code } = explore("--variants", "--json", "--variant", harmless);
  assert.deepEqual([out, code], ['{"variants":1,"caught":0}\n', 1]);
});
