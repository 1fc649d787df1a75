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
const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);
const BYTES = 4_096 + 4_097 + 65_536 + 3 * 65_536 + 20_000;

test("the report names files, bytes, seconds, MB/s, every list and every tag", async (t) => {
  const { code, stdout } = await lookaside(["demo", folderOf(t, FILES), "--threads", "2"]);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^5 files, 290\.3 kB in \d+\.\d\d s: \d+\.\d MB\/s with 2 hashing threads\nAt most: nonpaged pool /,
  );
  assert.match(stdout, /^Audit: every block is where the lists say$/m);
  assert.match(stdout, /^List +Bytes +Allocates +Misses/m);
  for (const list of ["small +4096", "medium +16384", "large +65536", "Room +-"])
    assert.match(stdout, new RegExp(`^${list} `, "m"));
  assert.match(stdout, /^Channel +Capacity +Pushed/m);
  for (const channel of ["small", "medium", "large 1", "large 2"])
    assert.match(stdout, new RegExp(`^${channel} +64 `, "m"));
  assert.match(stdout, /^Tag +Pool +Allocs/m);
  for (const tag of ["Smal +nonpaged", "Medi +nonpaged", "Larg +paged", "Chan +nonpaged"])
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
  assert.deepEqual([report.problems, report.deaths, report.comparison], [[], [], null]);
  const counts = report.lists.map((list: Record<string, unknown>) => [
    list["kind"],
    list["size"] ?? list["tag"],
    list["allocates"],
    list["frees"],
    list["adopted"],
    list["held"],
  ]);
  // A block carries 16 bytes about its piece: so 4,096 bytes need a medium one, and 65,536 two large ones.
  assert.deepEqual(counts, [
    ["block", 4_096, 1, 1, 1, 0],
    ["block", 16_384, 2, 2, 2, 0],
    ["block", 65_536, 6, 6, 6, 0],
    ["object", "Room", 9, 9, undefined, 0],
  ]);
  const pushed = report.channels.map(({ pushed }: { pushed: number }) => pushed);
  assert.equal(sumOf(pushed), 9);
  const tags = new Set(report.tags.map(({ tag }: { tag: string }) => tag));
  for (const tag of ["Smal", "Medi", "Larg", "Chan"]) assert.ok(tags.has(tag), tag);
});

test("parked blocks and the lists' records are all that is charged at the end", async (t) => {
  const { stdout } = await lookaside(["demo", folderOf(t, FILES), "--json"]);
  const report = JSON.parse(stdout);
  for (const list of report.lists.filter(({ kind }: { kind: string }) => kind === "block")) {
    const charged = report.tags.filter(({ tag }: { tag: string }) => tag === list.tag);
    assert.equal(sumOf(charged.map(({ blocks }: { blocks: number }) => blocks)), list.parked + 1);
  }
  const large = report.tags.find(({ pool }: { pool: string }) => pool === "paged");
  assert.equal(large.bytes, large.blocks * 65_536);
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
