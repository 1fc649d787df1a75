/** `lookaside doctor`: all is well on this Node; where something is missing it says so, and ends with 1. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { lookaside, PROGRAM } from "./program.js";

interface Found {
  readonly usable: boolean;
  readonly runtime: string;
  readonly findings: readonly {
    readonly name: string;
    readonly verdict: string;
    readonly value: string;
    readonly meaning: string;
  }[];
}

function verdicts(stdout: string): Record<string, string> {
  const { findings } = JSON.parse(stdout) as Found;
  return Object.fromEntries(findings.map(({ name, verdict }) => [name, verdict]));
}

test("on this Node everything that the library needs is there, and works", async () => {
  const { code, stdout, stderr } = await lookaside(["doctor", "--json"]);
  assert.equal(stderr, "");
  assert.equal(code, 0);
  const { usable, runtime, findings } = JSON.parse(stdout) as Found;
  assert.equal(usable, true);
  assert.equal(runtime, `Node.js ${process.versions.node}`);
  for (const { name, value, meaning } of findings) assert.ok(value && meaning, name);
  const found = verdicts(stdout);
  for (const name of [
    "Runtime",
    "Byte order",
    "SharedArrayBuffer",
    "Atomics",
    "Atomics.wait",
    "WebAssembly",
    "WebAssembly threads",
    "Shared WebAssembly memory",
    "The library at work",
  ]) {
    assert.equal(found[name], "yes", name);
  }
  const locks = (globalThis.navigator as { readonly locks?: unknown } | undefined)?.locks;
  const web = findings.find(({ name }) => name === "Web Locks");
  assert.equal(web?.value, locks === undefined ? "not there" : "there");
});

test("as text each finding has a line of its own, coloured only where colours belong", async () => {
  const { stdout } = await lookaside(["doctor"], { env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
  assert.match(stdout, /^lookaside \d+\.\d+\.\d+ on Node\.js /);
  assert.match(stdout, /^ {2}ok {2}WebAssembly threads: there$/m);
  assert.match(stdout, /\nThe library can run here\.\n$/);
  assert.ok(!stdout.includes("\x1b"));
  const colored = await lookaside(["doctor"], { env: { FORCE_COLOR: "1" } });
  assert.ok(colored.stdout.includes("\x1b[32m"));
});

test("without WebAssembly the doctor says that the library cannot run: exit code 1", () => {
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const { status, stdout } = spawnSync(
    process.execPath,
    ["--jitless", PROGRAM, "doctor", "--json"],
    { env },
  );
  assert.equal(status, 1);
  assert.equal((JSON.parse(stdout.toString()) as Found).usable, false);
  const found = verdicts(stdout.toString());
  assert.equal(found["WebAssembly"], "no");
  assert.equal(found["Shared WebAssembly memory"], "no");
  assert.equal(found["The library at work"], "no");
  assert.equal(found["SharedArrayBuffer"], "yes");
});

test("without SharedArrayBuffer the doctor says so: exit code 1", async () => {
  const { code, stdout } = await lookaside(["doctor", "--json"], {
    preload: "missing-global",
    env: { MISSING: "SharedArrayBuffer" },
  });
  assert.equal(code, 1);
  const found = verdicts(stdout);
  assert.equal(found["SharedArrayBuffer"], "no");
  assert.equal(found["Shared WebAssembly memory"], "no");
});

test("a worker thread that cannot start is a finding, and not a crash", async () => {
  const { code, stdout } = await lookaside(["doctor", "--json"], {
    preload: "missing-global",
    env: { MISSING: "worker" },
  });
  assert.equal(code, 1);
  const found = JSON.parse(stdout) as Found;
  const trial = found.findings.find(({ name }) => name === "The library at work");
  assert.equal(trial?.verdict, "no");
  assert.match(trial?.value ?? "", /no thread today/);
});
