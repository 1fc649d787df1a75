/**
 * The thread table: numbers are claimed, given back, and recovered.
 *
 * Letters: `c` claims a number, `r` gives it back. The table has two numbers besides the recoverer's.
 *
 * What must hold at every end: no number is two threads' at once; a number that nobody has is free; a claim
 * fails only when all are taken.
 */
import assert from "node:assert/strict";
import type { ThreadIdentity } from "#src/threads/index.js";
import { begin, type Plan, type Program } from "../explorer/index.js";
import { INTENDED_RACES } from "../stage/intended-races.js";
import { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import { castOf } from "./cast.js";
import type { Scenario } from "./scenario.js";

/** What is explored. */
interface Setting {
  readonly programs: readonly string[];
  readonly numbers: number;
  readonly mortal?: string;
  /** A bound on preemptions, where all schedules are too many. */
  readonly preemptions?: number;
}

/** The recoverer's number, which is taken before all others. */
const RECOVERER = 1;

function programOf(machine: Machine, program: string, place: number): Program {
  return (voice) => {
    const region = machine.region();
    const { claimThread, releaseThread } = machine.stage.threads;
    begin();
    let mine: ThreadIdentity | null = null;
    for (const letter of program) {
      voice.note(letter === "c" ? "attach" : "leave");
      if (letter === "r") {
        if (mine === null) continue;
        machine.drop(place, machine.address(mine.thread * 16));
        releaseThread(region, mine);
        mine = null;
        continue;
      }
      try {
        mine = claimThread(region, { host: 200 + place, ancestors: [] });
      } catch (error) {
        if ((error as { code?: string }).code !== "ERR_THREADS_FULL") throw error;
        continue;
      }
      machine.hold(voice, place, machine.address(mine.thread * 16));
    }
    return mine?.thread ?? 0;
  };
}

/** What a host does when a thread of its ends: it recovers every number that thread had. */
function recovererOf(machine: Machine): Program {
  return (voice) => {
    const region = machine.region();
    const pool = machine.poolOf(RECOVERER, region);
    const { recovery, threads } = machine.stage;
    begin();
    const host = 200 + voice.victim() - 1;
    voice.note(`recover what host thread ${host} had`);
    for (const dead of threads.threadsEndedWith(region, host))
      recovery.recoverThread(region, pool, dead, "reclaim");
    return "recovered";
  };
}

function planOf(stage: Stage, { programs, numbers, mortal = "" }: Setting): Plan {
  const machine = new Machine(stage, { threads: numbers + 1, attached: 1, chunks: 1 });
  return {
    ...castOf(
      machine,
      programs.map((program, place) => programOf(machine, program, place)),
      mortal,
    ),
    intendedRaces: INTENDED_RACES,
    prepare: () => machine.prepare(),
    recoverers: mortal === "" ? [] : [{ name: "R", mortal: false, program: recovererOf(machine) }],
    check(results) {
      const region = machine.region();
      const taken = results.slice(0, programs.length).filter((number) => (number as number) > 0);
      assert.equal(new Set(taken).size, taken.length, "a number is two threads'");
      assert.equal(
        stage.threads.attachedThreads(region),
        taken.length + 1,
        "a number is nobody's and not free",
      );
      for (let left = taken.length; left < numbers; left++) {
        stage.threads.claimThread(region, { host: 300, ancestors: [] }); // throws when one was lost
      }
    },
  };
}

function scenario(quick: boolean, setting: Setting): Scenario {
  const { programs, numbers, mortal, preemptions } = setting;
  const bound = preemptions === undefined ? "" : `,preemptions=${preemptions}`;
  const extras = bound + (mortal === undefined ? "" : `,${mortal}=mortal`);
  return {
    name: `threads/${programs.join("-")}/numbers=${numbers}${extras}`,
    protocol: "attach and death of threads",
    quick,
    ...(preemptions === undefined ? {} : { limits: { preemptions } }),
    plan: (stage) => planOf(stage, setting),
  };
}

/** All scenarios of the protocol. */
export const THREADS: readonly Scenario[] = [
  scenario(true, { programs: ["cr", "cr"], numbers: 1 }),
  scenario(true, { programs: ["crc", "cr"], numbers: 2 }),
  scenario(true, { programs: ["c", "cr"], numbers: 1, mortal: "A" }),
  scenario(false, { programs: ["crcr", "crcr"], numbers: 1, mortal: "AB" }),
  scenario(false, { programs: ["crcr", "crcr"], numbers: 2, mortal: "AB", preemptions: 2 }),
  scenario(false, { programs: ["cr", "cr", "cr"], numbers: 1, mortal: "A", preemptions: 3 }),
  scenario(false, { programs: ["cr", "cr", "cr"], numbers: 2, preemptions: 2 }),
  scenario(false, { programs: ["cr", "cr", "cr"], numbers: 2, mortal: "ABC", preemptions: 1 }),
];
