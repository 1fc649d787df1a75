/**
 * What the threads of a crew wait on: one reusable barrier and sixteen gates in one shared buffer.
 *
 *   word  0         1         2       3       4        5      6 … 21
 *   ┌─────────┬─────────┬───────┬───────┬────────┬──────┬──────────────┐
 *   │ threads │ arrived │ round │ ended │ failed │ bell │ gates        │
 *   └─────────┴─────────┴───────┴───────┴────────┴──────┴──────────────┘
 *
 * threads   written once, before any thread starts
 * arrived   counted up by each member at the barrier, put back to 0 by the last of them
 * round     moved on by that last member, which is what opens the barrier
 * ended     0 to 1 when a member has ended in any way: an unopened barrier will never open
 * failed    0 to 1 when a member has failed: nothing will come any more
 * bell      moved on and notified after every change of the others; the only word that anyone waits on
 *
 * Whoever waits reads the bell, then looks, then waits for that bell to change: no wake-up can be missed.
 * Nothing sleeps and nothing polls; but since a test that hangs tells nothing, a wait ends with an error when
 * nothing has happened for as long as the patience lasts.
 */
const THREADS = 0;
const ARRIVED = 1;
const ROUND = 2;
const ENDED = 3;
const FAILED = 4;
const BELL = 5;
const GATES = 6;
const GATE_COUNT = 16;

const PATIENCE_MS = 60_000;

type Words = Int32Array<SharedArrayBuffer>;

/** Gates 0 to 15: numbers, 0 at first, that any thread may read, raise or wait for. */
export interface Gates {
  /** The present value. */
  read(gate: number): number;
  /** Adds `by`, 1 unless given; gives back the value after. */
  raise(gate: number, by?: number): number;
  /** Blocks this thread until the value is at least `value`, 1 unless given. */
  wait(gate: number, value?: number): void;
  /** The same without blocking, for a thread whose event loop must keep turning. */
  reached(gate: number, value?: number): Promise<void>;
}

/** Thrown out of a wait for a member that will never come. */
export class CrewBroken extends Error {
  override readonly name = "CrewBroken";
}

/** The signals of one crew, as one thread sees them. */
export interface CrewSignals {
  readonly buffer: SharedArrayBuffer;
  readonly gates: Gates;
  /** Blocks until every member has arrived; may be used again at once. */
  barrier(): void;
  /** Ends waits at a barrier that a member can no longer reach. */
  memberEnded(): void;
  /** Ends every wait. */
  memberFailed(): void;
}

/** The signals of a new crew. */
export function makeSignals(threads: number): CrewSignals {
  const buffer = new SharedArrayBuffer((GATES + GATE_COUNT) * Int32Array.BYTES_PER_ELEMENT);
  Atomics.store(new Int32Array(buffer), THREADS, threads);
  return signalsOf(buffer);
}

/** The signals of a crew that was made in another thread. */
export function signalsOf(buffer: SharedArrayBuffer): CrewSignals {
  const words = new Int32Array(buffer);
  return {
    buffer,
    gates: gatesOf(words),
    barrier: () => passBarrier(words),
    memberEnded: () => set(words, ENDED),
    memberFailed: () => set(words, FAILED),
  };
}

function passBarrier(words: Words): void {
  const round = Atomics.load(words, ROUND);
  if (Atomics.add(words, ARRIVED, 1) + 1 === Atomics.load(words, THREADS)) {
    Atomics.store(words, ARRIVED, 0); // before the round moves on: the next one starts at 0
    Atomics.add(words, ROUND, 1);
    ring(words);
    return;
  }
  waitUntil(words, "the barrier", () => {
    if (Atomics.load(words, ROUND) !== round) return true;
    if (Atomics.load(words, ENDED) === 0) return false;
    // The member that ended may have opened the barrier just before: only the round decides.
    if (Atomics.load(words, ROUND) !== round) return true;
    throw new CrewBroken("Cannot wait for the barrier: a member of the crew has ended");
  });
}

function gatesOf(words: Words): Gates {
  const read = (gate: number): number => Atomics.load(words, wordOf(gate));
  const raise = (gate: number, by = 1): number => {
    const after = Atomics.add(words, wordOf(gate), by) + by;
    ring(words);
    return after;
  };
  const wait = (gate: number, value = 1): void =>
    waitUntil(words, `gate ${gate} at ${value}`, () => read(gate) >= value);
  const reached = (gate: number, value = 1): Promise<void> =>
    untilAsync(words, `gate ${gate} at ${value}`, () => read(gate) >= value);
  return { read, raise, wait, reached };
}

function wordOf(gate: number): number {
  if (!Number.isInteger(gate) || gate < 0 || gate >= GATE_COUNT) {
    throw new RangeError(`There is no gate ${gate}: gates are 0 to ${GATE_COUNT - 1}`);
  }
  return GATES + gate;
}

function set(words: Words, index: number): void {
  Atomics.store(words, index, 1);
  ring(words);
}

function ring(words: Words): void {
  Atomics.add(words, BELL, 1);
  Atomics.notify(words, BELL);
}

function waitUntil(words: Words, what: string, come: () => boolean): void {
  for (;;) {
    const bell = Atomics.load(words, BELL);
    if (come()) return;
    assertNoneFailed(words, what);
    assertInTime(Atomics.wait(words, BELL, bell, PATIENCE_MS), what);
  }
}

async function untilAsync(words: Words, what: string, come: () => boolean): Promise<void> {
  for (;;) {
    const bell = Atomics.load(words, BELL);
    if (come()) return;
    assertNoneFailed(words, what);
    assertInTime(await Atomics.waitAsync(words, BELL, bell, PATIENCE_MS).value, what);
  }
}

function assertNoneFailed(words: Words, what: string): void {
  if (Atomics.load(words, FAILED) === 0) return;
  throw new CrewBroken(`Cannot wait for ${what}: a member of the crew has failed`);
}

function assertInTime(outcome: string, what: string): void {
  if (outcome !== "timed-out") return;
  throw new Error(`Waited ${PATIENCE_MS} ms for ${what}: the crew hangs`);
}
