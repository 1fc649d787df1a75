/**
 * What a contender looks like to a loop of one thread.
 */

/** Gives items out and takes them back. `take` gives a falsy value when it has none. */
export interface Allocator<Item> {
  take(): Item;
  give(item: Item): void;
}
