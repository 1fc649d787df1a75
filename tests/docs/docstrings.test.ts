/**
 * Every example of a docstring compiles with the names of its door in scope, runs, and prints what its
 * comments say. `driver.wasm` is examples/driver.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { compileGuest } from "../../tools/compile-guest.js";
import { repositoryRoot } from "../support/repository.js";
import { runExample } from "./examples.js";

const run = promisify(execFile);
const root = fileURLToPath(repositoryRoot);
const folder = new URL("build/examples-of-docstrings/", repositoryRoot); // so that the package finds itself

/** Sources whose names other doors give than the main one. */
const DOORS: readonly (readonly [source: string, door: string])[] = [
  ["wdk/guest/", "lookaside/guest"],
  ["wdk/", "lookaside/wdk"],
  ["metrics/", "lookaside/metrics"],
  ["metrics/", "lookaside"],
  ["verifier/", "lookaside/verifier"],
  ["verifier/", "lookaside"],
  ["monitor/", "lookaside/monitor"],
  ["monitor/", "lookaside"],
];

/** Names of Node that examples use. */
const NODE: readonly (readonly [name: string, module: string])[] = [
  ["Worker", "node:worker_threads"],
  ["readFile", "node:fs/promises"],
  ["createServer", "node:http"],
];

interface Example {
  /** A file name for it: source and line. */
  readonly name: string;
  readonly doors: readonly string[];
  readonly code: string;
}

function examplesOf(source: string): Example[] {
  const text = readFileSync(new URL(`src/${source}`, repositoryRoot), "utf8");
  const own = DOORS.filter(([prefix]) => source.startsWith(prefix)).map(([, door]) => door);
  return [...text.matchAll(/@example\n *\* ```ts\n(?<code>[\s\S]*?)\n *\* ```/g)].map((match) => {
    const line = text.slice(0, match.index).split("\n").length;
    const code = (match.groups?.["code"] ?? "").replaceAll(/^ *\* ?/gm, "");
    const name = `${source.replaceAll("/", "-").replace(/\.ts$/, "")}-${line}`;
    return { name, doors: own.length > 0 ? own : ["lookaside"], code };
  });
}

/** The program: the example's code, with every name in scope that its doors export and that it uses. */
async function programOf({ doors, code }: Example): Promise<string> {
  const taken = new Set<string>();
  const lines: string[] = [];
  for (const [name, module] of NODE)
    if (code.includes(`${name}(`)) lines.push(`import { ${name} } from "${module}";`);
  for (const door of doors) {
    const values = Object.keys((await import(door)) as object);
    const used = [...values, "DepthPolicy"].filter(
      (name) => new RegExp(`\\b${name}\\b`).test(code) && !taken.has(name),
    );
    for (const name of used) taken.add(name);
    const names = used.map((name) => (values.includes(name) ? name : `type ${name}`));
    if (names.length > 0) lines.push(`import { ${names.join(", ")} } from "${door}";`);
  }
  return [...lines, code, "export {};", ""].join("\n");
}

const sources = readdirSync(new URL("src/", repositoryRoot), { recursive: true })
  .map((entry) => entry.toString().replaceAll("\\", "/"))
  .filter((entry) => entry.endsWith(".ts") && !entry.includes("assembly"))
  .sort();
const examples = sources.flatMap(examplesOf);

/** Writes all examples and compiles them in one go. */
async function compileAll(): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const driver = readFileSync(new URL("examples/driver/driver.c", repositoryRoot), "utf8");
  writeFileSync(new URL("driver.wasm", folder), await compileGuest("driver", driver));
  for (const example of examples) {
    writeFileSync(new URL(`${example.name}.ts`, folder), await programOf(example));
  }
  const configuration = {
    extends: "../../tsconfig.development.json",
    compilerOptions: {
      rootDir: ".",
      outDir: ".",
      noUnusedLocals: false,
      paths: Object.fromEntries(
        [
          ["lookaside", "system"],
          ["lookaside/wdk", "wdk"],
          ["lookaside/guest", "wdk/guest"],
          ["lookaside/metrics", "metrics"],
          ["lookaside/verifier", "verifier"],
          ["lookaside/monitor", "monitor"],
        ].map(([door, at]) => [door, [`../../dist/${at}/index.d.ts`]]),
      ),
    },
    include: ["*.ts"],
  };
  writeFileSync(new URL("tsconfig.json", folder), JSON.stringify(configuration));
  const compiler = fileURLToPath(new URL("node_modules/typescript/bin/tsc", repositoryRoot));
  const project = fileURLToPath(new URL("tsconfig.json", folder));
  await run(process.execPath, [compiler, "-p", project], { cwd: root }).catch((error: unknown) => {
    assert.fail((error as { stdout: string }).stdout);
  });
}

const compiled = compileAll();
compiled.catch(() => {}); // the first test tells

test("the examples of docstrings compile", async () => {
  assert.ok(examples.length >= 15, `only ${examples.length} examples were found`);
  await compiled;
});

describe("an example runs and prints what it says", { concurrency: 4 }, () => {
  for (const { name, code } of examples) {
    test(name, async () => {
      await compiled;
      await runExample(fileURLToPath(new URL(`${name}.js`, folder)), code, fileURLToPath(folder));
    });
  }
});
