/** Pools that run out: the demo waits for blocks to come back, and every digest is still right. */
import assert from "node:assert/strict";
import { readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { lookaside } from "./program.js";
import { folderOf, sha256, someBytes } from "./tree.js";

const FILES = Object.fromEntries(
  Array.from({ length: 60 }, (_, at) => [
    `f${String(at).padStart(2, "0")}`,
    someBytes([100, 10_000, 50_000, 400_000][at % 4] as number, at),
  ]),
);
/** Far more than can be on the way at a time; the files have no blocks on the disk. */
const HUGE_BYTES = 150_000_000;

interface Report {
  readonly waits: number;
  readonly problems: readonly string[];
  readonly lists: readonly { kind: string; tag: string; held: number; parked: number }[];
  readonly tags: readonly { tag: string; blocks: number }[];
  readonly pools: readonly { pool: string; peakBytes: number; limitBytes: number }[];
}

/** Blocks that the pools charge to a tag. */
function blocksOf({ tags }: Report, tag: string): number {
  return tags.reduce((sum, one) => sum + (one.tag === tag ? one.blocks : 0), 0);
}

const MANIFEST = Object.entries(FILES)
  .map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`)
  .join("");

/** One chunk of paged pool holds one large block; two of nonpaged pool hold the lists and few blocks. */
const POOLS = [
  ["128KiB", "64KiB"],
  ["192KiB", "64KiB"],
  ["256KiB", "128KiB"],
  ["1MiB", "65536"],
] as const;

for (const [nonpaged, paged] of POOLS) {
  for (const threads of ["1", "4"]) {
    test(`${nonpaged} of nonpaged and ${paged} of paged pool do for ${threads} threads`, async (t) => {
      const folder = folderOf(t, FILES);
      const manifest = join(folder, "sums");
      const pools = ["--nonpaged", nonpaged, "--paged", paged, "--threads", threads];
      const { code, stdout, stderr } = await lookaside([
        "demo",
        folder,
        "--json",
        "--manifest",
        manifest,
        ...pools,
      ]);
      assert.equal(code, 0, stderr);
      assert.equal(readFileSync(manifest, "utf8"), MANIFEST);
      const report: Report = JSON.parse(stdout);
      assert.ok(report.waits > 0, "the pool was never exhausted");
      assert.deepEqual(report.problems, []);
      for (const { kind, tag, held, parked } of report.lists) {
        assert.equal(held, 0);
        // What the lists have parked, and their records, is all that is left: every block came home.
        if (kind === "block") assert.equal(blocksOf(report, tag), parked + 1);
      }
      for (const { peakBytes, limitBytes } of report.pools) assert.ok(peakBytes <= limitBytes);
    });
  }
}

test("large files never need more than what its channel holds, however much pool there is", async (t) => {
  const folder = folderOf(t, { huge: "", other: "" });
  for (const name of ["huge", "other"]) truncateSync(join(folder, name), HUGE_BYTES);
  const { stdout } = await lookaside([
    "demo",
    folder,
    "--json",
    "--threads",
    "2",
    "--paged",
    "1 GiB",
  ]);
  const report: Report = JSON.parse(stdout);
  const peakBytes = report.pools.find(({ pool }) => pool === "paged")?.peakBytes ?? Number.NaN;
  // 64 blocks in a channel and one that waits, 256 that the list may park; the files are far larger.
  assert.ok(peakBytes <= (2 * 65 + 256) * 65_536, `${peakBytes} bytes`);
});
