/**
 * What one run of the tests on one runtime gave: the words that docs/runtimes.json and the README's table
 * are made of.
 */

export type { Case } from "../../tests/browser/host/case.js";

/** A runtime that ran: counts of tests, and what is to be known of those that did not pass. */
export interface Ran {
  readonly outcome: "passed" | "failed";
  readonly version: string;
  readonly files: number;
  readonly passed: number;
  /** Tests that say themselves that they do not apply. */
  readonly skipped: number;
  /** Tests that failed as `differences.json` says they do. */
  readonly differs: number;
  /** Files that `differences.json` leaves out, by what differs. */
  readonly leftOut: Readonly<Record<string, readonly string[]>>;
  /** How many tests each file reported: of the run that others are held against (`completeness.ts`). */
  readonly tests?: Readonly<Record<string, number>>;
  /** Tests that failed and should not have, with what they say. */
  readonly failures: readonly string[];
}

/** A runtime that did not run is never counted as passed. */
export interface NotRun {
  readonly outcome: "not run";
  readonly reason: string;
}

export type Result = Ran | NotRun;

/** Results by the name of the runtime. */
export type Results = Readonly<Record<string, Result>>;
