/**
 * The block lists of the demo, and the channels that their blocks go through: opened here, by every thread.
 *
 * ```
 *   list     blocks     of files                  channel
 *   small     4 KiB     that fit one block        "small": any hashing thread takes the next
 *   medium   16 KiB     that fit one block        "medium": likewise
 *   large    64 KiB     all others, in pieces     "large 1", "large 2", …: one for each hashing thread
 * ```
 *
 * A file goes through one channel: what needs several blocks goes to one thread, in the file's order.
 *
 * Blocks that are parked in a thread's ring are out of reach of all others. So the lists may park only
 * part of what their pool has: half of the paged pool, a quarter of the nonpaged pool each. Whatever
 * is beyond that goes back to its pool, where the reading thread finds it again, however small the pools are.
 */
import type { Block, BlockChannel, BlockList, System } from "../../system/index.js";
import { LookasideError } from "../../system/index.js";
import { CommandFailed } from "../failure.js";
import { HEADER_BYTES } from "./piece.js";

const KINDS = [
  { tag: "Smal", name: "small", size: 4_096, pool: "nonPaged" },
  { tag: "Medi", name: "medium", size: 16_384, pool: "nonPaged" },
  { tag: "Larg", name: "large", size: 65_536, pool: "paged" },
] as const;

/** The list of the largest blocks: the one whose files come in pieces. */
const LARGEST = 2;

/** Most bytes of a piece of a file. */
export const PIECE_BYTES_MAX = KINDS[LARGEST].size - HEADER_BYTES;

/** Values of a channel: what may be under way, so that neither side waits for the other at every block. */
export const CAPACITY = 64;

/** Blocks that a list may park, if its pool allows. */
const DEPTH_MAX = 256;

/** Blocks that move between ring and depot at a time: few, so that hashing threads keep few to themselves. */
const BATCH = 8;

/** A run is over before a policy has learnt what it needs. */
const POLICY = "fixed";

type ListName = (typeof KINDS)[number]["name"];

/** A list of the demo, a block of it, and its blocks through a channel. */
export type DemoList = BlockList<ListName>;
export type DemoBlock = Block<ListName>;
export type DemoChannel = BlockChannel<ListName>;

/** Bytes of the pools. */
export interface PoolLimits {
  readonly nonPagedPoolBytes: number;
  readonly pagedPoolBytes: number;
}

/**
 * Blocks that each list may park: one number for all, so that their records have one size and the smallest
 * pools can hold them.
 */
export function depthFor({ nonPagedPoolBytes, pagedPoolBytes }: PoolLimits): number {
  const shares = KINDS.map(({ pool, size }) =>
    pool === "paged" ? pagedPoolBytes / 2 / size : nonPagedPoolBytes / 4 / size,
  );
  return Math.floor(Math.min(DEPTH_MAX, ...shares));
}

/** Opens the lists in the calling thread, smallest blocks first. @throws {CommandFailed} */
export function openLists(system: System, maximumDepth: number): readonly DemoList[] {
  const usual = { maximumDepth, policy: POLICY, batch: BATCH } as const;
  return KINDS.map(({ tag, name, size, pool }) =>
    opened(() => system.blockList({ tag, name, size, pool, ...usual })),
  );
}

/**
 * Opens the channels of one hashing thread (1 for the first), in the order of the lists.
 * @throws {CommandFailed}
 */
export function openChannels(
  system: System,
  lists: readonly DemoList[],
  thread: number,
): readonly DemoChannel[] {
  return lists.map((list, at) => {
    const { name } = KINDS[at] as (typeof KINDS)[number];
    const own = at === LARGEST ? `${name} ${thread}` : name;
    return list.through(opened(() => system.channel({ name: own, capacity: CAPACITY })));
  });
}

function opened<Result>(open: () => Result): Result {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof LookasideError) || error.code !== "ERR_OUT_OF_MEMORY") throw error;
    throw new CommandFailed("the nonpaged pool is too small for the lists and channels");
  }
}
