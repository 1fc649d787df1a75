/**
 * What every plan has in common: the memory of its machine, threads A, B, C, D by their programs, and whoever
 * recovers them.
 */
import type { Plan, Program } from "../explorer/index.js";
import type { Machine } from "../stage/machine.js";
import { recovererOf, recoverersOf } from "./recoverer.js";

/** How many threads a plan has, its recoverers included. */
export function castSize(programs: readonly unknown[], mortal: string): number {
  return programs.length + recoverersOf(mortal).length;
}

/**
 * The machine's part of a plan. Names in `mortal` are of those who may die. A protocol that is recovered in
 * another way puts recoverers of its own over these.
 */
export function castOf(
  machine: Machine,
  programs: readonly Program[],
  mortal = "",
): Pick<Plan, "words" | "notes" | "nameOf" | "threads" | "recoverers"> {
  return {
    words: machine.words,
    notes: machine.notes,
    nameOf: (index, words) => machine.names.of(index, words),
    threads: programs.map((program, place) => {
      const name = "ABCD"[place] as string;
      return { name, mortal: mortal.includes(name), program };
    }),
    recoverers: recoverersOf(mortal).map((name, at) => ({
      name,
      mortal: mortal.includes(name),
      program: recovererOf(machine, programs.length + at, at === 0),
    })),
  };
}
