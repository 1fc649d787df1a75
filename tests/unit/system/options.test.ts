/** Options of a system: each refusal names the option, the value and the bound. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { WINDOWS_DEPTH } from "#src/list/index.js";
import { completeOptions, type SystemOptions } from "#src/system/options.js";

test("without options a system has the documented defaults", () => {
  const { quotaBytes, ...rest } = completeOptions();
  assert.deepEqual(rest, {
    nonPagedChunks: 1_024,
    pagedChunks: 256,
    threads: 64,
    parkedKib: (80 * 1_024) / 4,
    periodMs: 1_000,
    scansPerAdjustment: 1,
    depth: WINDOWS_DEPTH,
  });
  assert.ok(quotaBytes.every((bytes) => bytes > 2 ** 31));
});

test("limits are rounded up to whole chunks", () => {
  const { nonPagedChunks, pagedChunks } = completeOptions({ nonPaged: 65_537, paged: "64 KiB" });
  assert.deepEqual([nonPagedChunks, pagedChunks], [2, 1]);
});

test("every option is taken over", () => {
  const depth = {
    allocationThreshold: 1,
    lowUseStep: 2,
    lowMissPerMille: 3,
    growthStep: 4,
    minimumDepth: 5,
  };
  const complete = completeOptions({
    threads: 255,
    quota: { nonPaged: 0, paged: "1 KiB" },
    depth: { ...depth, periodMs: 0, scansPerAdjustment: 3 },
  });
  assert.deepEqual([complete.threads, complete.quotaBytes], [255, [0, 1_024]]);
  assert.deepEqual([complete.periodMs, complete.scansPerAdjustment], [0, 3]);
  assert.deepEqual(complete.depth, depth);
});

/** Option, a value it refuses, and what the message says of option, value and bound. */
const REFUSED: readonly (readonly [object, string, RegExp])[] = [
  [{ nonPaged: 65_535 }, "nonPaged", /65535 .* from 65536 to 3221225472 bytes/],
  [{ nonPaged: "4 GiB" }, "nonPaged", /"4 GiB" .* 3221225472/],
  [{ paged: -1 }, "paged", /-1 .* from 65536/],
  [{ paged: null, nonPaged: {} }, "nonPaged", /an object/],
  [{ threads: 0 }, "threads", /0 .* from 1 to 255/],
  [{ threads: 256 }, "threads", /256 .* from 1 to 255/],
  [{ threads: "4" }, "threads", /"4"/],
  [{ quota: 7 }, "quota", /7 .* must be an object/],
  [{ quota: { nonPaged: -1 } }, "quota.nonPaged", /-1 .* from 0/],
  [{ quota: { paged: 1.5 } }, "quota.paged", /1\.5/],
  [{ depth: [] }, "depth", /an array .* must be an object/],
  [{ depth: { periodMs: 3_600_001 } }, "depth.periodMs", /3600001 .* from 0 to 3600000/],
  [{ depth: { scansPerAdjustment: 0 } }, "depth.scansPerAdjustment", /from 1 to 1000/],
  [{ depth: { allocationThreshold: 0 } }, "depth.allocationThreshold", /from 1 to 1000000/],
  [{ depth: { lowUseStep: 65_536 } }, "depth.lowUseStep", /from 0 to 65535/],
  [{ depth: { lowMissPerMille: 1_001 } }, "depth.lowMissPerMille", /from 0 to 1000/],
  [{ depth: { growthStep: Number.NaN } }, "depth.growthStep", /NaN .* from 0 to 65535/],
  [{ depth: { minimumDepth: -4 } }, "depth.minimumDepth", /-4 .* from 0 to 65535/],
];

for (const [options, name, detail] of REFUSED) {
  test(`${name} refuses ${JSON.stringify(options)} by name, value and bound`, () => {
    const refused = (error: { code?: unknown; message?: unknown }): boolean =>
      error.code === "ERR_OPTION" &&
      String(error.message).includes(` as ${name}: `) &&
      detail.test(String(error.message));
    assert.throws(() => completeOptions(options as SystemOptions), refused);
  });
}

test("options that are no object are refused", () => {
  for (const value of [null, 5, "64 MiB", []] as unknown as SystemOptions[]) {
    assert.throws(() => completeOptions(value), { code: "ERR_OPTION", message: /as the options/ });
  }
});
