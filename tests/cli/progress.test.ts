/** The bar: fits its line, is drawn at most ten times a second, obeys NO_COLOR, and leaves nothing behind. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mock, test } from "node:test";
import { barLine, Progress, type Standing } from "#src/cli/demo/progress.js";
import { PROGRAM } from "./program.js";
import { folderOf } from "./tree.js";

const STANDING: Standing = {
  files: 370,
  filesTotal: 881,
  bytes: 140_000_000,
  bytesTotal: 334_000_000,
  seconds: 0.5,
};

/** What a terminal shows in the end, and how many times it was written to. */
class Screen {
  readonly isTTY = true;
  columns: number;
  text = "";
  writes = 0;
  constructor(columns: number) {
    this.columns = columns;
  }
  write(text: string): void {
    this.text += text;
    this.writes++;
  }
  /** The lines as they stand when carriage returns and erasures have been obeyed. */
  get lines(): string[] {
    return this.text.split("\n").map((line) => line.split("\r\x1b[K").at(-1) ?? "");
  }
}

const withoutColor = (text: string): string =>
  text.replaceAll("\x1b[32m", "").replaceAll("\x1b[39m", "");

test("the line is never longer than the columns there are", () => {
  for (let columns = 0; columns < 200; columns++) {
    for (const color of [false, true]) {
      const line = withoutColor(barLine(STANDING, columns, color));
      assert.ok(line.length <= columns, `${line.length} of ${columns}`);
    }
  }
});

test("the bar is as long as the share of the bytes", () => {
  const line = barLine(STANDING, 100, false);
  assert.match(line, /^\[#{16}-{24}\] {2}41 % {2}370 of 881 files, 140\.0 MB, 280 MB\/s$/);
  assert.match(barLine({ ...STANDING, bytes: 0, files: 0 }, 100, true), /^\[-{40}\] {3}0 %/);
  assert.match(barLine({ ...STANDING, bytes: 334e6 }, 100, false), /^\[#{40}\] 100 %/);
});

test("files that have grown since they were measured do not overfill the bar", () => {
  assert.match(barLine({ ...STANDING, bytes: 500e6 }, 100, false), /^\[#{40}\] 100 %/);
});

test("without sizes the bar counts files, and with nothing to do it is empty", () => {
  const unmeasured = { ...STANDING, bytesTotal: 0 };
  assert.match(barLine(unmeasured, 100, false), /^\[#{16}-{24}\] {2}41 %/);
  const nothing = { files: 0, filesTotal: 0, bytes: 0, bytesTotal: 0, seconds: 0 };
  assert.match(barLine(nothing, 100, false), /^\[-{40}\] {3}0 % {2}0 of 0 files, 0 B, 0 MB\/s$/);
});

test("the bar is drawn ten times a second and erased at the end", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    const screen = new Screen(100);
    const progress = new Progress(screen, {});
    progress.start(() => STANDING);
    assert.equal(screen.writes, 0);
    mock.timers.tick(1_000);
    assert.equal(screen.writes, 10);
    assert.match(withoutColor(screen.lines.at(-1) ?? ""), /^\[#/);
    progress.line("a line");
    assert.deepEqual(screen.lines, ["a line", ""]);
    mock.timers.tick(100);
    assert.match(withoutColor(screen.lines.at(-1) ?? ""), /^\[#/);
    progress.end();
    assert.deepEqual(screen.lines, ["a line", ""]);
    const { writes } = screen;
    mock.timers.tick(1_000);
    progress.end();
    assert.equal(screen.writes, writes);
  } finally {
    mock.timers.reset();
  }
});

test("the width is asked for at every drawing, and the last column stays free", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    const screen = new Screen(100);
    const progress = new Progress(screen, { NO_COLOR: "1" });
    progress.start(() => STANDING);
    for (const columns of [100, 60, 20, 0]) {
      screen.columns = columns;
      mock.timers.tick(100);
      assert.ok((screen.lines.at(-1) ?? "").length < (columns || 80));
    }
    progress.end();
  } finally {
    mock.timers.reset();
  }
});

for (const [env, colored] of [
  [{}, true],
  [{ NO_COLOR: "" }, true],
  [{ NO_COLOR: "1" }, false],
] as const) {
  test(`with ${JSON.stringify(env)} the bar ${colored ? "has" : "has no"} colour`, () => {
    mock.timers.enable({ apis: ["setInterval"] });
    try {
      const screen = new Screen(100);
      const progress = new Progress(screen, env);
      progress.start(() => STANDING);
      mock.timers.tick(100);
      assert.equal(screen.text.includes("\x1b[32m"), colored);
      progress.end();
    } finally {
      mock.timers.reset();
    }
  });
}

for (const [what, stream, env] of [
  ["what is no terminal", { columns: 100 }, {}],
  ["a dumb terminal", { columns: 100, isTTY: true }, { TERM: "dumb" }],
] as const) {
  test(`on ${what} there are plain lines, seldom`, () => {
    mock.timers.enable({ apis: ["setInterval"] });
    try {
      let text = "";
      const write = (more: string): void => {
        text += more;
      };
      const progress = new Progress({ ...stream, write }, env);
      progress.start(() => STANDING);
      mock.timers.tick(9_999);
      assert.equal(text, "");
      mock.timers.tick(1);
      assert.equal(text, "370 of 881 files, 140.0 MB, 280 MB/s\n");
      progress.end();
      assert.equal(text, "370 of 881 files, 140.0 MB, 280 MB/s\n");
    } finally {
      mock.timers.reset();
    }
  });
}

const noScript =
  spawnSync("script", ["--version"]).stdout?.toString().includes("util-linux") === true
    ? false
    : "there is no program that gives another one a terminal";

test("on a real terminal the lines that stay are the same as elsewhere", {
  skip: noScript,
}, (t) => {
  const folder = folderOf(t, { a: "1", b: "2" });
  const run = `'${process.execPath}' '${PROGRAM}' demo '${folder}'`;
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const { stdout, status } = spawnSync("script", ["-qec", run, "/dev/null"], {
    env: { ...env, TERM: "xterm" },
    input: "",
  });
  assert.equal(status, 0);
  const screen = new Screen(80);
  screen.write(stdout.toString().replaceAll("\r\n", "\n"));
  assert.match(screen.lines[0] ?? "", /^Hashing 2 files of /);
  assert.match(screen.lines[1] ?? "", /^2 files, 2 B in /);
});
