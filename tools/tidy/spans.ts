/**
 * Cuts a TypeScript text into code, comments and literals.
 *
 * The rules look for words in code; without this cut, a word in a comment or in a message would be reported,
 * and a test could not feed the rules a wrong text. It is no parser: it knows quotes, templates with nested
 * code, comments and regular expressions, and that is all the rules need.
 */

/** A stretch that is not code; the end is exclusive. */
export interface Span {
  readonly kind: "comment" | "string" | "template" | "pattern";
  readonly start: number;
  readonly end: number;
}

const WORD_BEFORE_PATTERN =
  /(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|else|do|yield|await)$/;

/** Every stretch of the text that is not code, in order. */
export function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  // For each template that is open around this place: the depth of braces at which its code ends.
  const templates: number[] = [];
  let depth = 0;
  let at = 0;
  const take = (kind: Span["kind"], end: number): void => {
    spans.push({ kind, start: at, end });
    at = end;
  };
  const takeTemplate = (): void => {
    const end = templateEnd(text, at + 1);
    if (text.startsWith("${", end - 2)) templates.push(depth);
    take("template", end);
  };
  while (at < text.length) {
    const char = text[at];
    if (text.startsWith("//", at) || (at === 0 && text.startsWith("#!"))) {
      take("comment", orLength(text.indexOf("\n", at), text));
    } else if (text.startsWith("/*", at)) {
      take("comment", orLength(text.indexOf("*/", at + 2), text, 2));
    } else if (char === '"' || char === "'") {
      take("string", quoteEnd(text, at));
    } else if (char === "`") {
      takeTemplate();
    } else if (char === "}" && templates.at(-1) === depth) {
      templates.pop();
      takeTemplate();
    } else if (char === "/" && patternMayStart(text.slice(0, at)) && patternEnd(text, at) > at) {
      take("pattern", patternEnd(text, at));
    } else {
      if (char === "{") depth++;
      if (char === "}") depth--;
      at++;
    }
  }
  return spans;
}

function orLength(found: number, text: string, width = 0): number {
  return found === -1 ? text.length : found + width;
}

/** After the closing quote, or after the line if it has none. */
function quoteEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === text[start]) return at + 1;
    else if (text[at] === "\n") return at;
  }
  return text.length;
}

/** After the closing backtick, or after the `${` that opens code. */
function templateEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "`") return at + 1;
    else if (text.startsWith("${", at)) return at + 2;
  }
  return text.length;
}

/** After the flags of the regular expression; `start` itself if the line ends first, so it is a division. */
function patternEnd(text: string, start: number): number {
  let inClass = false;
  for (let at = start + 1; at < text.length && text[at] !== "\n"; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "[") inClass = true;
    else if (text[at] === "]") inClass = false;
    else if (text[at] === "/" && !inClass) {
      while (/\w/.test(text[at + 1] ?? "")) at++;
      return at + 1;
    }
  }
  return start;
}

/** Whether a slash after this text starts a regular expression and not a division. */
function patternMayStart(before: string): boolean {
  const tail = before.slice(-80).trimEnd();
  if (tail === "") return true;
  if (/(?:\+\+|--|[\w$)\]"'`]!?)$/.test(tail)) return WORD_BEFORE_PATTERN.test(tail);
  return true;
}
