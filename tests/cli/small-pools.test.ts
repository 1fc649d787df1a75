/** Pools that run out: the demo waits for entries to come back, and every digest is still right. */
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

interface Tally {
  readonly Diff: number;
}

interface Usage {
  readonly Tag: number;
  readonly NonPaged: Tally;
  readonly Paged: Tally;
}

/** What the pools charge to a tag; nothing was, when the report does not name it. */
function tagOf(report: { readonly tags: readonly Usage[] }, tag: number): Usage {
  const nothing = { Diff: 0 };
  const found = report.tags.find(({ Tag }) => Tag === tag);
  return found ?? { Tag: tag, NonPaged: nothing, Paged: nothing };
}

const MANIFEST = Object.entries(FILES)
  .map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`)
  .join("");

/** One chunk of paged pool holds one large entry; two chunks of nonpaged pool hold the lists and no entry. */
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
      const report = JSON.parse(stdout);
      assert.ok(report.waits > 0, "the pool was never exhausted");
      for (const list of report.lists) {
        // What the lists have parked is all that is left: every entry came home.
        const { NonPaged, Paged } = tagOf(report, list.Tag);
        assert.equal(NonPaged.Diff + Paged.Diff, list.CurrentDepth);
      }
    });
  }
}

test("large files never need more than the window of a lane, however much pool there is", async (t) => {
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
  const { Paged } = JSON.parse(stdout).pools;
  // 64 entries a lane, and what the list has parked besides; the files are far larger.
  assert.ok(Paged.PeakBytes <= (2 * 64 + 256) * 65_536, `${Paged.PeakBytes} bytes`);
});
