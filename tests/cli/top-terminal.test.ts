/** `lookaside top` in a real terminal: drawn to its size, obeying keys, and given back however it ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { snapshotOf } from "../support/snapshots.js";
import { COMMAND } from "./program.js";
import { answering, standIn } from "./stand-in.js";
import { type InTerminal, inTerminal, noTerminal, type Shown } from "./terminal.js";

const skip = noTerminal;
const SIZE = { columns: 70, rows: 12 };

function topOf(url: string): string[] {
  return [...COMMAND, "top", url, "--interval", "0.1"];
}

/** Time passes in the stand-in's snapshots, so that every one is drawn. */
function ticking(): () => unknown {
  let takenAt = Date.UTC(2026, 0, 1);
  return () => {
    takenAt += 1_000;
    return snapshotOf({ takenAt });
  };
}

const row = (shown: Shown, at: number): string => shown.other?.[at] ?? "";

const shows =
  (text: string | RegExp) =>
  (shown: Shown): boolean =>
    shown.other?.some((line) =>
      typeof text === "string" ? line.includes(text) : text.test(line),
    ) === true;

function assertSize({ shown }: InTerminal, columns: number, rows: number): void {
  assert.equal(shown.other?.length, rows);
  for (const line of shown.other ?? []) assert.equal([...line].length, columns, line);
}

async function assertGivenBack({ shown, ended }: InTerminal, code: number): Promise<void> {
  const end = await ended;
  assert.equal(end.code, code, shown.main);
  assert.equal(end.restored, true, "the terminal's settings are what they were");
  assert.equal(shown.other, null, "the screen that was there is shown again");
  assert.equal(shown.cursor, true);
  assert.equal(shown.wrapping, true);
}

test("keys, a new size and a monitor that comes and goes are seen, and q gives the terminal back", {
  skip,
}, async (t) => {
  const server = await standIn(t, answering(ticking()));
  const top = await inTerminal(t, topOf(server.url), SIZE);
  await top.until(shows(/^Fram .* 0 /));
  assert.equal(top.shown.cursor, false);
  assert.equal(top.shown.wrapping, false);
  assertSize(top, 70, 12);
  for (const [columns, rows] of [
    [40, 5],
    [9, 2],
    [120, 20],
  ] as const) {
    top.resize(columns, rows);
    await top.until(
      ({ other }) => other?.length === rows && [...(other[0] ?? "")].length === columns,
    );
    await top.until(({ other }) => other?.every((line) => [...line].length === columns) === true);
    assertSize(top, columns, rows);
  }
  top.type("?");
  await top.until(shows("PgUp"));
  top.type("xv");
  await top.until(shows("Per Alloc"));
  top.type("/Pa");
  await top.until(shows("tags that begin with: Pa_"));
  top.type("\r");
  await top.until(
    (shown) => row(shown, 0).includes("tags Pa*") && row(shown, 4).startsWith("Page"),
  );
  const back = await server.leave();
  await top.until(shows(/asking again: nothing answers at /));
  assert.match(row(top.shown, 4), /^Page/, "the last table stays");
  await back();
  await top.until((shown) => !shows("nothing answers")(shown));
  top.type("p");
  await top.until(shows("paused"));
  const asked = server.asked();
  top.type("p");
  await top.until((shown) => !shows("paused")(shown));
  await server.more(1);
  assert.ok(server.asked() > asked);
  top.type("q");
  await assertGivenBack(top, 0);
  assert.match(
    top.shown.main,
    /^pid \d+\s+code 0 /m,
    "nothing was written but on the other screen",
  );
});

test("Ctrl-C gives the terminal back: exit code 130", { skip }, async (t) => {
  const server = await standIn(t, answering(ticking()));
  const top = await inTerminal(t, topOf(server.url), SIZE);
  await top.until(shows("Fram"));
  top.type("/\x03");
  await assertGivenBack(top, 130);
});

for (const [signal, code] of [
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  test(`${signal} gives the terminal back: exit code ${code}`, { skip }, async (t) => {
    const server = await standIn(t, answering(ticking()));
    const top = await inTerminal(t, topOf(server.url), SIZE);
    await top.until(shows("Fram"));
    process.kill(top.pid, signal);
    await assertGivenBack(top, code);
  });
}

test("a defect gives the terminal back before its trace is printed", { skip }, async (t) => {
  const server = await standIn(t, answering(ticking()));
  const preload = new URL("./preload/late-defect.js", import.meta.url).href;
  const env = { NODE_OPTIONS: `--import=${preload}` };
  const top = await inTerminal(t, topOf(server.url), SIZE, env);
  await top.until(shows("Fram"));
  process.kill(top.pid, "SIGUSR2");
  await assertGivenBack(top, 1);
  assert.match(top.shown.main, /Error: a late defect/);
});

test("a monitor that is not there is one line, and the other screen is never shown", {
  skip,
}, async (t) => {
  const server = await standIn(t, answering(ticking()));
  await server.leave();
  const top = await inTerminal(t, topOf(server.url), SIZE);
  await assertGivenBack(top, 1);
  assert.match(top.shown.main, /^lookaside top: nothing answers at /m);
});

test("with NO_COLOR there is no colour in a terminal either", { skip }, async (t) => {
  const server = await standIn(t, answering(ticking()));
  const colours = async (env: Readonly<Record<string, string>>): Promise<boolean> => {
    const top = await inTerminal(t, topOf(server.url), SIZE, env);
    await top.until(shows("Fram"));
    top.type("q");
    await assertGivenBack(top, 0);
    return top.shown.colored;
  };
  assert.equal(await colours({ NO_COLOR: "1" }), false);
  assert.equal(await colours({}), true);
});
