/**
 * Where a block list's blocks come from, and where they go: the pool, one block at a time.
 *
 * The shadow of a list's block names the list in its note, so that a handle of another list is told at
 * once.
 */
import { peek, poke, type Region, type Words } from "../../memory/index.js";
import { generationOf, HELD, type Pool, stateIndex, stateWord } from "../../pool/index.js";
import {
  listNote,
  noteOf,
  obtainingOf,
  PART,
  partOf,
  RECORD,
  type RecordPlace,
  writeListNote,
} from "./record.js";

/** Bytes a block must have for its shadow to hold a note. */
const BLOCK_BYTES_MIN = 48;

/** One thread's way from a list to the pool. */
export class Backing {
  readonly #region: Region;
  readonly #pool: Pool;
  readonly #words: Words;
  /** What its blocks have as their note. */
  readonly #note: number;
  readonly #part: number;
  readonly #tag: number;
  readonly #size: number;
  readonly #kind: number;

  constructor(region: Region, pool: Pool, place: RecordPlace) {
    this.#region = region;
    this.#pool = pool;
    this.#words = place.words;
    this.#note = noteOf(place);
    this.#part = partOf(place, pool.thread);
    this.#tag = peek(place.words, place.at + RECORD.TAG) >>> 0;
    this.#size = peek(place.words, place.at + RECORD.SIZE);
    this.#kind = peek(place.words, place.at + RECORD.KIND);
  }

  /** A fresh block, held by this thread: the index of its state, or 0 when the pool has no room. */
  obtain(): number {
    const words = this.#words;
    const part = this.#part;
    const obtained = peek(words, part + PART.OBTAINED) + 1;
    poke(words, part + PART.FRESH, 0);
    poke(words, part + PART.OBTAINING, obtainingOf(obtained)); // for whoever has to recover this thread
    const least = BLOCK_BYTES_MIN;
    const address = this.#pool.allocateForList(this.#kind, this.#size, this.#tag, least);
    if (address === 0) {
      poke(words, part + PART.OBTAINING, 0);
      return 0;
    }
    const state = stateIndex(this.#region, address);
    poke(words, part + PART.FRESH, state);
    this.#pool.claims.note(state);
    writeListNote(words, state, this.#note);
    poke(words, part + PART.OBTAINED, obtained);
    poke(words, part + PART.OBTAINING, 0);
    const generation = generationOf(peek(words, state));
    poke(words, state, stateWord(HELD, this.#pool.thread, generation)); // from here on it is the user's
    return state;
  }

  /** Gives back a block that this thread has CACHED, and counts it as gone in a counter of its part. */
  release(state: number, counter: number): void {
    const words = this.#words;
    const part = this.#part;
    poke(words, part + PART.RELEASING, state); // if this thread dies here, its recoverer goes on
    poke(words, part + counter, peek(words, part + counter) + 1);
    const { thread } = this.#pool;
    writeListNote(words, state, 0);
    poke(words, state, stateWord(HELD, thread, generationOf(peek(words, state)) + 1));
    this.#pool.free(this.addressOf(state), -1);
    poke(words, part + PART.RELEASING, 0);
  }

  /**
   * The same for a thread that has left the list: the record may be gone, so nothing of it is touched.
   */
  dismiss(state: number): void {
    writeListNote(this.#words, state, 0);
    this.#pool.freeForList(this.addressOf(state));
  }

  /** Whether the block of a state is this list's. */
  owns(state: number): boolean {
    return listNote(this.#words, state) === this.#note;
  }

  /** First byte of the block of a state. */
  addressOf(state: number): number {
    return this.#region.layout.dataByte + (state - this.#region.layout.shadow) * 16;
  }
}
