/**
 * Rules that forbid a word in code: one table, each row with the places it holds for and the replacement.
 */
import { isHouse, isSource, isTest } from "./places.js";
import type { Problem } from "./problem.js";
import { lineAt, type SourceFile } from "./source-file.js";

interface Ban {
  readonly rule: string;
  /** Looked for in code only; always global. */
  readonly pattern: RegExp;
  readonly holds: (path: string) => boolean;
  readonly message: string;
  readonly instead: string;
  /** Whether a trailing `// tidy: <reason>` lifts it. */
  readonly liftable?: true;
}

const MAY_NAME_NODE = /^src\/(?:cli\/|monitor\/|metrics\/node|.*-node\.ts$)/;

const BANS: readonly Ban[] = [
  {
    rule: "atomics",
    pattern: /(?<![\w$.])Atomics\b/g,
    holds: (path) => isSource(path) && !path.startsWith("src/memory/"),
    message: "Atomics outside src/memory",
    instead: "load, store, compareExchange and their kin from memory/index.js",
  },
  {
    rule: "webassembly",
    pattern: /\bnew\s+WebAssembly\s*\./g,
    holds: (path) => isSource(path) && !path.startsWith("src/memory/"),
    message: "a WebAssembly object is made outside src/memory",
    instead: "a function of memory/index.js that makes it",
  },
  {
    rule: "random",
    pattern: /\bMath\s*\.\s*random\b/g,
    holds: (path) => isSource(path) || isTest(path),
    message: "Math.random cannot be run again",
    instead: "seeded() of tests/support/seed.ts in tests; a counter or an argument in src",
  },
  {
    rule: "sleep",
    pattern: /(?<![\w$])setTimeout\b/g,
    holds: isTest,
    message: "setTimeout does not synchronise anything",
    instead:
      "a barrier or a gate of tests/support/crew.ts, an event, or a trailing // tidy: <reason>",
    liftable: true,
  },
  {
    rule: "any",
    pattern: /(?<![\w$.#])any\b(?!\s*[(:?])/g,
    holds: isHouse,
    message: "the type any switches checking off",
    instead: "unknown and a check, or a type parameter",
  },
  {
    rule: "export-star",
    pattern: /\bexport\s+(?:type\s+)?\*/g,
    holds: isHouse,
    message: "export * hides what a door offers",
    instead: "an explicit list of names",
  },
  {
    rule: "default-export",
    pattern: /\bexport\s+default\b|\bas\s+default\b/g,
    holds: isHouse,
    message: "a default export has no name of its own",
    instead: "a named export, or a trailing // tidy: <reason> where a host demands it",
    liftable: true,
  },
  {
    rule: "enum",
    pattern: /(?<![\w$.])enum\s+[\w$]/g,
    holds: isHouse,
    message: "an enum is not erasable",
    instead: "a table `as const` and a type of its values",
  },
  {
    rule: "console",
    pattern: /(?<![\w$.])console\s*[.[]/g,
    holds: (path) => isSource(path) && !path.startsWith("src/cli/"),
    message: "the library prints nothing",
    instead: "a value, an error or a diagnostics channel",
  },
];

/** Checks one file against every row of the table. */
export function checkBanned(file: SourceFile): Problem[] {
  const problems = checkNodeModules(file);
  const comments = file.comments.split("\n");
  for (const { rule, pattern, holds, message, instead, liftable } of BANS) {
    if (!holds(file.path)) continue;
    for (const match of file.code.matchAll(pattern)) {
      const line = lineAt(file.text, match.index);
      if (liftable && /\/\/ tidy: \S/.test(comments[line - 1] ?? "")) continue;
      problems.push({ path: file.path, line, rule, message, instead });
    }
  }
  return problems;
}

/** Rule `node`: by the literal, so that no way of loading a built-in module escapes. */
function checkNodeModules(file: SourceFile): Problem[] {
  if (!isSource(file.path) || MAY_NAME_NODE.test(file.path)) return [];
  return file.literals
    .filter(({ value }) => /^node:[\w/]+$/.test(value))
    .map(({ value, start }) => ({
      path: file.path,
      line: lineAt(file.text, start),
      rule: "node",
      message: `"${value}" does not exist in browsers`,
      instead:
        "a file named *-node.ts, or an argument from src/cli, src/monitor or src/metrics/node*",
    }));
}
