/**
 * What moved between two snapshots, by the second.
 *
 * Nothing is said where nothing can be known: without an earlier snapshot, when time did not pass, for a list
 * or tag that was not there before, and when a counter went backwards, which means that it began anew.
 */
import type { ListSnapshot, Snapshot, TagSnapshot } from "../../system/index.js";

/** Calls by the second, and what share of them hit. Null: not known, or no call. */
export interface ListRates {
  readonly allocates: number | null;
  readonly frees: number | null;
  readonly misses: number | null;
  readonly allocateHits: number | null;
  readonly freeHits: number | null;
}

/** Calls by the second, and how many bytes were taken more than given back. */
export interface TagRates {
  readonly allocs: number | null;
  readonly frees: number | null;
  readonly bytes: number | null;
}

const NO_LIST_RATES: ListRates = {
  allocates: null,
  frees: null,
  misses: null,
  allocateHits: null,
  freeHits: null,
};

const NO_TAG_RATES: TagRates = { allocs: null, frees: null, bytes: null };

/** What tells a tag's counters apart from others. */
export function tagKey({ tag, pool }: TagSnapshot): string {
  return `${pool} ${tag}`;
}

/** Tags by their keys. Two that look the same, because not all of a tag can be printed, are left out. */
export function tagsByKey(tags: readonly TagSnapshot[]): ReadonlyMap<string, TagSnapshot> {
  const found = new Map<string, TagSnapshot>();
  const doubtful = new Set<string>();
  for (const tag of tags) {
    const key = tagKey(tag);
    if (found.has(key)) doubtful.add(key);
    found.set(key, tag);
  }
  for (const key of doubtful) found.delete(key);
  return found;
}

/** Differences between two snapshots of one system. */
export class Rates {
  readonly #seconds: number;
  readonly #lists = new Map<string, ListSnapshot>();
  readonly #tags: ReadonlyMap<string, TagSnapshot>;

  constructor(now: Snapshot, before: Snapshot | null) {
    this.#seconds = before === null ? 0 : (now.takenAt - before.takenAt) / 1_000;
    const earlier = before !== null && this.#seconds > 0 ? before : null;
    for (const list of earlier?.lists ?? []) this.#lists.set(list.id, list);
    this.#tags = tagsByKey(earlier?.tags ?? []);
  }

  ofList(list: ListSnapshot): ListRates {
    const before = this.#lists.get(list.id);
    if (before === undefined) return NO_LIST_RATES;
    const allocates = list.allocates - before.allocates;
    const allocateMisses = list.allocateMisses - before.allocateMisses;
    const frees = list.frees - before.frees;
    const freeMisses = list.freeMisses - before.freeMisses;
    if (Math.min(allocates, allocateMisses, frees, freeMisses) < 0) return NO_LIST_RATES;
    return {
      allocates: allocates / this.#seconds,
      frees: frees / this.#seconds,
      misses: (allocateMisses + freeMisses) / this.#seconds,
      allocateHits: share(allocates, allocateMisses),
      freeHits: share(frees, freeMisses),
    };
  }

  ofTag(tag: TagSnapshot): TagRates {
    const before = this.#tags.get(tagKey(tag));
    if (before === undefined) return NO_TAG_RATES;
    const allocs = tag.allocs - before.allocs;
    const frees = tag.frees - before.frees;
    if (Math.min(allocs, frees) < 0) return NO_TAG_RATES;
    return {
      allocs: allocs / this.#seconds,
      frees: frees / this.#seconds,
      bytes: (tag.bytes - before.bytes) / this.#seconds,
    };
  }
}

/** Hits as a share of calls. A snapshot of a running system may be a few calls apart in itself. */
function share(calls: number, misses: number): number | null {
  return calls === 0 ? null : Math.max(0, (calls - misses) / calls);
}
