/**
 * What a runtime is to the command that runs the tests on it.
 */
import type { Difference } from "./differences.js";
import type { Result } from "./result.js";

/** Something that can run test files. */
export interface Runtime {
  /** As it is asked for: `node-24`, `bun`, `chromium-worker`. */
  readonly name: string;
  /** As the table calls it. */
  readonly label: string;
  /**
   * Runs what applies to it of `files` (sources of tests, from the root). Never throws for what the
   * runtime does: a runtime that cannot be had gives `not run`.
   */
  run(files: readonly string[], own: readonly Difference[]): Promise<Result>;
}
