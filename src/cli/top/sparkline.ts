/**
 * A row of numbers as a picture of one line: each number a bar, as high as its share of the greatest one.
 */

const BARS = [..." ▁▂▃▄▅▆▇█"];
const ASCII_BARS = [..." _.-=+*#@"];

/** The last `width` numbers; what there is less of stays empty at the left. Only 0 has no bar. */
export function sparkline(numbers: readonly number[], width: number, ascii: boolean): string {
  const bars = ascii ? ASCII_BARS : BARS;
  const shown = width > 0 ? numbers.slice(-width) : [];
  const greatest = Math.max(1, ...shown);
  const picture = shown.map((number) => bars[Math.ceil((number / greatest) * (bars.length - 1))]);
  return picture.join("").padStart(width);
}
