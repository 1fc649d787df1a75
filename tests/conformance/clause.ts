/**
 * How a conformance test names the clauses it shows. There are two ways, so that nobody can claim
 * too much:
 *
 *   clause("AEX-04", "a hit takes the first parked entry", () => { … });
 *   analogue(["AEX-20", "FNP-24"], "the package exports the routines by name", () => { … });
 *
 * `clause` shows the statement itself (classes T, A and G). `analogue` stands in for a statement
 * that is listed in deviations.json. Ids and title are written as literals at the call, and the
 * call begins its line: the coverage test and docs/conformance.md read them from the source text.
 * There is no way to skip one.
 */
import { type TestContext, test } from "node:test";

/** A clause of clauses.json; that it exists is for the coverage test to say. */
export type ClauseId = `${"AEX" | "IEX" | "APL" | "FNP" | "INP"}-${number}`;

type Body = (t: TestContext) => void | Promise<void>;

/** Registers a test of the statements `ids`, titled by them. */
export function clause(ids: ClauseId | readonly ClauseId[], title: string, body: Body): void {
  register(ids, title, body);
}

/** Registers a test of the analogue that deviations.json promises for `ids`. */
export function analogue(ids: ClauseId | readonly ClauseId[], title: string, body: Body): void {
  register(ids, `analogue: ${title}`, body);
}

function register(ids: ClauseId | readonly ClauseId[], title: string, body: Body): void {
  const named = typeof ids === "string" ? ids : ids.join(" ");
  void test(`${named} ${title}`, (t) => body(t));
}
