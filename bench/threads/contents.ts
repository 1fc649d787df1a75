/**
 * What lies in the blocks: a view of the memory that follows its growth.
 */

/** Reads and writes blocks by their addresses. */
export class Contents {
  readonly #memory: WebAssembly.Memory;
  #words: Int32Array;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#words = new Int32Array(memory.buffer);
  }

  /** Writes `value` XOR its place into each word of a block. */
  fill(address: number, bytes: number, value: number): void {
    const words = this.#covering(address + bytes);
    const first = address >>> 2;
    for (let at = 0; at < bytes >>> 2; at++) words[first + at] = value ^ at;
  }

  /** Whether each word of a block is what its first one says. */
  isWhole(address: number, bytes: number): boolean {
    const words = this.#covering(address + bytes);
    const first = address >>> 2;
    const value = words[first] as number;
    let whole = true;
    for (let at = 0; at < bytes >>> 2; at++) whole = whole && words[first + at] === (value ^ at);
    return whole;
  }

  /** Writes a word. */
  put(address: number, value: number): void {
    this.#covering(address + 4)[address >>> 2] = value;
  }

  /** Reads a word. */
  get(address: number): number {
    return this.#covering(address + 4)[address >>> 2] as number;
  }

  /** The words of the memory, up to a byte at least. */
  #covering(end: number): Int32Array {
    if (end > this.#words.byteLength) this.#words = new Int32Array(this.#memory.buffer);
    return this.#words;
  }
}
