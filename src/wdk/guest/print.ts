/**
 * The text of a DbgPrint: C's formats, from the guest's memory.
 *
 * clang passes what follows the format as the address of a row of values on the guest's stack, each aligned
 * to its own size. Whatever the guest passes, formatting ends and throws nothing: text that starts outside
 * the memory is shown as its address.
 */
import { textOfUtf8 } from "../../base/index.js";
import type { Region } from "../../memory/index.js";

/** Most bytes that one call prints: the limit of the documented routine. */
const TEXT_BYTES_MAX = 512;

const FORMAT = /%([-+ #0]*)(\d*)(?:\.(\d+))?(?:hh|h|ll|l|I64|I32|z|j)?([diuxXopcs%])/g;
const LONG_LONG = /(?:ll|I64|j)[diuxXo]$/;

/** The text at an address, up to its zero, or null when it lies outside the memory. */
export function textAt(region: Region, address: number): string | null {
  if (address === 0 || !region.cover(address + 1)) return null;
  region.cover(address + TEXT_BYTES_MAX);
  const found = region.bytes.indexOf(0, address);
  const end = found < 0 ? region.bytes.length : found;
  const bytes = region.bytes.slice(address, Math.min(end, address + TEXT_BYTES_MAX));
  return textOfUtf8(bytes);
}

/** The row of values behind a format. */
class Values {
  readonly #region: Region;
  #at: number;

  constructor(region: Region, at: number) {
    this.#region = region;
    this.#at = at;
  }

  next(bytes: 4 | 8): bigint {
    const start = Math.ceil(this.#at / bytes) * bytes;
    this.#at = start + bytes;
    let value = 0n;
    if (!this.#region.cover(start + bytes)) return value;
    for (let at = bytes - 1; at >= 0; at--) {
      value = (value << 8n) | BigInt(this.#region.bytes[start + at] as number);
    }
    return value;
  }
}

function digitsOf(value: bigint, bits: number, conversion: string): string {
  if (conversion === "d" || conversion === "i") return BigInt.asIntN(bits, value).toString();
  if (conversion === "p") return value.toString(16).toUpperCase().padStart(8, "0");
  const digits = value.toString(conversion === "u" ? 10 : conversion === "o" ? 8 : 16);
  return conversion === "X" ? digits.toUpperCase() : digits;
}

/** A width or a precision: no more than a line holds, whatever the format says. */
function lengthOf(digits: string | undefined): number {
  return Math.min(Number(digits ?? 0), TEXT_BYTES_MAX);
}

function padded(text: string, flags: string, width: number): string {
  if (flags.includes("-")) return text.padEnd(width);
  if (!flags.includes("0")) return text.padStart(width);
  const sign = text.startsWith("-") ? "-" : "";
  return sign + text.slice(sign.length).padStart(width - sign.length, "0");
}

/** The text of a format and its values. */
export function formatted(region: Region, format: number, values: number): string {
  const pattern = textAt(region, format);
  if (pattern === null) return `<no text at 0x${format.toString(16)}>`;
  const row = new Values(region, values);
  const shown = (whole: string, flags: string, wide: string, precise?: string, letter = "") => {
    if (letter === "%") return "%";
    const width = lengthOf(wide);
    const bytes = LONG_LONG.test(whole) ? 8 : 4;
    const value = row.next(bytes);
    if (letter === "c") return padded(String.fromCharCode(Number(value & 0xffn)), flags, width);
    if (letter !== "s") {
      const digits = digitsOf(value, bytes * 8, letter).padStart(lengthOf(precise), "0");
      return padded(digits, flags, width);
    }
    const text = textAt(region, Number(value)) ?? `<no text at 0x${value.toString(16)}>`;
    return padded(precise === undefined ? text : text.slice(0, lengthOf(precise)), flags, width);
  };
  return pattern.replace(FORMAT, shown).slice(0, TEXT_BYTES_MAX);
}
