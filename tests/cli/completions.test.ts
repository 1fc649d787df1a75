/** Completions: the shells themselves are asked what they would offer, where they are installed. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { COMMANDS, HELP_OPTION } from "#src/cli/catalog.js";
import { bashScript } from "#src/cli/completions/bash.js";
import { fishScript } from "#src/cli/completions/fish.js";
import { zshScript } from "#src/cli/completions/zsh.js";
import { linesOf, lookaside } from "./program.js";
import { folderOf } from "./tree.js";

function missing(shell: string): string | false {
  return spawnSync(shell, ["--version"]).status === 0 ? false : `there is no ${shell} here`;
}

function run(shell: string, args: readonly string[], cwd?: string): string[] {
  const { status, stdout, stderr } = spawnSync(shell, args, {
    cwd,
    env: { ...process.env, LC_ALL: "C.UTF-8" },
  });
  assert.equal(stderr.toString(), "");
  assert.equal(status, 0);
  return linesOf(stdout.toString()).filter((line) => line !== "");
}

/** What bash offers for the last of some words. */
function bashOffers(words: readonly string[], cwd?: string): string[] {
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const script = [
    bashScript(COMMANDS),
    `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _lookaside`,
    `printf '%s\\n' "\${COMPREPLY[@]}"`,
  ].join("\n");
  return run("bash", ["--norc", "-c", script], cwd);
}

const ALL = COMMANDS.map(({ name }) => name);

test("bash offers commands, options, values, files and folders", { skip: missing("bash") }, (t) => {
  const folder = folderOf(t, { "a name with blanks": "", "an/other": "", b: "" });
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [[""], [...ALL, "--help", "--version"]],
    [["to"], ["top"]],
    [["top", "--in"], ["--interval"]],
    [
      ["top", "-"],
      [
        "--interval",
        "-i",
        "--view",
        "--sort",
        "-s",
        "--tag",
        "-t",
        "--once",
        "--ascii",
        "--help",
        "-h",
      ],
    ],
    [
      ["top", "--view", ""],
      ["lists", "tags"],
    ],
    [["top", "--view", "=", "t"], ["tags"]],
    [
      ["top", "--view", "="],
      ["lists", "tags"],
    ],
    [["top", "--interval", ""], []],
    [["top", ""], []],
    [
      ["report", "a"],
      ["a name with blanks", "an"],
    ],
    [["report", "--since", "b"], ["b"]],
    [["demo", "a"], ["an"]],
    [["demo", "--thr"], ["--threads"]],
    [["completions", "z"], ["zsh"]],
    [["doctor", "--j"], ["--json"]],
    [["unknown", "--"], []],
  ];
  for (const [words, offers] of cases) {
    const offered = bashOffers(["lookaside", ...words], folder);
    assert.deepEqual(offered.toSorted(), offers.toSorted(), words.join(" "));
  }
});

test("fish offers the same", { skip: missing("fish") }, (t) => {
  const folder = folderOf(t, { "completions.fish": fishScript(COMMANDS), "saved.json": "" });
  const offers = (line: string): string[] =>
    run(
      "fish",
      ["--no-config", "-c", `source completions.fish; complete -C '${line}'`],
      folder,
    ).map((offer) => offer.split("\t")[0] ?? "");
  assert.deepEqual(offers("lookaside ").toSorted(), ALL.toSorted());
  assert.deepEqual(offers("lookaside top --vi"), ["--view"]);
  assert.deepEqual(offers("lookaside top --view "), ["lists", "tags"]);
  assert.deepEqual(offers("lookaside top "), []);
  assert.deepEqual(offers("lookaside report sav"), ["saved.json"]);
  assert.deepEqual(offers("lookaside completions "), ["bash", "fish", "zsh"]);
});

/** Presses keys and Tab in a real zsh in a terminal of its own, and shows what it has offered. */
const ZSH_TRIAL = `
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell 'PS1=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D'
zpty -w shell 'source ./script; echo re""ady'
zpty -r shell text '*ready*'
zpty -w -n shell $'lookaside '"$1"$'\\t\\t'
zpty -r -m shell text "*$2*" && print -r -- offered
zpty -d shell
`;

test("zsh offers commands, options and values", { skip: missing("zsh"), timeout: 60_000 }, (t) => {
  const folder = folderOf(t, { script: zshScript(COMMANDS), trial: ZSH_TRIAL, "saved.json": "" });
  for (const [typed, offered] of [
    ["", "completions"],
    ["report --table thr", "threads"],
  ] as const) {
    const lines = run("zsh", ["-f", join(folder, "trial"), typed, offered], folder);
    assert.ok(lines.includes("offered"), typed);
  }
});

test("every option of the catalog is in every script", () => {
  for (const script of [bashScript, zshScript, fishScript]) {
    const text = script(COMMANDS);
    for (const { name, options } of COMMANDS) {
      assert.ok(text.includes(name));
      for (const option of [...options, HELP_OPTION])
        assert.ok(text.includes(option.name), option.name);
    }
  }
});

test("the command prints the script of the shell", async () => {
  const { code, stdout } = await lookaside(["completions", "bash"]);
  assert.equal(code, 0);
  assert.equal(stdout, bashScript(COMMANDS));
});
