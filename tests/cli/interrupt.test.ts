/** Ctrl-C: a partial report and no manifest, in short time; a second one ends the program at once. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { lookaside, type Start } from "./program.js";
import { folderOf } from "./tree.js";

const skip = process.platform === "win32" ? "this system has no signals" : false;

/** Longer to hash than any machine takes to be interrupted; the file has no blocks on the disk. */
const LONG_BYTES = 64 * 2 ** 30;

function longFolder(t: Parameters<typeof folderOf>[0]): string {
  const folder = folderOf(t, { "tree/a": "1", "tree/b": "22" });
  writeFileSync(join(folder, "tree/long"), "");
  truncateSync(join(folder, "tree/long"), LONG_BYTES);
  return folder;
}

/** Sends the signal when a line that matches comes. */
function interruptAt(...lines: readonly RegExp[]): Pick<Start, "onLine"> {
  return {
    onLine: (line: string, child: ChildProcess) => {
      if (lines.some((pattern) => pattern.test(line))) child.kill("SIGINT");
    },
  };
}

test("Ctrl-C ends a run with a partial report, exit code 130 and no manifest", {
  skip,
}, async (t) => {
  const folder = longFolder(t);
  const { code, stdout, stderr } = await lookaside(["demo", "tree", "--manifest", "sums"], {
    cwd: folder,
    ...interruptAt(/^Hashing 3 files/),
  });
  assert.equal(code, 130, stderr);
  assert.match(stdout, /^Interrupted: this report is partial, .* of 3 files read\n/);
  assert.match(stdout, /\nAudit: every block is where the lists say\n/);
  assert.match(stdout, /^large +65536 /m);
  assert.match(stderr, /^Interrupted: stopping/m);
  assert.match(stderr, /^No manifest was written$/m);
  assert.doesNotMatch(stderr, /Skipped/);
  assert.deepEqual(readdirSync(folder), ["tree"]);
});

test("the partial report of --json says that it is partial", { skip }, async (t) => {
  const { code, stdout } = await lookaside(["demo", "tree", "--json"], {
    cwd: longFolder(t),
    ...interruptAt(/^Hashing/),
  });
  assert.equal(code, 130);
  const report = JSON.parse(stdout);
  assert.equal(report.interrupted, true);
  assert.ok(report.files < 3);
  assert.equal(report.lists.length, 4);
  assert.ok(report.lists.every(({ held }: { held: number }) => held === 0));
  assert.deepEqual(report.problems, []);
});

test("Ctrl-C while folders are listed ends the run too", { skip }, async (t) => {
  const folder = folderOf(t, { "a/b": "1", "c/d": "2" });
  symlinkSync("x", join(folder, "0"));
  const { code, stdout } = await lookaside(["demo", folder], {
    preload: "slow-walk",
    ...interruptAt(/^Skipped "0"/),
  });
  assert.equal(code, 130);
  assert.match(stdout, /^Interrupted: this report is partial, 0 B of 0 files read\n/);
});

test("a thread that does not come to an end cannot hold up the end", { skip }, async (t) => {
  const folder = longFolder(t);
  const { code, stdout } = await lookaside(["demo", "tree", "--threads", "2"], {
    cwd: folder,
    preload: "thread-trouble",
    env: { TROUBLE: "wait" },
    ...interruptAt(/^a thread waits/),
  });
  assert.equal(code, 130);
  assert.match(stdout, /^Interrupted: /);
});

test("a second Ctrl-C ends the program where it is", { skip }, async (t) => {
  const folder = longFolder(t);
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  // The thread waits for a pipe that nobody opens: nothing inside the process can end it.
  const { code, signal, stdout } = await lookaside(["demo", "tree", "--manifest", "sums"], {
    cwd: folder,
    preload: "thread-trouble",
    env: { TROUBLE: "block", PIPE: pipe },
    ...interruptAt(/^a thread is blocked/, /^Interrupted: stopping/),
  });
  assert.equal(code, null);
  assert.equal(signal, "SIGINT");
  assert.equal(stdout, "");
  assert.ok(!existsSync(join(folder, "sums")));
});

test("a run that was interrupted leaves nothing behind", { skip }, async (t) => {
  const folder = longFolder(t);
  await lookaside(["demo", "tree", "--manifest", "tree/sums"], {
    cwd: folder,
    ...interruptAt(/^Hashing/),
  });
  assert.deepEqual(readdirSync(join(folder, "tree")).toSorted(), ["a", "b", "long"]);
});
