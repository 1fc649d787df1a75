/**
 * The page fault of this machine: what following a damaged link out of the memory comes to.
 *
 * WebAssembly traps there. A trap says nothing of lists and is no error of this library, so whoever calls
 * the interlocked module with a header that anybody may have written turns it into a bug check.
 */
import { bugCheck, type Machine } from "./machine.js";
import { BUG_CHECK } from "./raise.js";

/** Throws 0x0A for a trap, and anything else as it is. @throws {BugCheck} 0x0A */
export function rethrowFault(
  here: Machine,
  routine: string,
  address: number,
  error: unknown,
): never {
  if (!(error instanceof WebAssembly.RuntimeError)) throw error;
  const message = `${routine} followed a damaged link of 0x${address.toString(16)} out of the memory`;
  bugCheck(BUG_CHECK.IRQL_NOT_LESS_OR_EQUAL, [address, here.irql, 0, 0], message);
}
