/**
 * The thread table: one descriptor of 128 bytes for each of 255 possible threads; thread 0 is nobody.
 *
 * ```
 *   word   0        1      2      4..11       16, 17       18, 19
 *        +--------+------+------+-----------+------------+-------------+
 *        | status | host | lock | ancestors | quota used | quota limit |
 *        +--------+------+------+-----------+------------+-------------+
 *   word   20        21          22       23      24       25             31
 *        +---------+-----------+--------+-------+--------+------------+-+----------+
 *        | counted | recovered | before | owner | failed | on purpose | | gates.ts |
 *        +---------+-----------+--------+-------+--------+------------+-+----------+
 *
 *             31      16 15          8 7              0
 *            +----------+-------------+----------------+
 *   status = | epoch    | recoverer   | FREE ALIVE     |   FREE ─► ALIVE ─► FREE (epoch + 1)
 *            +----------+-------------+ RECOVERING     |             └─► RECOVERING|r ─► FREE (epoch + 1)
 *                                     +----------------+
 * ```
 *
 * | word | meaning | written by |
 * |---|---|---|
 * | status | see above | who attaches, and the thread itself; after its proven end whoever recovers it |
 * | host | 0 nobody; h + 1 thread h of the host; -1 one without number; -(h + 2) below | who won it from 0 |
 * | lock | epoch + 1 while the thread holds its Web Lock: see web-locks.ts | the thread |
 * | ancestors | h + 1 of up to eight threads of the host that it cannot outlive, nearest first | the thread |
 * | quota, owner | | the pool layer: what the quota account of this number holds, and whose it is |
 * | counted | whether the recovery of this user is counted: 0 or 1 | who claims, to 0; its recoverer, to 1 |
 * | recovered | recoveries of users of this number, modulo 2^32 | the recoverer |
 * | before | the same before the recovery of the last one that is counted | the recoverer |
 * | failed, on purpose | | the pool layer: allocations of this number that failed, and on purpose |
 *
 * **Claiming.** A thread wins `host` from 0 by compare-exchange, then the other words are its own; it writes
 * them, then ALIVE, then its number in the host. So whoever sees ALIVE sees the words of this very user,
 * never those of the one before. Leaving is the same backwards, and so is the end of a recovery. While a
 * number is being claimed or left, `host` names the eldest of the one who does it and its ancestors: if it
 * ends between two steps, the proof of that one's end frees the number.
 *
 * **Counting.** One thread at a time has claimed a recovery, and may end at any step of it. It notes
 * `before`, then sets `counted`, then stores `before` + 1: who takes its recovery over either begins again,
 * when nothing has changed, or stores the same. So each recovered thread is counted once, whoever dies.
 *
 * **Proof.** All changes of status are compare-exchanges, and the epoch tells two users of one number apart:
 * what was proven of one can never be done to the next. Only a definitive signal may take a thread from
 * ALIVE to RECOVERING: a thread that is merely slow must never be recovered. The end of a thread of the
 * host proves the end of those that have it among their ancestors; who makes a ticket proves nothing.
 */
import { LookasideError } from "../base/index.js";
import { compareExchange, load, type Region, store } from "../memory/index.js";
import type { HostThread } from "./host-thread-node.js";

const STATUS = 0;
const HOST = 1;
const LOCK = 2;
const ANCESTORS = 4;
const COUNTED = 20;
const RECOVERED = 21;
const BEFORE = 22;

/** Ancestors that are noted; who is nested deeper is found by the ends of these. */
const ANCESTORS_MAX = 8;

const FREE = 0;
const ALIVE = 1;
const RECOVERING = 2;

/** A thread's number and the epoch it was given in. */
export interface ThreadIdentity {
  readonly thread: number;
  readonly epoch: number;
}

function statusWord(epoch: number, recoverer: number, status: number): number {
  return ((epoch & 0xffff) << 16) | (recoverer << 8) | status;
}

function wordOf(region: Region, thread: number, word: number): number {
  return region.layout.threads + thread * region.layout.threadWords + word;
}

function statusAt(region: Region, thread: number): number {
  return load(region.words, wordOf(region, thread, STATUS));
}

/** What `host` and `ancestors` say of a thread of the host; numbers below 0 are no number. */
function hostWord(host: number): number {
  return host < 0 ? -1 : host + 1;
}

/** What `host` says while a number is claimed or left by a thread whose eldest is `host`. */
function claimWord(host: number): number {
  return host < 0 ? -1 : -(host + 2);
}

/** The same for an attached thread, from its own words. */
function leaveWord(region: Region, thread: number): number {
  let eldest = load(region.words, wordOf(region, thread, HOST));
  for (let at = 0; at < ANCESTORS_MAX; at++) {
    const ancestor = load(region.words, wordOf(region, thread, ANCESTORS + at));
    if (ancestor !== 0) eldest = ancestor;
  }
  return claimWord(eldest - 1);
}

/**
 * Claims a free number for the calling thread, lowest first.
 * @throws {LookasideError} ERR_THREADS_FULL
 */
export function claimThread(region: Region, caller: HostThread): ThreadIdentity {
  const { threadCapacity } = region.layout;
  const { words } = region;
  const ancestors = caller.ancestors.slice(0, ANCESTORS_MAX);
  const claim = claimWord(ancestors.at(-1) ?? caller.host);
  for (let thread = 1; thread <= threadCapacity; thread++) {
    if ((statusAt(region, thread) & 0xff) !== FREE) continue;
    const host = wordOf(region, thread, HOST);
    if (compareExchange(words, host, 0, claim) !== 0) continue;
    const seen = statusAt(region, thread); // FREE, perhaps of a later epoch: host is 0 with no other status
    const epoch = seen >>> 16;
    store(words, wordOf(region, thread, LOCK), 0);
    store(words, wordOf(region, thread, COUNTED), 0);
    for (let at = 0; at < ANCESTORS_MAX; at++) {
      const ancestor = ancestors[at];
      const word = ancestor === undefined ? 0 : hostWord(ancestor);
      store(words, wordOf(region, thread, ANCESTORS + at), word);
    }
    compareExchange(words, wordOf(region, thread, STATUS), seen, statusWord(epoch, 0, ALIVE));
    store(words, host, hostWord(caller.host));
    return { thread, epoch };
  }
  throw new LookasideError(
    "ERR_THREADS_FULL",
    `Cannot attach: all ${threadCapacity} threads of the system are taken`,
  );
}

/** Gives the calling thread's number back. What it allocated stays allocated. */
export function releaseThread(region: Region, identity: ThreadIdentity): void {
  const { thread, epoch } = identity;
  const { words } = region;
  const alive = statusWord(epoch, 0, ALIVE);
  if (statusAt(region, thread) !== alive) return;
  const host = wordOf(region, thread, HOST);
  store(words, host, leaveWord(region, thread));
  const free = statusWord(epoch + 1, 0, FREE);
  compareExchange(words, wordOf(region, thread, STATUS), alive, free);
  store(words, host, 0);
}

/** Whether a number is taken by a thread that has not been found dead. */
export function isAttached(region: Region, thread: number): boolean {
  return (statusAt(region, thread) & 0xff) === ALIVE;
}

/** How many numbers are taken: a snapshot. */
export function attachedThreads(region: Region): number {
  let count = 0;
  for (let thread = 1; thread <= region.layout.threadCapacity; thread++) {
    if (isAttached(region, thread)) count++;
  }
  return count;
}

/** What the table says of one number. */
export interface ThreadReading {
  readonly thread: number;
  /** The host's own number of its thread, or -1. */
  readonly host: number;
  /** How many threads have had the number before, modulo 65,536. */
  readonly epoch: number;
  readonly status: "attached" | "recovering" | "free";
}

/** What the table says of every number that was ever taken; lowest first, so these are one row from 1. */
export function readThreads(region: Region): ThreadReading[] {
  const readings: ThreadReading[] = [];
  let used = 0;
  for (let thread = 1; thread <= region.layout.threadCapacity; thread++) {
    const seen = statusAt(region, thread);
    const host = hostOf(region, thread);
    if (seen !== 0 || load(region.words, wordOf(region, thread, HOST)) !== 0) used = thread;
    const kind = seen & 0xff;
    const status = kind === ALIVE ? "attached" : kind === RECOVERING ? "recovering" : "free";
    readings.push({ thread, host, epoch: seen >>> 16, status });
  }
  return readings.slice(0, used);
}

/** Whether a thread is attached in this epoch. */
export function isAlive(region: Region, identity: ThreadIdentity): boolean {
  return statusAt(region, identity.thread) === statusWord(identity.epoch, 0, ALIVE);
}

function endedWith(region: Region, thread: number, host: number): boolean {
  const { words } = region;
  const seen = load(words, wordOf(region, thread, HOST));
  if (seen === hostWord(host) || seen === claimWord(host)) return true;
  for (let at = 0; at < ANCESTORS_MAX; at++) {
    if (load(words, wordOf(region, thread, ANCESTORS + at)) === hostWord(host)) return true;
  }
  return false;
}

/**
 * The attached threads that cannot outlive a thread of the host: its own, and those of all workers below.
 * Call it with a host thread that is proven to have ended: numbers that such a thread was just claiming
 * or leaving are free afterwards.
 */
export function threadsEndedWith(region: Region, host: number): ThreadIdentity[] {
  const found: ThreadIdentity[] = [];
  for (let thread = 1; thread <= region.layout.threadCapacity; thread++) {
    const seen = statusAt(region, thread); // first: a recovery is claimed in this epoch or not at all
    const status = seen & 0xff;
    if (status === ALIVE && endedWith(region, thread, host))
      found.push({ thread, epoch: seen >>> 16 });
    if (status === FREE)
      compareExchange(region.words, wordOf(region, thread, HOST), claimWord(host), 0);
  }
  return found;
}

/** The host's number for an attached thread, or -1. */
export function hostOf(region: Region, thread: number): number {
  const seen = load(region.words, wordOf(region, thread, HOST));
  return seen > 0 ? seen - 1 : -1;
}

/** Word that says whether a thread holds its Web Lock. */
export function lockWord(region: Region, thread: number): number {
  return wordOf(region, thread, LOCK);
}

/** The attached threads: a snapshot. */
export function aliveThreads(region: Region): ThreadIdentity[] {
  const found: ThreadIdentity[] = [];
  for (let thread = 1; thread <= region.layout.threadCapacity; thread++) {
    const seen = statusAt(region, thread);
    if ((seen & 0xff) === ALIVE) found.push({ thread, epoch: seen >>> 16 });
  }
  return found;
}

/**
 * Claims the recovery of a thread that is proven to have ended, for thread `recoverer`. One wins.
 * Gives back false when the thread is not alive in that epoch (any more).
 */
export function claimRecovery(region: Region, dead: ThreadIdentity, recoverer: number): boolean {
  const { thread, epoch } = dead;
  const seen = statusWord(epoch, 0, ALIVE);
  const next = statusWord(epoch, recoverer, RECOVERING);
  return compareExchange(region.words, wordOf(region, thread, STATUS), seen, next) === seen;
}

/** Whether thread `recoverer` has claimed a recovery and not ended it. */
export function isRecoveredBy(region: Region, dead: ThreadIdentity, recoverer: number): boolean {
  return statusAt(region, dead.thread) === statusWord(dead.epoch, recoverer, RECOVERING);
}

/** Takes over the recoveries that a dead recoverer left unfinished. Gives back the threads they were of. */
export function inheritRecoveries(
  region: Region,
  dead: number,
  recoverer: number,
): ThreadIdentity[] {
  const inherited: ThreadIdentity[] = [];
  for (let thread = 1; thread <= region.layout.threadCapacity; thread++) {
    const seen = statusAt(region, thread);
    if ((seen & 0xff) !== RECOVERING || ((seen >>> 8) & 0xff) !== dead) continue;
    const epoch = seen >>> 16;
    const next = statusWord(epoch, recoverer, RECOVERING);
    const word = wordOf(region, thread, STATUS);
    if (compareExchange(region.words, word, seen, next) === seen) inherited.push({ thread, epoch });
  }
  return inherited;
}

/** Counts a thread as recovered, once however often it is called. Its recoverer alone calls it. */
export function countRecovered(region: Region, { thread }: ThreadIdentity): void {
  const { words } = region;
  const recovered = wordOf(region, thread, RECOVERED);
  const before = wordOf(region, thread, BEFORE);
  if (load(words, wordOf(region, thread, COUNTED)) === 0) {
    store(words, before, load(words, recovered));
    store(words, wordOf(region, thread, COUNTED), 1);
  }
  store(words, recovered, (load(words, before) + 1) | 0);
}

/** Threads that were ever recovered, modulo 2^32: a snapshot. */
export function recoveredThreads(region: Region): number {
  let sum = 0;
  for (let thread = 1; thread <= region.layout.threadCapacity; thread++)
    sum = (sum + load(region.words, wordOf(region, thread, RECOVERED))) | 0;
  return sum >>> 0;
}

/** Ends a recovery: the number is free for the next thread. */
export function endRecovery(region: Region, dead: ThreadIdentity, recoverer: number): void {
  const { thread, epoch } = dead;
  const seen = statusWord(epoch, recoverer, RECOVERING);
  const word = wordOf(region, thread, STATUS);
  if (load(region.words, word) !== seen) return;
  const host = wordOf(region, thread, HOST);
  store(region.words, host, leaveWord(region, recoverer)); // if it ends here, its own end frees the number
  compareExchange(region.words, word, seen, statusWord(epoch + 1, 0, FREE));
  store(region.words, host, 0);
}
