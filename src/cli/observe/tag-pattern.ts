/**
 * Patterns of tags, as poolmon has them: what a tag begins with; `*` is any text, `?` any one character.
 */

/** Whether a tag begins as a pattern says. Letters count as they are written: tags differ by case. */
export function tagMatcher(pattern: string): (tag: string) => boolean {
  if (pattern === "") return () => true;
  const source = pattern
    .replace(/[\\^$.+()[\]{}|/]/g, "\\$&")
    .replaceAll("?", ".")
    .replace(/\*+/g, ".*");
  const expression = new RegExp(`^${source}`, "su");
  return (tag) => expression.test(tag);
}
