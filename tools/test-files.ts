/**
 * Which compiled test files a run takes.
 *
 * Node 20 treats a directory after `--test` as one module, so the runner is always given explicit files.
 * A compiled file whose source is gone is left out: the compiler never removes its old output.
 */
import { existsSync, readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

const SOURCE_SUFFIX = ".test.ts";

/** Whether a test is about what only a browser does: its folder says in which kind of context. */
export function isBrowserTest(path: string): boolean {
  return path.startsWith("tests/browser/");
}

/** Sources of the tests that Node runs, as paths from the root with forward slashes, in order. */
export function findTests(root: string): string[] {
  return findAllTests(root).filter((path) => !isBrowserTest(path));
}

/** Sources of all tests under `tests/`. */
export function findAllTests(root: string): string[] {
  const folder = join(root, "tests");
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(SOURCE_SUFFIX))
    .map((path) => relative(root, join(folder, path)).split(sep).join("/"))
    .sort();
}

/** The tests whose path contains one of the filters; all of them when there is no filter. */
export function selectTests(paths: readonly string[], filters: readonly string[]): string[] {
  const wanted = filters.map(sourceName);
  return paths.filter((path) => wanted.length === 0 || wanted.some((part) => path.includes(part)));
}

/** Where the compiler puts the test. */
export function compiledPath(source: string): string {
  return `build/${source.replace(/\.ts$/, ".js")}`;
}

/** A filter may be written as the source, as the compiled file or as a part of either. */
function sourceName(filter: string): string {
  return filter
    .replace(/^\.\//, "")
    .replace(/^build\//, "")
    .replace(/\.js$/, ".ts");
}
