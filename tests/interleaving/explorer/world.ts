/**
 * One state of an explored system: the memory, where each thread is, and who has died. It can take a
 * step, and it can go back.
 */
import {
  type Access,
  ASLEEP,
  KIND,
  NOT_EQUAL,
  perform,
  TIMED_OUT,
  type Value,
  WOKEN,
} from "./access.js";
import { type Gate, through } from "./door.js";
import type { Plan, ThreadPlan } from "./plan.js";
import { Races } from "./races.js";
import { mix, SharedWords } from "./shared-words.js";
import { Sleepers } from "./sleepers.js";
import { type Moment, VirtualThread } from "./virtual-thread.js";

/** Where a thread is in its life. */
export const LIFE = { WAITING: 0, ALIVE: 1, DEAD: 2 } as const;

const SEED_A = 0x51ed_270b;
const SEED_B = 0x2545_f491;

/** What a world can be put back to. */
interface Saved {
  readonly mark: number;
  readonly clocks: number;
  readonly moments: Moment[];
  readonly lives: number[];
  readonly deaths: number;
}

/** All there is at one instant. Threads come first, then recoverers. */
export class World {
  readonly plan: Plan;
  readonly memory: SharedWords;
  readonly plans: readonly ThreadPlan[];
  readonly threads: readonly VirtualThread[];
  readonly direct: Gate;
  readonly sleepers: Sleepers;
  readonly races: Races;
  /** Which words' accesses are looked at for races: all, or those that a search knows to be shared. */
  isShared: (index: number) => boolean = () => true;
  /** How many sleeps of a thread may end too early. */
  timeouts = 0;
  moments: Moment[] = [];
  lives: number[] = [];
  deaths = 0;
  readonly #ends: Map<string, number>[];

  constructor(plan: Plan) {
    this.plan = plan;
    this.plans = [...plan.threads, ...plan.recoverers];
    const count = this.plans.length;
    this.memory = new SharedWords(plan.words + 4 * count);
    const { memory } = this;
    this.sleepers = new Sleepers(memory, plan.words + 2 * count, count);
    this.races = new Races(plan, memory.words, count);
    this.direct = {
      access: (kind, index, a, b) => alone(memory, kind, index, a, b),
    };
    this.threads = this.plans.map(({ name, program }, at) => {
      const { words, notes } = plan;
      const fates = { victim: words + at, deaths: words + count, notes };
      return new VirtualThread(name, program, memory, fates);
    });
    this.#ends = this.plans.map(() => new Map());
    through(this.direct, () => plan.prepare());
    this.moments = this.threads.map((thread) => this.#prepared(thread));
    this.lives = this.plans.map((_, at) => (at < plan.threads.length ? LIFE.ALIVE : LIFE.WAITING));
    memory.begin();
  }

  /** Runs a thread to where its explored part begins. */
  #prepared(thread: VirtualThread): Moment {
    for (let moment = thread.start; ; ) {
      thread.resolve(moment);
      if (moment.kind === KIND.END) {
        throw new Error(`thread ${thread.name} ended before it began`, { cause: moment.failure });
      }
      const value = alone(this.memory, moment.kind, moment.index, moment.a, moment.b);
      const next = thread.after(moment, value);
      if (moment.kind === KIND.BEGIN) {
        thread.resolve(next);
        if (next.failure !== null)
          throw new Error(`thread ${thread.name} failed before its first access`, {
            cause: next.failure,
          });
        return next;
      }
      moment = next;
    }
  }

  /** How many threads there are, recoverers included. */
  get count(): number {
    return this.threads.length;
  }

  /** Whether a thread lives and has something left to do. */
  isBusy(thread: number): boolean {
    return this.lives[thread] === LIFE.ALIVE && this.momentOf(thread).kind !== KIND.END;
  }

  /** Where a thread is. */
  momentOf(thread: number): Moment {
    return this.moments[thread] as Moment;
  }

  /** Whether a thread can take its next step: a spinning one only when its word has changed. */
  canStep(thread: number): boolean {
    const moment = this.momentOf(thread);
    if (!this.isBusy(thread)) return false;
    if (this.sleeps(thread)) return this.canTimeOut(thread) && moment.timeouts < this.timeouts;
    return !moment.repeats || this.memory.read(moment.index) !== moment.value;
  }

  /** Whether a thread sleeps, and for a limited time. */
  canTimeOut(thread: number): boolean {
    return this.isBusy(thread) && this.sleeps(thread) && this.momentOf(thread).a === 1;
  }

  /** Whether a thread sleeps and was not woken. */
  sleeps(thread: number): boolean {
    return this.momentOf(thread).kind === KIND.SLEEP && this.sleepers.has(thread);
  }

  /** Whether nobody can take a step: then time passes, for those who sleep for a limited time. */
  isStill(): boolean {
    for (let thread = 0; thread < this.count; thread++) if (this.canStep(thread)) return false;
    return true;
  }

  /**
   * What is wrong with time passing for a thread now that nobody can go on: it sleeps on a word that was
   * changed, and nobody has woken it. Not so when somebody has died: a wake-up may have died with it.
   */
  lostWakeUp(thread: number): string | null {
    const { index, parent } = this.momentOf(thread);
    if (this.deaths > 0 || this.memory.read(index) === parent?.a) return null;
    const name = this.plan.nameOf(index, this.memory.words);
    return `${name} was changed and thread ${this.plans[thread]?.name} sleeps on: a wake-up was lost`;
  }

  /** Takes a thread's next step. Gives back what the access gave back. */
  step(thread: number): Value {
    const moment = this.momentOf(thread);
    const value = this.#perform(thread, moment);
    if (moment.index >= 0 && this.isShared(moment.index))
      this.races.clocks.access(thread, moment, value);
    const runner = this.threads[thread] as VirtualThread;
    const next = runner.after(moment, value);
    runner.resolve(next);
    this.moments[thread] = next;
    return value;
  }

  #perform(thread: number, { kind, index, a, b }: Access): Value {
    if (kind < KIND.WAIT) return perform(this.memory, kind, index, a, b);
    if (kind === KIND.WAKE) return this.sleepers.wake(index, a as number);
    if (kind === KIND.WAIT) {
      if (this.memory.read(index) !== a) return NOT_EQUAL;
      this.sleepers.add(thread, index);
      return ASLEEP;
    }
    if (kind !== KIND.SLEEP) return 0;
    if (!this.sleepers.has(thread)) return WOKEN;
    this.sleepers.remove(thread);
    return TIMED_OUT;
  }

  /** Looks for threads that stand side by side before accesses that race. */
  lookForRaces(): void {
    for (let one = 0; one < this.count; one++) {
      const { index } = this.momentOf(one);
      if (index < 0 || !this.isBusy(one)) continue;
      for (let other = one + 1; other < this.count; other++) {
        const { index: at } = this.momentOf(other);
        if (Math.abs(index - at) <= 1 && this.isBusy(other)) this.#lookAtPair(one, other);
      }
    }
  }

  #lookAtPair(one: number, other: number): void {
    const [first, second] = [this.momentOf(one), this.momentOf(other)];
    this.races.beside(first, second, [this.#wouldSee(first), this.#wouldSee(second)]);
  }

  /** What a compare-exchange would see. */
  #wouldSee({ kind, index, a, b }: Access): Value {
    if (kind === KIND.COMPARE_EXCHANGE) return perform(this.memory, KIND.LOAD, index, a, b);
    if (kind === KIND.COMPARE_EXCHANGE64) return perform(this.memory, KIND.LOAD64, index, a, b);
    return 0;
  }

  /** What does not hold at this instant, or null. */
  brokenInvariant(): unknown {
    if (this.plan.invariant === undefined) return null;
    try {
      through(this.direct, () => this.plan.invariant?.(this.memory.words));
      return null;
    } catch (error) {
      return error;
    }
  }

  /** Whether a thread may die here: a death between two writes has one place, right after the first. */
  mayDie(thread: number): boolean {
    return (
      this.deaths < this.plan.recoverers.length &&
      this.plans[thread]?.mortal === true &&
      this.isBusy(thread) &&
      this.momentOf(thread).wrote
    );
  }

  /** Ends a thread where it is, and starts the next recoverer. */
  die(thread: number): void {
    const recoverer = this.plan.threads.length + this.deaths;
    this.deaths++;
    this.lives[thread] = LIFE.DEAD;
    this.lives[recoverer] = LIFE.ALIVE;
    this.memory.write(this.plan.words + recoverer, thread + 1);
    this.memory.write(this.deathWord(thread), 1);
    this.sleepers.remove(thread);
    const said = [this.plan.words + recoverer, this.deathWord(thread)];
    this.races.clocks.died(thread, recoverer, said);
  }

  /** The word that says whether a thread has died. */
  deathWord(thread: number): number {
    return this.plan.words + this.count + thread;
  }

  /** The thread that a recoverer was started for, or -1. */
  victimOf(recoverer: number): number {
    return this.memory.read(this.plan.words + recoverer) - 1;
  }

  save(): Saved {
    const { moments, lives, deaths } = this;
    const [mark, clocks] = [this.memory.mark(), this.races.clocks.mark()];
    return { mark, clocks, moments: [...moments], lives: [...lives], deaths };
  }

  restore(saved: Saved): void {
    this.memory.rollback(saved.mark);
    this.races.clocks.rollback(saved.clocks);
    this.races.take();
    for (let at = 0; at < this.count; at++) {
      this.moments[at] = saved.moments[at] as Moment;
      this.lives[at] = saved.lives[at] as number;
    }
    this.deaths = saved.deaths;
  }

  /** Half of the hash of this state. */
  hash(second: boolean): number {
    const seed = second ? SEED_B : SEED_A;
    let hash = second ? this.memory.hashB : this.memory.hashA;
    for (let at = 0; at < this.count; at++) {
      hash ^= mix(seed, at, this.lives[at] === LIFE.ALIVE ? this.#idOf(at) : -1);
    }
    return hash;
  }

  /** Names what a thread is: where it is, or, once it has ended, what it gave back. */
  #idOf(thread: number): number {
    const moment = this.momentOf(thread);
    if (moment.kind !== KIND.END) return moment.id;
    const ends = this.#ends[thread] as Map<string, number>;
    const result = JSON.stringify(moment.result) ?? "";
    const known = ends.get(result);
    if (known !== undefined) return known;
    ends.set(result, moment.id);
    return moment.id;
  }

  /** What each thread gave back, of those that came to their end. */
  results(): unknown[] {
    return this.moments.map((moment, at) =>
      this.lives[at] === LIFE.ALIVE ? moment.result : undefined,
    );
  }
}

/** An access while nobody else is there: there is nobody to wake, and who slept would sleep for ever. */
function alone(memory: SharedWords, kind: number, index: number, a: Value, b: Value): Value {
  if (kind === KIND.WAIT && memory.read(index) === a)
    throw new Error(`nobody is there to end a wait on word ${index}`);
  return perform(memory, kind, index, a, b);
}
