/**
 * Claims: in which chunks a thread may have blocks of block lists. What lets a recovery pass by all others.
 *
 * ```
 *   claims of thread t, at claims + (t - 1) * claimWords:
 *
 *          bit 0 is chunk 0                                bit 31 of the last word is chunk 32 * n - 1
 *        +---------------------------------+-- … --+---------------------------------+
 *        | 0 1 0 0 0 1 1 0 0 0 …           |       |                                 |
 *        +---------------------------------+-- … --+---------------------------------+
 * ```
 *
 * | word | written by |
 * |---|---|
 * | a thread's row | that thread alone, plainly; after its proven end, who recovers it |
 *
 * CL-1: before a state of a chunk becomes HELD or CACHED by a thread, the chunk's bit is set in the
 * thread's row: when it takes a slot of a depot, and when it adopts. There is one exception, for only the
 * pool knows where the next block comes from: a thread that obtains one has said so before (OBTAINING, in
 * the list's record), sets the bit as soon as it knows, and only then says that it is done. Who finds it
 * dead in between looks everywhere, and sets the bits itself, so that a second look need not.
 *
 * A bit may stay when the blocks are gone: it costs a look at one chunk. A row is cleared before its
 * number is given back.
 */
import { type Layout, peek, poke, type Region, type Words } from "../memory/index.js";

/** Words of the shadow for one chunk, as a power of two. */
const CHUNK_SHIFT = 12;

function rowOf(layout: Layout, thread: number): number {
  return layout.claims + (thread - 1) * layout.claimWords;
}

/** One thread's row. */
export class Claims {
  readonly #words: Words;
  readonly #row: number;
  readonly #shadow: number;
  readonly #rowWords: number;

  constructor(region: Region, thread: number) {
    const { layout } = region;
    this.#words = region.words;
    this.#row = rowOf(layout, thread);
    this.#shadow = layout.shadow;
    this.#rowWords = layout.claimWords;
  }

  /** Notes that the thread is about to have the block of a state. About 1 ns when it is noted already. */
  note(state: number): void {
    const words = this.#words;
    const chunk = (state - this.#shadow) >>> CHUNK_SHIFT;
    const word = this.#row + (chunk >>> 5);
    const bit = 1 << (chunk & 31);
    const seen = peek(words, word);
    if ((seen & bit) === 0) poke(words, word, seen | bit);
  }

  /** Forgets everything: the thread has no block any more, and is about to give its number back. */
  clear(): void {
    for (let word = 0; word < this.#rowWords; word++) {
      if (peek(this.#words, this.#row + word) !== 0) poke(this.#words, this.#row + word, 0);
    }
  }
}

/** Calls `visit` for every chunk that a thread has claimed, lowest first. */
export function claimedChunks(
  region: Region,
  thread: number,
  visit: (chunk: number) => void,
): void {
  const { words, layout } = region;
  const row = rowOf(layout, thread);
  for (let word = 0; word < layout.claimWords; word++) {
    for (let bits = peek(words, row + word); bits !== 0; bits &= bits - 1)
      visit(word * 32 + 31 - Math.clz32(bits & -bits));
  }
}
