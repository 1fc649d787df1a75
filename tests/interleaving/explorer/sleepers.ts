/**
 * Who sleeps on which word, and in which order they went to sleep: two words for each thread, behind the
 * plan's, so that they belong to the state and are taken back with everything else.
 *
 * | word | is |
 * |---|---|
 * | bed | 0: awake; otherwise the word that it sleeps on, plus 1 |
 * | turn | 1 for the first of those who sleep on that word, 2 for the second, … |
 *
 * As `Atomics.notify` does, a wake-up goes to who slept first.
 */
import type { SharedWords } from "./shared-words.js";

/** The sleepers of one world. */
export class Sleepers {
  readonly #memory: SharedWords;
  readonly #beds: number;
  readonly #count: number;

  /** `first` is the first of the 2 × `count` words. */
  constructor(memory: SharedWords, first: number, count: number) {
    this.#memory = memory;
    this.#beds = first;
    this.#count = count;
  }

  /** Whether a thread sleeps. */
  has(thread: number): boolean {
    return this.#memory.read(this.#beds + thread) !== 0;
  }

  #turnOf(thread: number): number {
    return this.#memory.read(this.#beds + this.#count + thread);
  }

  /** A thread goes to sleep on a word. */
  add(thread: number, index: number): void {
    let turn = 1;
    for (let other = 0; other < this.#count; other++) {
      if (this.#memory.read(this.#beds + other) === index + 1) turn++;
    }
    this.#memory.write(this.#beds + thread, index + 1);
    this.#memory.write(this.#beds + this.#count + thread, turn);
  }

  /** A thread gets up, woken or not: or it has died. */
  remove(thread: number): void {
    const bed = this.#memory.read(this.#beds + thread);
    if (bed === 0) return;
    const turn = this.#turnOf(thread);
    this.#memory.write(this.#beds + thread, 0);
    this.#memory.write(this.#beds + this.#count + thread, 0);
    for (let other = 0; other < this.#count; other++) {
      if (this.#memory.read(this.#beds + other) !== bed || this.#turnOf(other) < turn) continue;
      this.#memory.write(this.#beds + this.#count + other, this.#turnOf(other) - 1);
    }
  }

  /** Wakes those who have slept on a word for longest. Gives back how many. */
  wake(index: number, most: number): number {
    let woken = 0;
    for (let first = this.#first(index); first >= 0 && woken < most; woken++) {
      this.remove(first);
      first = this.#first(index);
    }
    return woken;
  }

  #first(index: number): number {
    for (let thread = 0; thread < this.#count; thread++) {
      const sleepsHere = this.#memory.read(this.#beds + thread) === index + 1;
      if (sleepsHere && this.#turnOf(thread) === 1) return thread;
    }
    return -1;
  }
}
