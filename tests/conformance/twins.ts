/**
 * Two lists that live through one history, to be compared: what each call gave, what was parked, what
 * the counters say. Addresses differ between twins, so an entry is told by the order in which the test
 * met it first.
 */
import type { Random } from "../support/seed.js";
import { chainOf, snapshot } from "./bench.js";

/** One list and the routines of its family. */
export interface Twin {
  readonly list: number;
  readonly allocate: (list: number) => number;
  readonly free: (list: number, entry: number) => void;
}

/** What can be observed of a twin after one step. */
export interface Observation {
  /** The entry that an allocate gave, by order of acquaintance; -1 for NULL; null for a free. */
  readonly given: number | null;
  readonly parked: readonly number[];
  readonly counters: readonly number[];
}

/** Names the entries of one twin in the order in which they are met. */
class Acquaintance {
  readonly #names = new Map<number, number>();
  #met = 0;

  nameOf(entry: number): number {
    if (entry === 0) return -1;
    const known = this.#names.get(entry);
    if (known !== undefined) return known;
    this.#names.set(entry, this.#met);
    return this.#met++;
  }

  /** A block that left the list may come back from the pool as another: it is met anew. */
  forget(entry: number): void {
    this.#names.delete(entry);
  }
}

/** One twin's life: held entries and names. */
class Life {
  readonly #twin: Twin;
  readonly #names = new Acquaintance();
  readonly held: number[] = [];

  constructor(twin: Twin) {
    this.#twin = twin;
  }

  allocate(): Observation {
    const entry = this.#twin.allocate(this.#twin.list);
    if (entry !== 0) this.held.push(entry);
    return this.#observe(this.#names.nameOf(entry));
  }

  free(index: number): Observation {
    const [entry] = this.held.splice(index, 1) as [number];
    this.#twin.free(this.#twin.list, entry);
    const parked = chainOf(this.#twin.list);
    if (!parked.includes(entry)) this.#names.forget(entry);
    return this.#observe(null);
  }

  #observe(given: number | null): Observation {
    const { list } = this.#twin;
    const { Depth, TotalAllocates, AllocateMisses, TotalFrees, FreeMisses } = snapshot(list);
    return {
      given,
      parked: chainOf(list).map((entry) => this.#names.nameOf(entry)),
      counters: [Depth, TotalAllocates, AllocateMisses, TotalFrees, FreeMisses],
    };
  }
}

/**
 * Leads both twins through `steps` random calls, the same for both, then frees what is held.
 * `compare` is told every pair of observations.
 */
export function liveAlike(
  random: Random,
  steps: number,
  twins: readonly [Twin, Twin],
  compare: (first: Observation, second: Observation) => void,
): void {
  const [one, other] = [new Life(twins[0]), new Life(twins[1])];
  let growing = true;
  for (let step = 0; step < steps; step++) {
    if (random.int(40) === 0) growing = !growing;
    const allocates = one.held.length === 0 || random.int(10) < (growing ? 7 : 3);
    if (allocates) {
      compare(one.allocate(), other.allocate());
    } else {
      const index = random.int(one.held.length);
      compare(one.free(index), other.free(index));
    }
  }
  while (one.held.length > 0) compare(one.free(0), other.free(0));
}
