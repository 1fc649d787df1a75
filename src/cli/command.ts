/**
 * What a command of the `lookaside` program is.
 */

/** One command. Its module is loaded when it is called, and not before. */
export interface Command {
  /** Prints its help or does its work; gives back the exit code. Throws `UsageError` or `CommandFailed`. */
  run(args: readonly string[]): Promise<number>;
}
