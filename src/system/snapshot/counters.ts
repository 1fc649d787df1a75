/**
 * Counters that never wrap, from shared words that do.
 *
 * A shared word has 32 bits. A reader remembers what each word showed last and adds the difference modulo
 * 2^32 to a total of its own, so a total is exact as long as its word moves by less than 2^32 from one
 * look to the next: a thread that did nothing but allocate and free needs about 20 seconds for that. If
 * more happened, the total lacks whole multiples of 2^32, and still only grows. The first look takes a
 * word as it is.
 *
 * Totals are exact up to 2^53, which takes years.
 */

/** The counters of one list, or of whatever else has several: as many as are asked for. */
export class CounterGroup {
  #seen: Int32Array;
  #totals: Float64Array;

  /** With room for some counters at first. */
  constructor(counters: number) {
    this.#seen = new Int32Array(counters);
    this.#totals = new Float64Array(counters);
  }

  /** Notes what the word of a counter shows now. Gives back its total. */
  note(counter: number, word: number): number {
    if (counter >= this.#seen.length) this.#grow(counter + 1);
    const grown = (word - (this.#seen[counter] as number)) >>> 0;
    this.#seen[counter] = word;
    const total = (this.#totals[counter] as number) + grown;
    this.#totals[counter] = total;
    return total;
  }

  /** The total of a counter as it was noted last. */
  total(counter: number): number {
    return this.#totals[counter] as number;
  }

  #grow(counters: number): void {
    const seen = new Int32Array(Math.max(counters, 2 * this.#seen.length));
    seen.set(this.#seen);
    const totals = new Float64Array(seen.length);
    totals.set(this.#totals);
    this.#seen = seen;
    this.#totals = totals;
  }
}
