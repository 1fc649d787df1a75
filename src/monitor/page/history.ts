/**
 * What the lists were like in the last five minutes: rings of samples, one for each list and one for all of
 * them together. Rates and hit rates are made here, from the differences of two frames.
 *
 * Samples are 32-bit floats: 1,000 lists need 24 MB. NaN is "not known": before a list was made, across a
 * pause, or a hit rate of no calls.
 */
import type { Frame, FrameList } from "./wire.js";

/** Samples that are kept: five minutes of half seconds. */
export const CAPACITY = 600;

/** A longer silence, of more than four periods, is a gap on the charts. */
const GAP_MS = 3_000;

/** What is sampled, in its order within a sample. */
export const FIELDS = [
  "depth",
  "maximumDepth",
  "parked",
  "held",
  "parkedBytes",
  "heldBytes",
  "allocates",
  "misses",
  "hitRate",
  "freeHitRate",
] as const;

/** One of them. `allocates` and `misses` are a second. */
export type Field = (typeof FIELDS)[number];

/** One sample of a list, or of all. */
export type Sample = Record<Field, number>;

const INDEX = Object.fromEntries(FIELDS.map((field, index) => [field, index])) as Record<
  Field,
  number
>;

/** Calls of a list up to a frame. */
interface Counters {
  readonly allocates: number;
  readonly allocateMisses: number;
  readonly frees: number;
  readonly freeMisses: number;
}

const NO_CALLS: Counters = { allocates: 0, allocateMisses: 0, frees: 0, freeMisses: 0 };

/** A share of hits; NaN for no calls. */
function hits(calls: number, misses: number): number {
  return calls > 0 ? (calls - misses) / calls : Number.NaN;
}

/** Calls between two frames; null when they went backwards: another list of the same name. */
export function moved(before: Counters, after: Counters): Counters | null {
  const calls = {
    allocates: after.allocates - before.allocates,
    allocateMisses: after.allocateMisses - before.allocateMisses,
    frees: after.frees - before.frees,
    freeMisses: after.freeMisses - before.freeMisses,
  };
  return Object.values(calls).some((value) => value < 0) ? null : calls;
}

function sampleOf(list: FrameList, calls: Counters | null, seconds: number): Sample {
  const known = calls !== null && seconds > 0;
  return {
    depth: list.depth,
    maximumDepth: list.maximumDepth,
    parked: list.parked,
    held: list.held,
    parkedBytes: list.parkedBytes,
    heldBytes: list.heldBytes,
    allocates: known ? calls.allocates / seconds : Number.NaN,
    misses: known ? calls.allocateMisses / seconds : Number.NaN,
    hitRate: known ? hits(calls.allocates, calls.allocateMisses) : Number.NaN,
    freeHitRate: known ? hits(calls.frees, calls.freeMisses) : Number.NaN,
  };
}

function add(sum: Counters, more: Counters): Counters {
  return {
    allocates: sum.allocates + more.allocates,
    allocateMisses: sum.allocateMisses + more.allocateMisses,
    frees: sum.frees + more.frees,
    freeMisses: sum.freeMisses + more.freeMisses,
  };
}

/** Samples of one list, in the ring of the times of its history. */
class Series {
  readonly #values = new Float32Array(CAPACITY * FIELDS.length).fill(Number.NaN);

  write(slot: number, sample: Sample | null): void {
    const at = slot * FIELDS.length;
    for (let index = 0; index < FIELDS.length; index++) {
      const field = FIELDS[index] as Field;
      this.#values[at + index] = sample === null ? Number.NaN : sample[field];
    }
  }

  read(slot: number, field: Field): number {
    return this.#values[slot * FIELDS.length + INDEX[field]] as number;
  }
}

/** Samples of everything, as one page saw it. */
export class History {
  readonly #times = new Float64Array(CAPACITY);
  readonly #all = new Series();
  readonly #series = new Map<string, Series>();
  #counters = new Map<string, Counters>();
  #next = 0;
  #count = 0;
  #lastAt = 0;

  /** Samples there are. */
  get length(): number {
    return this.#count;
  }

  /** Takes the samples of a frame. A longer silence before it becomes a gap. */
  note(frame: Frame): void {
    const silence = frame.takenAt - this.#lastAt;
    if (silence < 0) this.#forgetCounters(); // the clock was set back
    const first = this.#count === 0;
    const isGap = !first && silence > Math.max(GAP_MS, 4 * frame.periodMs);
    if (isGap) this.#write(frame.takenAt - 1, () => null, null);
    const seconds = first ? 0 : silence / 1_000;
    const samples = new Map<string, Sample>();
    const counters = new Map<string, Counters>();
    let sum: Counters = NO_CALLS;
    for (const list of frame.lists) {
      const before = this.#counters.get(list.id);
      const calls = before === undefined ? null : moved(before, list);
      if (calls !== null) sum = add(sum, calls);
      samples.set(list.id, sampleOf(list, calls, seconds));
      counters.set(list.id, { ...pick(list) });
      if (!this.#series.has(list.id)) this.#series.set(list.id, new Series());
    }
    for (const id of this.#series.keys()) if (!samples.has(id)) this.#series.delete(id);
    this.#write(frame.takenAt, (id) => samples.get(id) ?? null, totalOf(frame, sum, seconds));
    this.#counters = counters;
    this.#lastAt = frame.takenAt;
  }

  /** Seconds since 1970 of all samples, oldest first. */
  times(): number[] {
    return this.#collect((slot) => (this.#times[slot] as number) / 1_000);
  }

  /** One field of a list (null: of all together), oldest first; null where it is not known. */
  values(id: string | null, field: Field): (number | null)[] {
    const series = id === null ? this.#all : this.#series.get(id);
    return this.#collect((slot) => {
      const value = series?.read(slot, field) ?? Number.NaN;
      return Number.isNaN(value) ? null : value;
    });
  }

  /** The mean of the last `count` known samples of a field; null when there is none. */
  recent(id: string | null, field: Field, count = 4): number | null {
    const series = id === null ? this.#all : this.#series.get(id);
    if (series === undefined) return null;
    let [sum, known] = [0, 0];
    for (let back = 1; back <= Math.min(count, this.#count); back++) {
      const value = series.read((this.#next - back + CAPACITY) % CAPACITY, field);
      if (Number.isNaN(value)) continue;
      sum += value;
      known++;
    }
    return known === 0 ? null : sum / known;
  }

  #forgetCounters(): void {
    this.#counters = new Map();
  }

  #write(at: number, sample: (id: string) => Sample | null, all: Sample | null): void {
    const slot = this.#next;
    this.#times[slot] = at;
    this.#all.write(slot, all);
    for (const [id, series] of this.#series) series.write(slot, sample(id));
    this.#next = (slot + 1) % CAPACITY;
    this.#count = Math.min(this.#count + 1, CAPACITY);
  }

  #collect<Value>(read: (slot: number) => Value): Value[] {
    const first = (this.#next - this.#count + CAPACITY) % CAPACITY;
    return Array.from({ length: this.#count }, (_, index) => read((first + index) % CAPACITY));
  }
}

function pick({ allocates, allocateMisses, frees, freeMisses }: Counters): Counters {
  return { allocates, allocateMisses, frees, freeMisses };
}

function totalOf(frame: Frame, calls: Counters, seconds: number): Sample {
  const sum = (of: (list: FrameList) => number): number =>
    frame.lists.reduce((total, list) => total + of(list), 0);
  const known = seconds > 0;
  return {
    depth: sum((list) => list.depth),
    maximumDepth: sum((list) => list.maximumDepth),
    parked: sum((list) => list.parked),
    held: sum((list) => list.held),
    parkedBytes: sum((list) => list.parkedBytes),
    heldBytes: sum((list) => list.heldBytes),
    allocates: known ? calls.allocates / seconds : Number.NaN,
    misses: known ? calls.allocateMisses / seconds : Number.NaN,
    hitRate: known ? hits(calls.allocates, calls.allocateMisses) : Number.NaN,
    freeHitRate: known ? hits(calls.frees, calls.freeMisses) : Number.NaN,
  };
}
