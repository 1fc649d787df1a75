/**
 * Folders for a test: made in the temporary folder of the system, removed when the test has ended.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { randomFrom } from "../support/seed.js";

/** An empty folder of the test's own. */
export function emptyFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "lookaside-demo-"));
  chmodSync(folder, 0o755);
  t.after(() => {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  return folder;
}

/** A folder with files: each name, with folders before slashes, to what is in it. */
export function folderOf(
  t: TestContext,
  files: Readonly<Record<string, string | Uint8Array>>,
): string {
  const folder = emptyFolder(t);
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return folder;
}

/** Bytes that differ everywhere, the same for the same seed. */
export function someBytes(length: number, seed = 1): Uint8Array {
  const random = randomFrom(seed);
  const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => random.next());
  return new Uint8Array(words.buffer, 0, length);
}

/** What the program must find out. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Why the checks of `sha256sum` cannot be made here, or false. */
export const noSha256sum: string | false =
  spawnSync("sha256sum", ["--version"]).stdout?.toString().includes("GNU") === true
    ? false
    : "GNU sha256sum is not installed";

/** Runs `sha256sum -c` in a folder; gives back its exit code and what it said. */
export function check(folder: string, manifest: string): { code: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync("sha256sum", ["--strict", "-c", manifest], {
    cwd: folder,
    maxBuffer: 2 ** 26,
  });
  return { code: status, said: `${stdout}${stderr}` };
}
