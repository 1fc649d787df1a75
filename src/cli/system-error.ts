/**
 * Calls of the operating system that failed, as one line tells them.
 */
import { getSystemErrorMap } from "node:util";

/** Why a call of the operating system failed, in its words. */
export function reasonOf(error: unknown): string {
  const { errno, code, message } = error as NodeJS.ErrnoException;
  const known = errno === undefined ? undefined : getSystemErrorMap().get(errno);
  if (known !== undefined) return `${known[1]} (${known[0]})`;
  return code ?? message;
}

/** Whether a call of the operating system failed, rather than the program. */
export function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
