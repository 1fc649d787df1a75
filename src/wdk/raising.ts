/**
 * The documented routines that never return.
 */
import { ulong } from "./arguments.js";
import { bugCheck } from "./machine.js";
import { type BugCheckParameters, StatusError } from "./raise.js";

/**
 * Raises an exception: what an Allocate routine does that was told to raise on failure. Any thread, at any
 * IRQL that its caller may run at; needs no machine. Source: semantics section 6.
 *
 * @param Status an NTSTATUS; it is the error's `status`, unsigned.
 * @throws {StatusError} always. @throws {LookasideError} ERR_ARGUMENT for a status that is no whole number.
 *
 * @example
 * ```ts
 * try {
 *   ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
 * } catch (error) {
 *   console.log((error as StatusError).status === STATUS_INSUFFICIENT_RESOURCES); // true
 * }
 * ```
 */
export function ExRaiseStatus(Status: number): never {
  throw new StatusError(ulong("ExRaiseStatus", "Status", Status), "A driver raised an exception");
}

/**
 * Stops the machine: what a driver does that finds damage it cannot live with. From now on every routine
 * refuses with the same bug check, in every thread, unless the machine was booted with `bugChecks:
 * "continue"`. Any IRQL, any thread. Source: semantics section 14.
 *
 * @param BugCheckCode the code; it and the four parameters are cut to 32 bits each.
 * @throws {BugCheck} always. @throws {LookasideError} ERR_ARGUMENT for a value that is no whole number.
 *
 * @example
 * ```ts
 * boot();
 * try {
 *   KeBugCheckEx(0xdead, 1, 2, 3, 4);
 * } catch (error) {
 *   console.log((error as BugCheck).parameters[3]); // 4
 * }
 * shutdown();
 * ```
 */
export function KeBugCheckEx(
  BugCheckCode: number,
  BugCheckParameter1: number,
  BugCheckParameter2: number,
  BugCheckParameter3: number,
  BugCheckParameter4: number,
): never {
  const values = [BugCheckParameter1, BugCheckParameter2, BugCheckParameter3, BugCheckParameter4];
  const parameters = values.map((value, at) =>
    ulong("KeBugCheckEx", `BugCheckParameter${at + 1}`, value),
  );
  const code = ulong("KeBugCheckEx", "BugCheckCode", BugCheckCode);
  return bugCheck(
    code,
    parameters as unknown as BugCheckParameters,
    "A driver stopped the machine",
  );
}
