/** What lines and axes are drawn from: sparks, round ends, marks of shares, spans, themes, order of tags. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { roundAbove, shareMarks, spanOf } from "#src/monitor/page/charts-view.js";
import { fainter } from "#src/monitor/page/palette.js";
import { sparkPath } from "#src/monitor/page/spark.js";
import { tagsInOrder } from "#src/monitor/page/tags-view.js";
import { nextTheme } from "#src/monitor/page/theme.js";

test("a spark ends at the right edge, leaves gaps out, and lies in the middle when it is flat", () => {
  assert.equal(sparkPath([1, 3], 100, 23, 3), "M50.0 21.5L100.0 1.5");
  assert.equal(
    sparkPath([5, 5, null, 5, 5], 100, 23, 5),
    "M0.0 11.5L25.0 11.5M75.0 11.5L100.0 11.5",
  );
  assert.equal(sparkPath([null, 4], 100, 23, 5), "");
});

test("an axis ends at a round number that is not below what it shows", () => {
  assert.deepEqual(
    [0, Number.NaN, 0.3, 1, 7, 12, 4_864].map(roundAbove),
    [1, 1, 0.3, 1, 8, 15, 5_000],
  );
});

test("marks of an axis of shares are round, end at all, and begin below the least", () => {
  for (const least of [0, 0.3, 0.5, 0.84, 0.93, 0.96, 0.995, 1]) {
    const marks = shareMarks(least);
    assert.ok((marks[0] as number) <= least, `${least}`);
    assert.equal(marks.at(-1), 1);
    for (const mark of marks) assert.ok(Math.abs(mark * 1_000 - Math.round(mark * 1_000)) < 1e-9);
  }
});

test("charts show as much as there is, from half a minute up to what was asked for", () => {
  assert.deepEqual(spanOf([100, 110], 300), [80, 110]);
  assert.deepEqual(spanOf([100, 200], 300), [100, 200]);
  assert.deepEqual(spanOf([100, 900], 300), [600, 900]);
});

test("colours let through keep their hue", () => {
  assert.equal(fainter("rgb(1, 2, 3)", 0.2), "rgba(1, 2, 3, 0.2)");
});

test("themes go round", () => {
  assert.deepEqual(["system", "light", "dark", "odd"].map(nextTheme), [
    "light",
    "dark",
    "system",
    "system",
  ]);
});

test("tags are in order of what they hold, as far as they answer to the filter", () => {
  const tag = (name: string, bytes: number) =>
    ({
      tag: name,
      pool: "paged",
      allocs: 1,
      frees: 0,
      blocks: 1,
      bytes,
      peakBytes: bytes,
    }) as const;
  const tags = [tag("Aaaa", 1), tag("Bbbb", 3), tag("Abcd", 2)];
  assert.deepEqual(
    tagsInOrder(tags, "").map((one) => one.tag),
    ["Bbbb", "Abcd", "Aaaa"],
  );
  assert.deepEqual(
    tagsInOrder(tags, "a").map((one) => one.tag),
    ["Abcd", "Aaaa"],
  );
});
