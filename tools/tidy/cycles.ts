/**
 * Rule `cycle`: files import each other in one direction only, type imports included.
 *
 * A cycle of values breaks at load, at a distance; a cycle of types means that two files are one concept, or
 * that a third file is missing.
 */
import { resolveImport } from "./layers.js";
import { isHouse } from "./places.js";
import type { Problem } from "./problem.js";
import { lineAt, type SourceFile } from "./source-file.js";

/** Checks all files together; each cycle is reported once, at the import that closes it. */
export function checkCycles(files: ReadonlyMap<string, SourceFile>): Problem[] {
  const problems: Problem[] = [];
  const finished = new Set<string>();
  const trail: string[] = [];

  const visit = (file: SourceFile): void => {
    trail.push(file.path);
    for (const named of file.imports) {
      const target = files.get(resolveImport(file.path, named.value));
      if (target === undefined || !named.value.startsWith(".")) continue;
      const start = trail.indexOf(target.path);
      if (start !== -1) {
        const chain = [...trail.slice(start), target.path].join(" -> ");
        problems.push({
          path: file.path,
          line: lineAt(file.text, named.start),
          rule: "cycle",
          message: `imports form a cycle: ${chain}`,
          instead: "move what both need into a third file that imports neither",
        });
      } else if (!finished.has(target.path)) {
        visit(target);
      }
    }
    trail.pop();
    finished.add(file.path);
  };

  for (const file of files.values()) {
    if (isHouse(file.path) && !finished.has(file.path)) visit(file);
  }
  return problems;
}
