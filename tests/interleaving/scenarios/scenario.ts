/**
 * A scenario: one protocol, one set of programs, as a plan for the explorer.
 */
import type { Limits, Plan } from "../explorer/index.js";
import type { Stage } from "../stage/stage.js";

/** Every pair of letters, those of a letter with itself included. */
export function pairsOf(letters: string): readonly string[] {
  return [...letters].flatMap((one, at) => [...letters.slice(at)].map((other) => one + other));
}

/** A pair the other way round. */
export function swapped(pair: string): string {
  return [...pair].reverse().join("");
}

/** One configuration that is explored. */
export interface Scenario {
  /** Unique: what `--scenario` takes. Protocol, then programs, then what else is particular. */
  readonly name: string;
  /** The protocol it belongs to. */
  readonly protocol: string;
  /** Whether it is small enough for every `npm test`. */
  readonly quick: boolean;
  readonly limits?: Partial<Limits>;
  plan(stage: Stage): Plan;
}
