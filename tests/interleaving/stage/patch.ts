/**
 * A change of one file's text: how the stage sets bounds, and how a known-wrong variant differs.
 */

/** One change: `from` must be in the file exactly once. Any white space in it stands for any other. */
export interface Patch {
  /** Path below `src/`, with the ending `.ts`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

function patternOf(text: string): RegExp {
  const words = text.trim().split(/\s+/);
  return new RegExp(
    words.map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("\\s+"),
    "g",
  );
}

/** Applies the patches of one file. @throws {Error} when one does not fit exactly once */
export function applyPatches(patches: readonly Patch[], file: string, text: string): string {
  let changed = text;
  for (const patch of patches) {
    if (patch.file !== file) continue;
    const wanted = patternOf(patch.from);
    const places = changed.match(wanted)?.length ?? 0;
    if (places !== 1) {
      throw new Error(
        `A patch of ${file} fits ${places} places, not one: ${JSON.stringify(patch.from)}`,
      );
    }
    changed = changed.replace(wanted, () => patch.to);
  }
  return changed;
}
