/**
 * What happens to blocks that a thread still holds in block lists when it leaves the system in peace.
 *
 * Its number is given to the next thread, so no state word may name it afterwards: its blocks become
 * nobody's, in the same generation. Whoever has the handle of one adopts it as before, and the objects
 * of the thread that left are good for nothing. Blocks of a deleted list can be adopted by nobody who
 * opens it later: they go to the pool.
 *
 * Each block changes by one compare-exchange, which an adopter may win. If the thread ends on the way,
 * its recoverer finds the rest by the thread's number, as after any other end.
 */
import {
  acquireLock,
  compareExchange,
  HEADER,
  load,
  peek,
  poke,
  type Region,
  releaseLock,
  type Words,
} from "../../memory/index.js";
import {
  CACHED,
  generationOf,
  HELD,
  kindOf,
  type Pool,
  SHOWN,
  stateWord,
  subjectOf,
  walkOwned,
} from "../../pool/index.js";
import { Backing } from "./backing.js";
import {
  DELETED,
  isListNote,
  listNote,
  noteOf,
  PART,
  partOf,
  RECORD,
  type RecordPlace,
  recordPlaces,
  writeListNote,
} from "./record.js";

/**
 * Makes every block that the calling thread holds in block lists nobody's. Gives back how many it were.
 * One walk over the blocks of all chunks it has claimed: {@link balanceOf} says when there is no need of it.
 * @throws {LookasideError} ERR_LOCK_STALLED
 */
export function disownHeld(region: Region, pool: Pool): number {
  const { words } = region;
  const lists = listsByNote(region, pool.thread);
  let disowned = 0;
  walkOwned(region, pool.thread, false, (state, seen) => {
    const isHeld = kindOf(seen) === HELD || kindOf(seen) === SHOWN;
    if (!isHeld || subjectOf(seen) !== pool.thread) return;
    const note = listNote(words, state);
    if (!isListNote(note)) return;
    const place = lists.get(note);
    if (place === undefined) {
      freeOfGoneList(region, pool, state, seen);
      return;
    }
    if (isDeleted(place) && isOpen(place, pool.thread)) {
      const cached = stateWord(CACHED, pool.thread, generationOf(seen) + 1);
      if (compareExchange(words, state, seen, cached) !== seen) return;
      const frees = partOf(place, pool.thread) + PART.FREES;
      poke(place.words, frees, peek(place.words, frees) + 1);
      new Backing(region, pool, place).release(state, PART.FREE_MISSES);
      return;
    }
    const nobodys = stateWord(SHOWN, 0, generationOf(seen));
    if (compareExchange(words, state, seen, nobodys) === seen) disowned++;
  });
  return disowned;
}

/** Gives a block back whose list is deleted and has been left by all: there is no record to count it in. */
function freeOfGoneList(region: Region, pool: Pool, state: number, seen: number): void {
  const { words, layout } = region;
  const cached = stateWord(CACHED, pool.thread, generationOf(seen) + 1);
  if (compareExchange(words, state, seen, cached) !== seen) return;
  writeListNote(words, state, 0);
  pool.freeForList(layout.dataByte + (state - layout.shadow) * 16);
}

/**
 * Blocks of a list that a thread got and did not free, by its own counters, up to a constant: as long as it
 * has not changed since the thread opened the list, the thread holds none. Blocks that others adopted
 * from it are among them, so it is a bound.
 */
export function balanceOf(words: Words, part: number): number {
  const hits = peek(words, part + PART.ALLOCATES) - peek(words, part + PART.ALLOCATE_MISSES);
  const fresh = peek(words, part + PART.OBTAINED) - peek(words, part + PART.RESERVED);
  return (hits + fresh + peek(words, part + PART.ADOPTED) - peek(words, part + PART.FREES)) | 0;
}

/** Every list, by the note of its blocks. */
function listsByNote(region: Region, thread: number): Map<number, RecordPlace> {
  acquireLock(region.words, HEADER.SET_LOCK, thread);
  try {
    return new Map(recordPlaces(region).map((place) => [noteOf(place), place]));
  } finally {
    releaseLock(region.words, HEADER.SET_LOCK);
  }
}

function isDeleted(place: RecordPlace): boolean {
  return load(place.words, place.at + RECORD.STATUS) === DELETED;
}

function isOpen(place: RecordPlace, thread: number): boolean {
  return load(place.words, partOf(place, thread) + PART.OPEN) !== 0;
}
