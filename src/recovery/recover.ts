/**
 * Recovery of a thread that is proven to have ended.
 *
 * One recoverer at a time, claimed in the thread table. One pass over the state words of the chunks that
 * the dead thread had claimed, for the states alone say where each block is. Every step takes a word out
 * of the set that names the dead thread, so a recoverer may itself die: its successor begins again with a
 * smaller set, after it has finished what the recoverer had claimed.
 *
 * Channels come first: from then on nobody but a survivor changes what lies in them. A block whose handle
 * lies in a channel has been sent; it is kept for its receiver, whatever the policy says.
 *
 * Only blocks of block lists are recovered. What a thread allocated from the pool itself stays
 * allocated, as it does when a driver's thread ends: nothing says that it was the thread's alone.
 */
import {
  claimedSlots,
  count,
  countObtained,
  drainDepot,
  hasOpen,
  isListNote,
  leaveRecord,
  listNote,
  makeHandle,
  nameOfRecord,
  noteOf,
  noteReleasing,
  PART,
  type RecordPlace,
  rebuildSlot,
  recordPlaces,
  releasingOf,
  returnCreditsOf,
  returnObjectAllowance,
  settleCounters,
  uncountedOf,
  wasObtaining,
  writeListNote,
} from "../list/index.js";
import { compareExchange, peek, poke, type Region } from "../memory/index.js";
import {
  CACHED,
  Claims,
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
  isRecoveredBy,
  returnRecovery,
  type ThreadIdentity,
} from "../threads/index.js";
import { recoverChannels } from "./channels.js";
import { releaseLocksOf } from "./locks.js";
import { countRecovery, type Orphan, type OrphanPolicy, type RecoveryReport } from "./report.js";

/**
 * Recovers a thread, if it is still to be recovered. Gives back what was done, one report for each
 * thread: a dead recoverer's own unfinished recoveries come first.
 * A policy that throws keeps the block it was asked about, and what it threw comes out of the finished
 * recovery.
 * @throws {LookasideError} ERR_LOCK_STALLED: the recovery stays claimed, and the same call goes on with it
 */
export function recoverThread(
  region: Region,
  pool: Pool,
  dead: ThreadIdentity,
  policy: OrphanPolicy,
): RecoveryReport[] {
  const isMine =
    claimRecovery(region, dead, pool.thread) || isRecoveredBy(region, dead, pool.thread);
  if (!isMine) return [];
  // First: to finish what it had claimed may need a lock that it held.
  const locks = releaseLocksOf(region, pool, dead.thread);
  const troubles: unknown[] = [];
  const careful = typeof policy === "function" ? keepingOnTrouble(policy, troubles) : policy;
  const reports: RecoveryReport[] = [];
  const inherited = inheritAll(region, dead.thread, pool.thread);
  try {
    for (const theirs of [...inherited]) {
      const locksOfTheirs = releaseLocksOf(region, pool, theirs.thread);
      reports.push(finish(region, pool, theirs, careful, locksOfTheirs));
      inherited.shift();
    }
  } catch (error) {
    // The call that goes on with this one asks for the dead recoverer's again: there they must be.
    for (const left of inherited) returnRecovery(region, left, pool.thread, dead.thread);
    throw error;
  }
  reports.push(finish(region, pool, dead, careful, locks));
  if (troubles.length > 0) throw troubles[0];
  return reports;
}

/** The unfinished recoveries of a dead recoverer, and of those that it was recovering. */
function inheritAll(region: Region, dead: number, recoverer: number): ThreadIdentity[] {
  const all = inheritRecoveries(region, dead, recoverer);
  for (const { thread } of all) all.push(...inheritRecoveries(region, thread, recoverer));
  return all;
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
  locks: readonly string[],
): RecoveryReport {
  const channels = recoverChannels(region, pool, dead.thread);
  // A list that the thread does not have open may go away at any moment, and with it its record.
  const lists = recordPlaces(region)
    .filter((place) => hasOpen(place, dead.thread))
    .map((place) => new ListRecovery(region, pool, place, dead.thread));
  const byNote = new Map(lists.map((list) => [noteOf(list.place), list]));
  const strays: number[] = [];
  const claims = new Claims(region, dead.thread);
  const everywhere = lists.some(
    ({ place, slots }) => slots.size > 0 || wasObtaining(place, dead.thread),
  );
  walkOwned(region, dead.thread, everywhere, (state, seen) => {
    if (everywhere && subjectOf(seen) === dead.thread) claims.note(state); // CL-1
    const note = listNote(region.words, state);
    const list = byNote.get(note);
    if (list !== undefined) list.found(state, seen);
    else if (subjectOf(seen) === dead.thread && isStray(kindOf(seen), note)) strays.push(state);
  });
  const kept: Orphan[] = [];
  const sent: Orphan[] = [];
  for (const list of lists) list.finish(policy, kept, channels.values, sent);
  for (const state of strays) freeBlock(region, pool, dead.thread, state);
  returnObjectAllowance(region, dead.thread);
  claims.clear();
  const sum = (of: (list: ListRecovery) => number): number =>
    lists.reduce((total, list) => total + of(list), 0);
  const report: RecoveryReport = {
    thread: dead.thread,
    parked: sum((list) => list.parked.length),
    reclaimed: sum((list) => list.reclaimed),
    kept,
    sent,
    cells: channels.cells,
    slots: sum((list) => list.slots.size),
    locks,
  };
  countRecovery(region, dead, report);
  endRecovery(region, dead, pool.thread);
  const { parked, reclaimed } = report;
  const told = { thread: dead.thread, recoverer: pool.thread, parked, reclaimed };
  region.observers.recovery?.({ ...told, kept: kept.length });
  return report;
}

/**
 * Whether a dead thread's block is in no list that it had open: on the way between the pool and a list, or
 * held since before the thread deleted its list. Such a block goes to the pool, and is counted nowhere.
 */
function isStray(kind: number, note: number): boolean {
  return kind === CACHED || (isListNote(note) && (kind === HELD || kind === SHOWN));
}

/** What one dead thread left in one list. */
class ListRecovery {
  readonly place: RecordPlace;
  /** States of the blocks in slots that the thread had claimed. */
  readonly slots: Map<number, number[]>;
  /** States of the blocks it had parked in its ring, and of those it held. */
  readonly parked: number[] = [];
  readonly #held: number[] = [];
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
   * Does what is to be done. Adds the orphans that are kept to `kept`; those whose handles are among
   * `values` are kept too, and added to `sent`.
   */
  finish(policy: OrphanPolicy, kept: Orphan[], values: ReadonlySet<number>, sent: Orphan[]): void {
    for (const [slot, states] of this.slots) rebuildSlot(this.place, slot, states);
    this.#finishRelease();
    const fresh = uncountedOf(this.place, this.#thread);
    if (this.parked.includes(fresh)) countObtained(this.place, this.#thread);
    settleCounters(this.place, this.#thread, this.parked.length);
    for (const state of this.parked) this.#release(state, PART.TRIMMED);
    for (const state of this.#held) this.#treatOrphan(state, policy, kept, values, sent);
    drainDepot(this.place, this.#region.words, this.#thread, (state) => {
      this.#release(state, PART.TRIMMED);
    });
    returnCreditsOf(this.place, this.#thread);
    leaveRecord(this.#region, this.#pool, this.place, this.#thread);
  }

  /** A block that was on its way to the pool goes there, and is no parked or held one. */
  #finishRelease(): void {
    const state = releasingOf(this.place, this.#thread);
    if (state === 0) return;
    const parked = this.parked.indexOf(state);
    if (parked >= 0) this.parked.splice(parked, 1);
    const held = this.#held.indexOf(state);
    if (held >= 0) this.#held.splice(held, 1);
    freeBlock(this.#region, this.#pool, this.#thread, state);
  }

  /**
   * Gives a block that the thread has CACHED to the pool, as the thread itself would have: whoever has to
   * recover the recoverer finds every step counted, or sees that it is not.
   */
  #release(state: number, counter: number): void {
    noteReleasing(this.place, this.#thread, state);
    count(this.place, this.#thread, counter, 1);
    freeBlock(this.#region, this.#pool, this.#thread, state);
    noteReleasing(this.place, this.#thread, 0);
  }

  #addressOf(state: number): number {
    const { layout } = this.#region;
    return layout.dataByte + (state - layout.shadow) * 16;
  }

  #treatOrphan(
    state: number,
    policy: OrphanPolicy,
    kept: Orphan[],
    values: ReadonlySet<number>,
    sent: Orphan[],
  ): void {
    const { words, layout } = this.#region;
    const seen = peek(words, state);
    const isHeld = kindOf(seen) === HELD || kindOf(seen) === SHOWN;
    if (!isHeld || subjectOf(seen) !== this.#thread) return; // a survivor has adopted it
    const orphan: Orphan = {
      list: nameOfRecord(this.place),
      address: this.#addressOf(state),
      handle: makeHandle(state - layout.shadow, generationOf(seen)),
    };
    const isSent = kindOf(seen) === SHOWN && values.has(orphan.handle);
    const keeps =
      isSent || (typeof policy === "function" ? policy(orphan) === "keep" : policy === "report");
    if (!keeps) {
      const cached = stateWord(CACHED, this.#thread, generationOf(seen) + 1);
      if (compareExchange(words, state, seen, cached) !== seen) return; // adopted at the last instant
      count(this.place, this.#thread, PART.FREES, 1);
      this.#release(state, PART.FREE_MISSES);
      this.reclaimed++;
      return;
    }
    // Nobody's from now on, in the same generation: its handle stays good.
    const nobodys = stateWord(SHOWN, 0, generationOf(seen));
    if (compareExchange(words, state, seen, nobodys) === seen) (isSent ? sent : kept).push(orphan);
  }
}

/** Frees a block of a dead thread to the pool. Gives back false when it is not that thread's any more. */
function freeBlock(region: Region, pool: Pool, dead: number, state: number): boolean {
  const { words, layout } = region;
  const seen = peek(words, state);
  const kind = kindOf(seen);
  const isParkedOrHeld = kind === CACHED || kind === HELD || kind === SHOWN;
  if (!isParkedOrHeld || subjectOf(seen) !== dead) return false;
  pool.claims.note(state);
  const mine = stateWord(CACHED, pool.thread, generationOf(seen) + 1);
  if (compareExchange(words, state, seen, mine) !== seen) return false;
  const note = listNote(words, state);
  writeListNote(words, state, 0); // or whoever obtains it next and dies would seem to hold it for the list
  try {
    pool.freeForList(layout.dataByte + (state - layout.shadow) * 16);
  } catch (error) {
    writeListNote(words, state, note); // a free that throws has given nothing up: it is done again later
    poke(words, state, stateWord(CACHED, dead, generationOf(mine)));
    throw error;
  }
  return true;
}
