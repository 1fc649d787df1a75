/**
 * Finds the conformance tests in the source text of a folder: which kind of call, which clause ids,
 * which title.
 *
 * It reads text, not syntax, and stays sound by a rule of layout: a call that names clauses begins
 * its line (after blanks, as the formatter writes it). A call it cannot read, hidden behind other
 * code, with computed ids, or skipped, is a problem and never an overlooked test.
 */
import { readdirSync, readFileSync } from "node:fs";

export type TestKind = "clause" | "analogue" | "test";

export interface NamedTest {
  readonly kind: TestKind;
  readonly ids: readonly string[];
  readonly title: string;
  /** Name of the file in tests/conformance. */
  readonly file: string;
}

export interface Scan {
  readonly tests: readonly NamedTest[];
  /** Places that break the rule of layout, each as "file:line: what to do". */
  readonly problems: readonly string[];
}

const LEADING_IDS = /^[A-Z]{3}-\d+\b(?: [A-Z]{3}-\d+\b)*/;
const CALL = /^[ \t]*(?:void |await )?(clause|analogue|test|it)\(/gm;
const LITERAL = /"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/y;
const COMMENT_LINE = /^\s*(?:\/\/|\/?\*)/;
const NOT_AT_START = /\b(?:clause|analogue)\(/;
const SKIPPED = /\.(?:skip|todo|only)\s*\(|\b(?:skip|todo|only)\s*:/;

/** The ids a title begins with. Loose, so that a mistyped id is found unknown, not ignored. */
export function leadingIds(title: string): string[] {
  return (LEADING_IDS.exec(title)?.[0] ?? "").split(" ").filter(Boolean);
}

/** Scans the files `*.test.ts` directly in `folder`, in order of name. */
export function scanTests(folder: URL): Scan {
  const tests: NamedTest[] = [];
  const problems: string[] = [];
  for (const file of readdirSync(folder)
    .filter((name) => name.endsWith(".test.ts"))
    .sort()) {
    const scan = scanText(file, readFileSync(new URL(file, folder), "utf8"));
    tests.push(...scan.tests);
    problems.push(...scan.problems);
  }
  return { tests, problems };
}

/** Scans one source text. */
export function scanText(file: string, text: string): Scan {
  const tests: NamedTest[] = [];
  const problems = misplaced(file, text);
  for (const match of text.matchAll(CALL)) {
    const kind = match[1] === "it" ? "test" : (match[1] as TestKind);
    const place = `${file}:${lineOf(text, match.index + match[0].length)}`;
    const found = readCall(kind, new Cursor(text, match.index + match[0].length));
    if (typeof found === "string") problems.push(`${place}: ${found}`);
    else if (found.ids.length > 0) tests.push({ kind, ...found, file });
  }
  return { tests, problems };
}

function misplaced(file: string, text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    if (COMMENT_LINE.test(line)) return [];
    const problems: string[] = [];
    const rest = line.replace(/^\s*(?:clause|analogue)\(/, "");
    if (NOT_AT_START.test(rest)) problems.push("begin the line with the call, so that it is found");
    if (SKIPPED.test(line)) problems.push("a conformance test is never skipped");
    return problems.map((problem) => `${file}:${index + 1}: ${problem}`);
  });
}

/** The ids and the title of a call, or what is wrong with it. A `test` may go without ids. */
function readCall(kind: TestKind, at: Cursor): { ids: string[]; title: string } | string {
  if (kind === "test") {
    const titled = at.text() ?? "";
    const ids = leadingIds(titled);
    return { ids, title: titled.slice(ids.join(" ").length).trim() };
  }
  const ids = at.list();
  if (!ids) return "write the clause ids as literals";
  const title = at.take(",") ? at.text() : undefined;
  if (!title) return "write the title as a literal";
  return { ids, title };
}

/** Reads literals from a text, from one place onward. */
class Cursor {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  /** Passes blanks and then `mark`, if it is next. */
  take(mark: string): boolean {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at += 1;
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  /** One string literal; in a template a substitution reads as "…". */
  literal(): string | undefined {
    this.take("");
    LITERAL.lastIndex = this.#at;
    const match = LITERAL.exec(this.#text);
    if (!match) return undefined;
    this.#at = LITERAL.lastIndex;
    return (match[1] ?? match[2] ?? match[3] ?? "")
      .replace(/\$\{[^}]*\}/g, "…")
      .replace(/\\(.)/g, "$1");
  }

  /** String literals joined with `+`. */
  text(): string | undefined {
    let all = this.literal();
    while (all !== undefined && this.take("+")) {
      const more = this.literal();
      if (more === undefined) return undefined;
      all += more;
    }
    return all;
  }

  /** One literal, or an array of them that is not empty. */
  list(): string[] | undefined {
    if (!this.take("[")) {
      const one = this.literal();
      return one === undefined || one.includes("…") ? undefined : [one];
    }
    const all: string[] = [];
    while (!this.take("]")) {
      const one = this.literal();
      if (one === undefined || one.includes("…")) return undefined;
      all.push(one);
      this.take(",");
    }
    return all.length > 0 ? all : undefined;
  }
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
