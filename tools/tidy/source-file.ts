/**
 * One TypeScript file, ready for the rules: its code without comments and messages, its string literals, its
 * imports, and the line of any place in it.
 */
import { type Span, spansOf } from "./spans.js";

/** A string literal, or a template without code in it. */
export interface Literal {
  readonly value: string;
  readonly start: number;
}

/** What a rule may ask of a file. Offsets are the same in `text`, `code` and `comments`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** The text with comments and the inside of literals blanked out. */
  readonly code: string;
  /** The text with everything but comments blanked out. */
  readonly comments: string;
  readonly literals: readonly Literal[];
  /** The literals that name a module, in any form of import or re-export. */
  readonly imports: readonly Literal[];
}

/** Reads one file. */
export function sourceFile(path: string, text: string): SourceFile {
  const spans = spansOf(text);
  const code = blank(text, spans.map(inside));
  const comments = blank(text, between(spans.filter(isComment), text.length));
  const literals = spans.filter((span) => isWhole(span, text)).map((span) => literal(span, text));
  const imports = literals.filter(({ start }) => namesModule(code.slice(0, start)));
  return { path, text, code, comments, literals, imports };
}

/** The line of an offset, counted from 1. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

function isComment(span: Span): boolean {
  return span.kind === "comment";
}

function isWhole(span: Span, text: string): boolean {
  if (span.kind === "string") return true;
  return span.kind === "template" && text[span.start] === "`" && text[span.end - 1] === "`";
}

function literal(span: Span, text: string): Literal {
  return { value: text.slice(span.start + 1, span.end - 1), start: span.start };
}

/** What is blanked of a span: all of a comment, but the quotes of a literal stay. */
function inside(span: Span): Span {
  return isComment(span) ? span : { ...span, start: span.start + 1, end: span.end - 1 };
}

function between(spans: readonly Span[], length: number): Pick<Span, "start" | "end">[] {
  const starts = [0, ...spans.map((span) => span.end)];
  const ends = [...spans.map((span) => span.start), length];
  return starts.map((start, index) => ({ start, end: ends[index] ?? length }));
}

/** Spaces for everything in the spans, except that lines stay lines. */
function blank(text: string, spans: readonly Pick<Span, "start" | "end">[]): string {
  let result = "";
  let at = 0;
  for (const { start, end } of spans) {
    result += text.slice(at, start) + text.slice(start, end).replace(/[^\n]/g, " ");
    at = Math.max(start, end);
  }
  return result + text.slice(at);
}

/** A literal right after `from`, `import` or `import(` names a module; no other expression ends so. */
function namesModule(codeBefore: string): boolean {
  return /(?:^|[^\w$.])(?:from|import|import\s*\()\s*$/.test(codeBefore.slice(-200));
}
