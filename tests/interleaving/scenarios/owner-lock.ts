/**
 * Owner locks by themselves, their sleep and the end of their patience included. Other protocols meet them
 * with time that passes only when nobody can go on; here a sleep may end early.
 *
 * Letters: `l` takes the lock and gives it back, `p` the same with a patience of two sleeps, `t` only if it
 * is free.
 *
 * What must hold: two threads never have the lock at once; what was done under it is there in full; only who
 * has patience gives up; nobody sleeps on a lock that was given back unless somebody was woken for it; and at
 * every end the lock is free.
 */
import assert from "node:assert/strict";
import type { Region } from "#src/memory/index.js";
import { peek, poke } from "../explorer/door.js";
import { begin, type Plan, type Program } from "../explorer/index.js";
import { INTENDED_RACES } from "../stage/intended-races.js";
import { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import { castOf } from "./cast.js";
import type { Scenario } from "./scenario.js";

/** What is explored. */
interface Setting {
  readonly programs: readonly string[];
  /** How many sleeps of each thread may end early. */
  readonly timeouts: number;
  readonly preemptions?: number;
}

/** Milliseconds of two sleeps. */
const PATIENCE_MS = 4;

function withLock(stage: Stage, region: Region, thread: number, counter: number): void {
  const { acquireLock, HEADER, releaseLock } = stage.memory;
  acquireLock(region.words, HEADER.RUN_LOCK, thread);
  count(region, counter);
  releaseLock(region.words, HEADER.RUN_LOCK);
}

/** Plainly: whoever else is here makes a race of it, or loses one. */
function count(region: Region, counter: number): void {
  poke(region.words, counter, peek(region.words, counter) + 1);
}

/** Gives back whether it had the lock. */
function act(machine: Machine, region: Region, place: number, letter: string): boolean {
  const { memory } = machine.stage;
  const counter = machine.address(0) >>> 2;
  const lock = memory.HEADER.RUN_LOCK;
  if (letter === "t") {
    if (!memory.tryLock(region.words, lock, place + 1)) return false;
    count(region, counter);
    memory.releaseLock(region.words, lock);
    return true;
  }
  const patience = letter === "p" ? PATIENCE_MS : Number.POSITIVE_INFINITY;
  try {
    memory.withPatience(patience, () => withLock(machine.stage, region, place + 1, counter));
    return true;
  } catch (error) {
    if (letter !== "p" || (error as { code?: string }).code !== "ERR_LOCK_STALLED") throw error;
    return false;
  }
}

function programOf(machine: Machine, program: string, place: number): Program {
  return (voice) => {
    const region = machine.region();
    begin();
    let times = 0;
    for (const letter of program) {
      voice.note(letter);
      if (act(machine, region, place, letter)) times++;
    }
    return times;
  };
}

function planOf(stage: Stage, { programs }: Setting): Plan {
  const machine = new Machine(stage, { threads: programs.length, chunks: 1 });
  machine.names.give(machine.address(0), 1, () => "counter");
  return {
    ...castOf(
      machine,
      programs.map((program, place) => programOf(machine, program, place)),
    ),
    intendedRaces: INTENDED_RACES,
    prepare: () => machine.prepare(),
    check(results) {
      const { words } = machine.region();
      const times = (results as number[]).reduce((sum, each) => sum + each, 0);
      assert.equal(peek(words, machine.address(0) >>> 2), times, "something done was lost");
      assert.equal(peek(words, stage.memory.HEADER.RUN_LOCK), 0, "the lock is not free");
      const needed = programs.join("").replace(/[pt]/g, "").length;
      assert.ok(times >= needed, "somebody did not get the lock");
    },
  };
}

function scenario(quick: boolean, setting: Setting): Scenario {
  const { programs, timeouts, preemptions } = setting;
  const bound = preemptions === undefined ? "" : `,preemptions=${preemptions}`;
  return {
    name: `owner-lock/${programs.join("-")}/timeouts=${timeouts}${bound}`,
    protocol: "owner locks",
    quick,
    limits: { timeouts, ...(preemptions === undefined ? {} : { preemptions }) },
    plan: (stage) => planOf(stage, setting),
  };
}

/** All scenarios of the protocol. */
export const OWNER_LOCK: readonly Scenario[] = [
  scenario(true, { programs: ["l", "l"], timeouts: 0 }),
  scenario(true, { programs: ["ll", "lt"], timeouts: 1 }),
  scenario(true, { programs: ["l", "p"], timeouts: 2 }),
  scenario(true, { programs: ["l", "l", "l"], timeouts: 0, preemptions: 3 }),
  scenario(true, { programs: ["l", "p", "l"], timeouts: 2, preemptions: 2 }),
  scenario(false, { programs: ["l", "l", "l"], timeouts: 0 }),
  scenario(false, { programs: ["llll", "pppp"], timeouts: 2, preemptions: 4 }),
  scenario(false, { programs: ["ll", "pt", "lp"], timeouts: 2, preemptions: 3 }),
];
