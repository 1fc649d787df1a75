/**
 * The memory that virtual threads share: 32-bit words, a hash of all of them that is kept up to date with
 * every write, and a journal that takes writes back.
 *
 * The hash is the exclusive or of one mixed number for each word that differs from where the exploration
 * began; so it costs the same whatever the size of the memory, and two ways to one state have one hash.
 */

/** One number for a word and its value; two seeds give two independent ones. */
export function mix(seed: number, index: number, value: number): number {
  let hash = Math.imul(value ^ seed, 0x85eb_ca6b);
  hash ^= hash >>> 15;
  hash = Math.imul((hash + index) ^ (seed >>> 3), 0xc2b2_ae35);
  hash ^= hash >>> 13;
  hash = Math.imul(hash ^ (index << 7), 0x27d4_eb2f);
  return hash ^ (hash >>> 16);
}

const SEED_A = 0x9e37_79b1;
const SEED_B = 0x165f_67b5;

/** Words, their hash and their journal. */
export class SharedWords {
  readonly words: Int32Array;
  hashA = 0;
  hashB = 0;
  #journal = new Int32Array(1 << 12);
  #top = 0;

  constructor(count: number) {
    this.words = new Int32Array(count);
  }

  read(index: number): number {
    return this.words[index] as number;
  }

  write(index: number, value: number): void {
    const before = this.words[index] as number;
    if (before === (value | 0)) return;
    if (this.#top === this.#journal.length) {
      const longer = new Int32Array(this.#journal.length * 2);
      longer.set(this.#journal);
      this.#journal = longer;
    }
    this.#journal[this.#top] = index;
    this.#journal[this.#top + 1] = before;
    this.#top += 2;
    this.#change(index, before, value | 0);
  }

  #change(index: number, before: number, after: number): void {
    this.hashA ^= mix(SEED_A, index, before) ^ mix(SEED_A, index, after);
    this.hashB ^= mix(SEED_B, index, before) ^ mix(SEED_B, index, after);
    this.words[index] = after;
  }

  /** A place in the journal to come back to. */
  mark(): number {
    return this.#top;
  }

  /** Takes back every write since a mark. */
  rollback(mark: number): void {
    while (this.#top > mark) {
      this.#top -= 2;
      const index = this.#journal[this.#top] as number;
      this.#change(index, this.words[index] as number, this.#journal[this.#top + 1] as number);
    }
  }

  /** Makes the present contents the beginning: hash 0, nothing to take back. */
  begin(): void {
    this.hashA = 0;
    this.hashB = 0;
    this.#top = 0;
  }
}
