/**
 * Examples in documents and docstrings, as programs.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** What an example says that it prints: the text of a comment behind `console.log(…);`. */
export function promisesOf(code: string): string[] {
  const lines = code.matchAll(/^ *.*\bconsole\.log\(.*\); \/\/ (?<what>\w+)(?=[.,:;]|$)/gm);
  return [...lines].map((match) => match.groups?.["what"] ?? "");
}

/** Runs a file in a folder; demands that it ends well and prints what its code says. */
export async function runExample(file: string, code: string, folder?: string): Promise<void> {
  const { stdout, stderr } = await run(process.execPath, [file], { cwd: folder, timeout: 60_000 });
  assert.equal(stderr, "");
  const lines = stdout.split("\n");
  for (const promised of promisesOf(code)) {
    assert.ok(lines.includes(promised), `${JSON.stringify(promised)} in ${JSON.stringify(stdout)}`);
  }
}
