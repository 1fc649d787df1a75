/**
 * Checks of numbers that come from outside, each failing with the action, the name, the value and the
 * bound. For control paths only (create, attach, options): hot paths have their own, branch-free guards.
 */
import { type ErrorCode, LookasideError } from "./errors.js";

/** Shows any value in a message without calling code of the value's own. */
export function show(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
    case "bigint":
      return `${value}n`;
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "symbol":
      return "a symbol";
    case "function":
      return "a function";
    default:
      return value === null ? "null" : isArray(value) ? "an array" : "an object";
  }
}

/** Asking a revoked proxy throws. */
function isArray(value: unknown): boolean {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/**
 * Gives back `value` when it is a whole number from `min` to `max`.
 * @throws {LookasideError} with `code` (ERR_OPTION unless another is given).
 */
export function wholeNumber(
  name: string,
  value: unknown,
  min: number,
  max: number,
  code: ErrorCode = "ERR_OPTION",
): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max)
    return value;
  throw new LookasideError(
    code,
    `Cannot use ${show(value)} as ${name}: it must be a whole number from ${min} to ${max}`,
  );
}

/** Gives back `value` when it is a boolean. @throws {LookasideError} ERR_OPTION. */
export function truthValue(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new LookasideError(
    "ERR_OPTION",
    `Cannot use ${show(value)} as ${name}: it must be true or false`,
  );
}

/** How options are refused that nobody knows. */
interface Refusal {
  /** Default ERR_OPTION. */
  readonly code?: ErrorCode;
  /** Whether a value may be a secret that was given under a wrong name. */
  readonly hidesValues?: boolean;
}

/**
 * Refuses options that are no object, and an object with an option that nobody knows: a misspelt one would
 * silently be the default. Objects within options are options, too.
 * @throws {LookasideError} ERR_OPTION, naming the option, its value and those there are.
 */
export function onlyKnown(
  what: string,
  options: unknown,
  known: readonly string[],
  { code = "ERR_OPTION", hidesValues = false }: Refusal = {},
): asserts options is object {
  if (typeof options !== "object" || options === null || isArray(options)) {
    const message = `Cannot use ${show(options)} as options of ${what}: they must be an object`;
    throw new LookasideError(code, message);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const value: unknown = Object.getOwnPropertyDescriptor(options, name)?.value; // no getter is called
    const message = `Cannot use the option ${show(name)} of ${what}: there are ${known.join(", ")}`;
    throw new LookasideError(
      code,
      hidesValues ? message : `${message}; its value is ${show(value)}`,
    );
  }
}
