/**
 * Reads files into the room that a lane has, and hands over what was read, piece by piece.
 *
 * A file is read from its start to the size it has when it is opened. Before its last piece is handed over,
 * its size and its times of change must still be the same: otherwise it is reported and its last piece is
 * never sent, so a digest of bytes that never were together is never given. Programs may put the time of
 * modification back; the time of the last change of any kind is the system's own.
 *
 * Those times come from a clock that ticks, so two changes of one tick look like one. A file that was changed
 * a moment ago is therefore read a moment later: what changes it from then on gives it another time.
 */
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { isSystemError, reasonOf } from "../system-error.js";
import type { Ledger } from "./ledger.js";
import type { Pace } from "./pace.js";
import type { Lane, Room } from "./way.js";

/** What reading works with. */
export interface Reading {
  /** The folder, ending with a slash. */
  readonly root: Buffer;
  readonly ledger: Ledger;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

/** A file that is open. */
interface OpenFile {
  readonly file: number;
  readonly descriptor: number;
  readonly before: BigIntStats;
  readonly size: number;
}

const ENDED = "the run was ended";
const CHANGED = "it changed while it was read";

/** Milliseconds: twice the longest tick of a kernel's clock for files. */
const TICK_MS = 20;
/** How often a file may turn out to have just been changed. */
const RESTLESS_MAX = 50;

/** Neither a pipe nor a link that has just taken the place of a file is waited for or followed. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Reads one file for a lane. Returns early, with the file abandoned, when the signal is aborted. */
export async function readFile(
  reading: Reading,
  lane: Lane,
  file: number,
  path: Buffer,
): Promise<void> {
  const { root, ledger, signal } = reading;
  let descriptor: number;
  try {
    descriptor = openSync(Buffer.concat([root, path]), OPEN_FLAGS);
  } catch (error) {
    ledger.fail(file, path, `cannot open it: ${reasonOf(error)}`);
    return;
  }
  try {
    const problem = await readOpen(reading, lane, file, descriptor);
    if (problem !== null && !signal.aborted) ledger.fail(file, path, problem);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    ledger.fail(file, path, `cannot read it: ${reasonOf(error)}`);
  } finally {
    closeSync(descriptor);
  }
}

/** Hands over all of an open file. Gives back what went wrong, or null when its digest will come. */
async function readOpen(
  reading: Reading,
  lane: Lane,
  file: number,
  descriptor: number,
): Promise<string | null> {
  const before = await settledStats(descriptor, reading.signal);
  if (before === null) return CHANGED;
  if (!before.isFile()) return "it is no longer a file";
  const open: OpenFile = { file, descriptor, before, size: Number(before.size) };
  let left = open.size;
  for (let number = 0; number === 0 || left > 0; number++) {
    const bytes = await readPiece(reading, lane, open, number, left);
    if (typeof bytes === "string") return bytes;
    left -= bytes;
  }
  return null;
}

/** What a file is, once a later change of it can be told by its times; null when it is never left alone. */
async function settledStats(descriptor: number, signal: AbortSignal): Promise<BigIntStats | null> {
  for (let tries = 0; tries < RESTLESS_MAX; tries++) {
    const stats = fstatSync(descriptor, { bigint: true });
    const isSettled = Math.abs(Date.now() - Number(stats.ctimeMs)) > TICK_MS;
    if (isSettled || !stats.isFile() || signal.aborted) return stats;
    await setTimeout(TICK_MS);
  }
  return null;
}

/** Reads and hands over the next piece. Gives back its bytes, or what went wrong. */
async function readPiece(
  { ledger, pace, signal }: Reading,
  lane: Lane,
  open: OpenFile,
  number: number,
  left: number,
): Promise<number | string> {
  if (pace.due) await pace.rest();
  // A file that claims to be empty is asked for one byte more: what /proc shows has no size.
  const wanted = open.size === 0 ? 1 : left;
  const room = await lane.take(open.size, wanted);
  if (room === null) return ENDED;
  // From here to the handing over nothing waits: so the room is with this call, or with a thread.
  let isSent = false;
  try {
    const bytes = fill(room, open.descriptor, wanted);
    if (open.size === 0 && bytes > 0) return "it has no size and yet content";
    if (open.size > 0 && bytes === 0) return CHANGED;
    const isLast = bytes === left;
    if (isLast && !isSame(open.before, fstatSync(open.descriptor, { bigint: true })))
      return CHANGED;
    isSent = true;
    ledger.bytesRead += bytes;
    await lane.send(room, { file: open.file, number, bytes, isLast });
    return signal.aborted ? ENDED : bytes;
  } finally {
    if (!isSent) lane.giveBack(room);
  }
}

function isSame(before: BigIntStats, after: BigIntStats): boolean {
  const { size, mtimeNs, ctimeNs } = after;
  return before.size === size && before.mtimeNs === mtimeNs && before.ctimeNs === ctimeNs;
}

/**
 * Fills the room as far as the file goes: a read may give less than was asked for, and a file that fits one
 * block must come in one. Gives back how many bytes it was.
 */
function fill({ bytes, offset, capacity }: Room, descriptor: number, wanted: number): number {
  const most = Math.min(wanted, capacity);
  let filled = 0;
  while (filled < most) {
    const more = readSync(descriptor, bytes, offset + filled, most - filled, null);
    if (more === 0) break;
    filled += more;
  }
  return filled;
}
