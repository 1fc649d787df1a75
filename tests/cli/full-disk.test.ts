/** Output that cannot be written is one line on standard error and exit code 1, whatever the command. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { test } from "node:test";
import { PROGRAM } from "./program.js";
import { folderOf } from "./tree.js";

/** A device on which there is never any room. */
const FULL = "/dev/full";
const skip = existsSync(FULL) ? false : "this system has no device that is always full";

function intoFull(args: readonly string[], cwd: string): { status: number | null; stderr: string } {
  const full = openSync(FULL, "w");
  try {
    return spawnSync(process.execPath, [PROGRAM, ...args], {
      cwd,
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
      timeout: 60_000,
    });
  } finally {
    closeSync(full);
  }
}

for (const line of [
  "--help",
  "--version",
  "doctor",
  "completions bash",
  "demo .",
  "demo . --json",
]) {
  test(`"lookaside ${line}" into a full disk says so in one line and fails`, { skip }, (t) => {
    const { status, stderr } = intoFull(line.split(" "), folderOf(t, { one: "1" }));
    assert.equal(status, 1, stderr);
    const last = stderr.trimEnd().split("\n").at(-1);
    assert.match(
      last ?? "",
      /^lookaside: cannot write the output: no space left on device \(ENOSPC\)$/,
    );
    assert.doesNotMatch(stderr, /^ +at /m);
  });
}
