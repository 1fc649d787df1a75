/**
 * What a channel did, over all threads that use it or have used it.
 */
import { peek } from "../memory/index.js";
import { type ChannelPlace, PART, partOf } from "./record.js";

/** Counters of a channel: 32 bits each, from its making on. */
export interface ChannelStatistics {
  readonly name: string;
  readonly capacity: number;
  /** Values inside now: a snapshot. */
  readonly size: number;
  /** Values that went in, and that came out. */
  readonly pushed: number;
  readonly popped: number;
  /** Calls of `push` that found no room. */
  readonly refused: number;
  /** Waits that had to sleep, for values or for room. */
  readonly waits: number;
  /** Handles that a receiver passed over, because their blocks had been freed or adopted since. */
  readonly stale: number;
}

/** Sums the parts of all threads. A thread that ended within a call may not have counted that call. */
export function statisticsOf(
  place: ChannelPlace,
  threads: number,
  name: string,
  size: number,
): ChannelStatistics {
  const sum = (word: number): number => {
    let total = 0;
    for (let thread = 1; thread <= threads; thread++) {
      total += peek(place.words, partOf(place, thread) + word);
    }
    return total >>> 0;
  };
  return {
    name,
    capacity: 2 ** place.shift,
    size,
    pushed: sum(PART.PUSHED),
    popped: sum(PART.POPPED),
    refused: sum(PART.REFUSED),
    waits: sum(PART.WAITS),
    stale: sum(PART.STALE),
  };
}
