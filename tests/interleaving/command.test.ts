/**
 * `npm run explore` when something goes wrong: the trace has names, the line below it shows the same again,
 * and a variant that survives fails the run.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const main = fileURLToPath(new URL("main.js", import.meta.url));

function explore(...args: readonly string[]): {
  readonly out: string;
  readonly code: number | null;
} {
  const { stdout, status } = spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
  return { out: stdout, code: status };
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

test("--variants --json prints how many there are and how many are caught, and nothing else", () => {
  const caught = explore("--variants", "--json", "--variant", "credits are returned twice");
  assert.deepEqual(caught, { out: '{"variants":1,"caught":1}\n', code: 0 });
});

test("a variant that survives fails the run", () => {
  const harmless = "free puts the block into the ring before it counts the call";
  const survived = explore("--variants", "--json", "--variant", harmless);
  assert.deepEqual(survived, { out: '{"variants":1,"caught":0}\n', code: 1 });
});
