/**
 * What a dead thread left in a channel, and what lies in it: for recovery and for the audit.
 *
 * A header names whoever has claimed its cell, so the cells of the dead are found by one look at each:
 *
 * | header | what it means | what becomes of it |
 * |---|---|---|
 * | FILL | its push was never done | the cell is passed over, a lap later it is used again |
 * | DRAIN | nobody has had the value | RETURNED: the next thread that pops has it |
 * | TAKE, block not adopted | likewise | RETURNED |
 * | TAKE, block adopted | the value is used up | EMPTY, as the dead thread was about to make it |
 *
 * Each step takes a word out of the set that names the dead thread. What wakes and tells the others comes
 * last, and is done every time: it does no harm twice.
 */
import {
  acquireLock,
  compareExchange,
  HEADER,
  load,
  peek,
  type Region,
  releaseLock,
  store,
} from "../memory/index.js";
import type { Pool } from "../pool/index.js";
import { forgetWaits, ringForAll } from "./bell.js";
import {
  cellHeader,
  claimantOf,
  EMPTY,
  FILL,
  HIGH,
  LOW,
  lapBits,
  lapOf,
  RETURNED,
  statusOf,
  TAKE,
} from "./cell.js";
import {
  type ChannelPlace,
  cellAt,
  channelPlaces,
  leaveLocked,
  PART,
  partOf,
  RECORD,
} from "./record.js";

/** A cell with a value, or with a claimant. */
export interface CellContents {
  readonly status: number;
  /** The claimant, or 0. */
  readonly thread: number;
  /** The value; of a FILL cell it means nothing yet. */
  readonly value: number;
}

/** Looks at a cell until header and value belong together: a thread that lives may change it meanwhile. */
const LOOKS = 8;

function contentsOf(place: ChannelPlace, cell: number): CellContents | null {
  for (let look = 0; ; look++) {
    const header = load(place.words, cell);
    const status = statusOf(header);
    if (status === EMPTY) return null;
    const low = load(place.words, cell + LOW);
    const value = load(place.words, cell + HIGH) * 2 ** 32 + (low >>> 0);
    if (load(place.words, cell) === header || look === LOOKS)
      return { status, thread: claimantOf(header), value };
  }
}

/** Every cell that is not empty. */
export function contentsOfChannel(place: ChannelPlace): CellContents[] {
  const contents: CellContents[] = [];
  for (let index = 0; index < 2 ** place.shift; index++) {
    const one = contentsOf(place, cellAt(place, index));
    if (one !== null) contents.push(one);
  }
  return contents;
}

/**
 * Gives back the cells that a dead thread had claimed. `isUsedUp` tells whether the block of a handle was
 * adopted, for claims of threads that adopt. Gives back how many cells there were.
 */
function repairCells(
  place: ChannelPlace,
  thread: number,
  isUsedUp: (value: number) => boolean,
): number {
  const { words } = place;
  const lapMask = 2 ** lapBits(place.shift) - 1;
  let repaired = 0;
  for (let index = 0; index < 2 ** place.shift; index++) {
    const cell = cellAt(place, index);
    const header = load(words, cell);
    const status = statusOf(header);
    if (claimantOf(header) !== thread || status === EMPTY) continue;
    const isEmpty = status === FILL || (status === TAKE && isUsedUp(valueAt(place, cell)));
    const lap = lapOf(header);
    store(
      words,
      cell,
      isEmpty ? cellHeader((lap + 1) & lapMask, 0, EMPTY) : cellHeader(lap, 0, RETURNED),
    );
    repaired++;
  }
  return repaired;
}

function valueAt(place: ChannelPlace, cell: number): number {
  return peek(place.words, cell + HIGH) * 2 ** 32 + (peek(place.words, cell + LOW) >>> 0);
}

/** Tells those who pop to look through all cells: see CH-3 in cells.ts. */
function announceReturns(place: ChannelPlace): void {
  const word = place.at + RECORD.RETURNS;
  let seen = load(place.words, word);
  for (;;) {
    const now = compareExchange(place.words, word, seen, (seen + 2) | 1);
    if (now === seen) return;
    seen = now;
  }
}

/** What a dead thread left in all channels. */
export interface ChannelRepair {
  /** Cells that it had claimed. */
  readonly cells: number;
  /** All values that lie in channels, whoever put them in. */
  readonly values: ReadonlySet<number>;
}

/**
 * Repairs all channels that a dead thread had open, and collects what lies in any. The set lock is held
 * meanwhile, so no record goes away; a channel that the dead thread did not have open has no claim of it.
 * @throws {LookasideError} ERR_LOCK_STALLED
 */
export function repairChannels(
  region: Region,
  pool: Pool,
  thread: number,
  isUsedUp: (value: number) => boolean,
): ChannelRepair {
  const values = new Set<number>();
  let cells = 0;
  acquireLock(region.words, HEADER.SET_LOCK, pool.thread);
  try {
    for (const place of channelPlaces(region)) {
      for (const { status, value } of contentsOfChannel(place)) {
        if (status !== FILL) values.add(value);
      }
      if (peek(place.words, partOf(place, thread) + PART.OPEN) === 0) continue;
      cells += repairCells(place, thread, isUsedUp);
      announceReturns(place);
      forgetWaits(place, thread);
      ringForAll(place);
      leaveLocked(region, pool, place, thread); // last: a successor of this recoverer begins again till then
    }
  } finally {
    releaseLock(region.words, HEADER.SET_LOCK);
  }
  return { cells, values };
}
