/** `--compare`: the same files by way of blocks, copies and transfers, with the same digests. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Ledger } from "#src/cli/demo/ledger.js";
import { manifestBytes } from "#src/cli/demo/manifest.js";
import { MessageWay } from "#src/cli/demo/message-way.js";
import { pass } from "#src/cli/demo/pass.js";
import { linesOf, lookaside } from "./program.js";
import { folderOf, sha256, someBytes } from "./tree.js";

const WAYS = ["blocks through channels", "messages, copied", "messages, transferred"];

/** Around the sizes of blocks and pieces, and far beyond what may be under way. */
const LENGTHS = [0, 1, 4_080, 4_081, 16_368, 16_369, 65_520, 65_521, 131_041, 6_000_000];
const FILES = Object.fromEntries(
  LENGTHS.map((length) => [`f${String(length).padStart(7, "0")}`, someBytes(length, length)]),
);
const BYTES = LENGTHS.reduce((sum, length) => sum + length, 0);

test("--compare prints the three ways side by side, after the report", async (t) => {
  const args = ["demo", folderOf(t, FILES), "--compare", "--threads", "2", "--quiet"];
  const { code, stdout, stderr } = await lookaside(args);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^10 files, /);
  const lines = linesOf(stdout).slice(-5);
  assert.match(
    lines[0] ?? "",
    /^Compared: 2 hashing threads, the middle one of 3 rounds; all digests are equal$/,
  );
  assert.match(lines[1] ?? "", /^Way +Seconds +MB\/s +Times as long +Garbage$/);
  for (const [at, way] of WAYS.entries()) {
    const row = new RegExp(`^${way} +\\d+\\.\\d{3} +\\d+\\.\\d +\\d+\\.\\d\\d +\\d`);
    assert.match(lines[at + 2] ?? "", row);
  }
});

test("the comparison of --json is of all bytes, and only messages leave garbage", async (t) => {
  const args = ["demo", folderOf(t, FILES), "--compare", "--json"];
  const { code, stdout, stderr } = await lookaside(args);
  assert.equal(code, 0, stderr);
  const { comparison, problems } = JSON.parse(stdout);
  assert.deepEqual(problems, []);
  assert.equal(comparison.rounds, 3);
  assert.equal(comparison.bytes, BYTES);
  const [blocks, copied, transferred] = comparison.ways;
  assert.deepEqual([blocks.way, copied.way, transferred.way], WAYS);
  assert.equal(blocks.ratio, 1);
  for (const { seconds, megabytesPerSecond, ratio } of comparison.ways) {
    assert.ok(seconds > 0);
    assert.ok(Math.abs(megabytesPerSecond - BYTES / 1e6 / seconds) < 1e-6);
    assert.ok(Math.abs(ratio - seconds / blocks.seconds) < 1e-9);
  }
  // The empty file is asked for one byte.
  assert.equal(blocks.garbageBytes, 0);
  assert.equal(transferred.garbageBytes, BYTES + 1);
  assert.equal(copied.garbageBytes, 2 * (BYTES + 1));
});

test("without --compare nothing is compared", async (t) => {
  const { stdout } = await lookaside(["demo", folderOf(t, FILES), "--quiet"]);
  assert.doesNotMatch(stdout, /Compared/);
});

for (const carriage of ["copied", "transferred"] as const) {
  test(`messages, ${carriage}, give the manifest that blocks give`, async (t) => {
    const folder = folderOf(t, FILES);
    const sums = join(folderOf(t, {}), "sums");
    await lookaside(["demo", folder, "--manifest", sums]);
    const paths = Object.keys(FILES).map((name) => Buffer.from(name));
    const ledger = new Ledger((skip) => assert.fail(skip.reason));
    const { death } = await pass(
      {
        root: Buffer.from(`${folder}/`),
        paths,
        threads: 2,
        ledger,
        interrupt: new AbortController().signal,
      },
      (threads, signal) => new MessageWay(carriage, threads, signal),
    );
    assert.equal(death, null);
    const expected = Object.entries(FILES).map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`);
    assert.equal(manifestBytes(paths, ledger.digests).toString(), expected.join(""));
    assert.equal(readFileSync(sums, "utf8"), expected.join(""));
  });
}

test("a file that changes between the ways ends a comparison with a line that names it", async (t) => {
  const folder = folderOf(t, { "tree/still": "1", "tree/changes": "2" });
  const { code, stderr } = await lookaside(["demo", "tree", "--compare", "--manifest", "sums"], {
    cwd: folder,
    // Said after the run and before the comparison; the program is held meanwhile.
    preload: "change-between",
    env: { CHANGES: join(folder, "tree/changes") },
  });
  assert.equal(code, 1);
  const last = linesOf(stderr).at(-1) ?? "";
  assert.match(
    last,
    /^lookaside demo: "changes" has another digest by way of blocks through channels/,
  );
});
