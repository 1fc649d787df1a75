/**
 * A virtual thread: a plain synchronous function that can be stopped before every access to shared memory.
 *
 * It cannot be stopped, of course. It is run again from its start, its earlier accesses are answered with
 * what they gave back the first time, and at the first one that is new it is left by a throw. So all that
 * a thread is at an instant follows from what it has read so far: that is a {@link Moment}. Moments form
 * a tree, each is found once, and one that is known costs a look-up however often the search passes
 * through it.
 *
 * The rules for the function: it reaches shared memory through the door only, it does the same whenever
 * it reads the same, and it has no effect outside the memory and its own objects, which it makes anew in
 * every run.
 */
import { type Access, KIND, perform, TIMED_OUT, type Value, wasChange } from "./access.js";
import { type Gate, through } from "./door.js";
import type { SharedWords } from "./shared-words.js";

/** Thrown through the function to leave it. Code that catches it meets it again at its next access. */
class Left extends Error {}

const LEFT = new Left("left");

/** A function did something else although it had read the same. */
export class Divergence extends Error {}

/** Accesses that are tried ahead of the search when the function runs anyway. */
const AHEAD = 200;

/** Accesses after which a thread is taken to have no end. */
const ACCESSES_MAX = 50_000;

/** All that a thread has read so far, and the access that it does next. */
export class Moment implements Access {
  readonly id: number;
  readonly parent: Moment | null;
  /** What the access before gave back. */
  readonly value: Value;
  readonly depth: number;
  /** Whether the access before was a write that others may see, or there was none. */
  readonly wrote: boolean;
  /** How many of its sleeps ended because their time was up. */
  readonly timeouts: number;
  kind: number = KIND.UNKNOWN;
  index = -1;
  a: Value = 0;
  b: Value = 0;
  /** Whether it spins: the same compare-exchange has just lost to what is in `value`. */
  repeats = false;
  /** What the function said when it came here. */
  labels: string[] | null = null;
  /** At END: what it gave back, or what it threw. */
  result: unknown = undefined;
  failure: unknown = null;
  /** At ENTER: where the thread is after the FORGET that belongs to it. */
  after: Moment | null = null;
  #firstValue: Value = 0;
  #first: Moment | null = null;
  #others: Map<Value, Moment> | null = null;

  constructor(id: number, parent: Moment | null, value: Value, notes: number) {
    this.id = id;
    this.parent = parent;
    this.value = value;
    this.depth = parent === null ? 0 : parent.depth + 1;
    this.wrote =
      parent === null ||
      parent.kind === KIND.BEGIN ||
      (wasChange(parent, value) && parent.index < notes);
    const timedOut = parent?.kind === KIND.SLEEP && value === TIMED_OUT;
    this.timeouts = (parent?.timeouts ?? 0) + (timedOut ? 1 : 0);
  }

  next(value: Value): Moment | undefined {
    if (this.#first !== null && this.#firstValue === value) return this.#first;
    return this.#others?.get(value);
  }

  join(value: Value, moment: Moment): void {
    if (this.#first === null) {
      this.#first = moment;
      this.#firstValue = value;
    } else {
      this.#others ??= new Map();
      this.#others.set(value, moment);
    }
  }

  is(kind: number, index: number, a: Value, b: Value): boolean {
    return this.kind === kind && this.index === index && this.a === a && this.b === b;
  }
}

/** What the function is given besides the door. */
export interface Voice {
  /** Says what is being done: shown in traces, and nothing else. */
  note(text: string): void;
  /** The thread whose end this one was started for: its place in the plan, plus 1. For recoverers. */
  victim(): number;
  /** Whether the thread at a place of the plan has died. */
  isDead(place: number): boolean;
}

/** What a thread does. Gives back what its end is checked by. */
export type Program = (voice: Voice) => unknown;

/** Words of the explorer's own, behind the plan's: who died, and whose end a thread was started for. */
export interface Fates {
  readonly victim: number;
  readonly deaths: number;
  /** From here on words are notes of the plan: see `Plan.notes`. */
  readonly notes: number;
}

/** One function and all its moments. */
export class VirtualThread {
  readonly name: string;
  readonly start: Moment;
  readonly #program: Program;
  readonly #memory: SharedWords;
  readonly fates: Fates;
  #moments = 0;
  /** How often the function was run. */
  runs = 0;

  constructor(name: string, program: Program, memory: SharedWords, fates: Fates) {
    this.name = name;
    this.fates = fates;
    this.#program = program;
    this.#memory = memory;
    this.start = new Moment(this.#moments++, null, 0, fates.notes);
  }

  /** How many moments are known. */
  get moments(): number {
    return this.#moments;
  }

  /** The moment after `moment` when its access gives back `value`. */
  after(moment: Moment, value: Value): Moment {
    const known = moment.next(value);
    if (known !== undefined) return known;
    if (moment.kind === KIND.FORGET) return this.#afterForget(moment);
    const found = new Moment(this.#moments++, moment, value, this.fates.notes);
    moment.join(value, found);
    return found;
  }

  /** The one moment after every way from an ENTER to its FORGET. */
  #afterForget(moment: Moment): Moment {
    let enter = moment;
    while (enter.kind !== KIND.ENTER) enter = enter.parent as Moment;
    enter.after ??= new Moment(this.#moments++, moment, 0, this.fates.notes);
    moment.join(0, enter.after);
    return enter.after;
  }

  /** Finds out what the thread does next at a moment, and, while it is at it, what it would do after that. */
  resolve(moment: Moment): void {
    if (moment.kind !== KIND.UNKNOWN) return;
    this.runs++;
    const run = new Run(this, this.#memory, moment);
    const mark = this.#memory.mark();
    try {
      through(run, () => run.end(this.#program(run)));
    } catch (error) {
      run.fail(error);
    } finally {
      this.#memory.rollback(mark);
    }
    if (moment.kind === KIND.UNKNOWN) {
      throw new Divergence(`thread ${this.name} ended earlier than it did before`);
    }
  }
}

/** One run of the function: first what is known, then what is new. */
class Run implements Gate, Voice {
  readonly #thread: VirtualThread;
  readonly #memory: SharedWords;
  readonly #path: Moment[];
  #now: Moment;
  #at = 0;
  #ahead = AHEAD;
  #left = false;
  #divergence: Divergence | null = null;

  constructor(thread: VirtualThread, memory: SharedWords, target: Moment) {
    this.#thread = thread;
    this.#memory = memory;
    this.#path = new Array<Moment>(target.depth + 1);
    for (let moment: Moment | null = target; moment !== null; moment = moment.parent)
      this.#path[moment.depth] = moment;
    this.#now = target;
  }

  access(kind: number, index: number, a: Value, b: Value): Value {
    if (this.#left) throw LEFT;
    if (this.#at < this.#path.length - 1) {
      const known = this.#path[this.#at] as Moment;
      if (!known.is(kind, index, a, b)) this.#diverge();
      this.#at++;
      return (this.#path[this.#at] as Moment).value;
    }
    const now = this.#now;
    if (now.kind === KIND.UNKNOWN) {
      now.kind = kind;
      now.index = index;
      now.a = a;
      now.b = b;
      now.repeats =
        kind === KIND.COMPARE_EXCHANGE && !now.wrote && now.parent?.is(kind, index, a, b) === true;
    } else if (!now.is(kind, index, a, b)) this.#diverge();
    if (now.depth > ACCESSES_MAX) this.#endless(now);
    if (this.#ahead-- === 0 || kind >= KIND.WAIT || now.repeats) this.#leave();
    const value = perform(this.#memory, kind, index, a, b);
    this.#now = this.#thread.after(now, value);
    return value;
  }

  note(text: string): void {
    if (this.#left || this.#at < this.#path.length - 1 || this.#now.kind !== KIND.UNKNOWN) return;
    this.#now.labels ??= [];
    this.#now.labels.push(text);
  }

  victim(): number {
    return this.access(KIND.LOAD, this.#thread.fates.victim, 0, 0) as number;
  }

  isDead(place: number): boolean {
    return this.access(KIND.LOAD, this.#thread.fates.deaths + place, 0, 0) !== 0;
  }

  /** The function has come back. */
  end(result: unknown): void {
    if (!this.#left) this.#finish(result, null);
    if (this.#divergence) throw this.#divergence;
  }

  /** The function has thrown. */
  fail(error: unknown): void {
    if (this.#divergence) throw this.#divergence;
    if (!this.#left) this.#finish(undefined, error);
  }

  #finish(result: unknown, failure: unknown): void {
    if (this.#at < this.#path.length - 1) return; // resolve() sees that its moment is unknown still
    if (this.#now.kind !== KIND.UNKNOWN) return;
    this.#now.kind = KIND.END;
    this.#now.result = result;
    this.#now.failure = failure;
  }

  #endless(now: Moment): never {
    now.kind = KIND.END;
    now.failure = new Error(`no end after ${ACCESSES_MAX} accesses`);
    this.#leave();
  }

  #leave(): never {
    this.#left = true;
    throw LEFT;
  }

  #diverge(): never {
    this.#divergence = new Divergence(
      `thread ${this.#thread.name} did something else although it read the same as before`,
    );
    this.#leave();
  }
}
