/**
 * The thread table: one descriptor of 128 bytes for each of 255 possible threads; thread 0 is nobody.
 *
 * ```
 *   word   0        1       2..15        16, 17         18, 19
 *        +--------+-------+------------+--------------+---------------+-----
 *        | status | host  |            | quota used   | quota limit   |  word 31: gates.ts
 *        +--------+-------+------------+--------------+---------------+-----
 *
 *             31      16 15          8 7              0
 *            +----------+-------------+----------------+      FREE ─► ALIVE ─► FREE (epoch + 1)
 *   status = | epoch    | recoverer   | FREE ALIVE     |                │
 *            +----------+-------------+ RECOVERING     |                └─► RECOVERING|r ─► FREE
 * (epoch + 1)
 *                                     +----------------+
 * ```
 *
 * | word | written by |
 * |---|---|
 * | status | who attaches, and the thread itself; after its proven end whoever recovers it |
 * | host | the thread, before it does anything else |
 * | quota | the pool layer: what the account of this number holds |
 *
 * All changes of status are compare-exchanges. The epoch tells two users of one number apart. Only a
 * definitive signal may take a thread from ALIVE to RECOVERING: a thread that is merely slow must
 * never be recovered.
 */
import { LookasideError } from "../base/index.js";
import { compareExchange, load, type Region, store } from "../memory/index.js";

const STATUS = 0;
const HOST = 1;

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

/**
 * Claims a free number for the calling thread, lowest first. `host` is the host's own number for it, or 0.
 * @throws {LookasideError} ERR_THREADS_FULL
 */
export function claimThread(region: Region, host: number): ThreadIdentity {
  const { threadCapacity } = region.layout;
  for (let thread = 1; thread <= threadCapacity; thread++) {
    const seen = statusAt(region, thread);
    if ((seen & 0xff) !== FREE) continue;
    const epoch = seen >>> 16;
    const word = wordOf(region, thread, STATUS);
    if (compareExchange(region.words, word, seen, statusWord(epoch, 0, ALIVE)) !== seen) continue;
    store(region.words, wordOf(region, thread, HOST), host);
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
  const word = wordOf(region, thread, STATUS);
  compareExchange(region.words, word, statusWord(epoch, 0, ALIVE), statusWord(epoch + 1, 0, FREE));
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
  /** The host's own number of its thread, or {@link UNKNOWN_HOST} of host-thread-node.ts. */
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
    const host = load(region.words, wordOf(region, thread, HOST));
    if (seen !== 0 || host !== 0) used = thread;
    const kind = seen & 0xff;
    const status = kind === ALIVE ? "attached" : kind === RECOVERING ? "recovering" : "free";
    readings.push({ thread, host, epoch: seen >>> 16, status });
  }
  return readings.slice(0, used);
}

/** Numbers of the attached threads that gave this host number. */
export function threadsOfHost(region: Region, host: number): ThreadIdentity[] {
  const found: ThreadIdentity[] = [];
  for (let thread = 1; thread <= region.layout.threadCapacity; thread++) {
    const seen = statusAt(region, thread);
    if ((seen & 0xff) !== ALIVE || load(region.words, wordOf(region, thread, HOST)) !== host)
      continue;
    found.push({ thread, epoch: seen >>> 16 });
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

/** Ends a recovery: the number is free for the next thread. */
export function endRecovery(region: Region, dead: ThreadIdentity, recoverer: number): void {
  const { thread, epoch } = dead;
  const seen = statusWord(epoch, recoverer, RECOVERING);
  const word = wordOf(region, thread, STATUS);
  compareExchange(region.words, word, seen, statusWord(epoch + 1, 0, FREE));
}
