/** How the program is called: help, version, and one clear line for every mistake. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { repositoryRoot } from "../support/repository.js";
import { linesOf, lookaside } from "./program.js";

test("--help shows every command and ends well", async () => {
  for (const option of ["--help", "-h"]) {
    const { code, stdout, stderr } = await lookaside([option]);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    assert.match(stdout, /^Usage: lookaside <command>/);
    assert.match(stdout, /^ {2}demo {2,}\S/m);
  }
});

test("--help after the command shows every option of the demo and what exit codes mean", async () => {
  for (const args of [
    ["demo", "--help"],
    ["demo", "-h"],
    ["demo", "nowhere", "--help"],
  ]) {
    const { code, stdout, stderr } = await lookaside(args);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    const named = [
      "--threads N",
      "--monitor[=PORT]",
      "--manifest FILE",
      "--json",
      "--nonpaged SIZE",
      "--paged SIZE",
      "--quiet",
    ];
    for (const option of named) assert.ok(stdout.includes(`  ${option}`), option);
    assert.match(stdout, /Symbolic links, .* are skipped/);
    assert.match(stdout, /^Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}130 +Ctrl-C$/m);
    for (const line of linesOf(stdout)) assert.ok(line.length <= 100, line);
  }
});

test("--version shows the version of the package", async () => {
  const text = readFileSync(new URL("package.json", repositoryRoot), "utf8");
  for (const option of ["--version", "-v"]) {
    const { code, stdout } = await lookaside([option]);
    assert.equal(code, 0);
    assert.equal(stdout, `${JSON.parse(text).version}\n`);
  }
});

const MISTAKES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["no command", [], /^lookaside: a command is needed;/],
  ["an unknown command", ["dmeo"], /^lookaside: unknown command "dmeo";/],
  [
    "a command that every object has",
    ["constructor"],
    /^lookaside: unknown command "constructor";/,
  ],
  ["an unknown option of the program", ["--verbose"], /^lookaside: unknown option "--verbose";/],
  [
    "an unknown option of the command",
    ["demo", "--verbose"],
    /^lookaside demo: unknown option '--verbose'/,
  ],
  ["an unknown short option", ["demo", "-x"], /^lookaside demo: unknown option '-x'/],
  ["two folders", ["demo", "a", "b"], /one folder at most, not "a" and "b"/],
  ["an empty folder", ["demo", ""], /the folder has an empty name/],
  ["an empty manifest", ["demo", "--manifest="], /the value of --manifest is empty/],
  ["a value that is missing", ["demo", "--threads"], /option '--threads <value>' argument missing/],
  [
    "a value that looks like an option",
    ["demo", "--threads", "--json"],
    /'--threads' argument is ambiguous/,
  ],
  ["a value for a switch", ["demo", "--json=yes"], /option '--json' does not take an argument/],
  [
    "no thread",
    ["demo", "--threads", "0"],
    /--threads must be a whole number from 1 to 64, not "0"/,
  ],
  ["too many threads", ["demo", "--threads", "65"], /from 1 to 64, not "65"/],
  ["a port of no kind", ["demo", "--monitor=http"], /--monitor must be a port .*, not "http"/],
  ["a port too high", ["demo", "--monitor=65536"], /from 0 to 65535, not "65536"/],
  ["part of a thread", ["demo", "--threads", "1.5"], /from 1 to 64, not "1\.5"/],
  ["threads in letters", ["demo", "--threads", "two"], /from 1 to 64, not "two"/],
  [
    "a pool that is too small",
    ["demo", "--nonpaged", "65535"],
    /--nonpaged must be .* not "65535"/,
  ],
  ["a pool in an unknown unit", ["demo", "--paged", "1 MB"], /--paged must be .* not "1 MB"/],
  [
    "a pool beyond what addresses reach",
    ["demo", "--paged", "4 GiB"],
    /--paged must be .* not "4 GiB"/,
  ],
];

for (const [mistake, args, line] of MISTAKES) {
  test(`${mistake} is one line on standard error and exit code 2`, async () => {
    const { code, stdout, stderr } = await lookaside(args);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.equal(linesOf(stderr).length, 1, stderr);
    assert.match(stderr, line);
    assert.match(stderr, /"lookaside( demo)? --help" shows what can be used$/m);
  });
}

test("pools that the host or the demo cannot work with are one line and exit code 1", async () => {
  const { code, stderr } = await lookaside(["demo", ".", "--quiet", "--nonpaged", "64KiB"], {
    cwd: new URL("docs", repositoryRoot).pathname,
  });
  assert.equal(code, 1);
  assert.equal(
    stderr,
    "lookaside demo: the nonpaged pool is too small for the lists and channels\n",
  );
});
