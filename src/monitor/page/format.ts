/**
 * Numbers, sizes and times as people read them. Pure functions; widths are kept steady, so that a column of
 * changing numbers does not dance.
 */

/** A number and its unit, to be set in different type. */
export interface Quantity {
  readonly number: string;
  readonly unit: string;
}

/** What stands for a number that there is none of. */
export const NONE = "–";

const GROUPED = new Intl.NumberFormat("en");

/** Every digit: `1,234,567`. */
export function exact(value: number): string {
  return GROUPED.format(value);
}

/** Three significant digits, as many decimals as that takes. */
function three(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

const POWERS = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e4, "k"],
] as const;

/** A count in little room: `9,999`, `12.3 k`, `4.56 M`. */
export function compact(value: number): string {
  for (const [power, letter] of POWERS) {
    if (value < power) continue;
    const scale = letter === "k" ? 1e3 : power;
    return `${three(value / scale)} ${letter}`;
  }
  return exact(Math.round(value));
}

/** A rate a second: whole numbers, except below ten. */
export function rate(perSecond: number | null): string {
  if (perSecond === null) return NONE;
  if (perSecond > 0 && perSecond < 9.95) return perSecond.toFixed(1);
  return compact(perSecond);
}

/** The same with its unit apart: `12.3` and `M/s`. */
export function rateQuantity(perSecond: number | null): Quantity {
  const [number = NONE, letter = ""] = rate(perSecond).split(" ");
  return { number, unit: perSecond === null ? "" : `${letter}/s` };
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes with a unit of two's powers: `1.50` and `MiB`. */
export function byteQuantity(bytes: number): Quantity {
  let [value, unit] = [bytes, 0];
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const number =
    unit === 0 || value === Math.round(value) ? exact(Math.round(value)) : three(value);
  return { number, unit: UNITS[unit] as string };
}

/** Bytes in one text: `1.50 MiB`. */
export function bytes(value: number): string {
  const { number, unit } = byteQuantity(value);
  return `${number} ${unit}`;
}

/** A share as percent. Never rounded up to 100 or down to 0: `99.9`, `<0.1`. */
export function percent(share: number | null): string {
  if (share === null || Number.isNaN(share)) return NONE;
  const value = share * 100;
  if (value >= 100) return "100";
  if (value > 0 && value < 0.1) return "<0.1";
  return (Math.floor(value * 10 + 1e-9) / 10).toFixed(1);
}

/** A time of day: `14:03:59`. */
export function clock(at: number): string {
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** A length of time in one unit: `850 ms`, `12 s`, `3 min`, `2 h`. */
export function lasting(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 120_000) return `${Math.round(milliseconds / 1_000)} s`;
  if (milliseconds < 7_200_000) return `${Math.round(milliseconds / 60_000)} min`;
  return `${Math.round(milliseconds / 3_600_000)} h`;
}

/** What one look cost: three digits of a millisecond. */
export function cost(milliseconds: number): string {
  return milliseconds < 0.095 ? "under 0.1 ms" : `${three(milliseconds)} ms`;
}

/** An address: `0x00012f40`. */
export function address(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`;
}

/** Several nouns: `1 list`, `2 lists`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${exact(count)} ${count === 1 ? one : many}`;
}

/**
 * A name that somebody gave, fit to be shown: what has no picture, or turns the direction of what follows,
 * becomes a box. It is still text, never markup.
 */
export function printable(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, "\u25a1");
}
