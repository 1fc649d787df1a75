/**
 * What was explored, as one number: the sources of everything on stage, and of the explorer with its
 * scenarios. `docs/proof.md` says which it stands for. No test compares the two, or every small change would
 * need a full run; `npm run explore` says whether they agree.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Folders and files below the root. */
const EXPLORED = [
  ...["base", "memory", "pool", "threads", "list", "channel", "recovery"].map(
    (part) => `src/${part}`,
  ),
  "src/system/balance-set-manager.ts",
  "tests/interleaving",
];

function filesOf(path: string): string[] {
  if (path.endsWith(".ts")) return [path];
  return readdirSync(ROOT + path, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${path}/${name.replaceAll("\\", "/")}`)
    .sort();
}

/** The first half of the SHA-256 of all of it. */
export function digestOfSources(): string {
  const hash = createHash("sha256");
  for (const path of EXPLORED.flatMap(filesOf)) {
    hash.update(`${path}\n`).update(readFileSync(ROOT + path, "utf8").replaceAll("\r\n", "\n"));
  }
  return hash.digest("hex").slice(0, 32);
}

/** Whether the document stands for the sources as they are. */
export function isProofOfTheseSources(): boolean {
  return readFileSync(`${ROOT}docs/proof.md`, "utf8").includes(digestOfSources());
}
