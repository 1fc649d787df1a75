/**
 * Counters that never wrap, from shared words that do.
 *
 * A shared word has 32 bits. A reader remembers what each word showed last and adds the difference modulo
 * 2^32 to a total of its own, so a total is exact as long as its word moves by less than 2^32 from one
 * look to the next: a thread that did nothing but allocate and free needs about 20 seconds for that. If
 * more happened, the total lacks whole multiples of 2^32, and still only grows. The first look takes a
 * word as it is, or as much more as it must be: calls are never fewer than misses.
 *
 * Totals are exact up to 2^53, which takes years.
 */

const WRAP = 2 ** 32;

/** The counters of one list, or of whatever else has several: as many as are asked for. */
export class CounterGroup {
  #seen: Int32Array;
  #totals: Float64Array;

  /** With room for some counters at first. */
  constructor(counters: number) {
    this.#seen = new Int32Array(counters);
    this.#totals = new Float64Array(counters);
  }

  /** Notes what the word of a counter shows now. Gives back its total, which is `least` or more. */
  note(counter: number, word: number, least = 0): number {
    if (counter >= this.#seen.length) this.#grow(counter + 1);
    const grown = (word - (this.#seen[counter] as number)) >>> 0;
    this.#seen[counter] = word;
    let total = (this.#totals[counter] as number) + grown;
    if (total < least) total += WRAP * Math.ceil((least - total) / WRAP);
    this.#totals[counter] = total;
    return total;
  }

  /** The same for a word that may be read too small, but never too large: then the total stays. */
  noteRise(counter: number, word: number): number {
    if (counter >= this.#seen.length) this.#grow(counter + 1);
    const rise = (word - (this.#seen[counter] as number)) | 0;
    return rise > 0 ? this.note(counter, word) : this.total(counter);
  }

  /** The total of a counter as it was noted last. */
  total(counter: number): number {
    return this.#totals[counter] ?? 0;
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
