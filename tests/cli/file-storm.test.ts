/**
 * `lookaside demo` over random trees to which random things happen while they are read. Whatever happens:
 * every file that was left alone has its line with the right digest, every one that was not is skipped with
 * a line of its own, nothing else is in the manifest, the exit code says which it was, and the run ends.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { showPath } from "#src/cli/demo/path-text.js";
import { type Random, randomFrom, seeded } from "../support/seed.js";
import type { Plan, Trouble } from "./preload/file-storm.js";
import { linesOf, lookaside } from "./program.js";
import { check, emptyFolder, noSha256sum, someBytes } from "./tree.js";

const ROUNDS = process.env["LOOKASIDE_LONG"] === "1" ? 150 : 3;
const posix = process.platform === "win32" ? "this system has no such files" : false;
const random = seeded(import.meta.url);

/** Names that are not UTF-8 cannot be made everywhere. */
const takesAnyBytes = process.platform === "linux";

const BLOCKS = [4_096, 16_384, 65_536, 131_072] as const;
const BEFORE = ["vanish", "link", "pipe", "folder", "refuse", "replace"] as const;
const DURING = ["grow", "shrink", "rewrite", "disguise", "replace", "vanish", "break"] as const;
const EMPTY_DURING = ["grow", "replace", "vanish", "break"] as const;

/** What is in a tree, by the bytes of its path as hexadecimal digits; of folders with a slash at the end. */
interface Tree {
  readonly files: Map<string, number>;
  readonly links: string[];
  readonly pipes: string[];
  readonly folders: string[];
}

function randomName(dice: Random): Buffer {
  const length = dice.int(30) === 0 ? 255 : 1 + dice.int(12);
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) {
    const nasty = dice.pick([0x0a, 0x0d, 0x5c, 0x2d, 0x20, 0x2a, 0x1b, 0x2e, 0x23]);
    const other = takesAnyBytes ? 1 + dice.int(255) : 0x61 + dice.int(26);
    bytes[at] = dice.int(3) === 0 ? nasty : other;
    if (bytes[at] === 0x2f) bytes[at] = 0x2d;
  }
  return bytes.equals(Buffer.from(".")) || bytes.equals(Buffer.from(".."))
    ? Buffer.from("-")
    : bytes;
}

function randomSize(dice: Random): number {
  const kind = dice.int(10);
  if (kind === 0) return 0;
  if (kind < 5) return dice.int(300);
  if (kind < 9) return dice.pick(BLOCKS) * (1 + dice.int(2)) + dice.int(3) - 1;
  return dice.int(600_000);
}

/** Makes a tree under a folder that ends with a slash. */
function plant(root: string, dice: Random): Tree {
  const tree: Tree = { files: new Map(), links: [], pipes: [], folders: [""] };
  const used = new Set<string>();
  const at = (path: string): Buffer => Buffer.concat([Buffer.from(root), Buffer.from(path, "hex")]);
  for (let count = 10 + dice.int(40); count > 0; count--) {
    const path = dice.pick(tree.folders) + randomName(dice).toString("hex");
    if (used.has(path) || path.length > 1_000) continue;
    used.add(path);
    const kind = dice.int(20);
    if (kind < 3) {
      mkdirSync(at(path));
      tree.folders.push(`${path}2f`);
    } else if (kind === 3) {
      symlinkSync(dice.pick([".", "..", "nowhere", "/etc/passwd"]), at(path));
      tree.links.push(path);
    } else if (kind === 4) {
      execFileSync("mkfifo", [`${root}../pipe`]);
      renameSync(`${root}../pipe`, at(path));
      tree.pipes.push(path);
    } else {
      const size = randomSize(dice);
      writeFileSync(at(path), someBytes(size, dice.next()));
      tree.files.set(path, size);
    }
  }
  return tree;
}

function randomTrouble(size: number, dice: Random): Trouble {
  const chance = dice.int(10);
  if (chance < 2 && size > 0)
    return { kind: "short", piece: -1, amount: 1 + (size >> dice.int(5)) };
  if (chance < 6)
    return { kind: dice.pick(BEFORE), piece: 0, amount: dice.pick([0, 1, 4_096, 70_000]) };
  const kind = dice.pick(size === 0 ? EMPTY_DURING : DURING);
  const amount = kind === "shrink" ? dice.int(size) : 1 + dice.int(9_000);
  return { kind, piece: 1 + dice.int(3), amount };
}

function randomPlan(tree: Tree, dice: Random): Pick<Plan, "files" | "folders"> {
  const files: Record<string, Trouble> = {};
  for (const [path, size] of tree.files) {
    if (dice.int(3) > 0) continue;
    const trouble = randomTrouble(size, dice);
    files[path] = trouble;
  }
  const folders: Record<string, "refuse" | "vanish"> = {};
  for (const path of tree.folders.slice(1))
    if (dice.int(8) === 0) folders[path] = dice.pick(["refuse", "vanish"]);
  return { files, folders };
}

/** A line as GNU's sha256sum writes it, by its own description. */
function lineOf(path: Buffer, content: Buffer): Buffer {
  const digest = createHash("sha256").update(content).digest("hex");
  const name = path.toString("latin1");
  const plain = name === "-" ? "./-" : name;
  const escaped = plain.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return Buffer.from(`${escaped === plain ? "" : "\\"}${digest}  ${escaped}\n`, "latin1");
}

function shown(path: string): string {
  return showPath(Buffer.from(path, "hex"));
}

/** Whether something lies under one of the folders. */
function isUnder(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(folder) && path !== folder);
}

async function play(t: TestContext, seed: number): Promise<Record<string, number>> {
  const dice = randomFrom(seed);
  const home = emptyFolder(t);
  mkdirSync(join(home, "tree"));
  const root = `${join(home, "tree")}/`;
  const tree = plant(root, dice);
  const { files, folders } = randomPlan(tree, dice);
  const log = join(home, "log");
  const plan = join(home, "plan");
  writeFileSync(plan, JSON.stringify({ root, log, files, folders } satisfies Plan));
  const args = ["demo", root, "--json", "--manifest", "sums", "--threads", `${1 + dice.int(4)}`];
  if (dice.int(2) === 0) args.push("--nonpaged", "256KiB", "--paged", "64KiB");
  const start = { cwd: home, preload: "file-storm", env: { STORM: plan } };
  const { code, stdout, stderr } = await lookaside(args, start);
  const why = `seed ${seed}, code ${code}: ${stderr}`;
  assert.notEqual(stdout, "", why);

  const happened = existsSync(log) ? linesOf(readFileSync(log, "utf8")) : [];
  const gone = happened.filter((path) => path in folders);
  const failed = [
    ...gone,
    ...happened.filter((path) => {
      const trouble = files[path];
      // A file that another one took the place of before it was opened is that other one.
      return trouble !== undefined && !(trouble.kind === "replace" && trouble.piece === 0);
    }),
  ];
  const seen = (path: string): boolean => !isUnder(path, gone);
  const { skipped, files: hashed } = JSON.parse(stdout) as {
    skipped: { path: string; kind: string }[];
    files: number;
  };
  const pathsOf = (kind: string): string[] =>
    skipped.flatMap((skip) => (skip.kind === kind ? [skip.path] : [])).sort();
  const linesSaid = stderr.split("\n").filter((line) => line.startsWith("Skipped "));
  const wanted = { link: tree.links.filter(seen), special: tree.pipes.filter(seen), error: failed };
  for (const [kind, paths] of Object.entries(wanted)) {
    assert.equal(pathsOf(kind).length, paths.length, `${kind}, ${why}`);
    for (const path of paths)
      assert.ok(
        linesSaid.some((line) => line.startsWith(`Skipped ${shown(path)}: `)),
        `no line for ${shown(path)}, ${why}`,
      );
  }
  assert.equal(linesSaid.length, skipped.length, why);
  assert.equal(code, failed.length > 0 ? 1 : 0, why);

  const good = [...tree.files.keys()].filter((path) => seen(path) && !failed.includes(path));
  good.sort((one, other) => Buffer.compare(Buffer.from(one, "hex"), Buffer.from(other, "hex")));
  const lines = good.map((path) => {
    const name = Buffer.from(path, "hex");
    return lineOf(name, readFileSync(Buffer.concat([Buffer.from(root), name])));
  });
  const manifest = readFileSync(join(home, "sums"));
  assert.equal(manifest.toString("latin1"), Buffer.concat(lines).toString("latin1"), why);
  assert.equal(hashed, good.length, why);
  if (noSha256sum === false && good.length > 0) {
    const { code: verdict, said } = check(root, join(home, "sums"));
    assert.equal(verdict, 0, `seed ${seed}: ${said}`);
  }
  return { files: good.length, failed: failed.length, skipped: skipped.length };
}

test("random trees to which random things happen: right digests, a line for each skipped one", {
  skip: posix,
}, async (t) => {
  const sums: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++) {
    const seed = round === 0 ? random.seed : random.next(); // the seed of a round runs that round again
    for (const [name, count] of Object.entries(await play(t, seed)))
      sums[name] = (sums[name] ?? 0) + count;
  }
  t.diagnostic(JSON.stringify({ rounds: ROUNDS, ...sums }));
  assert.ok((sums["files"] ?? 0) > 0 && (sums["failed"] ?? 0) > 0);
});

test("a block that is given back unread wakes whoever waits for one", {
  skip: posix,
}, async (t) => {
  await play(t, 2_178_930_384); // the only large block was with a file that changed, and all others waited
});

test("files that are read a few bytes at a time, through small pools, keep their order and their hashes", {
  skip: posix,
}, async (t) => {
  const home = emptyFolder(t);
  mkdirSync(join(home, "tree"));
  const root = `${join(home, "tree")}/`;
  const files: Record<string, Trouble> = {};
  const lines: string[] = [];
  for (let file = 100; file < 160; file++) {
    const content = someBytes(2_000 + random.int(70_000), random.next());
    writeFileSync(join(root, `${file}`), content);
    const path = Buffer.from(`${file}`);
    files[path.toString("hex")] = { kind: "short", piece: -1, amount: 1 + random.int(3_000) };
    lines.push(lineOf(path, Buffer.from(content)).toString());
  }
  const plan = join(home, "plan");
  const log = join(home, "log");
  writeFileSync(plan, JSON.stringify({ root, log, files, folders: {} } satisfies Plan));
  const pools = ["--nonpaged", "256KiB", "--paged", "64KiB", "--threads", "2"];
  const start = { cwd: home, preload: "file-storm", env: { STORM: plan } };
  const args = ["demo", root, "--manifest", "sums", ...pools];
  const { code, stderr } = await lookaside(args, start);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /failed/);
  assert.equal(readFileSync(join(home, "sums"), "utf8"), lines.join(""));
});
