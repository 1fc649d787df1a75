/**
 * The house rules: each is shown a tree of a few lines that breaks it and must name the place; a tree that
 * breaks none must pass, and so must this project.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { tidy } from "../../tools/tidy/check.js";
import { show } from "../../tools/tidy/problem.js";
import { readTree } from "../../tools/tidy/read-tree.js";

const HEADER = "/** What this is. */\n";

/** `path:line rule` of everything that is found in the files. */
function found(files: Record<string, string>): string[] {
  const tree = new Map(Object.entries(files));
  return tidy(tree).map(({ path, line, rule }) => `${path}:${line} ${rule}`);
}

/** The same for one file whose second line is given, below a header. */
function foundIn(path: string, secondLine: string): string[] {
  return found({ [path]: `${HEADER}${secondLine}\n` }).map((text) => text.slice(path.length + 1));
}

test("a clean tree has no problems", () => {
  const files = {
    "src/base/errors.ts": `${HEADER}export const CODES = {} as const;\n`,
    "src/base/index.ts": `${HEADER}export { CODES } from "./errors.js";\n`,
    "src/memory/words.ts": `${HEADER}export const load = Atomics.load;\n`,
    "src/memory/make.ts": `${HEADER}export const make = () => new WebAssembly.Table({});\n`,
    "src/memory/index.ts": `${HEADER}export { load } from "./words.js";\n`,
    "src/memory/interlocked/assembly/door.ts": "// The door.\nexport default enum any\n",
    "src/memory/interlocked/code.generated.ts": `${HEADER}${"export const X = 1;\n".repeat(500)}`,
    "src/pool/slab.ts": `${HEADER}import { load } from "../memory/index.js";\nload();\n`,
    "src/threads/death-node.ts": `${HEADER}import { Worker } from "node:worker_threads";\n`,
    "src/wdk/index.ts": `${HEADER}export const NULL = 0;\n`,
    "src/wdk/guest/index.ts": `${HEADER}export { NULL } from "../index.js";\n`,
    "src/metrics/node-channel.ts": `${HEADER}import "node:diagnostics_channel";\n`,
    "src/cli/main.ts": `#!/usr/bin/env node\n${HEADER}import "node:fs";\nconsole.log(1);\n`,
    "tests/list.test.ts": 'test("a", () => promise);\n',
    "examples/pool/vite.config.ts": "export default {};\n",
  };
  assert.deepEqual(found(files), []);
});

test("a layer imports only layers below it", () => {
  const wrong: [path: string, specifier: string][] = [
    ["src/base/sizes.ts", "../memory/index.js"],
    ["src/memory/words.ts", "../pool/index.js"],
    ["src/pool/slab.ts", "../threads/index.js"],
    ["src/threads/table.ts", "../pool/index.js"],
    ["src/list/list.ts", "../recovery/index.js"],
    ["src/system/system.ts", "../wdk/index.js"],
    ["src/wdk/boot.ts", "../verifier/index.js"],
    ["src/wdk/boot.ts", "./guest/index.js"],
    ["src/wdk/guest/imports.ts", "../../verifier/index.js"],
    ["src/verifier/ledger.ts", "../metrics/index.js"],
    ["src/metrics/history.ts", "../verifier/index.js"],
    ["src/metrics/history.ts", "../cli/index.js"],
    ["src/cli/main.ts", "../../tools/run-tests.js"],
  ];
  for (const [path, specifier] of wrong) {
    assert.deepEqual(foundIn(path, `import "${specifier}";`), ["2 layer"], `${path} ${specifier}`);
  }
  const right: [path: string, specifier: string][] = [
    ["src/list/list.ts", "../pool/index.js"],
    ["src/recovery/scan.ts", "../list/index.js"],
    ["src/verifier/ledger.ts", "../system/index.js"],
    ["src/wdk/guest/imports.ts", "../../memory/index.js"],
    ["src/monitor/server.ts", "../verifier/index.js"],
    ["src/cli/main.ts", "../wdk/guest/index.js"],
  ];
  for (const [path, specifier] of right) {
    assert.deepEqual(foundIn(path, `import "${specifier}";`), [], `${path} ${specifier}`);
  }
});

test("every form of import is seen", () => {
  const forms = [
    'import pool from "../pool/index.js";',
    'import type { Pool } from "../pool/index.js";',
    'export { Pool } from "../pool/index.js";',
    'const pool = await import("../pool/index.js");',
    'type Pool = import("../pool/index.js").Pool;',
    "const pool = await import(`../pool/index.js`);",
  ];
  for (const form of forms) assert.deepEqual(foundIn("src/base/sizes.ts", form), ["2 layer"], form);
});

test("a file of src belongs to a layer", () => {
  assert.deepEqual(foundIn("src/drawer/thing.ts", ""), ["1 layer"]);
  assert.deepEqual(foundIn("src/thing.ts", ""), ["1 layer"]);
});

test("across layers only the door is used, inside a layer any file", () => {
  assert.deepEqual(foundIn("src/pool/slab.ts", 'import "../memory/words.js";'), ["2 door"]);
  assert.deepEqual(foundIn("src/pool/slab.ts", 'import "./state-word.js";'), []);
  assert.deepEqual(foundIn("src/memory/interlocked/pair.ts", 'import "../words.js";'), []);
  assert.deepEqual(foundIn("src/wdk/guest/imports.ts", 'import "../boot.js";'), ["2 door"]);
});

test("the library imports no package", () => {
  assert.deepEqual(foundIn("src/pool/slab.ts", 'import "left-pad";'), ["2 dependency"]);
  assert.deepEqual(foundIn("src/pool/slab.ts", 'import "#src/base/index.js";'), ["2 dependency"]);
});

test("files do not import each other in a circle", () => {
  const files = {
    "src/list/a.ts": `${HEADER}import { b } from "./b.js";\n`,
    "src/list/b.ts": `${HEADER}\nimport type { C } from "./c.js";\n`,
    "src/list/c.ts": `${HEADER}export { a } from "./a.js";\n`,
    "src/list/d.ts": `${HEADER}import "./a.js";\nimport "./c.js";\n`,
  };
  assert.deepEqual(found(files), ["src/list/c.ts:2 cycle"]);
});

test("shared words and WebAssembly objects belong to memory", () => {
  assert.deepEqual(foundIn("src/pool/slab.ts", "Atomics.load(words, 0);"), ["2 atomics"]);
  assert.deepEqual(foundIn("src/pool/slab.ts", "const { load } = Atomics;"), ["2 atomics"]);
  const made = "const module = new WebAssembly.Module(bytes);";
  assert.deepEqual(foundIn("src/wdk/guest/imports.ts", made), ["2 webassembly"]);
});

test("built-in modules of Node are named only where they exist", () => {
  assert.deepEqual(foundIn("src/list/list.ts", 'import "node:fs";'), ["2 node"]);
  const loaded = 'process.getBuiltinModule("node:fs");';
  assert.deepEqual(foundIn("src/list/list.ts", loaded), ["2 node"]);
  assert.deepEqual(foundIn("src/list/host-node.ts", 'import "node:fs";'), []);
  assert.deepEqual(foundIn("src/metrics/history.ts", 'import "node:fs";'), ["2 node"]);
});

test("chance is seeded and nobody sleeps in tests", () => {
  assert.deepEqual(foundIn("src/list/list.ts", "Math.random();"), ["2 random"]);
  assert.deepEqual(foundIn("tests/list.test.ts", "Math.random();"), ["2 random"]);
  assert.deepEqual(foundIn("tests/list.test.ts", "setTimeout(done, 10);"), ["2 sleep"]);
  const withReason = "setTimeout(done, 10); // tidy: the clock itself is tested";
  assert.deepEqual(foundIn("tests/list.test.ts", withReason), []);
  assert.deepEqual(foundIn("tests/list.test.ts", "setTimeout(done, 10); // tidy:"), ["2 sleep"]);
  assert.deepEqual(foundIn("src/list/clock.ts", "setTimeout(tick, 1_000);"), []);
});

test("the language is kept small", () => {
  const wrong: [secondLine: string, rule: string][] = [
    ["let x: any;", "any"],
    ["const x = y as any;", "any"],
    ["function f(...rest: any[]): void {}", "any"],
    ["const map = new Map<string, any>();", "any"],
    ['export * from "./b.js";', "export-star"],
    ['export type * as words from "./b.js";', "export-star"],
    ["export default 1;", "default-export"],
    ["export { x as default };", "default-export"],
    ["export enum Colour { Red }", "enum"],
    ["const enum Colour { Red }", "enum"],
  ];
  for (const [secondLine, rule] of wrong) {
    for (const path of ["src/list/a.ts", "tests/a.test.ts", "tools/a.ts", "bench/a.ts"]) {
      assert.deepEqual(foundIn(path, secondLine), [`2 ${rule}`], `${path} ${secondLine}`);
    }
  }
  assert.deepEqual(foundIn("src/list/a.ts", "await Promise.any([]);"), []);
  assert.deepEqual(foundIn("tools/a.ts", "export default x; // tidy: node demands it"), []);
});

test("the library prints nothing", () => {
  assert.deepEqual(foundIn("src/list/a.ts", 'console.warn("x");'), ["2 console"]);
});

test("a file of src opens with a comment that says something", () => {
  assert.deepEqual(found({ "src/list/a.ts": "const A = 1;\n" }), ["src/list/a.ts:1 header"]);
  assert.deepEqual(found({ "src/list/a.ts": "/** */\n" }), ["src/list/a.ts:1 header"]);
  const assembly = "src/memory/interlocked/assembly/door.ts";
  assert.deepEqual(found({ [assembly]: "export const A: u32 = 1;\n" }), [`${assembly}:1 header`]);
});

test("files have at most 400 lines and lines at most 110 characters", () => {
  const path = "src/memory/interlocked/assembly/door.ts";
  assert.deepEqual(found({ [path]: HEADER + "const A = 1;\n".repeat(399) }), []);
  const long = found({ [path]: HEADER + "const A = 1;\n".repeat(400) });
  assert.deepEqual(long, [`${path}:401 length`]);
  assert.deepEqual(foundIn("tests/a.test.ts", `// ${"x".repeat(107)}`), []);
  assert.deepEqual(foundIn("tests/a.test.ts", `// ${"x".repeat(108)}`), ["2 line"]);
});

test("no file and no folder is a drawer", () => {
  for (const path of ["src/list/utils.ts", "tests/helpers/a.md", "docs/string-util.md"]) {
    assert.deepEqual(foundIn(path, ""), ["1 name"], path);
  }
});

test("words in comments, messages, templates and patterns are not code", () => {
  const lines = [
    "// Atomics.load, let x: any",
    "/* console.log */ const a = 1;",
    'const b = "export default any as any";',
    "const c = 'it\\'s any';",
    "const d = `console.log $" + "{`any $" + "{1}`} any`;",
    "const e = /[/'\"]any`/g;",
    'const f = "a".length / 2; const g = "any" + "/";',
    'const h = [1][0]! / 2; // "any /',
    'const i = { from: "./any.js" };',
  ];
  for (const line of lines) assert.deepEqual(foundIn("src/list/a.ts", line), [], line);
  assert.deepEqual(foundIn("src/list/a.ts", "const d = `$" + "{x as any}`;"), ["2 any"]);
  assert.deepEqual(foundIn("src/list/a.ts", 'const q = a / b; let x: any = "/";'), ["2 any"]);
});

test("a problem is printed as place, rule and replacement", () => {
  const [problem] = tidy(new Map([["tests/a.test.ts", "\nlet x: any;\n"]]));
  assert.ok(problem);
  assert.equal(
    show(problem),
    "tests/a.test.ts:2  any  the type any switches checking off; " +
      "instead: unknown and a check, or a type parameter",
  );
});

test("this project is tidy", () => {
  const tree = readTree(fileURLToPath(new URL("../../../", import.meta.url)));
  assert.ok(tree.has("tools/tidy/check.ts"));
  const lines = tidy(tree).map(show);
  assert.equal(lines.length, 0, lines.join("\n"));
});
