/**
 * Reads files into list entries, straight into shared memory, and hands the entries to one lane.
 *
 * A file is read from its start to the size it has when it is opened, at most one entry at a time. Before
 * its digest is asked for, its size and time of change must still be the same: otherwise it is
 * abandoned and reported, so a digest of bytes that never were together is never given.
 */
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { touch } from "../../wdk/index.js";
import type { Crew } from "./crew.js";
import { type Entry, type EntryLists, PoolTooSmall } from "./entry-lists.js";
import type { Lane } from "./lane.js";
import type { Ledger } from "./ledger.js";
import type { Pace } from "./pace.js";
import { isSystemError, reasonOf } from "./path-text.js";

/** What reading works with. */
export interface Reading {
  /** The folder, ending with a slash. */
  readonly root: Buffer;
  readonly lists: EntryLists;
  readonly crew: Crew;
  readonly ledger: Ledger;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

/** Neither a pipe nor a link that has just taken the place of a file is waited for or followed. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Reads one file for a lane. Returns early, with the file abandoned, when the signal is aborted. */
export async function readFile(
  reading: Reading,
  lane: Lane,
  file: number,
  path: Buffer,
): Promise<void> {
  const { root, ledger } = reading;
  let descriptor: number;
  try {
    descriptor = openSync(Buffer.concat([root, path]), OPEN_FLAGS);
  } catch (error) {
    ledger.skip(path, "error", `cannot open it: ${reasonOf(error)}`);
    return;
  }
  try {
    const problem = await readOpen(reading, lane, file, descriptor);
    if (problem === null) {
      lane.finish(file);
      return;
    }
    lane.abandon(file);
    if (!reading.signal.aborted) ledger.skip(path, "error", problem);
  } finally {
    closeSync(descriptor);
  }
}

/** Hands over all of an open file. Gives back what went wrong, or null when the digest is worth having. */
async function readOpen(
  reading: Reading,
  lane: Lane,
  file: number,
  descriptor: number,
): Promise<string | null> {
  const { crew, ledger, pace, signal } = reading;
  try {
    const before = fstatSync(descriptor, { bigint: true });
    if (!before.isFile()) return "it is no longer a file";
    const size = Number(before.size);
    // A file that claims to be empty is asked for one byte more: what /proc shows has no size.
    let left = size === 0 ? 1 : size;
    while (left > 0) {
      if (!lane.hasRoom || pace.due) await untilReady(lane, pace, signal);
      if (signal.aborted) return "the run was ended";
      const entry = takeEntry(reading, left);
      if (entry === null) {
        ledger.waits++;
        lane.post();
        await crew.bell.wait();
        continue;
      }
      // From taking to handing over nothing waits: so an entry is in a list, in this loop or with a thread.
      const bytes = fill(reading, entry, descriptor, left);
      if (bytes === 0) break;
      lane.hand(file, entry, bytes);
      ledger.bytesRead += bytes;
      left -= bytes;
    }
    if (size === 0) return left === 1 ? null : "it has no size and yet content";
    const unchanged = isSame(before, fstatSync(descriptor, { bigint: true }));
    return left === 0 && unchanged ? null : "it changed while it was read";
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return `cannot read it: ${reasonOf(error)}`;
  }
}

function isSame(before: BigIntStats, after: BigIntStats): boolean {
  return before.size === after.size && before.mtimeNs === after.mtimeNs;
}

/** Reads into an entry; keeps it only if bytes came. */
function fill(reading: Reading, entry: Entry, descriptor: number, left: number): number {
  let bytes = 0;
  try {
    const room = Math.min(left, entry.bytes);
    bytes = readSync(descriptor, touch(entry.address, room), 0, room, null);
  } finally {
    if (bytes === 0) reading.lists.free(entry);
  }
  return bytes;
}

/** Waits until the lane has room and the event loop has had its turn. */
async function untilReady(lane: Lane, pace: Pace, signal: AbortSignal): Promise<void> {
  if (pace.due) await pace.rest();
  while (!lane.hasRoom && !signal.aborted) {
    lane.post();
    await lane.bell.wait();
  }
}

/**
 * An entry for the next `bytes` of a file; null when the pool is exhausted and entries will come back.
 * @throws {PoolTooSmall} when none will.
 */
function takeEntry(reading: Reading, bytes: number): Entry | null {
  const { lists, crew } = reading;
  const entry = lists.take(bytes);
  if (entry !== null || crew.itemsOut > 0) return entry;
  // No thread holds any: what lists of other sizes can give must do.
  const other = lists.takeAny();
  if (other === null) throw new PoolTooSmall("the pools are too small for a single entry");
  return other;
}
