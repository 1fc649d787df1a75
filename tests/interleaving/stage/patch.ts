/**
 * A change of one file's text: how the stage sets bounds, and how a known-wrong variant differs.
 */

/** One change: `from` must be in the file exactly once. */
export interface Patch {
  /** Path below `src/`, with the ending `.ts`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Applies the patches of one file. @throws {Error} when one does not fit exactly once */
export function applyPatches(patches: readonly Patch[], file: string, text: string): string {
  let changed = text;
  for (const patch of patches) {
    if (patch.file !== file) continue;
    const places = changed.split(patch.from).length - 1;
    if (places !== 1) {
      throw new Error(
        `A patch of ${file} fits ${places} places, not one: ${JSON.stringify(patch.from)}`,
      );
    }
    changed = changed.replace(patch.from, () => patch.to);
  }
  return changed;
}
