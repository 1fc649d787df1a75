/**
 * What goes between the main thread and a hashing thread: parcels of items there, answers back.
 *
 * ```
 *   item   0      1                          2         3
 *        +------+--------------------------+---------+-------+
 *        | file | list, FINISH or ABANDON  | address | bytes |
 *        +------+--------------------------+---------+-------+
 * ```
 *
 * The bytes of a file never travel: an item says at which address of the shared memory they lie. The items
 * of one file follow each other, in the order of the file, and end with FINISH or ABANDON.
 */
import type { Ticket } from "../../wdk/index.js";

/** Words of one item. */
export const ITEM_WORDS = 4;

/** In the place of a list: the file is complete, its digest is wanted. */
export const FINISH = 0xffff_ffff;

/** In the place of a list: the file could not be read to its end, or changed meanwhile. */
export const ABANDON = 0xffff_fffe;

/** Items for one thread; null ends it. */
export type Parcel = Uint32Array | null;

/** What a hashing thread is started with. */
export interface Orders {
  readonly ticket: Ticket;
  /** Addresses of the list descriptors. */
  readonly descriptors: readonly number[];
}

/** What comes back for one parcel, when all its entries are free again. */
export interface Answer {
  /** Items of the parcel. */
  readonly items: number;
  /** Files that were finished in it. */
  readonly files: readonly number[];
  /** Their digests in hexadecimal. */
  readonly digests: readonly string[];
  /** Their bytes together. */
  readonly bytes: number;
}
