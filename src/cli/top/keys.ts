/**
 * What the keys of `lookaside top` do, for its overlay and for `--help`; the letters that sort are those of
 * the columns (columns.ts), and `state.ts` obeys them.
 */

/** Key, and what it does, the most needed first. */
export const KEYS: readonly (readonly [string, string])[] = [
  ["q", "end"],
  ["?", "this help, and back"],
  ["Tab, v", "lists or tags"],
  ["Space, p", "pause, and go on"],
  ["/", "show only tags that begin so: type, Enter; * any text, ? any character; Esc clears"],
  ["s, S", "sort by the next column, by the one before"],
  ["r", "turn the order round"],
  ["a f", "sort by calls of allocate, of free"],
  ["m", "sort by misses (tags: by bytes per allocation)"],
  ["h k d", "sort by held, parked, depth (tags, d: by what is held)"],
  ["b t n", "sort by bytes, tag, name"],
  ["Up Down PgUp PgDn Home End", "move through the table"],
  ["+ -", "look half as often, twice as often"],
  ["Ctrl-L", "draw again"],
  ["Ctrl-Z", "suspend"],
];
