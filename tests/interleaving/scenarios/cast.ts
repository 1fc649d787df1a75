/**
 * Who takes part in a plan: threads A, B, C by their programs, and whoever recovers them.
 */
import type { Plan, Program } from "../explorer/index.js";
import type { Machine } from "../stage/machine.js";
import { recovererOf, recoverersOf } from "./recoverer.js";

/** How many threads a plan has, its recoverers included. */
export function castSize(programs: readonly unknown[], mortal: string): number {
  return programs.length + recoverersOf(mortal).length;
}

/** The threads of a plan, and their recoverers. Names in `mortal` are of those who may die. */
export function castOf(
  machine: Machine,
  programs: readonly Program[],
  mortal: string,
): Pick<Plan, "threads" | "recoverers"> {
  return {
    threads: programs.map((program, place) => {
      const name = "ABC"[place] as string;
      return { name, mortal: mortal.includes(name), program };
    }),
    recoverers: recoverersOf(mortal).map((name, at) => ({
      name,
      mortal: mortal.includes(name),
      program: recovererOf(machine, programs.length + at, at === 0),
    })),
  };
}
