/** The manifest of `lookaside demo`: the real `sha256sum -c` accepts it, whatever the names contain. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { manifestLine } from "#src/cli/demo/manifest.js";
import { repositoryRoot } from "../support/repository.js";
import { seeded } from "../support/seed.js";
import { linesOf, lookaside } from "./program.js";
import { check, emptyFolder, folderOf, noSha256sum, sha256, someBytes } from "./tree.js";

const random = seeded(import.meta.url);

/** Names that are not UTF-8 cannot be made everywhere. */
const takesAnyBytes = process.platform === "linux";

const NASTY_NAMES = [
  "line\nfeed",
  "carriage\rreturn",
  "carriage return at the end\r",
  "back\\slash",
  "\\n is not a line feed",
  "\\",
  "\n",
  "-",
  "--help",
  "-c",
  " leading space",
  "  two leading spaces",
  "*leading star",
  "trailing space ",
  "tab\there",
  "#comment",
  '"quoted"',
  "\x1b[31mred",
  "ünïcödé",
  "SHA256 (x) = y",
  "d-e",
  "d/-",
  "d/e",
  "d/f/-",
  "d\n/e\\/f\r",
];

function writeBytes(folder: string, name: Buffer, content: string): void {
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), content);
}

/** The paths that a manifest names, as sha256sum reads them. */
function pathsOf(manifest: Buffer): Buffer[] {
  return linesOf(manifest.toString("latin1")).map((line) => {
    const escaped = line.startsWith("\\");
    const text = line.slice(escaped ? 67 : 66);
    const plain = escaped
      ? text.replace(/\\(.)/g, (_, mark) => ({ n: "\n", r: "\r" })[mark as string] ?? "\\")
      : text;
    return Buffer.from(plain, "latin1");
  });
}

test("sha256sum -c accepts the manifest of a tree with nasty names", {
  skip: noSha256sum,
}, async (t) => {
  const folder = folderOf(t, Object.fromEntries(NASTY_NAMES.map((name) => [name, name])));
  if (takesAnyBytes) {
    writeBytes(folder, Buffer.of(0xff, 0xfe, 0x0a), "not UTF-8");
    mkdirSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xc3)]));
    writeBytes(folder, Buffer.of(0xc3, 0x2f, 0x5c, 0x80), "not UTF-8 in a folder");
  }
  const files = NASTY_NAMES.length + (takesAnyBytes ? 2 : 0);
  const { code, stderr } = await lookaside(["demo", folder, "--manifest", "sums"], { cwd: folder });
  assert.equal(code, 0, stderr);
  const { code: verdict, said } = check(folder, "sums");
  assert.equal(verdict, 0, said);
  const manifest = readFileSync(join(folder, "sums"));
  assert.equal(pathsOf(manifest).length, files);
  assert.equal(linesOf(said).filter((line) => line.endsWith(": OK")).length, files);
});

test("a manifest that is wrong in one byte is refused by sha256sum", {
  skip: noSha256sum,
}, async (t) => {
  const folder = folderOf(t, { a: "1", b: "2" });
  await lookaside(["demo", ".", "--manifest", "sums"], { cwd: folder });
  writeFileSync(join(folder, "b"), "3");
  assert.equal(check(folder, "sums").code, 1);
});

test("sha256sum -c accepts the manifest of installed packages", {
  skip: noSha256sum,
}, async (t) => {
  const out = emptyFolder(t);
  const folder = fileURLToPath(new URL("node_modules/typescript", repositoryRoot));
  const { code, stderr, stdout } = await lookaside(["demo", folder, "--manifest", "sums"], {
    cwd: out,
  });
  assert.equal(code, 0, stderr);
  const { code: verdict, said } = check(folder, join(out, "sums"));
  assert.equal(verdict, 0, said);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  assert.equal(linesOf(readFileSync(join(out, "sums"), "utf8")).length, files.length);
  assert.match(stdout, new RegExp(`^${files.length} files, `));
});

test("lines are in the order of the bytes of paths, folders or not", async (t) => {
  const folder = folderOf(t, {
    "a/z": "",
    "a-b": "",
    a0: "",
    "a.b/c": "",
    "a/b/c": "",
    "a/b-c": "",
    é: "",
    z: "",
    Z: "",
    "\u{1f600}": "",
    "\uffee": "",
  });
  await lookaside(["demo", folder, "--manifest", "order"], { cwd: folder });
  const paths = pathsOf(readFileSync(join(folder, "order")));
  assert.equal(paths.length, 11);
  assert.deepEqual(paths, paths.toSorted(Buffer.compare));
});

test("two runs with different threads and pools write the same manifest", async (t) => {
  const out = emptyFolder(t);
  const folder = fileURLToPath(new URL("node_modules/typescript", repositoryRoot));
  const many = ["--threads", "5", "--manifest", "many"];
  const few = ["--threads", "1", "--nonpaged", "256KiB", "--paged", "64KiB", "--manifest", "few"];
  for (const options of [many, few]) {
    const { code, stderr } = await lookaside(["demo", folder, ...options], { cwd: out });
    assert.equal(code, 0, stderr);
  }
  assert.ok(readFileSync(join(out, "many")).equals(readFileSync(join(out, "few"))));
});

test("files of every length around the sizes of entries have the digest of all their bytes", async (t) => {
  const lengths = [4_096, 16_384, 65_536, 131_072].flatMap((size) => [size - 1, size, size + 1]);
  lengths.push(0, 1, 5_000_001, 100_000 + random.int(1_000_000));
  const contents = new Map(
    lengths.map((length) => [`f${length}`, someBytes(length, random.next())]),
  );
  const folder = folderOf(t, Object.fromEntries(contents));
  const { code } = await lookaside(["demo", folder, "--manifest", join(folder, "sums")]);
  assert.equal(code, 0);
  const lines = linesOf(readFileSync(join(folder, "sums"), "utf8")).toSorted();
  const expected = [...contents].map(([name, bytes]) => `${sha256(bytes)}  ${name}`).toSorted();
  assert.deepEqual(lines, expected);
});

test("the manifest is not part of itself, and a line says so", async (t) => {
  const folder = folderOf(t, { a: "1", "in/b": "2" });
  for (let round = 0; round < 2; round++) {
    const { code, stderr } = await lookaside(["demo", ".", "--manifest", "in/sums"], {
      cwd: folder,
    });
    assert.equal(code, 0);
    const said = 'Skipped "in/sums": the manifest is not part of itself';
    assert.equal(stderr.includes(said), round === 1);
    const text = readFileSync(join(folder, "in/sums"), "utf8");
    assert.equal(text, `${sha256("1")}  a\n${sha256("2")}  in/b\n`);
  }
});

test("the manifest is known through links to it and to the folder", async (t) => {
  const folder = folderOf(t, { "real/a": "1", "real/sums": "old" });
  symlinkSync("real", join(folder, "link"));
  symlinkSync("real/sums", join(folder, "to-sums"));
  const { code, stderr } = await lookaside(["demo", "link", "--manifest", "to-sums"], {
    cwd: folder,
  });
  assert.equal(code, 0, stderr);
  assert.equal(readFileSync(join(folder, "real/sums"), "utf8"), `${sha256("1")}  a\n`);
  assert.equal(readFileSync(join(folder, "to-sums"), "utf8"), `${sha256("1")}  a\n`);
});

test("a manifest takes the place of the old one whole: who reads the old one keeps it", async (t) => {
  const folder = folderOf(t, { "tree/a": "1", sums: "old" });
  linkSync(join(folder, "sums"), join(folder, "old"));
  const { code } = await lookaside(["demo", "tree", "--manifest", "sums"], { cwd: folder });
  assert.equal(code, 0);
  assert.equal(readFileSync(join(folder, "old"), "utf8"), "old");
  assert.equal(readFileSync(join(folder, "sums"), "utf8"), `${sha256("1")}  a\n`);
  assert.deepEqual(readdirSync(folder).toSorted(), ["old", "sums", "tree"]);
});

for (const [name, place] of [
  ["in a folder that does not exist", "none/sums"],
  ["in place of a folder", "tree"],
  // Never a real device: a program that breaks this promise would replace it.
  ["in place of a pipe", "pipe"],
  ["with a slash at its end", "sums/"],
] as const) {
  test(`a manifest ${name} cannot be written: one line, exit code 1, before any work`, async (t) => {
    const folder = folderOf(t, { "tree/a": "1" });
    if (place === "pipe") execFileSync("mkfifo", [join(folder, "pipe")]);
    const { code, stderr, stdout } = await lookaside(["demo", "tree", "--manifest", place], {
      cwd: folder,
    });
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.equal(linesOf(stderr).length, 1);
    assert.match(stderr, /^lookaside demo: cannot write the manifest "/);
    assert.ok(!existsSync(join(folder, "sums")));
  });
}

test("a line escapes what GNU escapes and nothing else", () => {
  const digest = "0".repeat(64);
  const line = (name: string): string => manifestLine(Buffer.from(name), digest).toString();
  assert.equal(line("a b"), `${digest}  a b\n`);
  assert.equal(line("a\\b"), `\\${digest}  a\\\\b\n`);
  assert.equal(line("a\nb\rc"), `\\${digest}  a\\nb\\rc\n`);
  assert.equal(line("a\tb\0c"), `${digest}  a\tb\0c\n`);
  assert.equal(line("-"), `${digest}  ./-\n`);
  assert.equal(line("a/-"), `${digest}  a/-\n`);
});
