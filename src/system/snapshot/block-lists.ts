/**
 * Block lists in a snapshot: each list's record, and the part of each thread in it.
 *
 * Misses are read before calls, in each part: a thread counts the call first, so no reader sees more
 * misses than calls.
 */
import { BLOCK_LISTS_MAX } from "../../base/index.js";
import {
  countedInRing,
  isStill,
  nameOfRecord,
  noteOfSerial,
  PART,
  partOf,
  type RecordReading,
  readRecord,
} from "../../list/index.js";
import { load, type Region } from "../../memory/index.js";
import { tagText } from "../../pool/index.js";
import { CounterGroup } from "./counters.js";
import { atLeastNone, hitRate, poolName } from "./list-numbers.js";
import type { BlockListSnapshot, RingSnapshot } from "./schema.js";

/** Counters of a part in the order in which they are read. */
const READ = [
  PART.ALLOCATE_MISSES,
  PART.ALLOCATES,
  PART.FREE_MISSES,
  PART.FREES,
  PART.REFILLS,
  PART.SPILLS,
  PART.ADOPTED,
  PART.TRIMMED,
  PART.RESERVED,
  PART.OBTAINED,
  PART.REFUSED,
] as const;

/** Their places in a group of counters: thread 1's, thread 2's, and so on. */
const [ALLOCATE_MISSES, ALLOCATES, FREE_MISSES, FREES, REFILLS] = [0, 1, 2, 3, 4] as const;
const [SPILLS, ADOPTED, TRIMMED, RESERVED, OBTAINED, REFUSED] = [5, 6, 7, 8, 9, 10] as const;
/** No word of a part: see {@link failuresOf}. */
const FAILURES = READ.length;
const COUNTERS = FAILURES + 1;

/** What is remembered of a list from one snapshot to the next. */
interface Known {
  readonly serial: number;
  readonly name: string;
  readonly counters: CounterGroup;
}

/** One reader's view of all block lists of a system. */
export class BlockListReader {
  readonly #region: Region;
  /** By the list's number. */
  readonly #known: (Known | undefined)[] = [];
  /** Sums of the list that is just being read. */
  readonly #sums = new Float64Array(COUNTERS);

  constructor(region: Region) {
    this.#region = region;
  }

  /** Every list there is; threads above `threads` never were. */
  read(threads: number): BlockListSnapshot[] {
    const lists: BlockListSnapshot[] = [];
    for (let id = 0; id < BLOCK_LISTS_MAX; id++) {
      const reading = readRecord(this.#region, id);
      if (reading === null) {
        this.#known[id] = undefined;
        continue;
      }
      const list = this.#readList(reading, this.#knownOf(id, reading, threads), threads);
      if (isStill(this.#region, reading)) lists.push(list);
      else this.#known[id] = undefined;
    }
    return lists;
  }

  /** `id` of each list by the note of its blocks, as of the last {@link read}. */
  idsByNote(): ReadonlyMap<number, string> {
    const ids = new Map<number, string>();
    for (const known of this.#known)
      if (known !== undefined) ids.set(noteOfSerial(known.serial), idOf(known.serial));
    return ids;
  }

  #knownOf(id: number, reading: RecordReading, threads: number): Known {
    const known = this.#known[id];
    if (known?.serial === reading.serial) return known;
    const counters = new CounterGroup(COUNTERS * threads);
    const fresh = { serial: reading.serial, name: nameOfRecord(reading.place), counters };
    this.#known[id] = fresh;
    return fresh;
  }

  #readList(reading: RecordReading, known: Known, threads: number): BlockListSnapshot {
    const sums = this.#sums.fill(0);
    const rings: RingSnapshot[] = [];
    let [parkedWord, ownedWord] = [0, 0];
    for (let thread = 1; thread <= threads; thread++) {
      const ring = this.#readPart(reading, known.counters, thread);
      if (ring === null) continue;
      rings.push(ring);
      parkedWord = (parkedWord + parkedBy(reading, thread)) | 0;
      ownedWord = (ownedWord + ownedBy(reading, thread)) | 0;
    }
    const parked = atLeastNone(parkedWord);
    const held = atLeastNone((ownedWord - parkedWord) | 0);
    const of = (counter: number): number => sums[counter] as number;
    const { size } = reading;
    return Object.freeze({
      kind: "block",
      id: idOf(known.serial),
      name: known.name,
      tag: tagText(reading.tag),
      pool: poolName(reading.kind),
      deleted: reading.isDeleted,
      size,
      policy: reading.policy,
      depth: reading.depth,
      maximumDepth: reading.maximumDepth,
      allocates: of(ALLOCATES),
      allocateMisses: of(ALLOCATE_MISSES),
      frees: of(FREES),
      freeMisses: of(FREE_MISSES),
      allocateHitRate: hitRate(of(ALLOCATES), of(ALLOCATE_MISSES)),
      freeHitRate: hitRate(of(FREES), of(FREE_MISSES)),
      parked,
      held,
      parkedBytes: parked * size,
      heldBytes: held * size,
      trimmed: of(TRIMMED),
      reserved: of(RESERVED),
      obtained: of(OBTAINED),
      failures: of(FAILURES),
      refills: of(REFILLS),
      spills: of(SPILLS),
      adopted: of(ADOPTED),
      refused: of(REFUSED),
      rings: Object.freeze(rings),
      depot: Object.freeze({
        slots: reading.slots,
        fullSlots: reading.fullSlots,
        batch: reading.batch,
        parked: reading.inDepot,
      }),
    } as const);
  }

  /** Notes a thread's counters; null when it never used the list. */
  #readPart({ place }: RecordReading, counters: CounterGroup, thread: number): RingSnapshot | null {
    const part = partOf(place, thread);
    const first = (thread - 1) * COUNTERS;
    const sums = this.#sums;
    let used = 0;
    for (let at = 0; at < READ.length; at++) {
      const word = load(place.words, part + (READ[at] as number));
      const isCall = at === ALLOCATES || at === FREES;
      const total = counters.note(first + at, word, isCall ? counters.total(first + at - 1) : 0);
      used += total;
      (sums[at] as number) += total;
    }
    const failures = Math.min(failuresOf(place, part), failuresOf(place, part));
    (sums[FAILURES] as number) += counters.noteRise(first + FAILURES, failures);
    const open = load(place.words, part + PART.OPEN) !== 0;
    if (!open && used === 0) return null;
    return Object.freeze({
      thread,
      open,
      parked: atLeastNone(countedInRing(place, thread)),
      limit: load(place.words, part + PART.LIMIT),
      allocates: counters.total(first + ALLOCATES),
      allocateMisses: counters.total(first + ALLOCATE_MISSES),
      frees: counters.total(first + FREES),
      freeMisses: counters.total(first + FREE_MISSES),
      refills: counters.total(first + REFILLS),
      spills: counters.total(first + SPILLS),
      adopted: counters.total(first + ADOPTED),
    });
  }
}

/**
 * Misses of a thread that the pool had no block for: those that nothing was obtained for. A thread counts the
 * miss, asks the pool, and counts the block; one that is just asking may have no failure to tell. So this
 * may be too small by one, and too large only between two stores of the thread, which two looks do not meet.
 */
function failuresOf({ words }: RecordReading["place"], part: number): number {
  const misses = load(words, part + PART.ALLOCATE_MISSES) + load(words, part + PART.RESERVED);
  const asking = load(words, part + PART.OBTAINING) === 0 ? 0 : 1;
  return (misses - asking - load(words, part + PART.OBTAINED)) | 0;
}

/** What a thread parked in a list, less what it took out: a word, perhaps negative. Moves do not count. */
function parkedBy({ place }: RecordReading, thread: number): number {
  const part = partOf(place, thread);
  const word = (at: number): number => load(place.words, part + at);
  const hits =
    word(PART.FREES) - word(PART.FREE_MISSES) - (word(PART.ALLOCATES) - word(PART.ALLOCATE_MISSES));
  return (hits + word(PART.RESERVED) - word(PART.TRIMMED)) | 0;
}

/** What a thread took from the pool for a list, less what it gave back: a word, perhaps negative. */
function ownedBy({ place }: RecordReading, thread: number): number {
  const part = partOf(place, thread);
  const word = (at: number): number => load(place.words, part + at);
  return (word(PART.OBTAINED) - word(PART.FREE_MISSES) - word(PART.TRIMMED)) | 0;
}

function idOf(serial: number): string {
  return `block-${serial >>> 0}`;
}
