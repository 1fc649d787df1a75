/**
 * Records what threads call, and when, in shared memory: so that what a thread had begun when it was ended is
 * there too.
 *
 * ```
 *   word 0       16 + lane * stride: one lane for each thread
 *     +-------+-- … --+-------+------+-------+-------+------------+-------+-----+------+-- …
 *     | clock |       | count | kind | value | extra | generation | begin | end | kind |
 *     +-------+-- … --+-------+------+-------+-------+------------+-------+-----+------+-- …
 * ```
 *
 * clock  counted up by whoever begins or ends a call; its value before is the ticket
 * count  calls of the lane that have begun; written by its thread, after the other words of the call
 * end    0 until the call has come back
 *
 * The clock is one word that all threads add to, not the time of day. An atomic add is itself in the order of
 * all atomic accesses: if one call's last ticket is lower than another's first, then all that the one did
 * happened before all that the other does. Two readings of `process.hrtime` on two processors say nothing of
 * the kind: a reading may be taken before the stores of its own thread have left the processor, and the two
 * need not agree to the nanosecond; a check that believes them may accuse a list that is right. The price: a
 * ticket is a fence, so what only goes wrong without one is not seen here; the explorer looks for that.
 */
import type { Operation } from "./linearize.js";

const CLOCK = 0;
const LANES = 16;
const CALL_WORDS = 6;
const KIND = 0;
const VALUE = 1;
const EXTRA = 2;
const GENERATION = 3;
const BEGIN = 4;
const END = 5;

/** The memory of a recording: post it to the threads. */
export interface Recording {
  readonly words: Int32Array<SharedArrayBuffer>;
  /** Words of a lane. */
  readonly stride: number;
  readonly lanes: number;
}

/** What was written down of one call. */
export interface Note {
  readonly kind: number;
  readonly value: number;
  readonly extra: number;
  /** Of the block, or UNKNOWN. */
  readonly generation: number;
}

/** The generation of what has none, or of what nobody has looked at. */
export const UNKNOWN = -1;

/** Room for `calls` calls of each of `lanes` threads. */
export function makeRecording(lanes: number, calls: number): Recording {
  const stride = Math.ceil((1 + calls * CALL_WORDS) / 16) * 16;
  const words = new Int32Array(new SharedArrayBuffer((LANES + lanes * stride) * 4));
  Atomics.store(words, CLOCK, 1);
  return { words, stride, lanes };
}

/** The next ticket: for calls of a thread that has no lane. */
export function ticketOf({ words }: Recording): number {
  return Atomics.add(words, CLOCK, 1);
}

/** Everything that was recorded, by lane: the threads of the operations are the lanes' numbers plus 1. */
export function operationsOf<Call>(
  recording: Recording,
  callOf: (note: Note, isOver: boolean) => Call | null,
): Operation<Call>[] {
  const { words, stride, lanes } = recording;
  const operations: Operation<Call>[] = [];
  for (let lane = 0; lane < lanes; lane++) {
    const start = LANES + lane * stride;
    for (let call = 0; call < Atomics.load(words, start); call++) {
      const at = start + 1 + call * CALL_WORDS;
      const word = (offset: number): number => Atomics.load(words, at + offset);
      const end = word(END) === 0 ? Number.POSITIVE_INFINITY : word(END);
      const [kind, value, extra] = [word(KIND), word(VALUE), word(EXTRA)];
      const note = { kind, value, extra, generation: word(GENERATION) };
      const known = callOf(note, end !== Number.POSITIVE_INFINITY);
      if (known !== null)
        operations.push({ thread: lane + 1, call: known, begin: word(BEGIN), end });
    }
  }
  return operations;
}

/** Forgets all calls, for the next round. Nobody records meanwhile. */
export function clear({ words, stride, lanes }: Recording): void {
  for (let lane = 0; lane < lanes; lane++) Atomics.store(words, LANES + lane * stride, 0);
}

/** One thread's lane. */
export class Lane {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #start: number;
  readonly #room: number;
  #at = 0;

  constructor(recording: Recording, lane: number) {
    this.#words = recording.words;
    this.#start = LANES + lane * recording.stride;
    this.#room = this.#start + recording.stride;
  }

  /** Whether one more call has room. */
  get hasRoom(): boolean {
    return this.roomFor(1);
  }

  /** Whether so many more calls have room. */
  roomFor(calls: number): boolean {
    const count = Atomics.load(this.#words, this.#start);
    return this.#start + 1 + (count + calls) * CALL_WORDS <= this.#room;
  }

  /** Right before a call; `value` and `extra` are what is known of it by now. */
  begin(kind: number, value = 0, extra = 0, generation = UNKNOWN): void {
    const words = this.#words;
    const count = Atomics.load(words, this.#start);
    this.#at = this.#start + 1 + count * CALL_WORDS;
    if (this.#at + CALL_WORDS > this.#room) throw new RangeError("the lane is full");
    words[this.#at + KIND] = kind;
    words[this.#at + VALUE] = value;
    words[this.#at + EXTRA] = extra;
    words[this.#at + GENERATION] = generation;
    words[this.#at + END] = 0;
    words[this.#at + BEGIN] = Atomics.add(words, CLOCK, 1);
    Atomics.store(words, this.#start, count + 1);
  }

  /** Right after it, with its outcome. */
  end(value: number, extra = 0, generation = UNKNOWN): void {
    const ticket = Atomics.add(this.#words, CLOCK, 1);
    this.#words[this.#at + VALUE] = value;
    this.#words[this.#at + EXTRA] = extra;
    this.#words[this.#at + GENERATION] = generation;
    Atomics.store(this.#words, this.#at + END, ticket);
  }

  /** The call that was begun has not been: it found nothing to do. */
  forget(): void {
    Atomics.sub(this.#words, this.#start, 1);
  }
}
