/**
 * A set of 64-bit hashes: the states that a search has seen.
 *
 * Two states with one hash would hide one of them. With n states that happens with a chance of n² / 2^65:
 * one in four hundred thousand for ten million states.
 */

const START = 1 << 16;

/** Hashes, by open addressing. A pair of zeros stands for nothing, so that hash is stored as another. */
export class Visited {
  #slots = new Int32Array(START * 2);
  #mask = START - 1;
  size = 0;

  /** Adds a hash. Gives back false when it was there. */
  add(a: number, b: number): boolean {
    const first = a === 0 && b === 0 ? 1 : a | 0;
    const second = b | 0;
    const at = this.#find(first, second);
    if (this.#slots[at] !== 0 || this.#slots[at + 1] !== 0) return false;
    this.#slots[at] = first;
    this.#slots[at + 1] = second;
    this.size++;
    if (this.size * 2 > this.#mask) this.#grow();
    return true;
  }

  #find(first: number, second: number): number {
    for (let slot = (first ^ (second >>> 7)) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const a = this.#slots[slot * 2];
      const b = this.#slots[slot * 2 + 1];
      if ((a === 0 && b === 0) || (a === first && b === second)) return slot * 2;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let at = 0; at < old.length; at += 2) {
      const [a, b] = [old[at] as number, old[at + 1] as number];
      if (a === 0 && b === 0) continue;
      const place = this.#find(a, b);
      this.#slots[place] = a;
      this.#slots[place + 1] = b;
    }
  }
}
