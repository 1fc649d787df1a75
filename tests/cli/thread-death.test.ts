/** A hashing thread that dies costs no file and no block, and nobody hangs. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { seeded } from "../support/seed.js";
import { linesOf, lookaside } from "./program.js";
import { folderOf, sha256, someBytes } from "./tree.js";

const random = seeded(import.meta.url);

const ENDED =
  /^Hashing thread \d ended with code \d before its work was done: \d+ blocks? recovered, going on/;
const DEATHS = [
  [
    "throw",
    /^Hashing thread 1 failed: simulated trouble: \d+ blocks? recovered, going on with new threads$/,
  ],
  ["exit", ENDED],
  ["terminate", ENDED],
] as const;

/** With room for everything, and with pools so small that the others wait for what the dead thread held. */
const POOLS = [
  ["plenty of pool", []],
  ["a pool of two large blocks", ["--nonpaged", "128KiB", "--paged", "128KiB"]],
] as const;

/** Of many pieces, and of one. */
const FILES = Object.fromEntries(
  Array.from({ length: 60 }, (_, at) => [
    `tree/f${String(at).padStart(2, "0")}`,
    someBytes(at % 3 === 0 ? 300_000 : 3_000 * (at % 3), at),
  ]),
);
const MANIFEST = Object.entries(FILES)
  .map(([path, bytes]) => `${sha256(bytes)}  ${path.slice("tree/".length)}\n`)
  .join("");

for (const [trouble, line] of DEATHS) {
  for (const [room, options] of POOLS) {
    test(`a thread that dies by ${trouble} costs a run with ${room} no file`, async (t) => {
      const folder = folderOf(t, FILES);
      const args = ["demo", "tree", "--threads", "3", "--quiet", "--manifest", "sums", "--json"];
      const { code, stdout, stderr } = await lookaside([...args, ...options], {
        cwd: folder,
        preload: "thread-trouble",
        env: { TROUBLE: trouble, TROUBLE_THREAD: "1", TROUBLE_AT: String(1 + random.int(3)) },
      });
      assert.equal(code, 0, stderr);
      const lines = linesOf(stderr);
      assert.equal(lines.length, 1, stderr);
      assert.match(lines[0] ?? "", line);
      assert.equal(readFileSync(join(folder, "sums"), "utf8"), MANIFEST);
      const report = JSON.parse(stdout);
      assert.equal(report.files, 60);
      assert.equal(report.deaths.length, 1);
      assert.deepEqual(report.problems, []);
      for (const { held } of report.lists) assert.equal(held, 0);
    });
  }
}

test("threads that die again and again end a run: a line for each, no report, no manifest", async (t) => {
  const folder = folderOf(t, FILES);
  const { code, stdout, stderr } = await lookaside(
    ["demo", "tree", "--threads", "2", "--quiet", "--manifest", "sums"],
    { cwd: folder, preload: "thread-trouble", env: { TROUBLE: "throw" } },
  );
  assert.equal(code, 1);
  const lines = linesOf(stderr);
  assert.equal(lines.length, 5, stderr);
  assert.match(lines.at(-1) ?? "", /^lookaside demo: hashing thread \d failed: simulated trouble$/);
  assert.equal(stdout, "");
  assert.ok(!existsSync(join(folder, "sums")));
});
