/**
 * Numbers that can be taken back to what they were.
 */

/** A table of numbers with a journal of its changes. */
export class Journal {
  #cells: Int32Array;
  #size: number;
  #changes = new Int32Array(1 << 12);
  #top = 0;

  constructor(size: number) {
    this.#size = size;
    this.#cells = new Int32Array(Math.max(size * 2, 1 << 10));
  }

  get(place: number): number {
    return this.#cells[place] as number;
  }

  set(place: number, value: number): void {
    const before = this.#cells[place] as number;
    if (before === value) return;
    if (this.#top === this.#changes.length) this.#changes = longer(this.#changes);
    this.#changes[this.#top] = place;
    this.#changes[this.#top + 1] = before;
    this.#top += 2;
    this.#cells[place] = value;
  }

  /** Makes room for more numbers, which are 0. Gives back the place of the first. That is not taken back. */
  grow(count: number): number {
    const first = this.#size;
    this.#size += count;
    while (this.#size > this.#cells.length) this.#cells = longer(this.#cells);
    return first;
  }

  /** A place in the journal to come back to. */
  mark(): number {
    return this.#top;
  }

  /** Takes back every change since a mark. */
  rollback(mark: number): void {
    while (this.#top > mark) {
      this.#top -= 2;
      this.#cells[this.#changes[this.#top] as number] = this.#changes[this.#top + 1] as number;
    }
  }

  /** Makes the present numbers the beginning: nothing to take back. */
  begin(): void {
    this.#top = 0;
  }
}

function longer(table: Int32Array): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(table.length * 2);
  twice.set(table);
  return twice;
}
