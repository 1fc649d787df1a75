/**
 * The documented routines that never return.
 */
import { ulong } from "./arguments.js";
import { bugCheck } from "./machine.js";
import { type BugCheckParameters, StatusError } from "./raise.js";

/**
 * Raises an exception: what an Allocate routine does that was told to raise on failure.
 * @throws {StatusError} always. IRQL: any that its caller may run at. Any thread.
 */
export function ExRaiseStatus(Status: number): never {
  throw new StatusError(ulong("ExRaiseStatus", "Status", Status), "A driver raised an exception");
}

/**
 * Stops the machine: what a driver does that finds damage it cannot live with.
 * @throws {BugCheck} always. Any IRQL, any thread.
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
