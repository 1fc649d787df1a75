/** The final report of `lookaside demo`: what it says is what was done. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { lookaside } from "./program.js";
import { emptyFolder, folderOf, someBytes } from "./tree.js";

/** Files of every size class of the demo: bytes in total and entries by list, smallest first. */
const FILES = {
  small: someBytes(4_096),
  "in/medium": someBytes(4_097),
  "in/large": someBytes(65_536),
  "in/deep/huge": someBytes(3 * 65_536 + 20_000),
  empty: "",
};
const BYTES = 4_096 + 4_097 + 65_536 + 3 * 65_536 + 20_000;

test("the report names files, bytes, seconds, MB/s, every list and every tag", async (t) => {
  const { code, stdout } = await lookaside(["demo", folderOf(t, FILES), "--threads", "2"]);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^5 files, 290\.3 kB in \d+\.\d\d s: \d+\.\d MB\/s with 2 hashing threads\nAt most: nonpaged pool .*\n\n/,
  );
  for (const family of ["NPaged", "Ex", "Paged"])
    assert.match(stdout, new RegExp(`^Lookaside "${family} list" @ 0x`, "m"));
  assert.match(stdout, /^ {2}TotalAllocates +=/m);
  assert.match(stdout, /^Tag +Allocs +Used/m);
  for (const tag of ["Smal", "Medi", "Larg", "List", "TOTAL"])
    assert.match(stdout, new RegExp(`^${tag} `, "m"));
});

test("--json prints one object, and its numbers are what was done", async (t) => {
  const { code, stdout, stderr } = await lookaside(["demo", folderOf(t, FILES), "--json"]);
  assert.equal(code, 0);
  assert.match(stderr, /^Hashing 5 files of ".*" with \d+ threads?\n$/);
  assert.equal(stdout.indexOf("\n"), stdout.length - 1);
  const report = JSON.parse(stdout);
  assert.equal(report.files, 5);
  assert.equal(report.bytes, BYTES);
  assert.ok(report.seconds > 0);
  assert.ok(Math.abs(report.megabytesPerSecond - BYTES / 1e6 / report.seconds) < 1e-6);
  assert.equal(report.interrupted, false);
  assert.deepEqual(report.skipped, []);
  const counts = report.lists.map((list: Record<string, unknown>) => [
    list["Size"],
    list["TotalAllocates"],
    list["TotalFrees"],
  ]);
  // The empty file is asked for a byte, and what is left of the huge one needs a large entry.
  assert.deepEqual(counts, [
    [4_096, 2, 2],
    [16_384, 1, 1],
    [65_536, 5, 5],
  ]);
  const tags = new Set(report.tags.map((tag: { TagText: string }) => tag.TagText));
  for (const tag of ["Smal", "Medi", "Larg", "List"]) assert.ok(tags.has(tag), tag);
});

test("what was parked at the end is all that the pools are charged with", async (t) => {
  const { stdout } = await lookaside(["demo", folderOf(t, FILES), "--json"]);
  const { lists, tags } = JSON.parse(stdout);
  for (const list of lists) {
    const { NonPaged, Paged } = tags.find((tag: { Tag: number }) => tag.Tag === list.Tag);
    assert.equal(NonPaged.Diff + Paged.Diff, list.CurrentDepth);
    assert.equal(NonPaged.Bytes + Paged.Bytes, list.CurrentDepth * list.Size);
  }
});

test("there are never more threads than files, nor more than were asked for", async (t) => {
  const folder = folderOf(t, { a: "1", b: "2", c: "3" });
  for (const [asked, given] of [
    [1, 1],
    [2, 2],
    [64, 3],
  ]) {
    const { stdout } = await lookaside(["demo", folder, "--json", "--threads", String(asked)]);
    assert.equal(JSON.parse(stdout).threads, given);
  }
});

test("without a terminal nothing is drawn and nothing is coloured", async (t) => {
  const { stdout, stderr } = await lookaside(["demo", folderOf(t, FILES)]);
  assert.ok(!/\r/.test(stdout + stderr));
  assert.ok(!`${stdout}${stderr}`.includes("\x1b"));
});

test("--quiet tells of errors only", async (t) => {
  const folder = folderOf(t, { "tree/a": "1", "tree/sums": "old" });
  const { stderr, stdout } = await lookaside(
    ["demo", "tree", "--quiet", "--manifest", "tree/sums"],
    {
      cwd: folder,
    },
  );
  assert.equal(stderr, "");
  assert.match(stdout, /^1 file, 1 B .*\nSkipped: 1 manifest\n/);
});

test("a reader of the report that goes away is no error of the program", async (t) => {
  const { code, stderr } = await lookaside(["demo", emptyFolder(t)], { preload: "closed-output" });
  assert.equal(code, 0);
  assert.doesNotMatch(stderr, /Error|EPIPE/);
});
