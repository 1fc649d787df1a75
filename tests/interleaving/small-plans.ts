/**
 * Plans of a few functions over sixteen words: what the explorer itself is tested with.
 */
import assert from "node:assert/strict";
import { begin, explore, type Plan, type Program, wordsOf } from "./explorer/index.js";

const WORDS = 16;
export const words = wordsOf(new ArrayBuffer(WORDS * 4));

export interface Parts {
  readonly threads: Program[];
  readonly recoverer?: Program;
  readonly check?: (results: readonly unknown[]) => void;
  readonly races?: RegExp;
}

/** A plan of some functions: threads A, B, …, of which any may die if there is a recoverer. */
export function planOf({ threads, recoverer, check = () => {}, races }: Parts): Plan {
  const prepared =
    (program: Program): Program =>
    (voice) => {
      begin();
      return program(voice);
    };
  return {
    words: WORDS,
    notes: WORDS,
    prepare: () => {},
    threads: threads.map((program, at) => ({
      name: "ABCD"[at] as string,
      mortal: recoverer !== undefined,
      program: prepared(program),
    })),
    recoverers: recoverer ? [{ name: "R", mortal: false, program: prepared(recoverer) }] : [],
    check,
    nameOf: (index) => `word ${index}`,
    intendedRaces: races ? [{ word: races, pairs: ["write/write"], reason: "a test" }] : [],
  };
}

/** Every end of a plan, as text. */
export function endsOf(parts: Parts): string[] {
  const ends = new Set<string>();
  const { fault } = explore(
    planOf({ ...parts, check: (results) => void ends.add(JSON.stringify(results)) }),
  );
  assert.equal(fault, null);
  return [...ends].sort();
}
