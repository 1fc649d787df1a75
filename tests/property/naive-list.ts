/**
 * A documented lookaside list as the semantics (sections 5, 9 and 10) tell of it, in plain arrays and exact
 * numbers. It knows nothing of the code under test: it is told what was asked for and says what must happen.
 */

/** What the four counters, the limits and the last sample must be. */
export interface NaiveFields {
  readonly Depth: number;
  readonly MaximumDepth: number;
  readonly TotalAllocates: number;
  readonly AllocateMisses: number;
  readonly TotalFrees: number;
  readonly FreeMisses: number;
  readonly LastTotalAllocates: number;
  readonly LastAllocateMisses: number;
}

/** One list of one thread. */
export class NaiveList {
  /** Parked entries, first to last. */
  parked: number[] = [];
  #depth = 4;
  #maximumDepth = 256;
  #allocates = 0;
  #allocateMisses = 0;
  #frees = 0;
  #freeMisses = 0;
  #lastAllocates = 0;
  #lastMisses = 0;

  /** An allocate: the parked entry that it must give, or undefined when the allocator is to be asked. */
  allocate(): number | undefined {
    this.#allocates++;
    const entry = this.parked.shift();
    if (entry === undefined) this.#allocateMisses++;
    return entry;
  }

  /** A free: whether the entry must be parked, and not go to the Free routine. */
  free(entry: number): boolean {
    this.#frees++;
    if (this.parked.length >= this.#depth) {
      this.#freeMisses++;
      return false;
    }
    this.parked.unshift(entry);
    return true;
  }

  /** A flush or a delete: the entries that must go to the Free routine, in order. */
  drain(): number[] {
    return this.parked.splice(0);
  }

  /** The debugger sets the limit. */
  setDepth(depth: number): void {
    this.#depth = Math.min(depth, this.#maximumDepth);
  }

  /** The debugger sets the counters to zero. */
  resetCounters(): void {
    this.#allocates = 0;
    this.#allocateMisses = 0;
    this.#frees = 0;
    this.#freeMisses = 0;
    this.#lastAllocates = 0;
    this.#lastMisses = 0;
  }

  /** One adjustment, by the published rule with the published constants. */
  adjust(): void {
    const allocations = this.#allocates - this.#lastAllocates;
    const misses = this.#allocateMisses - this.#lastMisses;
    this.#lastAllocates = this.#allocates;
    this.#lastMisses = this.#allocateMisses;
    if (allocations < 25) {
      this.#depth = Math.max(this.#depth - 10, 4);
      return;
    }
    const perMille = Math.floor((1_000 * misses) / allocations);
    if (perMille < 5) {
      this.#depth = Math.max(this.#depth - 1, 4);
      return;
    }
    const growth = Math.floor((perMille * (this.#maximumDepth - this.#depth)) / 2_000) + 5;
    this.#depth = Math.min(this.#depth + growth, this.#maximumDepth);
  }

  get fields(): NaiveFields {
    return {
      Depth: this.#depth,
      MaximumDepth: this.#maximumDepth,
      TotalAllocates: this.#allocates,
      AllocateMisses: this.#allocateMisses,
      TotalFrees: this.#frees,
      FreeMisses: this.#freeMisses,
      LastTotalAllocates: this.#lastAllocates,
      LastAllocateMisses: this.#lastMisses,
    };
  }
}
