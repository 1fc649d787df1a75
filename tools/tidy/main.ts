/**
 * `npm run tidy`: the house rules as a program. Prints one line per broken rule and fails if there is one.
 */
import { fileURLToPath } from "node:url";
import { tidy } from "./check.js";
import { show } from "./problem.js";
import { readTree } from "./read-tree.js";

// Compiled to build/tools/tidy/main.js, three folders below the root.
const root = fileURLToPath(new URL("../../../", import.meta.url));
const tree = readTree(root);
const problems = tidy(tree);
for (const problem of problems) console.error(show(problem));
console.log(`tidy: ${tree.size} files, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
