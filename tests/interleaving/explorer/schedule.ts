/**
 * Schedules as text, replayed and made short.
 *
 * `A12 B3 A! R40`: thread A takes 12 steps, B 3, A dies, R takes 40. Whatever is still to be done
 * afterwards is done by the threads in order.
 */
import { describe } from "./access.js";
import { through } from "./door.js";
import { DEATH, messageOf, NO_PROGRESS, STUCK, SWITCHES_MAX } from "./search.js";
import type { World } from "./world.js";

/** What came of a schedule. */
export interface Replay {
  /** What went wrong, or null. */
  readonly problem: string | null;
  /** Choices that were taken: shorter than the schedule when something went wrong on the way. */
  readonly choices: Uint8Array;
  /** One line for each step, if lines were asked for. */
  readonly lines: readonly string[];
}

/** Choices as text. */
export function writeSchedule(world: World, choices: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < choices.length; ) {
    const choice = choices[at] as number;
    const name = world.plans[choice & ~DEATH]?.name ?? "?";
    let end = at + 1;
    if ((choice & DEATH) === 0) while (choices[end] === choice) end++;
    parts.push((choice & DEATH) === 0 ? `${name}${end - at}` : `${name}!`);
    at = end;
  }
  return parts.join(" ");
}

/** Text as choices. @throws {Error} when it is none */
export function readSchedule(world: World, text: string): Uint8Array {
  const choices: number[] = [];
  for (const part of text.split(/[\s,]+/).filter((each) => each !== "")) {
    const match = /^([A-Z])(\d+|!)$/.exec(part);
    const thread = world.plans.findIndex(({ name }) => name === match?.[1]);
    if (match === null || thread < 0) throw new Error(`no schedule: ${JSON.stringify(part)}`);
    if (match[2] === "!") choices.push(thread | DEATH);
    else for (let step = 0; step < Number(match[2]); step++) choices.push(thread);
  }
  return Uint8Array.from(choices);
}

/**
 * Runs a schedule. Steps that cannot be taken are left out. The world is left as it was found. Looks for all
 * that the search looks for, and before every step.
 */
export function replay(world: World, schedule: Uint8Array, wantsLines: boolean): Replay {
  const before = world.save();
  const replayed = new Replayed(world, wantsLines ? [] : null);
  for (const choice of schedule) replayed.take(choice);
  replayed.finish();
  world.restore(before);
  const { problem, taken, lines } = replayed;
  return { problem, choices: Uint8Array.from(taken), lines: lines ?? [] };
}

/** A schedule while it runs. */
class Replayed {
  readonly #world: World;
  readonly lines: string[] | null;
  readonly taken: number[] = [];
  #switches = 0;
  problem: string | null = null;

  constructor(world: World, lines: string[] | null) {
    this.#world = world;
    this.lines = lines;
    this.problem = problemHere(world);
  }

  take(choice: number): void {
    if (this.problem !== null) return;
    const world = this.#world;
    const thread = choice & ~DEATH;
    if ((choice & DEATH) !== 0) {
      if (!world.isBusy(thread) || world.deaths >= world.plan.recoverers.length) return;
      if (world.plans[thread]?.mortal !== true) return;
      this.taken.push(choice);
      this.lines?.push(`${world.plans[thread]?.name} dies`);
      world.die(thread);
    } else {
      if (!world.canStep(thread) && !(world.canTimeOut(thread) && world.isStill())) return;
      this.#step(thread);
    }
    this.problem ??= problemHere(world);
    const [now, before] = [this.taken.at(-1), this.taken.at(-2)];
    if (now !== before && ++this.#switches > SWITCHES_MAX) this.problem ??= NO_PROGRESS;
  }

  #step(thread: number): void {
    const world = this.#world;
    if (world.sleeps(thread) && world.isStill()) {
      this.problem = world.lostWakeUp(thread);
      if (this.problem !== null) return;
    }
    this.taken.push(thread);
    this.problem = stepOf(world, thread, this.lines);
  }

  /** Lets every thread go on in order until nobody can; those who sleep for a limited time come last. */
  finish(): void {
    const world = this.#world;
    for (let went = true; went && this.problem === null; ) {
      went = false;
      for (let thread = 0; thread < world.count; thread++) {
        while (this.problem === null && world.canStep(thread) && !world.sleeps(thread)) {
          this.take(thread);
          went = true;
        }
      }
      for (let thread = 0; !went && thread < world.count; thread++) {
        if (!world.canTimeOut(thread)) continue;
        this.take(thread);
        went = true;
      }
    }
    this.problem ??= problemAtEnd(world);
  }
}

/** What is wrong in the present state, or null. */
function problemHere(world: World): string | null {
  world.lookForRaces();
  const race = world.races.take();
  if (race !== null) return race;
  const broken = world.brokenInvariant();
  return broken === null ? null : messageOf(broken);
}

function stepOf(world: World, thread: number, lines: string[] | null): string | null {
  const moment = world.momentOf(thread);
  const name = world.plans[thread]?.name ?? "?";
  if (lines !== null) for (const label of moment.labels ?? []) lines.push(`${name} · ${label}`);
  const nameOf = (index: number): string => world.plan.nameOf(index, world.memory.words);
  const value = world.step(thread);
  lines?.push(`${name}   ${describe(moment, value, nameOf)}`);
  const { failure, labels } = world.momentOf(thread);
  if (failure === null) return null;
  if (lines !== null) for (const label of labels ?? []) lines.push(`${name} · ${label}`);
  return messageOf(failure);
}

function problemAtEnd(world: World): string | null {
  for (let thread = 0; thread < world.count; thread++) if (world.isBusy(thread)) return STUCK;
  const mark = world.memory.mark();
  try {
    through(world.direct, () => world.plan.check(world.results(), world.memory.words));
    return null;
  } catch (error) {
    return messageOf(error);
  } finally {
    world.memory.rollback(mark);
  }
}

/** Runs of one thread's steps, and deaths: what a schedule consists of. */
function segmentsOf(choices: Uint8Array): Uint8Array[] {
  const segments: Uint8Array[] = [];
  for (let at = 0; at < choices.length; ) {
    let end = at + 1;
    while (end < choices.length && choices[end] === choices[at]) end++;
    segments.push(choices.slice(at, end));
    at = end;
  }
  return segments;
}

function joined(segments: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(segments.flatMap((segment) => [...segment]));
}

/** Steps that are spent on making one schedule shorter, at most. */
const STEPS_TO_SHORTEN = 5_000_000;

/** A problem without what differs from schedule to schedule. */
function gistOf(problem: string): string {
  return problem.replace(/0x[0-9a-f]+|\d+/g, "#");
}

/**
 * Makes a failing schedule shorter: fewer switches first. Tries to put each run of steps together with
 * the run of its thread before it or after it, and to leave it to the end, as long as the same thing goes
 * wrong.
 */
export function shorten(world: World, choices: Uint8Array): Uint8Array {
  let best = replay(world, choices, false);
  if (best.problem === null) return choices;
  const gist = gistOf(best.problem);
  let left = STEPS_TO_SHORTEN;
  for (let better = true; better; ) {
    better = false;
    const segments = segmentsOf(best.choices);
    for (const next of rearranged(segments)) {
      const tried = replay(world, joined(next), false);
      left -= tried.choices.length;
      if (left < 0) return best.choices;
      if (tried.problem === null || gistOf(tried.problem) !== gist) continue;
      if (!isShorter(tried.choices, best.choices)) continue;
      best = tried;
      better = true;
      break;
    }
  }
  return best.choices;
}

function isShorter(one: Uint8Array, other: Uint8Array): boolean {
  const [a, b] = [segmentsOf(one).length, segmentsOf(other).length];
  return a < b || (a === b && one.length < other.length);
}

function* rearranged(segments: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (let at = 0; at < segments.length; at++) {
    const without = segments.filter((_, other) => other !== at);
    yield without;
    const segment = segments[at] as Uint8Array;
    for (const to of [nearest(segments, at, -1), nearest(segments, at, 1)]) {
      if (to < 0) continue;
      const place = to < at ? to + 1 : to - 1;
      yield [...without.slice(0, place), segment, ...without.slice(place)];
    }
  }
}

/** The nearest run of the same thread in a direction, or -1. */
function nearest(segments: readonly Uint8Array[], from: number, direction: 1 | -1): number {
  for (let at = from + direction; at >= 0 && at < segments.length; at += direction) {
    if (segments[at]?.[0] === segments[from]?.[0]) return at;
  }
  return -1;
}
