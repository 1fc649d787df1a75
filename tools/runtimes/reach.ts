/**
 * Which modules a compiled test reaches outside the project, through whatever it and the workers that it
 * starts import: what a runtime must offer, or have a stand-in for.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../../tests/support/repository.js";
import { compiledPath } from "../test-files.js";

/** As the compiler writes them: statements at the beginning of a line, calls, and addresses of workers. */
const NAMED = [
  /^import\b[^"';]*"([^"]+)"/gm,
  /^export\b[^"';=]*\bfrom "([^"]+)"/gm,
  /\bimport\("([^"]+)"\)/g,
  /\bnew URL\("(\.[^"]+\.js)"/g,
];

const known = new Map<string, ReadonlySet<string>>();

/** Names of the modules that a test reaches and that are no files of the project. */
export function reached(test: string): ReadonlySet<string> {
  const before = known.get(test);
  if (before !== undefined) return before;
  const names = new Set<string>();
  const seen = new Set<string>();
  const follow = (url: URL): void => {
    if (seen.has(url.href) || !existsSync(fileURLToPath(url))) return;
    seen.add(url.href);
    const text = readFileSync(url, "utf8");
    for (const [, name = ""] of NAMED.flatMap((pattern) => [...text.matchAll(pattern)])) {
      if (name.startsWith(".")) follow(new URL(name, url));
      else names.add(name);
    }
  };
  follow(new URL(compiledPath(test), repositoryRoot));
  known.set(test, names);
  return names;
}
