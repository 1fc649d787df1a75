/**
 * A bell: what threads sleep on until there is a value (items) or room (room) for them.
 *
 * ```
 *             31            16 15             0
 *            +----------------+----------------+
 *   waiters  | for room       | for items      |   threads that wait, each counted once for either
 *            +----------------+----------------+
 *            +---------------------------------+
 *   items    | grows by one with every ring    |   what they sleep on; `room` likewise
 *            +---------------------------------+
 * ```
 *
 * A channel that nobody waits for pays one load of `waiters` for each push and pop, and rings nothing.
 *
 * No wake-up is lost, for all of these are sequentially consistent:
 *
 *   who waits                              who makes a value (or room)
 *   1  waiters + 1                         a  publish the cell
 *   2  seen = items                        b  waiters = 0? then done
 *   3  try; done if it worked              c  items + 1
 *   4  sleep while items = seen; go to 2   d  wake one sleeper
 *
 * If b comes before 1, then a comes before 3, and the try finds the cell. Otherwise c happens: before 2, then
 * a comes before 3 again; or after 2, then step 4 does not sleep, or d wakes a sleeper.
 *
 * One ring wakes one thread, and the cell that it was rung for may not be the one that it can have: another
 * thread that has just filled an older cell rings as well. So whoever has waited and succeeded rings once
 * more if others wait (BL-1). A wait that is given up, and every recovery, rings for all: a wake-up may have
 * gone to a thread that ended (BL-2).
 *
 * A thread counts itself in `waiters` before it notes that in its own part, and the other way round when it
 * leaves. So a thread that dies leaves a count that is too high at most, which costs a ring in vain, and its
 * recoverer takes out what the part says.
 */
import {
  add,
  load,
  peek,
  poke,
  type Words,
  waitBriefly,
  waitLightly,
  wake,
} from "../memory/index.js";
import { type ChannelPlace, PART, partOf, RECORD } from "./record.js";

/** Which bell: its unit in `waiters` is 1 << (16 * kind), its bit in a part's `waiting` 1 << kind. */
export const ITEMS = 0;
export const ROOM = 1;

const ALL = 0x7fff_ffff;

/** Whether threads wait for items, by the word `waiters`. */
export function awaitsItems(waiters: number): boolean {
  return (waiters & 0xffff) !== 0;
}

/** Whether threads wait for room. */
export function awaitsRoom(waiters: number): boolean {
  return waiters >>> 16 !== 0;
}

/** Rings both bells for everybody. Any thread, at any time: it costs them a try. */
export function ringForAll(place: ChannelPlace): void {
  for (const bell of [RECORD.ITEMS, RECORD.ROOM]) {
    add(place.words, place.at + bell, 1);
    wake(place.words, place.at + bell, ALL);
  }
}

/** Takes a thread out of the counts of those who wait: a leaver itself, or a dead one's recoverer. */
export function forgetWaits(place: ChannelPlace, thread: number): void {
  const waiting = partOf(place, thread) + PART.WAITING;
  const noted = peek(place.words, waiting);
  poke(place.words, waiting, 0); // first: a count that is too high costs a ring, one too low a wake-up
  for (const kind of [ITEMS, ROOM]) {
    if ((noted >>> kind) & 1) add(place.words, place.at + RECORD.WAITERS, -(1 << (16 * kind)));
  }
}

/** One bell of one channel, as one thread uses it. */
export class Bell {
  readonly #words: Words;
  readonly #bell: number;
  readonly #waiters: number;
  readonly #waiting: number;
  readonly #kind: number;
  /** Waits of this thread: `await` allows many at a time, and the channel counts them as one. */
  #waits = 0;

  constructor(place: ChannelPlace, thread: number, kind: number) {
    this.#words = place.words;
    this.#bell = place.at + (kind === ITEMS ? RECORD.ITEMS : RECORD.ROOM);
    this.#waiters = place.at + RECORD.WAITERS;
    this.#waiting = partOf(place, thread) + PART.WAITING;
    this.#kind = kind;
  }

  /** Waits of this thread that are under way. */
  get waits(): number {
    return this.#waits;
  }

  /** Begins a wait. */
  enter(): void {
    if (this.#waits++ > 0) return;
    add(this.#words, this.#waiters, 1 << (16 * this.#kind));
    poke(this.#words, this.#waiting, peek(this.#words, this.#waiting) | (1 << this.#kind));
  }

  /** Ends a wait. */
  exit(): void {
    if (--this.#waits > 0) return;
    poke(this.#words, this.#waiting, peek(this.#words, this.#waiting) & ~(1 << this.#kind));
    add(this.#words, this.#waiters, -(1 << (16 * this.#kind)));
  }

  /** What to sleep on. */
  read(): number {
    return load(this.#words, this.#bell);
  }

  /** Sleeps until the bell rings, if it has not since `seen`. False where the host forbids it. */
  sleep(seen: number, milliseconds: number): boolean {
    return waitBriefly(this.#words, this.#bell, seen, milliseconds);
  }

  /** The same without blocking; null where the host cannot. */
  sleepLightly(seen: number, milliseconds: number): Promise<unknown> | null {
    return waitLightly(this.#words, this.#bell, seen, milliseconds);
  }

  /** Wakes one thread that waits. */
  ring(): void {
    add(this.#words, this.#bell, 1);
    wake(this.#words, this.#bell, 1);
  }

  /** Wakes one thread, if any waits. */
  pass(): void {
    const waiters = load(this.#words, this.#waiters);
    if (this.#kind === ITEMS ? awaitsItems(waiters) : awaitsRoom(waiters)) this.ring();
  }

  /** Wakes all threads that wait. */
  ringForAll(): void {
    add(this.#words, this.#bell, 1);
    wake(this.#words, this.#bell, ALL);
  }
}
