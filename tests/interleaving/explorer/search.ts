/**
 * The search: every schedule of a plan, depth first, each state once.
 *
 * At a state where some thread's next step concerns nobody else (see `conflicts.ts`) only that step is
 * taken, and the thread's death just before it. Everywhere else every thread is tried. A state is the
 * memory and what every thread has read; two ways that lead to one state go on as one.
 */
import { KIND } from "./access.js";
import { Conflicts } from "./conflicts.js";
import { through } from "./door.js";
import type { Limits } from "./plan.js";
import { Visited } from "./visited.js";
import { LIFE, type World } from "./world.js";

/** Bit of a choice that is a death. */
export const DEATH = 0x80;

/** What a search did. */
export interface Counts {
  states: number;
  steps: number;
  deaths: number;
  ends: number;
}

/** What went wrong, and the choices that lead there. */
export class Violation extends Error {
  readonly choices: Uint8Array;

  constructor(message: string, choices: Uint8Array, cause?: unknown) {
    super(message, { cause });
    this.choices = choices;
  }
}

/** The search was to stop after so many states. */
export class OutOfStates extends Error {}

/** Thrown when a pass has learned that it trusted in something wrong: it begins again. */
class Mistaken extends Error {}

/**
 * How often one thread goes on after another in one schedule, and states in one schedule, until threads are
 * taken to keep each other from coming to an end.
 */
export const SWITCHES_MAX = 300;
const SCHEDULE_STATES_MAX = 2_000;

/** What is said of them. */
export const NO_PROGRESS = "threads keep each other from coming to an end";

/** What is said when every thread waits for another, or for a dead one. */
export const STUCK = "nobody can go on: every thread waits for another, or for a dead one";

/** One search of one world. */
export class Search {
  readonly #world: World;
  readonly #limits: Limits;
  readonly #conflicts: Conflicts;
  #visited = new Visited();
  #path = new Uint8Array(1 << 10);
  #length = 0;
  #last = -1;
  #depth = 0;
  #switches = 0;
  #preemptions = 0;
  #mistakenAt = 0;
  /** Roles beside each thread, for as long as the same threads are busy and no other died. */
  readonly #beside: number[] = [];
  #besideWhen = -1;
  passes = 0;
  counts: Counts = { states: 0, steps: 0, deaths: 0, ends: 0 };
  /** The most switches in a schedule. */
  switches = 0;

  constructor(world: World, limits: Limits, conflicts = new Conflicts(world.memory.words.length)) {
    this.#world = world;
    this.#limits = limits;
    this.#conflicts = conflicts;
  }

  /**
   * Searches until a pass made no mistake.
   * @throws {Violation} when something does not hold in some schedule
   * @throws {OutOfStates} when there are more states than the limits allow
   */
  run(): void {
    const start = this.#world.save();
    this.#world.timeouts = this.#limits.timeouts;
    for (;;) {
      this.passes++;
      this.#conflicts.begin();
      this.#world.isShared = (index) => !this.#conflicts.isPrivate(index);
      this.#world.races.seen.clear(); // a pass that was mistaken may have seen some that are none
      this.#visited = new Visited();
      this.#length = 0;
      this.#depth = 0;
      this.#switches = 0;
      this.#last = -1;
      this.#preemptions = 0;
      this.#mistakenAt = 0;
      this.counts = { states: 0, steps: 0, deaths: 0, ends: 0 };
      try {
        this.#explore();
        if (!this.#conflicts.mistaken) return;
      } catch (error) {
        if (!(error instanceof Mistaken)) throw error;
      } finally {
        this.#world.restore(start);
        this.#world.isShared = () => true;
      }
    }
  }

  /** Everything that can follow the present state, which is left as it was found. */
  #explore(): void {
    const world = this.#world;
    const before = world.save();
    const { length } = { length: this.#length };
    const last = this.#last;
    this.#depth++;
    for (let own = this.#ownStep(); own >= 0; own = this.#ownStep()) {
      this.#maybeDie(own);
      this.#step(own);
      this.#last = last; // a step of no concern to others costs nobody a preemption
    }
    this.#atState();
    this.#depth--;
    world.restore(before);
    this.#length = length;
    this.#last = last;
  }

  /** A state where every step may concern others. */
  #atState(): void {
    const world = this.#world;
    if (!this.#isNew()) return;
    this.counts.states++;
    if (this.counts.states > this.#limits.states) throw new OutOfStates();
    if (this.#depth > SCHEDULE_STATES_MAX || this.#switches > SWITCHES_MAX) this.#fail(NO_PROGRESS);
    this.#watchMistakes();
    world.lookForRaces();
    this.#demandNoRace();
    const broken = world.brokenInvariant();
    if (broken !== null) this.#failWith(broken);
    let [busy, stuck] = [0, true];
    const preemptions = this.#preemptions;
    const last = this.#last;
    const lastCan = last >= 0 && world.canStep(last);
    const isStill = world.isStill();
    for (let thread = 0; thread < world.count; thread++) {
      if (!world.isBusy(thread)) continue;
      busy++;
      this.#maybeDie(thread); // which nobody can count on: who waits for a death is stuck
      if (!world.canStep(thread) && !(isStill && world.canTimeOut(thread))) continue;
      stuck = false;
      const changes = thread !== last ? 1 : 0;
      const preempts = lastCan ? changes : 0;
      if (preemptions + preempts > this.#limits.preemptions) continue;
      const here = world.save();
      const length = this.#length;
      this.#preemptions = preemptions + preempts;
      this.#switches += changes;
      if (this.#switches > this.switches) this.switches = this.#switches;
      this.#step(thread);
      this.#last = thread;
      this.#explore();
      world.restore(here);
      this.#length = length;
      this.#last = last;
      this.#preemptions = preemptions;
      this.#switches -= changes;
    }
    if (busy === 0) this.#atEnd();
    else if (stuck) this.#fail(STUCK);
  }

  #isNew(): boolean {
    const world = this.#world;
    let [a, b] = [world.hash(false), world.hash(true)];
    if (this.#limits.preemptions !== Number.POSITIVE_INFINITY) {
      const history = Math.imul(this.#preemptions * 16 + this.#last + 1, 0x9e37_79b1);
      a ^= history;
      b = Math.imul(b ^ (history >>> 3), 0x85eb_ca6b);
    }
    return this.#visited.add(a, b);
  }

  #atEnd(): void {
    const world = this.#world;
    this.counts.ends++;
    const mark = world.memory.mark();
    try {
      through(world.direct, () => world.plan.check(world.results(), world.memory.words));
    } catch (error) {
      this.#failWith(error);
    } finally {
      world.memory.rollback(mark);
    }
  }

  /** A thread whose next step is nobody else's business, or -1. */
  #ownStep(): number {
    const world = this.#world;
    this.#lookAround();
    for (let thread = 0; thread < world.count; thread++) {
      if (!world.canStep(thread)) continue;
      const { kind, index } = world.momentOf(thread);
      if (world.sleeps(thread)) continue; // too early: others may wake it
      const others = this.#beside[thread] as number;
      const role = this.#roleOf(thread);
      if (!this.#conflicts.isOwn(kind, index, role, others)) continue;
      if (this.#mayDie(thread) && !this.#isDeathOwn(thread, role, others)) continue;
      return thread;
    }
    return -1;
  }

  /** Whether nobody asks whether a thread is dead: if somebody does, its death has more than one place. */
  #isDeathOwn(thread: number, role: number, others: number): boolean {
    return this.#conflicts.isOwn(KIND.STORE, this.#world.deathWord(thread), role, others);
  }

  /** A thread's role: its own, or that of its victim's recoverer. */
  #roleOf(thread: number): number {
    const world = this.#world;
    if (thread < world.plan.threads.length) return 1 << thread;
    return 1 << (world.count + world.victimOf(thread));
  }

  #lookAround(): void {
    const world = this.#world;
    let when = world.deaths;
    for (let thread = 0; thread < world.count; thread++) {
      when =
        when * 3 + (world.isBusy(thread) ? 2 : (world.lives[thread] ?? 0) === LIFE.DEAD ? 1 : 0);
      if (thread >= world.plan.threads.length) when = when * 8 + world.victimOf(thread) + 1;
    }
    if (when === this.#besideWhen) return;
    this.#besideWhen = when;
    for (let thread = 0; thread < world.count; thread++) {
      this.#beside[thread] = this.#others(thread);
    }
  }

  /** Roles that can still take a step beside a thread's. */
  #others(thread: number): number {
    const world = this.#world;
    const { count } = world;
    const left = Math.min(this.#limits.deaths, world.plan.recoverers.length) - world.deaths;
    let roles = 0;
    let others = 0;
    for (let other = 0; other < count; other++) {
      if (other === thread || !world.isBusy(other)) continue;
      roles |= this.#roleOf(other);
      if (left === 0 || world.plans[other]?.mortal !== true) continue;
      roles |= 1 << (count + other);
      others++;
    }
    // Recoverers that may yet start, and die in turn.
    const mayFollow = left >= 2 && others > 0;
    for (let next = world.plan.threads.length + world.deaths; mayFollow && next < count; next++) {
      if (world.plans[next]?.mortal === true) roles |= 1 << (count + next);
    }
    return roles;
  }

  #step(thread: number): void {
    const world = this.#world;
    const { kind, index } = world.momentOf(thread);
    const isTooLong = world.sleeps(thread);
    this.#note(thread, isTooLong ? KIND.WAIT : kind, index);
    const lost = isTooLong && world.isStill() ? world.lostWakeUp(thread) : null;
    if (lost !== null) this.#fail(lost);
    this.#record(thread);
    this.counts.steps++;
    world.step(thread);
    const { failure } = world.momentOf(thread);
    if (failure !== null) this.#failWith(failure);
    this.#demandNoRace();
  }

  /** A pass that will be done again knows too little of who touches what: what it saw may be in order. */
  #demandNoRace(): void {
    const race = this.#world.races.take();
    if (race !== null && !this.#conflicts.mistaken) this.#fail(race);
  }

  /** Notes that a thread does something to a word. */
  #note(thread: number, kind: number, index: number): void {
    const world = this.#world;
    const recovered = thread < world.plan.threads.length ? -1 : world.victimOf(thread);
    const apart = (1 << (world.count + thread)) | (recovered < 0 ? 0 : 1 << recovered);
    this.#conflicts.note(kind, index, this.#roleOf(thread), apart);
  }

  #mayDie(thread: number): boolean {
    return this.#world.deaths < this.#limits.deaths && this.#world.mayDie(thread);
  }

  /** Tries a thread's death, if it may die here. */
  #maybeDie(thread: number): void {
    const world = this.#world;
    if (!this.#mayDie(thread)) return;
    const here = world.save();
    const { length } = { length: this.#length };
    const last = this.#last;
    this.#record(thread | DEATH);
    this.counts.deaths++;
    this.#note(thread, KIND.STORE, world.deathWord(thread)); // whoever asks whether it is dead
    world.die(thread);
    this.#last = -1;
    this.#explore();
    world.restore(here);
    this.#length = length;
    this.#last = last;
  }

  #record(choice: number): void {
    if (this.#length === this.#path.length) {
      const longer = new Uint8Array(this.#length * 2);
      longer.set(this.#path);
      this.#path = longer;
    }
    this.#path[this.#length++] = choice;
  }

  #fail(message: string, cause?: unknown): never {
    throw new Violation(message, this.#path.slice(0, this.#length), cause);
  }

  #failWith(problem: unknown): never {
    this.#fail(messageOf(problem), problem);
  }

  /** A pass that is known to be for nothing goes on for a while, to learn more at once. */
  #watchMistakes(): void {
    if (!this.#conflicts.mistaken) return;
    const { states } = this.counts;
    if (this.#mistakenAt === 0) this.#mistakenAt = states;
    if (states > 2 * this.#mistakenAt + 500) throw new Mistaken();
  }
}

/** What is said of a problem. */
export function messageOf(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}
