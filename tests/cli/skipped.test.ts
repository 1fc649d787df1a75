/** What `lookaside demo` does not hash: a line each, the right exit code, never a wrong digest. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { linesOf, lookaside, PROGRAM } from "./program.js";
import { emptyFolder, folderOf, sha256, someBytes } from "./tree.js";

const posix = process.platform === "win32" ? "this system has no such files" : false;

/** A user who is refused what the superuser is not; tests may run as either. */
const isSuperuser = process.getuid?.() === 0;
const NOBODY = 65_534;
const noNobody =
  isSuperuser && spawnSync(process.execPath, [PROGRAM, "--version"], { uid: NOBODY }).status !== 0
    ? "the superuser is refused nothing, and no other user can run the program from here"
    : posix;

/** The lines about what was skipped. */
function skips(stderr: string): string[] {
  return linesOf(stderr).filter((line) => line.startsWith("Skipped "));
}

test("symbolic links are skipped with a line and without error", { skip: posix }, async (t) => {
  const folder = folderOf(t, { "tree/a": "1", outside: "2" });
  const tree = join(folder, "tree");
  symlinkSync("../outside", join(tree, "to-file"));
  symlinkSync("..", join(tree, "to-folder"));
  symlinkSync("nowhere", join(tree, "to-nothing"));
  symlinkSync("loop", join(tree, "loop"));
  const { code, stderr, stdout } = await lookaside([
    "demo",
    tree,
    "--manifest",
    join(folder, "sums"),
  ]);
  assert.equal(code, 0);
  assert.deepEqual(
    skips(stderr),
    ["loop", "to-file", "to-folder", "to-nothing"].map(
      (name) => `Skipped "${name}": symbolic links are not followed`,
    ),
  );
  assert.match(stdout, /^1 file, 1 B .*\nSkipped: 4 symbolic links\n/);
  assert.equal(readFileSync(join(folder, "sums"), "utf8"), `${sha256("1")}  a\n`);
});

test("a folder that is named by a link is read", { skip: posix }, async (t) => {
  const folder = folderOf(t, { "tree/a": "1" });
  symlinkSync("tree", join(folder, "link"));
  const { code, stdout } = await lookaside(["demo", "link"], { cwd: folder });
  assert.equal(code, 0);
  assert.match(stdout, /^1 file, /);
});

test("pipes and sockets are skipped without error and never waited for", {
  skip: posix,
}, async (t) => {
  const folder = folderOf(t, { a: "1" });
  execFileSync("mkfifo", [join(folder, "pipe")]);
  const server = createServer().listen(join(folder, "socket"));
  t.after(() => server.close());
  await new Promise((settle) => server.once("listening", settle));
  const { code, stderr } = await lookaside(["demo", folder]);
  assert.equal(code, 0);
  assert.deepEqual(skips(stderr), [
    'Skipped "pipe": a named pipe is not a file',
    'Skipped "socket": a socket is not a file',
  ]);
});

test("empty files and empty folders are no trouble", async (t) => {
  const folder = folderOf(t, { "a/empty": "", "b/empty": "" });
  const { code, stdout } = await lookaside(["demo", folder, "--manifest", join(folder, "sums")]);
  assert.equal(code, 0);
  assert.match(stdout, /^2 files, 0 B in /);
  const none = sha256("");
  assert.equal(readFileSync(join(folder, "sums"), "utf8"), `${none}  a/empty\n${none}  b/empty\n`);
  const nothing = await lookaside(["demo", emptyFolder(t)]);
  assert.equal(nothing.code, 0);
  assert.match(nothing.stdout, /^0 files, 0 B in /);
});

test("what may not be read is skipped for an error, and the rest is hashed", {
  skip: noNobody,
}, async (t) => {
  const folder = folderOf(t, { "a/file": "1", "b/inside": "2", c: "3" });
  chmodSync(join(folder, "a/file"), 0);
  chmodSync(join(folder, "b"), 0);
  const start = isSuperuser ? { uid: NOBODY } : {};
  const { code, stderr, stdout } = await lookaside(["demo", folder], start);
  chmodSync(join(folder, "b"), 0o755); // before anything else: it could not be removed
  assert.equal(code, 1);
  assert.deepEqual(skips(stderr), [
    'Skipped "b/": cannot list the folder: permission denied (EACCES)',
    'Skipped "a/file": cannot open it: permission denied (EACCES)',
  ]);
  assert.match(stdout, /^1 file, 1 B .*\nSkipped: 2 for errors\n/);
});

test("what /proc shows has no size and is not hashed as empty", async (t) => {
  if (process.platform !== "linux") return t.skip("this system has no /proc");
  const { code, stderr } = await lookaside(["demo", "/proc/self/net/stat", "--quiet"]);
  assert.equal(code, 1);
  assert.match(stderr, /^Skipped ".*": it has no size and yet content$/m);
});

/** What happens to the file while it is read, and what is said of it. */
const TROUBLES: readonly (readonly [string, string, RegExp])[] = [
  ["grow", "grows while it is read", /it changed while it was read/],
  ["shrink", "shrinks while it is read", /it changed while it was read/],
  ["rewrite", "is written while it is read, at the same size", /it changed while it was read/],
  [
    "disguise",
    "is written while it is read, and given its old time again",
    /it changed while it was read/,
  ],
  ["hurry", "is written twice in one tick, and read in between", /it changed while it was read/],
  ["break", "cannot be read to its end", /cannot read it: .*\(EIO\)/],
  ["refuse", "may not be opened", /cannot open it: permission denied \(EACCES\)/],
  [
    "vanish",
    "vanishes before it is opened",
    /cannot open it: no such file or directory \(ENOENT\)/,
  ],
  ["link", "becomes a link before it is opened", /cannot open it: .*\(ELOOP\)/],
  ["pipe", "becomes a pipe before it is opened", /it is no longer a file/],
  ["folder", "becomes a folder before it is opened", /it is no longer a file/],
];

for (const [trouble, happening, said] of TROUBLES) {
  test(`a file that ${happening} is skipped for an error and not in the manifest`, {
    skip: posix,
  }, async (t) => {
    const folder = folderOf(t, { "tree/a": "1", "tree/victim": someBytes(200_000), "tree/z": "2" });
    utimesSync(join(folder, "tree/victim"), 1e9, 1e9);
    // One thread: the next file follows the abandoned one on the same way.
    const args = ["demo", "tree", "--threads", "1", "--json", "--manifest", "sums"];
    const { code, stderr, stdout } = await lookaside(args, {
      cwd: folder,
      preload: "file-trouble",
      env: { TROUBLE: trouble },
    });
    assert.equal(code, 1, stderr);
    const [line, ...others] = skips(stderr);
    assert.match(line ?? "", /^Skipped "victim": /);
    assert.match(line ?? "", said);
    assert.deepEqual(others, []);
    const sums = readFileSync(join(folder, "sums"), "utf8");
    assert.equal(sums, `${sha256("1")}  a\n${sha256("2")}  z\n`);
    const report = JSON.parse(stdout);
    assert.deepEqual([report.files, report.bytes], [2, 2]);
    assert.deepEqual(
      report.skipped.map(({ path, kind }: { path: string; kind: string }) => [path, kind]),
      [["victim", "error"]],
    );
    for (const list of report.lists) assert.equal(list.TotalAllocates, list.TotalFrees);
  });
}

test("a name cannot do anything to the terminal", { skip: posix }, async (t) => {
  const folder = emptyFolder(t);
  symlinkSync("x", join(folder, '\x1b[2J\n\r\t\x7f\u202e"\\'));
  symlinkSync("x", Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0x7a, 0x9b)]));
  const { stderr } = await lookaside(["demo", folder]);
  assert.deepEqual(skips(stderr), [
    String.raw`Skipped "\x1b[2J\n\r\t\x7f\u202e\"\\": symbolic links are not followed`,
    String.raw`Skipped "z\x9b": symbolic links are not followed`,
  ]);
});

test("a folder that does not exist is one line and exit code 1", async (t) => {
  const folder = emptyFolder(t);
  const missing = await lookaside(["demo", "none"], { cwd: folder });
  assert.equal(missing.code, 1);
  assert.equal(
    missing.stderr,
    'lookaside demo: cannot read the folder "none": no such file or directory (ENOENT)\n',
  );
  const unnamed = await lookaside(["demo"], { cwd: folder });
  assert.equal(unnamed.code, 1);
  assert.match(unnamed.stderr, /cannot read the folder "node_modules"/);
});

test("a file in the place of the folder is one line and exit code 1", async (t) => {
  const folder = emptyFolder(t);
  writeFileSync(join(folder, "file"), "1");
  const { code, stderr, stdout } = await lookaside(["demo", "file"], { cwd: folder });
  assert.equal(code, 1);
  assert.equal(stderr, 'lookaside demo: cannot read "file": it is not a folder\n');
  assert.equal(stdout, "");
});
