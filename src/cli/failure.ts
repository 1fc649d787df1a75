/**
 * What a command throws when it cannot do its work: the message is the line that the user reads.
 */

/** Exit codes of every command. What a signal ends has 128 and the number of the signal, as in shells. */
export const EXIT = {
  OK: 0,
  FAILED: 1,
  USAGE: 2,
  HUNG_UP: 129,
  INTERRUPTED: 130,
  TERMINATED: 143,
} as const;

/** The work cannot be done: exit code 1. */
export class CommandFailed extends Error {}

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {}
