/**
 * Rules `header`, `length`, `line` and `name`: a file says what it is, is small enough to be read, and is
 * named by what it holds.
 */
import { isGenerated, isLibrary, isTypeScript } from "./places.js";
import type { Problem } from "./problem.js";

const FILE_LINES_MAX = 400;
const LINE_CHARACTERS_MAX = 110;
const DRAWERS = new Set(["util", "utils", "helper", "helpers", "common", "misc"]);

/** Checks one file, of any language, by its path and its text. */
export function checkShape(path: string, text: string): Problem[] {
  const problems = checkName(path);
  if (!isTypeScript(path)) return problems;
  if (isLibrary(path) && !opensWithComment(text)) problems.push(headless(path));
  if (!isGenerated(path)) problems.push(...checkLengths(path, text));
  return problems;
}

function opensWithComment(text: string): boolean {
  return /^(?:#!.*\n)?\s*(?:\/\*[\s*]*[^\s*/]|\/\/\s*\S)/.test(text);
}

function headless(path: string): Problem {
  return {
    path,
    line: 1,
    rule: "header",
    message: "the file does not open with a comment",
    instead: "a header that says what this is, who may use it and why it exists",
  };
}

function checkLengths(path: string, text: string): Problem[] {
  const problems: Problem[] = [];
  const lines = text.replace(/\n$/, "").split("\n");
  if (lines.length > FILE_LINES_MAX) {
    problems.push({
      path,
      line: FILE_LINES_MAX + 1,
      rule: "length",
      message: `the file has ${lines.length} lines, at most ${FILE_LINES_MAX} are allowed`,
      instead: "two files, one concept each",
    });
  }
  for (const [index, line] of lines.entries()) {
    if (line.length <= LINE_CHARACTERS_MAX || line.includes("://")) continue;
    problems.push({
      path,
      line: index + 1,
      rule: "line",
      message: `the line has ${line.length} characters, at most ${LINE_CHARACTERS_MAX} are allowed`,
      instead: "shorter lines; npm run format breaks code, comments are broken by hand",
    });
  }
  return problems;
}

function checkName(path: string): Problem[] {
  const drawer = path
    .split("/")
    .flatMap((segment) => segment.split(/[.\-_]/))
    .find((word) => DRAWERS.has(word.toLowerCase()));
  if (drawer === undefined) return [];
  return [
    {
      path,
      line: 1,
      rule: "name",
      message: `"${drawer}" says nothing about what is inside`,
      instead: "the noun that the file defines",
    },
  ];
}
