/** Mistakes in calling top, report, doctor and completions: one clear line each, and exit code 2. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { COMMANDS as CATALOG, TOP } from "#src/cli/catalog.js";
import type { Command } from "#src/cli/command.js";
import { completions } from "#src/cli/completions/command.js";
import { doctor } from "#src/cli/doctor/command.js";
import { UsageError } from "#src/cli/failure.js";
import { commandHelp, programHelp } from "#src/cli/help.js";
import { report } from "#src/cli/report/command.js";
import { top } from "#src/cli/top/command.js";
import { lookaside, PROGRAM } from "./program.js";

const COMMANDS: Readonly<Record<string, Command>> = { top, report, doctor, completions };

const MISTAKES: readonly (readonly [readonly string[], RegExp])[] = [
  [["top", "nowhere"], /^"nowhere" is no url$/],
  [["top", "ftp://host/"], /"ftp:\/\/host\/" is no url of http or https$/],
  [["top", "http://name:word@host/"], /a url with a name or password cannot be used$/],
  [["top", ":1", ":2"], /one url at most, not ":1" and ":2"$/],
  [
    ["top", "--interval", "0.01"],
    /--interval must be a number of seconds from 0\.1 to 3600, not "0\.01"$/,
  ],
  [["top", "--interval", "1e3"], /not "1e3"$/],
  [["top", "--interval="], /the value of --interval is empty$/],
  [["top", "--view", "threads"], /--view must be one of lists, tags, not "threads"$/],
  [["top", "--sort", "beauty"], /--sort must be one of Tag, Name, .*Bytes, not "beauty"$/],
  [["top", "--view", "tags", "--sort", "name"], /--sort must be one of Tag, Type, .*, not "name"$/],
  [["top", "--frequently"], /unknown option '--frequently'/],
  [["report", ""], /the url\|file has an empty name$/],
  [["report", "--json", "--csv"], /--json and --csv cannot be had together$/],
  [["report", "--json", "--table", "tags"], /--json prints all/],
  [["report", "--csv", "--since", "x"], /--since is for the table of tags as text$/],
  [["report", "--table", "lists", "--since", "x"], /--since is for the table of tags as text$/],
  [
    ["report", "--table", "chairs"],
    /--table must be one of lists, tags, pools, threads, rings, not "chairs"$/,
  ],
  [["doctor", "now"], /nothing can be done with "now"$/],
  [["doctor", "--json=yes"], /option '--json' does not take an argument/],
  [["completions"], /bash\|zsh\|fish is needed$/],
  [["completions", "tcsh"], /must be one of bash, zsh, fish, not "tcsh"$/],
];

for (const [[name = "", ...args], line] of MISTAKES) {
  test(`${[name, ...args].join(" ")} is refused as wrong usage`, async () => {
    await assert.rejects(COMMANDS[name]?.run(args) ?? Promise.resolve(), (error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, line);
      return true;
    });
  });
}

test("a mistake is one line on standard error and exit code 2", async () => {
  const { code, stdout, stderr } = await lookaside(["doctor", "now"]);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.equal(
    stderr,
    'lookaside doctor: nothing can be done with "now"; "lookaside doctor --help" shows what can be used\n',
  );
});

test("--help shows the help of the command, whatever else stands there", async () => {
  const { code, stdout, stderr } = await lookaside(["top", "no url", "--help"]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  assert.equal(stdout, `${commandHelp(TOP)}\n`);
});

test("every command of the catalog can be called", async () => {
  const { code, stdout } = await lookaside(["--help"]);
  assert.equal(code, 0);
  assert.equal(stdout, `${programHelp()}\n`);
  const source = readFileSync(PROGRAM, "utf8");
  for (const { name } of CATALOG) assert.match(source, new RegExp(`^ {4}${name}: async`, "m"));
});
