/**
 * One state of an explored system: the memory, where each thread is, and who has died. It can take a
 * step, and it can go back.
 */
import { type Access, KIND, perform, type Value } from "./access.js";
import { type Gate, through } from "./door.js";
import type { Plan, ThreadPlan } from "./plan.js";
import { mix, SharedWords } from "./shared-words.js";
import { type Moment, VirtualThread } from "./virtual-thread.js";

/** Where a thread is in its life. */
export const LIFE = { WAITING: 0, ALIVE: 1, DEAD: 2 } as const;

const SEED_A = 0x51ed_270b;
const SEED_B = 0x2545_f491;

/** What a world can be put back to. */
interface Saved {
  readonly mark: number;
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
  moments: Moment[] = [];
  lives: number[] = [];
  deaths = 0;
  readonly #ends: Map<string, number>[];

  constructor(plan: Plan) {
    this.plan = plan;
    this.plans = [...plan.threads, ...plan.recoverers];
    const count = this.plans.length;
    this.memory = new SharedWords(plan.words + 2 * count);
    const { memory } = this;
    this.direct = {
      access: (kind, index, a, b) => perform(memory, kind, index, a, b),
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
      const value = perform(this.memory, moment.kind, moment.index, moment.a, moment.b);
      const next = thread.after(moment, value);
      if (moment.kind === KIND.BEGIN) {
        thread.resolve(next);
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

  /** Whether a thread can take its next step: a spinning or sleeping one only when its word has changed. */
  canStep(thread: number): boolean {
    const moment = this.momentOf(thread);
    if (!this.isBusy(thread)) return false;
    if (moment.kind === KIND.WAIT) return this.memory.read(moment.index) !== moment.a;
    return !moment.repeats || this.memory.read(moment.index) !== moment.value;
  }

  /** Takes a thread's next step. Gives back what the access gave back. */
  step(thread: number): Value {
    const moment = this.momentOf(thread);
    const value = perform(this.memory, moment.kind, moment.index, moment.a, moment.b);
    const runner = this.threads[thread] as VirtualThread;
    const next = runner.after(moment, value);
    runner.resolve(next);
    this.moments[thread] = next;
    return value;
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
    return { mark: this.memory.mark(), moments: [...moments], lives: [...lives], deaths };
  }

  restore(saved: Saved): void {
    this.memory.rollback(saved.mark);
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

  /** The accesses that are next. */
  pending(thread: number): Access {
    return this.momentOf(thread);
  }
}
