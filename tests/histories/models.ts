/**
 * What lists and blocks do when one call comes after the other: what recorded histories are held against.
 */
import type { Model } from "./linearize.js";

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

/** What happens to one block. */
export type BlockCall =
  | { readonly kind: "allocate" }
  | { readonly kind: "free" }
  /** Taken over from whoever held it, perhaps from itself, by its handle. */
  | { readonly kind: "adopt" }
  /** Taken from a dead thread by its recovery. */
  | { readonly kind: "reclaim"; readonly from: number };

/**
 * The thread that holds one block, or 0 (threads count from 1): allocate and free alternate, a free is the
 * holder's, an adoption is of a block that somebody holds. What a dead thread had allocated, or adopted, when
 * it died and before it could say so, nobody has seen: then it is reclaimed from nobody, or from the one
 * before.
 */
export function blockModel(): Model<number, BlockCall> {
  return {
    initial: 0,
    key: (holder) => String(holder),
    step(holder, call, thread) {
      switch (call.kind) {
        case "allocate":
          return holder === 0 ? thread : null;
        case "free":
          return holder === thread ? 0 : null;
        case "adopt":
          return holder === 0 ? null : thread;
        case "reclaim":
          return holder === call.from ? 0 : holder;
      }
    },
  };
}
