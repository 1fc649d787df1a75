/** `lookaside report`: the same snapshot from a monitor, a file and standard input; bad input is one line. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CommandFailed } from "#src/cli/failure.js";
import { report, reportText } from "#src/cli/report/command.js";
import { blockListOf, snapshotOf, tagOf } from "../support/snapshots.js";
import { linesOf, lookaside, PROGRAM } from "./program.js";
import { answering, standIn } from "./stand-in.js";
import { folderOf } from "./tree.js";

const SNAPSHOT = snapshotOf();

test("a monitor, a file and standard input give the same report", async (t) => {
  const server = await standIn(
    t,
    answering(() => SNAPSHOT),
  );
  const folder = folderOf(t, { "saved.json": JSON.stringify(SNAPSHOT) });
  const file = join(folder, "saved.json");
  const { code, stdout, stderr } = await lookaside(["report", server.url]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${reportText(SNAPSHOT)}\n`);
  assert.equal((await lookaside(["report", file])).stdout, stdout);
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const piped = spawnSync(process.execPath, [PROGRAM, "report", "-"], {
    input: readFileSync(file),
    env,
  });
  assert.equal(piped.stdout.toString(), stdout);
});

test("what --json prints can be read again, and is the whole snapshot", async (t) => {
  const server = await standIn(
    t,
    answering(() => ({ ...SNAPSHOT, later: 1 })),
  );
  const { code, stdout } = await lookaside(["report", server.url, "--json"]);
  assert.equal(code, 0);
  assert.equal(linesOf(stdout).length, 1);
  assert.deepEqual(JSON.parse(stdout), { ...SNAPSHOT, later: 1 });
  const file = join(folderOf(t, { "again.json": stdout }), "again.json");
  assert.equal((await lookaside(["report", file, "--json"])).stdout, stdout);
});

test("--csv prints the table of lists, or the one that --table names", async (t) => {
  const lists = [blockListOf({ name: 'a "b", c' })];
  const file = join(folderOf(t, { s: JSON.stringify({ ...SNAPSHOT, lists }) }), "s");
  const { stdout, code } = await lookaside(["report", file, "--csv"]);
  assert.equal(code, 0);
  assert.match(stdout, /^kind,id,name,tag,pool,size,/);
  assert.match(
    stdout,
    /^block,block-1,"a ""b"", c",Fram,nonPaged,1536,64,256,idle,1000,100,0\.9,/m,
  );
  const tags = await lookaside(["report", file, "--csv", "--table", "tags"]);
  assert.equal(
    tags.stdout,
    "tag,pool,allocs,frees,blocks,bytes,peakBytes\n" +
      "Fram,nonPaged,100,10,90,138240,150000\nPage,paged,100,10,90,138240,150000\n",
  );
});

test("--tag leaves lists and tags that begin otherwise out, and --table the other tables", async (t) => {
  const file = join(folderOf(t, { s: JSON.stringify(SNAPSHOT) }), "s");
  const { stdout } = await lookaside(["report", file, "--table", "lists", "--tag", "D*u"]);
  assert.match(stdout, /^Lookaside "NPaged list" @ 0x00001000 {2}Tag\(hex\): 0x75636F44 "Docu"\n/);
  assert.equal(linesOf(stdout).length, 7);
});

test("--since shows what changed since a saved snapshot, in parentheses", async (t) => {
  const now = { ...SNAPSHOT, tags: [tagOf({ allocs: 130, bytes: 138_300 })] };
  const folder = folderOf(t, { now: JSON.stringify(now), past: JSON.stringify(SNAPSHOT) });
  const { stdout } = await lookaside(["report", "now", "--since", "past", "--table", "tags"], {
    cwd: folder,
  });
  assert.match(stdout, /^Fram +Nonp +130 \(30\) +10 \(0\) +90 +138300 \(60\) +1536$/m);
});

test("a file that is missing or no snapshot is refused, by its name", async (t) => {
  const cut = JSON.stringify(SNAPSHOT).slice(0, -5);
  const { memory: _memory, ...part } = SNAPSHOT;
  const files = { cut, part: JSON.stringify(part), odd: "[1]", good: JSON.stringify(SNAPSHOT) };
  const folder = folderOf(t, files);
  for (const [args, line] of [
    [["missing"], "cannot read missing: ENOENT: no such file or directory, open 'missing'"],
    [["."], "cannot read .: EISDIR: illegal operation on a directory, read"],
    [["cut"], "cut is no snapshot: it is no JSON"],
    [["part"], "part is no snapshot that can be read: memory is not an object"],
    [["odd"], "odd is no snapshot that can be read: it is not an object"],
    [["good", "--since", "odd"], "odd is no snapshot that can be read: it is not an object"],
  ] as const) {
    const inFolder = args.map((arg) => (arg.startsWith("--") ? arg : join(folder, arg)));
    await assert.rejects(report.run(inFolder), (error) => {
      assert.ok(error instanceof CommandFailed);
      assert.equal(error.message.replaceAll(`${folder}/`, "").replace(folder, "."), line);
      return true;
    });
  }
});
