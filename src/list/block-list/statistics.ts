/**
 * Statistics of a block list: sums over its threads' parts. Exact when no thread is inside the list.
 */
import { load } from "../../memory/index.js";
import { POLICY_NAMES } from "../depth/index.js";
import { PART, partOf, RECORD, type RecordPlace } from "./record.js";

/** What a block list did and has. Counters are modulo 2^32. */
export interface BlockListStatistics {
  readonly name: string;
  readonly tag: string;
  /** Bytes of each block. */
  readonly size: number;
  /** Calls of allocate, in all threads. */
  readonly allocates: number;
  /** Of these, those that had to ask the pool. */
  readonly allocateMisses: number;
  readonly frees: number;
  /** Of these, those that went to the pool. */
  readonly freeMisses: number;
  /** Batches that came from the depot, and that went there. */
  readonly refills: number;
  readonly spills: number;
  /** Handles adopted. */
  readonly adopted: number;
  /** Blocks in users' hands, and parked in rings and depot. */
  readonly held: number;
  readonly parked: number;
  /** Who sets depth: "idle", "windows", "fixed", or "own" for a function. */
  readonly policy: string;
  /** Present limit on parked blocks, and its ceiling. */
  readonly depth: number;
  readonly maximumDepth: number;
}

/** Sums the parts of all threads. */
export function sumParts(place: RecordPlace, threads: number): Record<keyof typeof PART, number> {
  const sums = { ...PART } as Record<keyof typeof PART, number>;
  for (const [name, word] of Object.entries(PART) as [keyof typeof PART, number][]) {
    sums[name] = 0;
    if (name === "WORDS") continue;
    for (let thread = 1; thread <= threads; thread++) {
      sums[name] = (sums[name] + load(place.words, partOf(place, thread) + word)) | 0;
    }
  }
  return sums;
}

/** The statistics of a list. */
export function statisticsOf(
  place: RecordPlace,
  threads: number,
  name: string,
  tag: string,
): BlockListStatistics {
  const sums = sumParts(place, threads);
  const word = (offset: number): number => load(place.words, place.at + offset);
  const allocateHits = (sums.ALLOCATES - sums.ALLOCATE_MISSES) | 0;
  const freeHits = (sums.FREES - sums.FREE_MISSES) | 0;
  const parked = (freeHits - allocateHits + sums.RESERVED - sums.TRIMMED) | 0;
  const owned = (sums.OBTAINED - sums.FREE_MISSES - sums.TRIMMED) | 0;
  return {
    name,
    tag,
    size: word(RECORD.SIZE),
    allocates: sums.ALLOCATES >>> 0,
    allocateMisses: sums.ALLOCATE_MISSES >>> 0,
    frees: sums.FREES >>> 0,
    freeMisses: sums.FREE_MISSES >>> 0,
    refills: sums.REFILLS >>> 0,
    spills: sums.SPILLS >>> 0,
    adopted: sums.ADOPTED >>> 0,
    held: (owned - parked) | 0,
    parked,
    policy: POLICY_NAMES[word(RECORD.POLICY)] ?? "",
    depth: word(RECORD.DEPTH),
    maximumDepth: word(RECORD.MAXIMUM_DEPTH),
  };
}
