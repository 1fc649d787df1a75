/**
 * Pool tags, and what each thread has allocated and freed under each.
 *
 * The tag table is shared: two words for each of 1,024 slots, the first holds the tag, or 0. A slot is
 * claimed once, by compare-exchange from 0, and never changes again. Slot 0 is nobody's: it counts tag
 * 0 and whatever came after the table was full. What tag such a block has: shared-tags.ts.
 *
 * The tallies are one thread's own, so counting is plain and costs no atomic operation. Per tag and
 * pool kind:
 *
 * ```
 *   word   0        1       2                  3              4                    5..7
 *        +--------+-------+------------------+--------------+--------------------+------+
 *        | allocs | frees | bytes allocated  | bytes freed  | peak of 2 minus 3  |      |
 *        +--------+-------+------------------+--------------+--------------------+------+
 *   writer: the thread whose tally it is; readers: anyone, for sums. They only grow, modulo 2^32.
 * ```
 *
 * A thread number that is used again goes on counting where the last thread ended, so sums are right
 * for ever.
 */
import { TAGS_MAX } from "../base/index.js";
import { compareExchange, load, peek, poke, type Region, type Words } from "../memory/index.js";

const TAG_SLOT_WORDS = 2;
const TALLY_WORDS = 8;

/** Bytes of one tally: a tag has two, nonpaged before paged. */
export const TALLY_BYTES = TALLY_WORDS * 4;

const ALLOCS = 0;
const FREES = 1;
const BYTES_ALLOCATED = 2;
const BYTES_FREED = 3;
const PEAK = 4;

/** Slots of one thread's own, direct-mapped cache of tag indices. */
const CACHE_BITS = 6;

function hash(tag: number, bits: number): number {
  return Math.imul(tag, 0x9e37_79b1) >>> (32 - bits);
}

/** The tag at an index of the table; 0 for the shared slot. */
export function tagAt(region: Region, index: number): number {
  return load(region.words, region.layout.tags + index * TAG_SLOT_WORDS) >>> 0;
}

/** A tag as text: what cannot be printed as a dot. */
export function tagText(tag: number): string {
  let shown = "";
  for (let at = 0; at < 32; at += 8) {
    const code = (tag >>> at) & 0xff;
    shown += code >= 0x20 && code <= 0x7e ? String.fromCharCode(code) : ".";
  }
  return shown;
}

/** One thread's way to the tag table, and its tallies. */
export class TagTally {
  readonly #region: Region;
  readonly #words: Words;
  readonly #base: number;
  readonly #cachedTags = new Int32Array(1 << CACHE_BITS);
  readonly #cachedIndices = new Uint16Array(1 << CACHE_BITS);

  constructor(region: Region, thread: number) {
    this.#region = region;
    this.#words = region.words;
    this.#base = region.layout.tallies + (thread - 1) * region.layout.tallyWords;
  }

  /** The index of a tag, claimed on first use anywhere; 0 for tag 0 and when the table is full. */
  indexOf(tag: number): number {
    const cached = hash(tag, CACHE_BITS);
    if (this.#cachedTags[cached] === (tag | 0)) return this.#cachedIndices[cached] as number;
    const index = this.#find(tag | 0);
    this.#cachedTags[cached] = tag;
    this.#cachedIndices[cached] = index;
    return index;
  }

  #find(tag: number): number {
    if (tag === 0) return 0;
    const { tags } = this.#region.layout;
    const start = hash(tag, 10);
    for (let step = 0; step < TAGS_MAX; step++) {
      const index = (start + step) & (TAGS_MAX - 1);
      if (index === 0) continue;
      const word = tags + index * TAG_SLOT_WORDS;
      let seen = load(this.#words, word);
      if (seen === 0) seen = compareExchange(this.#words, word, 0, tag) || tag;
      if (seen === tag) return index;
    }
    return 0;
  }

  /** Byte address of the tally of one tag and pool kind: what the interlocked module counts in. */
  byteOf(tagIndex: number, kind: number): number {
    return (this.#base + (tagIndex * 2 + kind) * TALLY_WORDS) << 2;
  }

  /** Counts an allocation of `bytes`. */
  allocated(tagIndex: number, kind: number, bytes: number): void {
    const words = this.#words;
    const at = this.#base + (tagIndex * 2 + kind) * TALLY_WORDS;
    const total = (peek(words, at + BYTES_ALLOCATED) + bytes) | 0;
    poke(words, at + ALLOCS, peek(words, at + ALLOCS) + 1);
    poke(words, at + BYTES_ALLOCATED, total);
    const net = (total - peek(words, at + BYTES_FREED)) | 0;
    if (net > peek(words, at + PEAK)) poke(words, at + PEAK, net);
  }

  /** Counts a free of `bytes`. */
  freed(tagIndex: number, kind: number, bytes: number): void {
    const words = this.#words;
    const at = this.#base + (tagIndex * 2 + kind) * TALLY_WORDS;
    poke(words, at + FREES, peek(words, at + FREES) + 1);
    poke(words, at + BYTES_FREED, peek(words, at + BYTES_FREED) + bytes);
  }
}

/** What one thread allocated and freed under one tag in one pool. Words as they are: modulo 2^32. */
export interface TallyReading {
  frees: number;
  allocs: number;
  bytesFreed: number;
  bytesAllocated: number;
  peakBytes: number;
}

/** Reads a tally into `into`. Frees first, so that what was freed meanwhile is seen as held, not as owed. */
export function readTally(
  region: Region,
  thread: number,
  index: number,
  kind: number,
  into: TallyReading,
): void {
  const { words, layout } = region;
  const at = layout.tallies + (thread - 1) * layout.tallyWords + (index * 2 + kind) * TALLY_WORDS;
  into.frees = load(words, at + FREES);
  into.allocs = load(words, at + ALLOCS);
  into.bytesFreed = load(words, at + BYTES_FREED);
  into.bytesAllocated = load(words, at + BYTES_ALLOCATED);
  into.peakBytes = load(words, at + PEAK);
}

/** What the pool charges to one tag in one pool. Counts are modulo 2^32; `bytes` are held now. */
export interface TagUsage {
  /** The tag as a number, or 0 for what is counted together. */
  readonly tag: number;
  /** 0 nonpaged, 1 paged. */
  readonly kind: number;
  readonly allocs: number;
  readonly frees: number;
  /** Bytes held now, as asked for. */
  readonly bytes: number;
  /** Most bytes held: exact while one thread alone uses the tag, else a lower bound. */
  readonly peakBytes: number;
}

/** Sums one tag over all threads. Exact when no thread is inside the pool. */
export function tagUsage(region: Region, index: number, kind: number): TagUsage {
  const { words, layout } = region;
  let allocs = 0;
  let frees = 0;
  let bytes = 0;
  let users = 0;
  let ownPeak = 0;
  for (let thread = 0; thread < layout.threadCapacity; thread++) {
    const at = layout.tallies + thread * layout.tallyWords + (index * 2 + kind) * TALLY_WORDS;
    const mine = load(words, at + ALLOCS);
    const given = load(words, at + FREES);
    if (mine === 0 && given === 0) continue;
    users++;
    allocs = (allocs + mine) >>> 0;
    frees = (frees + given) >>> 0;
    bytes = (bytes + load(words, at + BYTES_ALLOCATED) - load(words, at + BYTES_FREED)) >>> 0;
    ownPeak = load(words, at + PEAK) >>> 0;
  }
  const peakBytes = users === 1 ? ownPeak : bytes;
  return { tag: tagAt(region, index), kind, allocs, frees, bytes, peakBytes };
}
