/**
 * Byte sizes as people write them: a number of bytes, or text such as "64 MiB".
 */
import { show } from "./bounds.js";
import { LookasideError } from "./errors.js";

/** A size in bytes: a whole number, or a number and a unit (B, KiB, MiB, GiB). */
export type ByteSize = number | `${number} ${"B" | "KiB" | "MiB" | "GiB"}`;

const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/**
 * The bytes that `value` stands for.
 * @throws {LookasideError} ERR_OPTION when it is neither form, or outside `min` to `max` bytes.
 */
export function bytesOf(name: string, value: unknown, min: number, max: number): number {
  let bytes = Number.NaN;
  if (typeof value === "number") bytes = value;
  if (typeof value === "string") {
    const match = /^(\d+(?:\.\d+)?) ?(B|KiB|MiB|GiB)$/.exec(value);
    if (match) bytes = Math.round(Number(match[1]) * (UNIT_BYTES[match[2] as string] as number));
  }
  if (Number.isInteger(bytes) && bytes >= min && bytes <= max) return bytes;
  throw new LookasideError(
    "ERR_OPTION",
    `Cannot use ${show(value)} as ${name}: it must be bytes or text such as "64 MiB", ` +
      `from ${min} to ${max} bytes`,
  );
}
