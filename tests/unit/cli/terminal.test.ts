/** What a terminal is sent: columns of text, short numbers, colours, and the screen that comes back. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isTerminal, sizeOf, wantsAscii, wantsColor } from "#src/cli/terminal/abilities.js";
import { percent, shortBytes, shortCount, shortRate } from "#src/cli/terminal/amounts.js";
import { Screen } from "#src/cli/terminal/screen.js";
import { clean, cut, fit, widthOf } from "#src/cli/terminal/text.js";
import { keyName } from "#src/cli/top/key-names.js";
import { sparkline } from "#src/cli/top/sparkline.js";

test("a text has as many columns as terminals give it", () => {
  for (const [text, columns] of [
    ["", 0],
    ["abc", 3],
    ["naïve", 5],
    ["e\u0301", 1],
    ["表示", 4],
    ["ｆ", 2],
    ["한글", 4],
    ["\u{1f600}", 2],
    ["\u{1f468}\u200d\u{1f469}\u200d\u{1f467}".replaceAll("\u200d", ""), 6],
    ["▁█…", 3],
  ] as const) {
    assert.equal(widthOf(text), columns, text);
  }
});

test("a text is cut before the character that has no room", () => {
  assert.equal(cut("abcdef", 3), "abc");
  assert.equal(cut("表示", 3), "表");
  assert.equal(cut("e\u0301x", 1), "e\u0301");
  assert.equal(cut("abc", -1), "");
  assert.equal(fit("表示", 3), "表 ");
  assert.equal(fit("abcdef", 4, false, "…"), "abc…");
  assert.equal(fit("表示名", 4, false, "…"), "表… ");
  assert.equal(fit("ab", 4, true), "  ab");
  assert.equal(fit("ab", 1, false, "…"), "a");
});

test("what a terminal would obey, or nobody would see, becomes a dot", () => {
  assert.equal(clean("a\x1b[2Jb\nc\u202ed\u0085\u{e000}\u200b"), "a.[2Jb.c.d...");
  assert.equal(clean("plain, ünïcödé 表"), "plain, ünïcödé 表");
});

test("short numbers have six characters at most and three digits that say something", () => {
  for (const [number, text] of [
    [0, "0"],
    [9_999, "9999"],
    [9_999.6, "10.0k"],
    [12_345, "12.3k"],
    [99_949, "99.9k"],
    [99_950, "100k"],
    [999_499, "999k"],
    [999_950, "1.00M"],
    [Number.MAX_SAFE_INTEGER, "9.01P"],
  ] as const) {
    assert.equal(shortCount(number), text);
  }
  assert.equal(shortBytes(9_999), "9999");
  assert.equal(shortBytes(10_240), "10.0Ki");
  assert.equal(shortBytes(2 ** 26), "64.0Mi");
  assert.equal(shortBytes(1_023.9 * 1_024), "1.00Mi");
  assert.equal(shortRate(null), "-");
  assert.equal(shortRate(0), "0");
  assert.equal(shortRate(0.5), "0.5");
  assert.equal(shortRate(12.4), "12");
  for (let exponent = 0; exponent < 54; exponent++) {
    for (const near of [-1, 0, 1]) {
      const number = 2 ** exponent + near;
      assert.ok(shortCount(number).length <= 5, shortCount(number));
      assert.ok(shortBytes(number).length <= 6, shortBytes(number));
    }
  }
});

test("a hit rate is only 100 when nothing missed", () => {
  assert.equal(percent(1), "100");
  assert.equal(percent(0.999_999), "99.9");
  assert.equal(percent(0), "0.0");
  assert.equal(percent(null), "-");
});

test("a sparkline shows the last numbers, each by its share of the greatest", () => {
  assert.equal(sparkline([0, 1, 2, 4, 8], 5, false), " ▁▂▄█");
  assert.equal(sparkline([1, 2, 3, 4, 5, 6], 3, false), "▆▇█");
  assert.equal(sparkline([4], 4, true), "   @");
  assert.equal(sparkline([], 3, false), "   ");
  assert.equal(sparkline([1, 2], 0, false), "");
  assert.equal(sparkline([0, 0], 2, false), "  ");
});

test("colours are for terminals, never with NO_COLOR, and elsewhere with FORCE_COLOR", () => {
  const terminal = { isTTY: true };
  for (const [output, env, colored] of [
    [terminal, {}, true],
    [{}, {}, false],
    [terminal, { TERM: "dumb" }, false],
    [terminal, { NO_COLOR: "1" }, false],
    [terminal, { NO_COLOR: "" }, true],
    [terminal, { NO_COLOR: "1", FORCE_COLOR: "1" }, false],
    [{}, { FORCE_COLOR: "1" }, true],
    [{}, { FORCE_COLOR: "" }, true],
    [terminal, { FORCE_COLOR: "0" }, false],
    [terminal, { FORCE_COLOR: "false" }, false],
  ] as const) {
    assert.equal(wantsColor(output, env), colored, JSON.stringify([output, env]));
  }
  assert.equal(isTerminal(terminal, { TERM: "xterm" }), true);
});

test("ASCII is for locales without UTF-8", () => {
  assert.equal(wantsAscii({ LANG: "C.UTF-8" }, "linux"), false);
  assert.equal(wantsAscii({ LANG: "de_DE.utf8" }, "linux"), false);
  assert.equal(wantsAscii({ LANG: "de_DE.UTF-8", LC_ALL: "C" }, "linux"), true);
  assert.equal(wantsAscii({}, "linux"), true);
  assert.equal(wantsAscii({}, "darwin"), false);
});

test("a terminal that does not know its size has 80 columns and 24 rows", () => {
  assert.deepEqual(sizeOf({ columns: 0, rows: 0 }), { columns: 80, rows: 24 });
  assert.deepEqual(sizeOf({ columns: 3, rows: 1 }), { columns: 3, rows: 1 });
});

test("only lines that changed are drawn, and a new size or invalidation draws all", () => {
  let sent = "";
  const screen = new Screen({
    write: (text: string) => {
      sent += text;
    },
  });
  const taken = (): string => {
    const text = sent;
    sent = "";
    return text;
  };
  screen.draw(["a"]);
  assert.equal(taken(), "", "nothing is drawn on a screen that was not entered");
  screen.enter();
  screen.enter();
  assert.equal(taken(), "\x1b[?1049h\x1b[?25l\x1b[?7l");
  screen.draw(["a", "b"]);
  assert.equal(taken(), "\x1b[H\x1b[2J\x1b[1;1Ha\x1b[2;1Hb");
  screen.draw(["a", "c"]);
  assert.equal(taken(), "\x1b[2;1Hc");
  screen.draw(["a", "c"]);
  assert.equal(taken(), "");
  screen.draw(["a"]);
  assert.equal(taken(), "\x1b[H\x1b[2J\x1b[1;1Ha");
  screen.invalidate();
  screen.draw(["a"]);
  assert.equal(taken(), "\x1b[H\x1b[2J\x1b[1;1Ha");
  assert.equal(screen.farewell, "\x1b[?7h\x1b[?25h\x1b[?1049l");
  screen.leave();
  screen.leave();
  assert.equal(taken(), "\x1b[?7h\x1b[?25h\x1b[?1049l");
  assert.equal(screen.farewell, "");
});

test("keys have the names that the table knows", () => {
  assert.equal(keyName({ name: "c", ctrl: true, sequence: "\x03" }), "ctrl-c");
  assert.equal(keyName({ name: "up", sequence: "\x1b[A" }), "up");
  assert.equal(keyName({ name: "enter", sequence: "\n" }), "return");
  assert.equal(keyName({ name: "s", sequence: "S" }), "S");
  assert.equal(keyName({ sequence: "/" }), "/");
  assert.equal(keyName({ name: "space", sequence: " " }), " ");
  assert.equal(keyName({}), "");
});
