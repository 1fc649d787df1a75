/**
 * Recovery of a thread that is proven to have ended.
 *
 * One recoverer at a time, claimed in the thread table. One pass over the state words, for they alone
 * say where each block is. Every step takes a word out of the set that names the dead thread, so a
 * recoverer may itself die: its successor begins again with a smaller set, after it has finished what
 * the recoverer had claimed.
 *
 * Only blocks of block lists are recovered. What a thread allocated from the pool itself stays
 * allocated, as it does when a driver's thread ends: nothing says that it was the thread's alone.
 */
import {
  claimedSlots,
  countObtained,
  countRecovered,
  leaveRecord,
  listNote,
  makeHandle,
  nameOfRecord,
  PART,
  partOf,
  RECORD,
  type RecordPlace,
  rebuildSlot,
  recordPlaces,
  releasingOf,
  returnCreditsOf,
  uncountedOf,
  writeListNote,
} from "../list/index.js";
import { compareExchange, peek, type Region } from "../memory/index.js";
import {
  CACHED,
  DEPOT,
  generationOf,
  HELD,
  kindOf,
  type Pool,
  SHOWN,
  stateWord,
  subjectOf,
  walkOwned,
} from "../pool/index.js";
import {
  claimRecovery,
  endRecovery,
  inheritRecoveries,
  type ThreadIdentity,
} from "../threads/index.js";
import { releaseLocksOf } from "./locks.js";
import type { Orphan, OrphanPolicy, RecoveryReport } from "./report.js";

/**
 * Recovers a thread, if it is still to be recovered. Gives back what was done, one report for each
 * thread: a dead recoverer's own unfinished recoveries come first.
 * A policy that throws keeps the block it was asked about, and what it threw comes out of the finished
 * recovery.
 * @throws {LookasideError} ERR_LOCK_STALLED
 */
export function recoverThread(
  region: Region,
  pool: Pool,
  dead: ThreadIdentity,
  policy: OrphanPolicy,
): RecoveryReport[] {
  if (!claimRecovery(region, dead, pool.thread)) return [];
  const troubles: unknown[] = [];
  const careful = typeof policy === "function" ? keepingOnTrouble(policy, troubles) : policy;
  const reports: RecoveryReport[] = [];
  for (const inherited of inheritRecoveries(region, dead.thread, pool.thread)) {
    reports.push(finish(region, pool, inherited, careful));
  }
  reports.push(finish(region, pool, dead, careful));
  if (troubles.length > 0) throw troubles[0];
  return reports;
}

/** A user's policy that throws would leave the dead thread half recovered: it keeps the block instead. */
function keepingOnTrouble(
  policy: (orphan: Orphan) => "reclaim" | "keep",
  troubles: unknown[],
): OrphanPolicy {
  return (orphan) => {
    try {
      return policy(orphan);
    } catch (error) {
      troubles.push(error);
      return "keep";
    }
  };
}

function finish(
  region: Region,
  pool: Pool,
  dead: ThreadIdentity,
  policy: OrphanPolicy,
): RecoveryReport {
  const locks = releaseLocksOf(region, pool, dead.thread);
  const lists = recordPlaces(region).map(
    (place) => new ListRecovery(region, pool, place, dead.thread),
  );
  const byNote = new Map(lists.map((list) => [list.place.id + 1, list]));
  const strays = lists.filter((list) => list.wasObtaining);
  const hasClaims = lists.some((list) => list.slots.size > 0);
  walkOwned(region, dead.thread, hasClaims, (state, seen) => {
    const list = byNote.get(listNote(region.words, state));
    if (list !== undefined) list.found(state, seen);
    else for (const stray of strays) stray.foundStray(state, seen);
  });
  const kept: Orphan[] = [];
  for (const list of lists) list.finish(policy, kept);
  endRecovery(region, dead, pool.thread);
  const sum = (of: (list: ListRecovery) => number): number =>
    lists.reduce((total, list) => total + of(list), 0);
  return {
    thread: dead.thread,
    parked: sum((list) => list.parked.length),
    reclaimed: sum((list) => list.reclaimed),
    kept,
    slots: sum((list) => list.slots.size),
    locks,
  };
}

/** What one dead thread left in one list. */
class ListRecovery {
  readonly place: RecordPlace;
  /** States of the blocks in slots that the thread had claimed. */
  readonly slots: Map<number, number[]>;
  /** States of the blocks it had parked in its ring, and of those it held. */
  readonly parked: number[] = [];
  readonly #held: number[] = [];
  readonly #strays: number[] = [];
  readonly #region: Region;
  readonly #pool: Pool;
  readonly #thread: number;
  reclaimed = 0;

  constructor(region: Region, pool: Pool, place: RecordPlace, thread: number) {
    this.#region = region;
    this.#pool = pool;
    this.#thread = thread;
    this.place = place;
    this.slots = new Map(claimedSlots(place, thread).map((slot) => [slot, []]));
  }

  /** Whether the thread died between a block of the pool and its count. */
  get wasObtaining(): boolean {
    return peek(this.place.words, partOf(this.place, this.#thread) + PART.OBTAINING) !== 0;
  }

  /** Looks at a block of the list. */
  found(state: number, seen: number): void {
    const kind = kindOf(seen);
    const subject = subjectOf(seen);
    if (kind === DEPOT) this.slots.get(subject)?.push(state);
    else if (subject !== this.#thread) return;
    else if (kind === CACHED) this.parked.push(state);
    else if (kind === HELD || kind === SHOWN) this.#held.push(state);
  }

  /**
   * Looks at a block of no list: the one that the thread was obtaining has the list's tag and size,
   * and its owner.
   */
  foundStray(state: number, seen: number): void {
    if (kindOf(seen) !== HELD || subjectOf(seen) !== this.#thread) return;
    const block = this.#pool.inspect(this.#addressOf(state));
    const word = (offset: number): number => peek(this.place.words, this.place.at + offset) >>> 0;
    if (block?.tag === word(RECORD.TAG) && block.bytes === word(RECORD.SIZE))
      this.#strays.push(state);
  }

  /** Does what is to be done. Adds the orphans that are kept to `kept`. */
  finish(policy: OrphanPolicy, kept: Orphan[]): void {
    for (const [slot, states] of this.slots) rebuildSlot(this.place, slot, states);
    this.#finishRelease();
    for (const state of this.parked) this.#free(state);
    const fresh = uncountedOf(this.place, this.#thread);
    if (this.#held.includes(fresh)) countObtained(this.place, this.#thread);
    const stray = this.#strays.find((state) => fresh === 0 || state === fresh);
    if (stray !== undefined) this.#free(stray);
    for (const state of this.#held) this.#treatOrphan(state, policy, kept);
    countRecovered(this.place, this.#thread, this.parked.length, this.reclaimed);
    returnCreditsOf(this.place, this.#thread);
    leaveRecord(this.#region, this.#pool, this.place, this.#thread);
  }

  /** A block that was on its way to the pool is counted as gone already: it goes, and is no parked one. */
  #finishRelease(): void {
    const state = releasingOf(this.place, this.#thread);
    if (state === 0) return;
    const parked = this.parked.indexOf(state);
    if (parked >= 0) this.parked.splice(parked, 1);
    const held = this.#held.indexOf(state);
    if (held >= 0) this.#held.splice(held, 1);
    this.#free(state);
  }

  #addressOf(state: number): number {
    const { layout } = this.#region;
    return layout.dataByte + (state - layout.shadow) * 16;
  }

  #treatOrphan(state: number, policy: OrphanPolicy, kept: Orphan[]): void {
    const { words, layout } = this.#region;
    const seen = peek(words, state);
    const orphan: Orphan = {
      list: nameOfRecord(this.place),
      address: this.#addressOf(state),
      handle: makeHandle(state - layout.shadow, generationOf(seen)),
    };
    const keeps = typeof policy === "function" ? policy(orphan) === "keep" : policy === "report";
    if (!keeps) {
      if (this.#free(state)) this.reclaimed++;
      return;
    }
    // Nobody's from now on, in the same generation: its handle stays good.
    const nobodys = stateWord(SHOWN, 0, generationOf(seen));
    if (compareExchange(words, state, seen, nobodys) === seen) kept.push(orphan);
  }

  /** Frees a block of the dead thread to the pool. Gives back false when a survivor has adopted it. */
  #free(state: number): boolean {
    const { words } = this.#region;
    const seen = peek(words, state);
    const kind = kindOf(seen);
    const isParkedOrHeld = kind === CACHED || kind === HELD || kind === SHOWN;
    if (!isParkedOrHeld || subjectOf(seen) !== this.#thread) return false;
    const mine = stateWord(HELD, this.#pool.thread, generationOf(seen) + 1);
    if (compareExchange(words, state, seen, mine) !== seen) return false;
    writeListNote(words, state, 0); // or whoever obtains it next and dies would seem to hold it for the list
    this.#pool.free(this.#addressOf(state), -1);
    return true;
  }
}
