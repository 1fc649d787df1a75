/** Byte sizes as people write them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bytesOf } from "#src/base/index.js";

test("a number is bytes, and text has a unit", () => {
  const sizes: readonly [unknown, number][] = [
    [4_096, 4_096],
    ["512 B", 512],
    ["4 KiB", 4_096],
    ["64 MiB", 67_108_864],
    ["1 GiB", 1_073_741_824],
    ["1.5 KiB", 1_536],
    ["2MiB", 2_097_152],
  ];
  for (const [text, bytes] of sizes) assert.equal(bytesOf("nonPaged", text, 0, 2 ** 31), bytes);
});

test("what is no size is refused with name, value and bounds", () => {
  const refused = ["64 MB", "MiB", "-1 KiB", "1e3 B", "", " 1 B", 1.5, Number.NaN, null, {}, 8n];
  for (const value of refused) {
    assert.throws(() => bytesOf("paged", value, 1, 1_000), {
      code: "ERR_OPTION",
      message: /as paged: .* from 1 to 1000 bytes$/,
    });
  }
});

test("both bounds are included, and nothing beyond them", () => {
  assert.equal(bytesOf("paged", 1, 1, 1_024), 1);
  assert.equal(bytesOf("paged", "1 KiB", 1, 1_024), 1_024);
  assert.throws(() => bytesOf("paged", 0, 1, 1_024), { code: "ERR_OPTION" });
  assert.throws(() => bytesOf("paged", "1025 B", 1, 1_024), { code: "ERR_OPTION" });
});
