/**
 * Text as a terminal shows it: how many columns it takes, cut and padded to some, and made harmless.
 *
 * Names come from other programs: a control character in one could move the cursor, so that everything that
 * is shown goes through `clean` first.
 */

const PLAIN = /^[ -~]*$/;
const HARMFUL = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;
const MARK = /^\p{M}+$/u;

/** Characters of two columns: East Asian scripts, full-width forms, emoji. */
const WIDE = new RegExp(
  [
    String.raw`[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf]`,
    String.raw`[\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]`,
    String.raw`[\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]`,
    String.raw`\p{Emoji_Presentation}|\ufe0f`,
  ].join("|"),
  "u",
);

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The text with a dot for each character that is not to be seen, or that a terminal would obey. */
export function clean(text: string): string {
  return PLAIN.test(text) ? text : text.replace(HARMFUL, ".");
}

function columnsOf(grapheme: string): number {
  return MARK.test(grapheme) ? 0 : WIDE.test(grapheme) ? 2 : 1;
}

/** Columns that a clean text takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += columnsOf(segment);
  return width;
}

/** As much of a clean text as `width` columns hold. */
export function cut(text: string, width: number): string {
  if (PLAIN.test(text)) return text.slice(0, Math.max(0, width));
  let kept = "";
  let columns = 0;
  for (const { segment } of segmenter.segment(text)) {
    columns += columnsOf(segment);
    if (columns > width) break;
    kept += segment;
  }
  return kept;
}

/** Exactly `width` columns of a clean text: cut, with `mark` at the end of what was cut, or padded. */
export function fit(text: string, width: number, right = false, mark = ""): string {
  const columns = widthOf(text);
  if (columns > width) {
    const marked = width > 1 ? mark : "";
    const shorter = cut(text, width - marked.length) + marked;
    return shorter + " ".repeat(Math.max(0, width - widthOf(shorter)));
  }
  const padding = " ".repeat(width - columns);
  return right ? padding + text : text + padding;
}
