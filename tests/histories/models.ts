/**
 * What lists and blocks do when one call comes after the other: what recorded histories are held against.
 */
import type { Model } from "./linearize.js";
import { UNKNOWN } from "./recorder.js";

/** A call of a sequenced list or of a documented list, with its outcome. 0 is no entry. */
export type StackCall =
  /** `seen` is the entry that was first before. */
  | { readonly kind: "push"; readonly entry: number; readonly seen: number }
  | { readonly kind: "pop"; readonly entry: number }
  /** `entry` is the first of all that were there. */
  | { readonly kind: "flush"; readonly entry: number }
  | { readonly kind: "depth"; readonly count: number }
  /** From a documented list: the newest parked entry, or, when there is none, one of the pool's. */
  | { readonly kind: "allocate"; readonly entry: number }
  /** To a documented list: parked if fewer than Depth are, else the pool's. */
  | { readonly kind: "free"; readonly entry: number }
  /** What lies in the list, newest first, when all stand still. */
  | { readonly kind: "observe"; readonly entries: readonly number[] };

type Entries = readonly number[];

/** A stack, newest entry last; `depth` is what a documented list parks at most. */
export function stackModel(
  initial: Entries,
  depth = Number.POSITIVE_INFINITY,
): Model<Entries, StackCall> {
  return {
    initial,
    key: (entries) => entries.join(","),
    step(entries, call) {
      const top = entries.at(-1) ?? 0;
      switch (call.kind) {
        case "push":
          if (call.seen !== top || entries.includes(call.entry)) return null;
          return [...entries, call.entry];
        case "pop":
          if (call.entry !== top) return null;
          return top === 0 ? entries : entries.slice(0, -1);
        case "flush":
          return call.entry === top ? [] : null;
        case "depth":
          return call.count === entries.length ? entries : null;
        case "allocate":
          if (top === 0) return call.entry === 0 ? null : entries;
          return call.entry === top ? entries.slice(0, -1) : null;
        case "free":
          if (entries.includes(call.entry)) return null;
          return entries.length < depth ? [...entries, call.entry] : entries;
        case "observe": {
          const newestFirst = [...entries].reverse();
          return `${newestFirst}` === `${call.entries}` ? entries : null;
        }
      }
    },
  };
}

/** What happens to one block, or to one object of an object list. */
export type BlockCall =
  /** `generation` is what its state said right after; UNKNOWN when nobody looked, or when it has none. */
  | { readonly kind: "allocate"; readonly generation: number }
  | { readonly kind: "free"; readonly generation: number }
  /** Taken over from whoever held it, perhaps from itself. */
  | { readonly kind: "adopt"; readonly generation: number }
  /** Taken from a dead thread by its recovery. */
  | { readonly kind: "reclaim"; readonly from: number }
  /** Given up for good: an object that its list has destroyed. */
  | { readonly kind: "destroy" };

/** Who holds a block (threads count from 1; 0 is nobody), and the last generation that was seen of it. */
export interface Holding {
  readonly holder: number;
  readonly generation: number;
}

/** The holder of what was destroyed. */
const GONE = -1;

/** Generations have 20 bits: one is newer than another if it is less than half of all ahead. */
const GENERATIONS = 2 ** 20;

function isNewer(generation: number, than: number): boolean {
  if (generation === UNKNOWN || than === UNKNOWN) return true;
  const ahead = (generation - than + GENERATIONS) % GENERATIONS;
  return ahead > 0 && ahead < GENERATIONS / 2;
}

function isSame(generation: number, as: number): boolean {
  return generation === UNKNOWN || as === UNKNOWN || generation === as;
}

/**
 * One block: allocate and free alternate, a free is the holder's, an adoption is of a block that somebody
 * holds. With each allocation and each adoption the generation grows; a free finds the one that its holder
 * got the block in. What a dead thread had allocated, or adopted, when it died and before it could say so,
 * nobody has seen: then it is reclaimed from nobody, or from the one before.
 */
export function blockModel(holder = 0): Model<Holding, BlockCall> {
  return {
    initial: { holder, generation: UNKNOWN },
    key: ({ holder, generation }) => `${holder}:${generation}`,
    step(holding, call, thread) {
      const { holder, generation: last } = holding;
      switch (call.kind) {
        case "allocate":
          if (holder !== 0 || !isNewer(call.generation, last)) return null;
          return { holder: thread, generation: call.generation };
        case "free":
          if (holder !== thread || !isSame(call.generation, last)) return null;
          return { holder: 0, generation: last };
        case "adopt":
          if (holder <= 0 || !isNewer(call.generation, last)) return null;
          return {
            holder: thread,
            generation: call.generation === UNKNOWN ? last : call.generation,
          };
        case "reclaim":
          return holder === call.from ? { holder: 0, generation: last } : holding;
        case "destroy":
          return holder === 0 ? { holder: GONE, generation: last } : null;
      }
    },
  };
}
