/**
 * What a command throws when it cannot do its work: the message is the line that the user reads.
 */

/** Exit codes of every command. */
export const EXIT = { OK: 0, FAILED: 1, USAGE: 2, INTERRUPTED: 130 } as const;

/** The work cannot be done: exit code 1. */
export class CommandFailed extends Error {}

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {}
