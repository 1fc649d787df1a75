/**
 * The system-wide set of documented lists: two doubly linked lists of descriptors, nonpaged and paged.
 *
 * The links are the descriptors' own ListEntry fields, as on the real system; the two heads lie in the
 * header. New lists go to the tail. Every change and every walk holds the set lock.
 */
import { acquireLock, HEADER, load, type Region, releaseLock, store } from "../memory/index.js";
import { DESCRIPTOR_BYTES, FIELD } from "./descriptor.js";

const HEAD_BYTES = 16;
const BLINK = 2; // words from the forward link to the backward one

/** Most lists of one walk: without the lock, a walk could follow a list that moves on before it. */
const LISTS_WALKED_MAX = 2 ** 20;

function headByte(kind: number): number {
  return HEADER.SET_HEADS * 4 + kind * HEAD_BYTES;
}

/** Words at an address that may lie in memory grown by another thread. */
function read(region: Region, address: number): number {
  region.cover(address + 4);
  return load(region.words, address >>> 2);
}

function write(region: Region, address: number, value: number): void {
  region.cover(address + 4);
  store(region.words, address >>> 2, value);
}

/** Makes both sets empty. Once, by the creator of the system. */
export function createListSets(region: Region): void {
  for (const kind of [0, 1]) {
    write(region, headByte(kind), headByte(kind));
    write(region, headByte(kind) + BLINK * 4, headByte(kind));
  }
}

/** Runs `action` with the set lock held by `thread`. @throws {LookasideError} ERR_LOCK_STALLED */
export function withListSets<Result>(region: Region, thread: number, action: () => Result): Result {
  acquireLock(region.words, HEADER.SET_LOCK, thread);
  try {
    return action();
  } finally {
    releaseLock(region.words, HEADER.SET_LOCK);
  }
}

/** Whether there may be a documented list: a snapshot, without the lock. */
export function hasLists(region: Region): boolean {
  return [0, 1].some((kind) => read(region, headByte(kind)) >>> 0 !== headByte(kind));
}

/** Links a descriptor in at the tail of a set. Callers hold the set lock. */
export function linkList(region: Region, kind: number, descriptor: number): void {
  const head = headByte(kind);
  const entry = descriptor + FIELD.ListEntry;
  let last = read(region, head + BLINK * 4) >>> 0;
  if (read(region, last) >>> 0 !== head) {
    mendListSets(region); // the last list was overwritten: nothing may be written where it was
    last = read(region, head + BLINK * 4) >>> 0;
  }
  write(region, entry, head);
  write(region, entry + 4, 0);
  write(region, entry + BLINK * 4, last);
  write(region, entry + BLINK * 4 + 4, 0);
  write(region, last, entry);
  write(region, head + BLINK * 4, entry);
}

/** Takes a descriptor out of its set. Callers hold the set lock. */
export function unlinkList(region: Region, descriptor: number): void {
  const entry = descriptor + FIELD.ListEntry;
  const next = read(region, entry) >>> 0;
  const previous = read(region, entry + BLINK * 4) >>> 0;
  write(region, previous, next);
  write(region, next + BLINK * 4, previous);
  write(region, entry, 0);
  write(region, entry + BLINK * 4, 0);
}

/**
 * The descriptors of one set, oldest first. Callers hold the set lock.
 *
 * A link is believed only if the one it leads to points back, so a walk ends even when the storage of a
 * descriptor was overwritten. Then a second walk, from the other end, finds the lists behind the damage.
 */
export function listsOf(region: Region, kind: number): number[] {
  const head = headByte(kind);
  const { found, isWhole } = walk(region, head, 0, BLINK * 4);
  if (isWhole) return found;
  const known = new Set(found);
  const behind = walk(region, head, BLINK * 4, 0).found.filter((list) => !known.has(list));
  return [...found, ...behind.reverse()];
}

interface Walk {
  readonly found: number[];
  /** Whether the walk came back to the head. */
  readonly isWhole: boolean;
}

/**
 * The descriptors of one set as a thread sees them that takes no lock: for reports. A list that is made or
 * deleted meanwhile may be missing or be there still; a walk that led nowhere is made again, a few times.
 */
export function glanceAtLists(region: Region, kind: number): number[] {
  const head = headByte(kind);
  let seen: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    const { found, isWhole } = walk(region, head, 0, BLINK * 4);
    if (isWhole) return found;
    if (found.length >= seen.length) seen = found;
  }
  const known = new Set(seen);
  const behind = walk(region, head, BLINK * 4, 0).found.filter((list) => !known.has(list));
  return [...seen, ...behind.reverse()];
}

/** Follows one of the two links from the head, as long as the other one leads back. */
function walk(region: Region, head: number, ahead: number, back: number): Walk {
  const found: number[] = [];
  let previous = head;
  let entry = read(region, head + ahead) >>> 0;
  while (entry !== head) {
    if (found.length >= LISTS_WALKED_MAX) return { found, isWhole: false };
    const isPlace =
      (entry & 15) === 0 &&
      entry >= region.layout.dataByte &&
      region.cover(entry + DESCRIPTOR_BYTES);
    if (!isPlace || read(region, entry + back) >>> 0 !== previous) return { found, isWhole: false };
    found.push(entry - FIELD.ListEntry);
    previous = entry;
    entry = read(region, entry + ahead) >>> 0;
  }
  return { found, isWhole: true };
}

/**
 * Writes all links of both sets again: for whoever has taken the set lock over from a dead holder. A list
 * that was just being taken out is in again, as if its deletion had not begun.
 */
export function mendListSets(region: Region): void {
  for (const kind of [0, 1]) {
    const head = headByte(kind);
    const entries = listsOf(region, kind).map((list) => list + FIELD.ListEntry);
    let previous = head;
    for (const entry of [...entries, head]) {
      write(region, previous, entry);
      write(region, entry + BLINK * 4, previous);
      previous = entry;
    }
  }
}

/** The descriptors of both sets, those of nonpaged lists first. Callers hold the set lock. */
export function allLists(region: Region): number[] {
  return [...listsOf(region, 0), ...listsOf(region, 1)];
}

/** The first active descriptor that has a byte of a range, or undefined. Callers hold the set lock. */
export function listWithin(region: Region, address: number, bytes: number): number | undefined {
  return allLists(region).find(
    (list) => list < address + bytes && address < list + DESCRIPTOR_BYTES,
  );
}

/** Whether a descriptor is in one of both sets. Callers hold the set lock. O(lists). */
export function isActiveList(region: Region, descriptor: number): boolean {
  return allLists(region).includes(descriptor);
}
