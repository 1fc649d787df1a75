/**
 * Which modules of Node a compiled test reaches, through whatever it imports: those that need only what a
 * browser has a stand-in for are run there.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { repositoryRoot } from "../../tests/support/repository.js";
import { compiledPath } from "../test-files.js";

const IMPORT = /\b(?:from|import)\s*\(?\s*"([^"]+)"/g;

/** Names of the modules of Node, and of packages, that a test reaches outside the library. */
export function reached(test: string): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set<string>();
  const follow = (url: URL): void => {
    if (seen.has(url.href) || !existsSync(fileURLToPath(url))) return;
    seen.add(url.href);
    for (const [, name = ""] of readFileSync(url, "utf8").matchAll(IMPORT)) {
      if (name.startsWith(".")) follow(new URL(name, url));
      else names.add(name);
    }
  };
  follow(new URL(compiledPath(test), repositoryRoot));
  return names;
}
