/**
 * What the documents call a raise and a bug check, as errors.
 */

/** An exception with an NTSTATUS: what "raises an exception" means here. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  /** The NTSTATUS, unsigned. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(`${message} (status 0x${hex(status)})`);
    this.status = status >>> 0;
  }
}

/** Bug check codes (semantics section 14). */
export const BUG_CHECK = {
  IRQL_NOT_LESS_OR_EQUAL: 0x0a,
  MUST_SUCCEED_POOL_EMPTY: 0x41,
  SPECIAL_POOL_DETECTED_MEMORY_CORRUPTION: 0xc1,
  BAD_POOL_CALLER: 0xc2,
  DRIVER_VERIFIER_DETECTED_VIOLATION: 0xc4,
  TIMER_OR_DPC_INVALID: 0xc7,
  PAGE_FAULT_IN_FREED_SPECIAL_POOL: 0xcc,
  DRIVER_OVERRAN_STACK_BUFFER: 0xf7,
} as const;

/** The four parameters of a bug check. */
export type BugCheckParameters = readonly [number, number, number, number];

/**
 * The machine stopped itself: a fatal misuse was found. Afterwards the machine refuses work, unless it was
 * booted with `bugChecks: "continue"`: in this thread at once, in another one from its next call that
 * is no hit.
 */
export class BugCheck extends Error {
  override readonly name = "BugCheck";
  /** The bug check code, for example 0xC4. */
  readonly code: number;
  /** Its four parameters, unsigned. */
  readonly parameters: BugCheckParameters;

  constructor(code: number, parameters: BugCheckParameters, message: string) {
    const shown = parameters.map((value) => `0x${hex(value, 1)}`).join(", ");
    super(`${message} (bug check 0x${hex(code, 2)}: ${shown})`);
    this.code = code;
    this.parameters = parameters;
  }
}

/** A number in upper-case hexadecimal digits. */
export function hex(value: number, digits = 8): string {
  return Math.max(0, value < 0 ? value >>> 0 : value)
    .toString(16)
    .toUpperCase()
    .padStart(digits, "0");
}
