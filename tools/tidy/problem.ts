/**
 * What a house rule says when it is broken.
 *
 * A finding that only forbids makes the reader guess; so every problem carries what to write instead.
 */

/** The project as a rule sees it: path from the root, with forward slashes, to the text of the file. */
export type Tree = ReadonlyMap<string, string>;

/** One broken rule in one place. */
export interface Problem {
  readonly path: string;
  /** Counted from 1; 1 for a problem of the whole file. */
  readonly line: number;
  /** The short name of the rule. */
  readonly rule: string;
  /** What is wrong here. */
  readonly message: string;
  /** What to write in its place. */
  readonly instead: string;
}

/** The one line that is printed: an editor can jump to its start. */
export function show(problem: Problem): string {
  const { path, line, rule, message, instead } = problem;
  return `${path}:${line}  ${rule}  ${message}; instead: ${instead}`;
}

/** Order of the report: by file, then by line, then by rule. */
export function compareProblems(left: Problem, right: Problem): number {
  if (left.path !== right.path) return left.path < right.path ? -1 : 1;
  if (left.line !== right.line) return left.line - right.line;
  return left.rule < right.rule ? -1 : 1;
}
