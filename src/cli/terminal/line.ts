/**
 * A line of a screen: pieces of text with a style each. What is drawn is laid out without styles, so that
 * escape codes never count as columns, and painted last.
 */
import { styleText } from "node:util";
import { cut, widthOf } from "./text.js";

/** What a piece of text is, from which its colour follows. */
export type Style =
  | "plain"
  | "title"
  | "head"
  | "sorted"
  | "dim"
  | "good"
  | "doubtful"
  | "bad"
  | "picture";

/** A piece of clean text. */
export interface Piece {
  readonly text: string;
  readonly style: Style;
}

/** One line of a screen. */
export type Line = readonly Piece[];

type Format = Extract<Parameters<typeof styleText>[0], string>;

const FORMATS: Readonly<Record<Style, Format[]>> = {
  plain: [],
  title: ["bold"],
  head: ["inverse"],
  sorted: ["inverse", "bold"],
  dim: ["dim"],
  good: ["green"],
  doubtful: ["yellow"],
  bad: ["red"],
  picture: ["cyan"],
};

/** A piece. */
export function piece(text: string, style: Style = "plain"): Piece {
  return { text, style };
}

/** Exactly `width` columns of a line: cut at the right, or filled with spaces in the style of `fill`. */
export function fitLine(line: Line, width: number, fill: Style = "plain"): Line {
  const fitted: Piece[] = [];
  let left = width;
  for (const { text, style } of line) {
    const part = cut(text, left);
    if (part !== "") fitted.push({ text: part, style });
    left -= widthOf(part);
    if (part !== text) break;
  }
  if (left > 0) fitted.push({ text: " ".repeat(left), style: fill });
  return fitted;
}

/** The text of a line. */
export function plain(line: Line): string {
  return line.map(({ text }) => text).join("");
}

/** The text of a line with the codes that colour it. */
export function painted(line: Line): string {
  return line
    .map(({ text, style }) => {
      const formats = FORMATS[style];
      return formats.length === 0 ? text : styleText(formats, text, { validateStream: false });
    })
    .join("");
}
