/** Numbers and names as the page shows them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  byteQuantity,
  bytes,
  compact,
  cost,
  lasting,
  percent,
  plural,
  printable,
  rate,
  rateQuantity,
} from "#src/monitor/page/format.js";

test("counts keep three digits above ten thousand", () => {
  const shown = [0, 999, 9_999, 10_000, 12_345, 999_499, 1_000_000, 4_560_000, 1e10, 1e13];
  const texts = [
    "0",
    "999",
    "9,999",
    "10.0 k",
    "12.3 k",
    "999 k",
    "1.00 M",
    "4.56 M",
    "10.0 G",
    "10.0 T",
  ];
  assert.deepEqual(shown.map(compact), texts);
});

test("bytes are told in the unit that leaves fewest digits", () => {
  const shown = [0, 1023, 1024, 1536, 65_536, 1_048_576, 1_572_864, 2 ** 40];
  const texts = ["0 B", "1,023 B", "1 KiB", "1.50 KiB", "64 KiB", "1 MiB", "1.50 MiB", "1 TiB"];
  assert.deepEqual(shown.map(bytes), texts);
  assert.deepEqual(byteQuantity(1536), { number: "1.50", unit: "KiB" });
});

test("a share is never rounded up to all, or down to nothing", () => {
  const shares = [null, Number.NaN, 0, 0.0001, 0.5, 0.9999, 1];
  assert.deepEqual(shares.map(percent), ["–", "–", "0.0", "<0.1", "50.0", "99.9", "100"]);
  assert.equal(percent(0.57), "57.0", "what binary fractions lack is not told");
});

test("rates below ten have a decimal, and their unit stands apart", () => {
  assert.deepEqual([null, 0, 0.44, 9.9, 12, 12_345].map(rate), [
    "–",
    "0",
    "0.4",
    "9.9",
    "12",
    "12.3 k",
  ]);
  assert.deepEqual(rateQuantity(12_345), { number: "12.3", unit: "k/s" });
  assert.deepEqual(rateQuantity(null), { number: "–", unit: "" });
});

test("times and counts of things are told as people say them", () => {
  assert.deepEqual([850, 12_000, 180_000, 9e6].map(lasting), ["850 ms", "12 s", "3 min", "3 h"]);
  assert.deepEqual([plural(1, "list"), plural(2, "list")], ["1 list", "2 lists"]);
  assert.deepEqual([cost(0.01), cost(7.346)], ["under 0.1 ms", "7.35 ms"]);
});

test("what has no picture in a name becomes a box, and markup stays text", () => {
  assert.equal(printable("a\u0000b\u202ec\u200bd\ud800\u2028"), "a□b□c□d□□");
  assert.equal(printable("<b>&amp; Grüße 🧱"), "<b>&amp; Grüße 🧱");
});
