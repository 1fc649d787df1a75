/**
 * Locks of the dead: taken over, what they guard mended, and released.
 *
 * A lock's word names its holder, so a recoverer can take it over by one compare-exchange. What a dead
 * holder left half done shows in the words it guards, because every change writes them in an order
 * that tells:
 *
 * | lock | what may be half done | how it shows | what is done |
 * |---|---|---|---|
 * | run table | chunks counted, not published | the count differs from the entries | counted again |
 * | | a slab being made | blocks without a state in a slab | free |
 * | | a slab being taken apart | blocks without a state in a slab | free again |
 * | | a run or slab being given back | bodies without a head, a run without a state | unused |
 * | set of lists | a link in or out | backward links that differ from the forward ones | written again |
 * | | a block list or a channel being made | a record that nobody names | freed |
 * | | the last one leaving a deleted one | deleted, and nobody has it open | unnamed, freed |
 * | routines | a name without its state | as if never begun | nothing |
 * | | a sweep of unnamed ones | some are freed | nothing: the next sweep goes on |
 * | budget | a depth moved, not its credits | fewer credits than depth allows | nothing |
 * | a name's annex | a guest's static memory | its address is not there yet | nothing |
 */

import { channelAddresses, forgetDesertedChannels } from "../channel/index.js";
import {
  annexLocks,
  forgetDesertedRecords,
  isListNote,
  listNote,
  mendListSets,
  recordAddresses,
} from "../list/index.js";
import { compareExchange, HEADER, load, type Region, releaseLock } from "../memory/index.js";
import {
  addressAt,
  HELD,
  kindOf,
  mendRuns,
  type Pool,
  subjectOf,
  walkBlocks,
} from "../pool/index.js";

const OWNER_MASK = 0xff;

/** Takes a lock over from a dead holder. Gives back false when that thread does not hold it. */
function takeOver(region: Region, lock: number, dead: number, recoverer: number): boolean {
  for (;;) {
    const seen = load(region.words, lock);
    if ((seen & OWNER_MASK) !== dead) return false;
    const next = (seen & ~OWNER_MASK) | recoverer; // whoever sleeps on it is still to be woken
    if (compareExchange(region.words, lock, seen, next) === seen) return true;
  }
}

/** Blocks that nobody owns and nobody names: records that were never published. */
function freeUnnamedRecords(region: Region, pool: Pool, named: ReadonlySet<number>): void {
  const unnamed: number[] = [];
  walkBlocks(region, (state, seen) => {
    if (kindOf(seen) !== HELD || subjectOf(seen) !== 0) return;
    const address = addressAt(region, state);
    const isKeptOrphan = isListNote(listNote(region.words, state));
    if (!named.has(address) && !isKeptOrphan) unnamed.push(address);
  });
  for (const address of unnamed) pool.free(address, -1);
}

/** Mends and releases every lock that a dead thread held. Gives back the names of those it did. */
export function releaseLocksOf(region: Region, pool: Pool, dead: number): string[] {
  const recoverer = pool.thread;
  const released: string[] = [];
  if (takeOver(region, HEADER.RUN_LOCK, dead, recoverer)) {
    mendRuns(region);
    releaseLock(region.words, HEADER.RUN_LOCK);
    released.push("runs");
  }
  if (takeOver(region, HEADER.SET_LOCK, dead, recoverer)) {
    mendListSets(region);
    forgetDesertedRecords(region, pool);
    forgetDesertedChannels(region);
    const named = new Set([...recordAddresses(region), ...channelAddresses(region)]);
    freeUnnamedRecords(region, pool, named); // before anyone else can make a record that is not named yet
    releaseLock(region.words, HEADER.SET_LOCK);
    released.push("lists");
  }
  if (takeOver(region, HEADER.ROUTINE_LOCK, dead, recoverer)) {
    releaseLock(region.words, HEADER.ROUTINE_LOCK);
    released.push("routines");
  }
  if (takeOver(region, HEADER.BUDGET_LOCK, dead, recoverer)) {
    releaseLock(region.words, HEADER.BUDGET_LOCK);
    released.push("budget");
  }
  for (const lock of annexLocks(region)) {
    if (!takeOver(region, lock, dead, recoverer)) continue;
    releaseLock(region.words, lock);
    released.push("guests");
  }
  return released;
}
