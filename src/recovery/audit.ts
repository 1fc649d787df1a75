/**
 * The audit: one pass over all blocks that proves where each one is.
 *
 * Exact when no thread is inside the system; while threads run it may report what was only passing by.
 *
 * | id | what must hold |
 * |---|---|
 * | AU-1 | a block that is parked or held names an attached thread, or nobody (kept orphans, records) |
 * | AU-2 | a block in the depot is in the slot it names, once, and the slot is full |
 * | AU-3 | a list's counters say as many parked and held blocks as there are (deleted: or more held) |
 * | AU-4 | depth = credits + limits of all rings + blocks in the depot, or more than that after a death |
 * | AU-5 | a cell of a channel is claimed by an attached thread, or by nobody |
 */
import { channelPlaces, contentsOfChannel, nameOfChannel, STATUS_NAMES } from "../channel/index.js";
import {
  depotContents,
  LIST_DELETED,
  listNote,
  nameOfRecord,
  noteOf,
  RECORD,
  type RecordPlace,
  recordPlaces,
  sumParts,
} from "../list/index.js";
import { load, type Region } from "../memory/index.js";
import { CACHED, DEPOT, HELD, kindOf, SHOWN, subjectOf, walkBlocks } from "../pool/index.js";
import { isAttached } from "../threads/index.js";
import { isAdoptable } from "./channels.js";

/** What an audit found. */
export interface AuditReport {
  /** What is wrong, in words; empty when all is well. */
  readonly problems: readonly string[];
  /**
   * Blocks seen, by where they are: in users' hands, in rings, in depots. Free blocks of the pool are
   * not counted.
   */
  readonly held: number;
  readonly cached: number;
  readonly depot: number;
  /** Blocks whose handles lie in channels: their senders', or nobody's when those have ended or left. */
  readonly sent: number;
  /** Values in channels that are not: handles whose blocks were freed or adopted since, and other numbers. */
  readonly stale: number;
}

/** What is counted of one list. */
interface Count {
  readonly place: RecordPlace;
  readonly slots: Map<number, Set<number>>;
  held: number;
  cached: number;
  depot: number;
}

/** Walks over all blocks once. About 5 ns a block, and no lock is taken. */
export function audit(region: Region): AuditReport {
  const problems: string[] = [];
  const counts = new Map<number, Count>();
  for (const place of recordPlaces(region)) counts.set(noteOf(place), countOf(place));
  let [held, cached, depot] = [0, 0, 0];
  walkBlocks(region, (state, seen) => {
    const kind = kindOf(seen);
    const isHeld = kind === HELD || kind === SHOWN;
    if (!isHeld && kind !== CACHED && kind !== DEPOT) return;
    const count = counts.get(listNote(region.words, state));
    const name = (): string => `block 0x${addressOf(region, state).toString(16)}`;
    if (isHeld) {
      held++;
      if (count === undefined) return; // the pool's own: nobody's death concerns it
      count.held++;
      demandAttached(region, subjectOf(seen), true, name, problems);
      return;
    }
    if (count === undefined) {
      problems.push(`AU-1: ${name()} is parked, and no list knows it`);
      return;
    }
    if (kind === CACHED) {
      cached++;
      count.cached++;
      demandAttached(region, subjectOf(seen), false, name, problems);
      return;
    }
    depot++;
    count.depot++;
    if (count.slots.get(subjectOf(seen))?.delete(state) !== true) {
      problems.push(`AU-2: ${name()} is not in slot ${subjectOf(seen)} of the depot`);
    }
  });
  for (const count of counts.values()) checkCounts(region, count, problems);
  return { problems, held, cached, depot, ...auditChannels(region, problems) };
}

function countOf(place: RecordPlace): Count {
  const slots = new Map<number, Set<number>>();
  for (const [slot, states] of depotContents(place)) slots.set(slot, new Set(states));
  return { place, slots, held: 0, cached: 0, depot: 0 };
}

/** Looks at every cell: claims must be of attached threads, values are counted. */
function auditChannels(region: Region, problems: string[]): Pick<AuditReport, "sent" | "stale"> {
  let [sent, stale] = [0, 0];
  for (const place of channelPlaces(region)) {
    for (const { status, thread, value } of contentsOfChannel(place)) {
      if (thread === 0) {
        if (isAdoptable(region, value)) sent++;
        else stale++;
      } else if (!isAttached(region, thread)) {
        const cell = `a cell of channel ${JSON.stringify(nameOfChannel(place))} is ${STATUS_NAMES[status]}`;
        problems.push(`AU-5: ${cell} by thread ${thread}, which is not attached`);
      }
    }
  }
  return { sent, stale };
}

function addressOf(region: Region, state: number): number {
  return region.layout.dataByte + (state - region.layout.shadow) * 16;
}

function demandAttached(
  region: Region,
  thread: number,
  maybeNobody: boolean,
  name: () => string,
  problems: string[],
): void {
  if (thread === 0 ? maybeNobody : isAttached(region, thread)) return;
  problems.push(`AU-1: ${name()} is thread ${thread}'s, which is not attached`);
}

function checkCounts(region: Region, count: Count, problems: string[]): void {
  const { place } = count;
  const name = JSON.stringify(nameOfRecord(place));
  const sums = sumParts(place, region.layout.threadCapacity);
  const hits = sums.FREES - sums.FREE_MISSES - (sums.ALLOCATES - sums.ALLOCATE_MISSES);
  const parked = (hits + sums.RESERVED - sums.TRIMMED) | 0;
  const owned = (sums.OBTAINED - sums.FREE_MISSES - sums.TRIMMED) | 0;
  if (parked !== count.cached + count.depot) {
    problems.push(
      `AU-3: list ${name} counts ${parked} parked blocks of ${count.cached + count.depot}`,
    );
  }
  // Who has left a deleted list counts nothing there any more: it may have freed what it held.
  const isRight =
    load(place.words, place.at + RECORD.STATUS) === LIST_DELETED
      ? owned - parked >= count.held
      : owned - parked === count.held;
  if (!isRight) {
    problems.push(`AU-3: list ${name} counts ${owned - parked} held blocks of ${count.held}`);
  }
  for (const [slot, states] of count.slots) {
    if (states.size > 0)
      problems.push(`AU-2: slot ${slot} of list ${name} names ${states.size} other blocks`);
  }
  const word = (offset: number): number => load(place.words, place.at + offset);
  const used = word(RECORD.CREDITS) + sums.LIMIT + count.depot;
  if (used > word(RECORD.DEPTH)) {
    problems.push(`AU-4: list ${name} may park ${used} blocks of ${word(RECORD.DEPTH)}`);
  }
}
