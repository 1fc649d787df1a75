/**
 * The conformance data as types, and the one place that reads it. Three files in tests/conformance:
 * what the five documentation pages state (clauses.json), where we read a contradiction one way
 * (readings.json), and what is not shown as stated and why (deviations.json). `rules.ts` says how
 * they must fit together and with the tests.
 */
import { readFileSync } from "node:fs";
import { type Scan, scanTests } from "./scan.js";

/** T as stated, A through the stated analogue, G advice, N not outside Windows, X defective text. */
export type ClauseClass = "T" | "A" | "G" | "N" | "X";

export interface Clause {
  readonly id: string;
  readonly class: ClauseClass;
  /** The documentation page: "000" to "004". */
  readonly seed: string;
  readonly routine: string;
  readonly requirement: string;
  readonly shownBy: string;
}

/** How a contradiction or gap in the pages is read. */
export interface Reading {
  readonly id: string;
  readonly matter: string;
  readonly reading: string;
}

/** A clause that is not shown as stated. */
export interface Deviation {
  readonly id: string;
  readonly class: ClauseClass;
  /** The reading that decided it. */
  readonly reading?: string;
  readonly reason: string;
  /** What an `analogue` test shows instead; null when nothing is shown. */
  readonly analogue: string | null;
}

export interface Conformance extends Scan {
  readonly clauses: readonly Clause[];
  readonly readings: readonly Reading[];
  readonly deviations: readonly Deviation[];
}

/** Reads data and test sources of the repository at `root`. */
export function loadConformance(root: URL): Conformance {
  const folder = new URL("tests/conformance/", root);
  const read = (name: string): never =>
    JSON.parse(readFileSync(new URL(name, folder), "utf8")) as never;
  return {
    clauses: read("clauses.json"),
    readings: read("readings.json"),
    deviations: read("deviations.json"),
    ...scanTests(folder),
  };
}
