/**
 * Numbers for narrow columns: at most six characters, whatever the number.
 */

const DECIMAL = ["", "k", "M", "G", "T", "P", "E"] as const;
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;

/** Three digits that say something. */
function threeDigits(value: number): string {
  return value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

function scaled(value: number, step: number, units: readonly string[], whole: number): string {
  if (value < whole) return String(Math.round(value));
  let unit = 0;
  let rest = value;
  while (unit < units.length - 1 && rest >= step - 0.5) {
    rest /= step;
    unit++;
  }
  return threeDigits(rest) + units[unit];
}

/** A count: whole up to 9999, then 10.0k, 1.23M, … Five characters at most. */
export function shortCount(value: number): string {
  return scaled(value, 1_000, DECIMAL, 9_999.5);
}

/** Bytes: whole up to 9999, then 9.77Ki, 64.0Mi, … Six characters at most. */
export function shortBytes(value: number): string {
  return scaled(value, 1_024, BINARY, 9_999.5);
}

/** A rate: like a count, but what is between nothing and ten keeps one place after the point. */
export function shortRate(value: number | null): string {
  if (value === null) return "-";
  if (value <= 0) return "0";
  return value < 9.95 ? value.toFixed(1) : shortCount(value);
}

/** A number of things, in words. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A share in percent, never rounded up to 100: one miss in a million is not none. */
export function percent(share: number | null): string {
  if (share === null) return "-";
  return share >= 1 ? "100" : (Math.floor(share * 1_000) / 10).toFixed(1);
}
