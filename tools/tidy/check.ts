/**
 * All house rules over one tree of files: a pure function, so that tests can hand it trees of a few lines.
 */
import { checkBanned } from "./banned.js";
import { checkCycles } from "./cycles.js";
import { checkLayers } from "./layers.js";
import { isAssembly, isTypeScript } from "./places.js";
import { compareProblems, type Problem, type Tree } from "./problem.js";
import { checkShape } from "./shape.js";
import { type SourceFile, sourceFile } from "./source-file.js";

/** Every broken rule of the tree, in the order of the report. */
export function tidy(tree: Tree): Problem[] {
  const problems: Problem[] = [];
  const files = new Map<string, SourceFile>();
  for (const [path, text] of tree) {
    problems.push(...checkShape(path, text));
    if (isTypeScript(path) && !isAssembly(path)) files.set(path, sourceFile(path, text));
  }
  for (const file of files.values()) problems.push(...checkLayers(file), ...checkBanned(file));
  problems.push(...checkCycles(files));
  return problems.sort(compareProblems);
}
