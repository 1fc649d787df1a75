/**
 * What a contender looks like to a loop of one thread.
 */

/** Gives items out and takes them back: functions of their own, for a loop to be compiled with them. */
export interface Allocator<Item> {
  take(): Item;
  give(item: Item): void;
  /** What `take` gives back when it has no item. */
  readonly none: unknown;
}
