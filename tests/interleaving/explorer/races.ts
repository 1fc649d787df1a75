/**
 * Data races of a world: two accesses of one word by two threads that nothing orders, of which one writes and
 * that are not both atomic and of one size. What is not in the plan's list is a fault.
 *
 * They are looked for in two ways, by the search and by whoever replays a schedule:
 *
 * - by vector clocks (`clocks.ts`), in every schedule that is run. The search goes on from each state once,
 *   with the clocks of the schedule that came there first: clocks are no part of a state. So a race whose
 *   second access lies behind a state that another schedule had reached before may be missed;
 * - side by side: in every state, two threads whose next steps conflict. That needs no clocks, and a search
 *   of all schedules misses none that way: of two accesses that race the second can be put right behind the
 *   first, for what lies between them and does not follow from the first can be done before both.
 *   The first step of that needs that no race in between was listed as intended and decided what was done
 *   then; for what follows from the outcome of a listed race there are the clocks alone.
 *
 * With a bound on preemptions only the clocks see races of accesses that never stand side by side within it.
 */
import { type Access, KIND, type Value, widthOf } from "./access.js";
import { Clocks, conflict, sortOf } from "./clocks.js";
import type { IntendedRace, Plan, RacePair } from "./plan.js";

const SORT_NAMES = [
  "read",
  "write",
  "atomic read",
  "atomic write",
  "64-bit read",
  "64-bit write",
] as const;

/** Names of a pair of sorts: the lower one first, as in {@link RacePair}. */
function pairName(one: number, other: number): RacePair {
  const [first, second] = one < other ? [one, other] : [other, one];
  return `${SORT_NAMES[first]}/${SORT_NAMES[second]}` as RacePair;
}

/** The races of one world. */
export class Races {
  readonly clocks: Clocks;
  readonly #plan: Plan;
  readonly #words: Int32Array;
  /** Races that were seen and are intended: `name: pair`. */
  readonly seen = new Set<string>();
  /** The first race of the last step that is none of the intended ones. */
  #found: string | null = null;

  constructor(plan: Plan, words: Int32Array, threads: number) {
    this.#plan = plan;
    this.#words = words;
    this.clocks = new Clocks(threads, words.length, (index, earlier, sort) =>
      this.#meet(index, earlier, sort),
    );
  }

  /** What the steps since the last call have brought, or null. */
  take(): string | null {
    const found = this.#found;
    this.#found = null;
    return found;
  }

  /** Two threads stand before accesses: does it matter which comes first? */
  beside(one: Access, other: Access, values: readonly [Value, Value]): void {
    if (one.kind >= KIND.WAKE || other.kind >= KIND.WAKE) return;
    const from = Math.max(one.index, other.index);
    const to = Math.min(one.index + widthOf(one.kind), other.index + widthOf(other.kind));
    if (from >= to) return;
    const sorts = [sortOf(one, values[0]), sortOf(other, values[1])] as const;
    if (!conflict(sorts[0], sorts[1])) return;
    for (let index = from; index < to; index++) this.#meet(index, sorts[0], sorts[1]);
  }

  #meet(index: number, one: number, other: number): void {
    if (this.#found !== null) return;
    const name = this.#plan.nameOf(index, this.#words);
    const pair = pairName(one, other);
    const race = `${name}: ${pair}`;
    if (this.seen.has(race)) return;
    if (isIntended(this.#plan.intendedRaces, name, pair)) this.seen.add(race);
    else this.#found = `a race of two threads at ${race}`;
  }
}

/** Whether a race is in a list. */
export function isIntended(list: readonly IntendedRace[], name: string, pair: RacePair): boolean {
  return list.some(({ word, pairs }) => word.test(name) && pairs.includes(pair));
}
