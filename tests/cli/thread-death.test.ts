/** A hashing thread that dies ends the run: one clear line, exit code 1, no manifest, no hang. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { linesOf, lookaside } from "./program.js";
import { folderOf, someBytes } from "./tree.js";

const DEATHS = [
  ["throw", /^lookaside demo: hashing thread 1 failed: simulated trouble$/],
  ["exit", /^lookaside demo: hashing thread 1 ended with code 7 before its work was done$/],
] as const;

/** With room for everything, and with pools so small that the others wait for what the dead thread held. */
const POOLS = [
  ["plenty of pool", []],
  ["a pool of two entries", ["--nonpaged", "128KiB", "--paged", "128KiB"]],
] as const;

for (const [trouble, line] of DEATHS) {
  for (const [room, options] of POOLS) {
    test(`a thread that dies by ${trouble} ends a run with ${room}`, async (t) => {
      const files = Object.fromEntries(
        Array.from({ length: 40 }, (_, at) => [`tree/f${at}`, someBytes(300_000, at)]),
      );
      const folder = folderOf(t, files);
      const args = ["demo", "tree", "--threads", "3", "--quiet", "--manifest", "sums", ...options];
      const { code, stdout, stderr } = await lookaside(args, {
        cwd: folder,
        preload: "thread-trouble",
        env: { TROUBLE: trouble, TROUBLE_THREAD: "1" },
      });
      assert.equal(code, 1);
      const lines = linesOf(stderr);
      assert.equal(lines.length, 1, stderr);
      assert.match(lines[0] ?? "", line);
      assert.equal(stdout, "");
      assert.ok(!existsSync(join(folder, "sums")));
    });
  }
}
