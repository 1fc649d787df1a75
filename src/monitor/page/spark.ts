/** The small lines in the tiles: a path of SVG from numbers. Pure. */

/**
 * The path of `values`, newest at the right edge, in a box of `width` by `height` that holds `room` of them.
 * The line goes from the least value to the greatest; a flat one lies in the middle. Gaps stay gaps.
 */
export function sparkPath(
  values: readonly (number | null)[],
  width: number,
  height: number,
  room: number,
): string {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return "";
  const least = known.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const greatest = known.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  const span = greatest - least;
  const step = width / Math.max(1, room - 1);
  const first = width - (values.length - 1) * step;
  let path = "";
  let pen = "M";
  for (const [index, value] of values.entries()) {
    if (value === null) {
      pen = "M";
      continue;
    }
    const share = span === 0 ? 0.5 : (value - least) / span;
    const y = 1.5 + (1 - share) * (height - 3);
    path += `${pen}${(first + index * step).toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
  }
  return path;
}
