/** The catalog, what is parsed by it, and where snapshots are looked for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "#src/cli/arguments.js";
import { COMMANDS, DEFAULT_URL, REPORT, TOP } from "#src/cli/catalog.js";
import { reaches } from "#src/cli/doctor/host.js";
import { UsageError } from "#src/cli/failure.js";
import { commandHelp, programHelp } from "#src/cli/help.js";
import { monitorPlace, snapshotPlace } from "#src/cli/observe/place.js";
import { tagMatcher } from "#src/cli/observe/tag-pattern.js";
import { LIST_COLUMNS, TAG_COLUMNS } from "#src/cli/top/columns.js";
import { KEYS } from "#src/cli/top/keys.js";
import { FIRST_STATE, press } from "#src/cli/top/state.js";

test("help names every command, option, key and exit code, in lines of 100 characters", () => {
  const texts = [programHelp(), ...COMMANDS.map(commandHelp)];
  for (const text of texts)
    for (const line of text.split("\n")) assert.ok(line.length <= 100, line);
  for (const { name } of COMMANDS) assert.match(texts[0] ?? "", new RegExp(`^  ${name} +\\S`, "m"));
  for (const command of COMMANDS) {
    const text = commandHelp(command);
    for (const { name } of command.options) assert.match(text, new RegExp(`^ .*--${name}\\b`, "m"));
    for (const [key] of command.keys ?? []) assert.ok(text.includes(`\n  ${key} `), key);
    for (const [code] of command.exits) assert.match(text, new RegExp(`^  ${code} +\\S`, "m"));
  }
});

test("no two options of a command, and no two columns of a table, share a name or key", () => {
  for (const { options } of COMMANDS) {
    const names = options.flatMap(({ name, short }) => [name, ...(short ? [short] : [])]);
    assert.equal(new Set(["help", "h", ...names]).size, names.length + 2);
  }
  for (const columns of [LIST_COLUMNS, TAG_COLUMNS]) {
    const keys = columns.flatMap(({ key }) => key ?? []);
    assert.equal(new Set(keys).size, keys.length);
    for (const key of keys)
      assert.notDeepEqual(
        press({ ...FIRST_STATE, sort: { lists: "", tags: "" } }, key, 1)[0],
        FIRST_STATE,
      );
  }
});

test("every key that sorts is in the list of keys", () => {
  const named = KEYS.flatMap(([keys]) => keys.split(/[ ,]+/));
  for (const { key } of [...LIST_COLUMNS, ...TAG_COLUMNS]) {
    if (key !== undefined) assert.ok(named.includes(key), key);
  }
});

test("options are given by name, by letter, and with an equals sign", () => {
  const given = parse(TOP, ["-i", "2", "--sort=held", "--once", ":80"]);
  assert.equal(given.value("interval"), "2");
  assert.equal(given.value("sort"), "held");
  assert.equal(given.has("once"), true);
  assert.equal(given.has("ascii"), false);
  assert.equal(given.value("tag"), undefined);
  assert.equal(given.operand, ":80");
  assert.equal(parse(REPORT, ["--", "--odd"]).operand, "--odd");
});

test("an optional value stands after an equals sign, and is empty otherwise", () => {
  const entry = {
    ...TOP,
    options: [{ name: "serve", value: "PORT", optional: true, summary: "x" }],
  } as const;
  assert.equal(parse(entry, ["--serve", "80"]).value("serve"), "");
  assert.equal(parse(entry, ["--serve", "80"]).operand, "80");
  assert.equal(parse(entry, ["--serve=80"]).value("serve"), "80");
  assert.equal(parse(entry, []).value("serve"), undefined);
  assert.match(commandHelp(entry), /^ {2}--serve\[=PORT\] +x$/m);
});

test("a monitor is found by url, host and port, or port", () => {
  for (const [text, url] of [
    [undefined, `${DEFAULT_URL}snapshot.json`],
    ["http://host", "http://host/snapshot.json"],
    ["http://host/base", "http://host/base/snapshot.json"],
    ["https://host/base/?token=x", "https://host/base/snapshot.json?token=x"],
    ["http://host/other.json", "http://host/other.json"],
    ["localhost:80", "http://localhost/snapshot.json"],
    [":81", "http://127.0.0.1:81/snapshot.json"],
    ["[::1]:81/x/", "http://[::1]:81/x/snapshot.json"],
  ] as const) {
    assert.equal(monitorPlace(text).url.href, url);
  }
  assert.doesNotMatch(monitorPlace("http://host/?token=secret").asked, /secret/);
  for (const text of ["file:///etc/passwd", "snapshot", "http://", "http://a:b@host/"]) {
    assert.throws(() => monitorPlace(text), UsageError, text);
  }
});

test("what is no url is a file, and a dash is standard input", () => {
  assert.equal(snapshotPlace("-").kind, "stdin");
  for (const path of ["saved.json", "./a:b", "C:\\saved.json", "7117", "a/b:80"]) {
    assert.equal(snapshotPlace(path).kind, "file", path);
  }
  for (const url of [":80", "host:80", "http://host"]) assert.equal(snapshotPlace(url).kind, "url");
});

test("patterns of tags match what begins so, by the letter", () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["", "Fram", true],
    ["Fr", "Fram", true],
    ["fr", "Fram", false],
    ["?ra", "Fram", true],
    ["*m", "Fram", true],
    ["*x", "Fram", false],
    ["a.c", "abcd", false],
    ["(", "(abc", true],
    ["[a-z", "[a-z", true],
    ["\\", "\\abc", true],
    ["F r", "F rx", true],
  ];
  for (const [pattern, tag, is] of cases) assert.equal(tagMatcher(pattern)(tag), is, pattern);
});

test("versions are compared number by number", () => {
  assert.equal(reaches("20.20.2", ">=20.19"), true);
  assert.equal(reaches("20.19.0", ">=20.19"), true);
  assert.equal(reaches("20.9.9", ">=20.19"), false);
  assert.equal(reaches("18.99.0", ">=20.19"), false);
  assert.equal(reaches("22.0.0", ">=20.19"), true);
});
