/**
 * How a list ends: it is deleted, its threads leave it one by one, and the last one gives back what is left.
 *
 * ```
 *   OPEN ──delete──► DELETED ──the last thread leaves──► no block is nobody's ──► no name ──► record freed
 * ```
 *
 * All of it but the deletion happens under the set lock, so that nobody opens a list that is just ending.
 * If the last thread dies on the way, whoever takes the lock over goes on.
 */
import {
  acquireLock,
  compareExchange,
  HEADER,
  isOpenAnywhere,
  load,
  type Region,
  releaseLock,
  store,
} from "../../memory/index.js";
import {
  CACHED,
  generationOf,
  kindOf,
  type Pool,
  SHOWN,
  stateWord,
  subjectOf,
  walkBlocks,
} from "../../pool/index.js";
import { giveToPool } from "./backing.js";
import { listNote } from "./note.js";
import { DELETED, PART, partOf, RECORD, type RecordPlace, recordPlaces } from "./record.js";

/**
 * Ends a thread's use of a list; the last one to leave a deleted list gives its record back to the pool.
 * @throws {LookasideError} ERR_LOCK_STALLED
 */
export function leaveRecord(region: Region, pool: Pool, place: RecordPlace, thread: number): void {
  const { words, at } = place;
  const { layout } = region;
  acquireLock(region.words, HEADER.SET_LOCK, pool.thread);
  try {
    store(words, partOf(place, thread) + PART.OPEN, 0);
    if (load(region.words, layout.lists + place.id) >>> 2 !== at) return; // another thread was the last one
    if (!isDeserted(region, place)) return;
    forget(region, pool, place);
    pool.free((at << 2) >>> 0, -1);
  } finally {
    releaseLock(region.words, HEADER.SET_LOCK);
  }
}

/**
 * Takes the names from deserted records, as their last user would have that died before it could: then they
 * are records without a name, which go back to the pool. For whoever has taken the set lock over.
 */
export function forgetDesertedRecords(region: Region, pool: Pool): void {
  for (const place of recordPlaces(region))
    if (isDeserted(region, place)) forget(region, pool, place);
}

/** Whether a list is deleted and no thread has it open any more. */
function isDeserted({ layout }: Region, place: RecordPlace): boolean {
  const { words, at } = place;
  if (load(words, at + RECORD.STATUS) !== DELETED) return false;
  return !isOpenAnywhere(words, partOf(place, 1) + PART.OPEN, PART.WORDS, layout.threadCapacity);
}

function forget(region: Region, pool: Pool, place: RecordPlace): void {
  freeNobodys(region, pool, place.note);
  store(region.words, region.layout.lists + place.id, 0);
}

/** Gives the blocks of a list that are nobody's to the pool: there is no list any more to adopt them in. */
function freeNobodys(region: Region, pool: Pool, note: number): void {
  const nobodys: [state: number, seen: number][] = [];
  walkBlocks(region, (state, seen) => {
    const isNobodys = kindOf(seen) === SHOWN && subjectOf(seen) === 0;
    if (isNobodys && listNote(region.words, state) === note) nobodys.push([state, seen]);
  });
  for (const [state, seen] of nobodys) {
    pool.claims.note(state);
    const cached = stateWord(CACHED, pool.thread, generationOf(seen) + 1);
    if (compareExchange(region.words, state, seen, cached) === seen)
      giveToPool(region, pool, state);
  }
}
