/** Frames of `lookaside top`: exact in size at every size, rates, order, filter, and what each key does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Snapshot } from "lookaside";
import { painted, plain } from "#src/cli/terminal/line.js";
import { widthOf } from "#src/cli/terminal/text.js";
import { frame, type Room, type Sight } from "#src/cli/top/frame.js";
import { DepthHistory } from "#src/cli/top/history.js";
import { KEYS } from "#src/cli/top/keys.js";
import { FIRST_STATE, press, type TopState } from "#src/cli/top/state.js";
import { blockListOf, snapshotOf, tagOf } from "../../support/snapshots.js";

const SCREEN: Room = { columns: 120, rows: 24, ascii: false };

function sightOf(now: Snapshot, before: Snapshot | null = null): Sight {
  const history = new DepthHistory();
  if (before !== null) history.note(before);
  history.note(now);
  return { from: "http://127.0.0.1:4470/", now, before, history, trouble: null };
}

function linesOf(sight: Sight, state: TopState = FIRST_STATE, room = SCREEN): string[] {
  return frame(sight, state, room).lines.map(plain);
}

function pressAll(keys: readonly string[], state = FIRST_STATE): TopState {
  return keys.reduce((now, key) => press(now, key, 10)[0], state);
}

/** Tags of the rows of a table, from the top. */
function tags(lines: readonly string[]): string[] {
  const titles = lines.findIndex((line) => line.startsWith("Tag "));
  const rows = lines.slice(titles + 1).filter((line) => /^[A-Z]\w{3} /.test(line));
  return rows.map((line) => line.slice(0, 4));
}

const HUGE = Number.MAX_SAFE_INTEGER;
const NASTY = snapshotOf({
  lists: [
    blockListOf({ name: "表示名前が長い\u{1f600}\x1b[31mred\nline", id: "a", tag: "Wide" }),
    blockListOf({ name: "e\u0301\u0301 ".repeat(40), id: "b", tag: "Mark" }),
    blockListOf({
      id: "c",
      tag: "Huge",
      size: HUGE,
      allocates: HUGE,
      held: HUGE,
      parked: HUGE,
      depth: HUGE,
      maximumDepth: HUGE,
      heldBytes: HUGE,
      parkedBytes: HUGE,
    }),
    ...Array.from({ length: 20 }, (_, at) => blockListOf({ id: `l${at}`, tag: "Many" })),
  ],
  tags: [tagOf({ tag: "Huge", allocs: HUGE, frees: HUGE, blocks: HUGE, bytes: HUGE })],
});
const NASTY_BEFORE = {
  ...NASTY,
  takenAt: NASTY.takenAt - 1,
  lists: NASTY.lists.map((list) => ({
    ...list,
    allocates: 0,
    allocateMisses: 0,
    frees: 0,
    freeMisses: 0,
  })),
};

const STATES: Readonly<Record<string, readonly string[]>> = {
  lists: [],
  tags: ["tab"],
  help: ["?"],
  typing: ["/", "H", "u"],
  "typing what nothing matches": ["/", "n", "o"],
  paused: [" "],
  "at the end": ["end"],
};

test("a frame has exactly the rows and columns of the screen, whatever they are", () => {
  for (const [what, keys] of Object.entries(STATES)) {
    const state = pressAll(keys);
    for (const trouble of [null, "nothing answers at \x1b[2J"]) {
      const sight = { ...sightOf(NASTY, NASTY_BEFORE), trouble };
      for (const columns of [...Array(30).keys(), 40, 51, 60, 79, 80, 81, 119, 160, 300]) {
        for (const rows of [1, 2, 3, 4, 5, 8, 24]) {
          const lines = linesOf(sight, state, { columns, rows, ascii: rows % 2 === 0 });
          assert.equal(lines.length, rows, `${what}: ${columns} x ${rows}`);
          for (const line of lines) assert.equal(widthOf(line), columns, `${what}: ${line}`);
        }
      }
    }
  }
});

test("nothing that other programs named moves the cursor", () => {
  for (const keys of Object.values(STATES)) {
    for (const line of linesOf({ ...sightOf(NASTY), trouble: "\x1b[2J" }, pressAll(keys))) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      assert.doesNotMatch(line, /[\x00-\x1f\x7f-\x9f]/);
    }
  }
});

test("paint adds codes and changes no text", () => {
  const { lines } = frame(sightOf(snapshotOf()), FIRST_STATE, SCREEN);
  for (const line of lines) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: codes begin with one
    assert.equal(painted(line).replace(/\x1b\[[\d;]*m/g, ""), plain(line));
  }
});

test("a frame of 80 by 10 looks like this", () => {
  const before = snapshotOf();
  const now = {
    ...before,
    takenAt: before.takenAt + 2_000,
    lists: [
      blockListOf({ allocates: 21_000, allocateMisses: 300, frees: 20_950, depth: 128 }),
      ...before.lists.slice(1),
    ],
  };
  const lines = linesOf(sightOf(now, before), FIRST_STATE, { columns: 80, rows: 10, ascii: true });
  assert.deepEqual(
    lines.slice(1).map((line) => line.trimEnd()),
    [
      "3 lists, 1 thread  memory 26.1Mi of 105Mi  nonpaged 576Ki of 64.0Mi  paged 576Ki",
      "all lists: 10.0k alloc/s, 10.0k free/s, hits 99.5 %, held 225Ki, parked 180Ki in",
      "Tag  Name       Size  Held Parked Depth Alloc/s  Hit% Free/s  Bytes Depth, trend",
      "Fram frames     1536    50     40   128   10.0k  99.0  10.0k  135Ki           =@",
      "Docu NPaged ~   1536    50     40    64       0     -      0  135Ki           @@",
      "Part Part       1536    50     40    64       0     -      0  135Ki           @@",
      "",
      "",
      "q end  ? help  Tab lists/tags  s sort  r turn  / filter  Space pause  arrows mov",
    ],
  );
  assert.match(
    lines[0] ?? "",
    /^lookaside top {2}\d\d:\d\d:\d\d {2}every 1 s, by most Alloc\/s {2}http/,
  );
});

test("rates are differences by the second, and unknown without an earlier look", () => {
  const row = (sight: Sight): string =>
    linesOf(sight).find((line) => line.startsWith("Fram")) ?? "";
  const before = snapshotOf();
  const at = (takenAt: number, changes = {}): Snapshot => ({
    ...before,
    takenAt: before.takenAt + takenAt,
    lists: [blockListOf({ allocates: 1_010, allocateMisses: 105, frees: 955, ...changes })],
  });
  assert.match(row(sightOf(at(2_000), before)), / 5\.0 +50\.0 +2\.5 +100 +2\.5 /);
  assert.match(row(sightOf(at(500), before)), / 20 +50\.0 +10 +100 +10 /);
  for (const unknown of [
    sightOf(at(2_000)),
    sightOf(at(0), before),
    sightOf(at(-5), before),
    sightOf(at(2_000, { id: "another" }), before),
    sightOf(at(2_000, { allocates: 999 }), before),
  ]) {
    assert.match(row(unknown), / - +- +- +- +- /);
  }
});

test("rows are in the order of the column that a key chooses, and r turns it round", () => {
  const lists = [
    blockListOf({
      id: "1",
      tag: "Bbbb",
      name: "x",
      held: 5,
      parked: 1,
      depth: 9,
      parkedBytes: 7,
      heldBytes: 0,
    }),
    blockListOf({
      id: "2",
      tag: "Aaaa",
      name: "z",
      held: 9,
      parked: 2,
      depth: 1,
      parkedBytes: 8,
      heldBytes: 0,
    }),
    blockListOf({
      id: "3",
      tag: "Cccc",
      name: "y",
      held: 1,
      parked: 3,
      depth: 5,
      parkedBytes: 9,
      heldBytes: 0,
    }),
  ];
  const calls = [10, 30, 20];
  const before = snapshotOf({ lists });
  const now = {
    ...before,
    takenAt: before.takenAt + 1_000,
    lists: lists.map((list, at) => ({
      ...list,
      allocates: list.allocates + (calls[at] ?? 0),
      frees: list.frees + 40 - (calls[at] ?? 0),
      freeMisses: list.freeMisses + (at === 2 ? 1 : 0),
    })),
  };
  const order = (...keys: string[]): string =>
    tags(linesOf(sightOf(now, before), pressAll(keys)))
      .map((tag) => tag[0])
      .join("");
  assert.equal(order(), "ACB");
  assert.equal(order("r"), "BCA");
  assert.equal(order("t"), "ABC");
  assert.equal(order("t", "r"), "CBA");
  assert.equal(order("n"), "BCA");
  assert.equal(order("h"), "ABC");
  assert.equal(order("k"), "CAB");
  assert.equal(order("d"), "BCA");
  assert.equal(order("f"), "BCA");
  assert.equal(order("m"), "CBA");
  assert.equal(order("b"), "CAB");
  assert.equal(order("h", "s"), order("k"));
  assert.equal(order("k", "S"), order("h"));
  assert.equal(order("r", "h"), order("h"), "another column begins with its greatest");
});

test("the table of tags has poolmon's columns and rates", () => {
  const before = snapshotOf();
  const now = {
    ...before,
    takenAt: before.takenAt + 1_000,
    tags: [
      tagOf({ allocs: 150, blocks: 140, bytes: 215_040 }),
      tagOf({ tag: "Page", pool: "paged" }),
    ],
  };
  const lines = linesOf(sightOf(now, before), pressAll(["v"]));
  assert.equal(
    lines[3]?.trimEnd(),
    "Tag  Type  Allocs Alloc/s  Frees Free/s   Diff   Bytes Bytes/s Per Alloc    Peak",
  );
  assert.equal(
    lines[4]?.trimEnd(),
    "Fram Nonp     150      50     10      0    140   210Ki +75.0Ki      1536   146Ki",
  );
  assert.deepEqual(tags(linesOf(sightOf(now, before), pressAll(["tab", "t", "r"]))), [
    "Page",
    "Fram",
  ]);
});

test("tags that look the same have no rates, because nobody can tell them apart", () => {
  const tag = tagOf({ tag: "...." });
  const now = snapshotOf({ tags: [tag, tag] });
  const before = { ...now, takenAt: now.takenAt - 1_000 };
  assert.match(linesOf(sightOf(now, before), pressAll(["v"]))[4] ?? "", /^\.\.\.\. Nonp +100 +- /);
});

test("the filter shows tags that begin so, while it is typed and afterwards", () => {
  const sight = sightOf(
    snapshotOf({ lists: ["Abcd", "Abxy", "Zbcd"].map((tag) => blockListOf({ id: tag, tag })) }),
  );
  const shown = (...keys: string[]): string[] => tags(linesOf(sight, pressAll(keys)));
  assert.deepEqual(shown("/", "A", "b"), ["Abcd", "Abxy"]);
  assert.deepEqual(shown("/", "A", "b", "return"), ["Abcd", "Abxy"]);
  assert.deepEqual(shown("/", "a"), []);
  assert.deepEqual(shown("/", "*", "c"), ["Abcd", "Zbcd"]);
  assert.deepEqual(shown("/", "?", "b", "x"), ["Abxy"]);
  assert.deepEqual(shown("/", ".", "return"), []);
  assert.deepEqual(shown("/", "A", "escape"), ["Abcd", "Abxy", "Zbcd"]);
  assert.deepEqual(shown("/", "Z", "return", "escape"), ["Abcd", "Abxy", "Zbcd"]);
  assert.deepEqual(shown("/", "Z", "q", "backspace", "return"), ["Zbcd"]);
  assert.deepEqual(shown("/", "Z", "return", "/", "ctrl-u", "A"), ["Abcd", "Abxy"]);
  assert.match(linesOf(sight, pressAll(["/", "x", "y"]))[23] ?? "", /^tags that begin with: xy_/);
  assert.match(linesOf(sight, pressAll(["/", "Z", "return"]))[0] ?? "", / tags Z\* /);
  assert.match(linesOf(sight, pressAll(["/", "n"])).join("\n"), /^no lists that match/m);
});

test("arrows and pages move through the table and stop at its ends", () => {
  const lists = Array.from({ length: 30 }, (_, at) =>
    blockListOf({ id: `${at}`, tag: `A${String(at).padStart(3, "0")}` }),
  );
  const sight = sightOf(snapshotOf({ lists }));
  let state = pressAll(["t"]);
  const move = (key: string): (string | undefined)[] => {
    const { page } = frame(sight, state, SCREEN);
    state = press(state, key, page)[0];
    const drawn = frame(sight, state, SCREEN);
    state = { ...state, offset: drawn.offset };
    const shown = tags(drawn.lines.map(plain));
    return [shown[0], shown.at(-1)];
  };
  assert.deepEqual(move("up"), ["A000", "A018"]);
  assert.deepEqual(move("down"), ["A001", "A019"]);
  assert.deepEqual(move("pagedown"), ["A011", "A029"]);
  assert.deepEqual(move("pagedown"), ["A011", "A029"]);
  assert.deepEqual(move("up"), ["A010", "A028"]);
  assert.deepEqual(move("home"), ["A000", "A018"]);
  assert.deepEqual(move("end"), ["A011", "A029"]);
  assert.deepEqual(move("pageup"), ["A000", "A018"]);
});

test("the overlay names every key, and any key takes it away", () => {
  const lines = linesOf(sightOf(snapshotOf()), pressAll(["?"]));
  for (const [key, text] of KEYS) {
    assert.ok(
      lines.some((line) => line.startsWith(`  ${key} `) && line.includes(text)),
      key,
    );
  }
  assert.equal(pressAll(["?", "h"]).help, false);
  assert.equal(pressAll(["?", "h"]).sort.lists, FIRST_STATE.sort.lists);
  assert.equal(press(pressAll(["?"]), "q", 1)[1], "end");
});

test("keys ask for what only the program can do", () => {
  const action = (...keys: string[]): string =>
    press(pressAll(keys.slice(0, -1)), keys.at(-1) ?? "", 10)[1];
  assert.equal(action("q"), "end");
  for (const mode of ["v", "?", "/", " "]) assert.equal(action(mode, "ctrl-c"), "interrupt", mode);
  assert.equal(action("/", "q"), "none");
  assert.equal(action("ctrl-z"), "suspend");
  assert.equal(action("ctrl-l"), "redraw");
  assert.equal(action(" "), "none");
  assert.equal(action(" ", " "), "look");
  assert.equal(action("p", "p"), "look");
  assert.equal(action("+"), "pace");
  assert.equal(pressAll(["+", "+"]).intervalMs, 4_000);
  assert.equal(pressAll(Array(20).fill("-")).intervalMs, 100);
  assert.equal(pressAll(Array(20).fill("+")).intervalMs, 3_600_000);
  assert.deepEqual(pressAll(["x", "left", "\x1b[99~", "é"]), FIRST_STATE);
});

test("the title says what is wrong: pause, a stopped machine, no answer", () => {
  const title = (sight: Sight, ...keys: string[]): string =>
    linesOf(sight, pressAll(keys))[0] ?? "";
  assert.match(title(sightOf(snapshotOf()), "p"), / paused /);
  assert.match(
    title(sightOf(snapshotOf({ state: "stopped", stopCode: 0xc4 }))),
    / stopped: bug check 0xc4 /,
  );
  const gone = { ...sightOf(snapshotOf()), trouble: "nothing answers" };
  assert.match(title(gone), /\d {2}asking again: nothing answers/);
});

test("the summary tells of ended threads that were recovered", () => {
  const recoveries = { threads: 2, parked: 1, reclaimed: 1, kept: 0, locks: 0 };
  assert.match(
    linesOf(sightOf(snapshotOf({ recoveries })))[1] ?? "",
    /^3 lists, 1 thread, 2 threads recovered {2}memory /,
  );
});

test("without a height there are as many lines as there is to say", () => {
  const lines = linesOf(sightOf(NASTY), FIRST_STATE, { columns: 100, rows: null, ascii: false });
  assert.equal(lines.length, 4 + NASTY.lists.length);
});

test("depths are remembered for as long as a list is there, 60 at most", () => {
  const history = new DepthHistory();
  for (let depth = 0; depth < 100; depth++)
    history.note(snapshotOf({ lists: [blockListOf({ depth })] }));
  assert.deepEqual(
    history.of("block-1"),
    Array.from({ length: 60 }, (_, at) => at + 40),
  );
  history.note(snapshotOf({ lists: [] }));
  assert.deepEqual(history.of("block-1"), []);
});
