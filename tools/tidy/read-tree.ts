/**
 * Reads the project from disk for the rules: the only part of the checker that touches files.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isTypeScript } from "./places.js";
import type { Tree } from "./problem.js";

const FOLDERS = ["src", "tests", "tools", "bench", "examples", "docs", "include"];
const FOREIGN = new Set(["node_modules", "dist", "build"]);

/** Every file of ours under the root; other languages are listed by name, without their text. */
export function readTree(root: string): Tree {
  const tree = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && !FOREIGN.has(entry.name)) walk(path);
      if (entry.isFile()) {
        tree.set(path, isTypeScript(path) ? readFileSync(join(root, path), "utf8") : "");
      }
    }
  };
  for (const folder of FOLDERS) if (existsSync(join(root, folder))) walk(folder);
  return tree;
}
