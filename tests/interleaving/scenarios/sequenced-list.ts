/**
 * The sequenced list: push, pop and flush, by the interlocked WebAssembly.
 *
 * Four entries; a program is a word of letters: `o` pops, `u` pushes the entry it has had longest, `f`
 * flushes.
 *
 * What must hold at every end: each entry is on the list once, or some thread's; the count that rides in
 * the first entry is the length of the chain; no entry was given to two threads.
 */
import assert from "node:assert/strict";
import type { Interlocked } from "#src/memory/index.js";
import { peek } from "../explorer/door.js";
import { begin, type Plan, type Program } from "../explorer/index.js";
import { INTENDED_RACES } from "../stage/intended-races.js";
import { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import { castOf } from "./cast.js";
import { pairsOf, type Scenario, swapped } from "./scenario.js";

const ENTRIES = 4;
const ENTRY_BYTES = 16;

/** Programs of threads A, B and C, and how many of the entries are theirs at first. */
export interface Programs {
  readonly programs: readonly string[];
  readonly owned: readonly number[];
  readonly deaths?: boolean;
  /** A bound on preemptions, where all schedules are too many. */
  readonly preemptions?: number;
}

function planOf(stage: Stage, { programs, owned, deaths = false }: Programs): Plan {
  const machine = new Machine(stage, { threads: 1, chunks: 1 });
  const list = machine.address(0);
  const entryAt = (at: number): number => machine.address((1 + at) * ENTRY_BYTES);
  const first = owned.map((_, at) => owned.slice(0, at).reduce((sum, count) => sum + count, 0));
  machine.names.give(list, 4, (at) => ["removed", "removed", "head", "head.entry"][at] ?? "");
  for (let at = 0; at < ENTRIES; at++) {
    machine.names.give(entryAt(at), 4, (word) => `entry ${at}.${["next", "count"][word] ?? word}`);
  }
  return {
    ...castOf(
      machine,
      programs.map((program, place) =>
        programOf(machine, list, program, place, (mine) => {
          for (let at = 0; at < (owned[place] as number); at++)
            mine.push(entryAt((first[place] as number) + at));
        }),
      ),
      deaths ? "ABC" : "",
    ),
    intendedRaces: INTENDED_RACES,
    prepare() {
      machine.prepare();
      const { interlocked } = machine.region();
      interlocked.initialize(list);
      const taken = owned.reduce((sum, count) => sum + count, 0);
      for (let at = ENTRIES - 1; at >= taken; at--) interlocked.push(list, entryAt(at));
    },
    recoverers: deaths ? [{ name: "R", mortal: false, program: () => begin() }] : [],
    check(results) {
      const { interlocked, words } = machine.region();
      const parked = chainOf(words, interlocked, list);
      assert.equal(interlocked.count(list), parked.length, "the count is not the chain's length");
      const held = results.slice(0, programs.length).flatMap((mine) => (mine as number[]) ?? []);
      const all = [...parked, ...held].sort();
      assert.deepEqual(all, [...new Set(all)], "an entry is in two places");
      if (!results.slice(0, programs.length).includes(undefined))
        assert.equal(all.length, ENTRIES, "an entry is nowhere");
    },
  };
}

/** The entries on the list, first one first. */
function chainOf(words: Int32Array, interlocked: Interlocked, list: number): number[] {
  const chain: number[] = [];
  for (let entry = interlocked.first(list); entry !== 0 && chain.length <= ENTRIES; ) {
    chain.push(entry);
    entry = peek(words, entry >>> 2);
  }
  return chain;
}

function programOf(
  machine: Machine,
  list: number,
  program: string,
  place: number,
  own: (mine: number[]) => void,
): Program {
  return (voice) => {
    const { words, interlocked } = machine.region();
    const mine: number[] = [];
    own(mine);
    for (const entry of mine) machine.hold(voice, place, entry);
    begin();
    const take = (entry: number): void => {
      machine.hold(voice, place, entry);
      mine.push(entry);
    };
    for (const letter of program) {
      if (letter === "o") {
        voice.note("pop");
        const entry = interlocked.pop(list);
        if (entry !== 0) take(entry);
      } else if (letter === "u") {
        voice.note("push");
        const entry = mine.shift();
        if (entry === undefined) continue;
        machine.drop(place, entry);
        interlocked.push(list, entry);
      } else {
        voice.note("flush");
        for (let entry = interlocked.flush(list); entry !== 0; ) {
          const next = peek(words, entry >>> 2);
          take(entry);
          entry = next;
        }
      }
    }
    return mine;
  };
}

function scenario(quick: boolean, parts: Programs): Scenario {
  const owned = parts.owned.join("");
  const { preemptions } = parts;
  return {
    name:
      `sequenced-list/${parts.programs.join("-")}/${owned}` +
      `${preemptions === undefined ? "" : `/preemptions=${preemptions}`}${parts.deaths ? "/deaths" : ""}`,
    protocol: "sequenced list",
    quick,
    ...(preemptions === undefined ? {} : { limits: { preemptions } }),
    plan: (stage) => planOf(stage, parts),
  };
}

/** All scenarios of the protocol. */
export const SEQUENCED_LIST: readonly Scenario[] = [
  scenario(true, { programs: ["ouo", "ouou"], owned: [0, 0] }),
  scenario(true, { programs: ["o", "oouu"], owned: [0, 0], deaths: true }),
  scenario(true, { programs: ["of", "uou"], owned: [0, 1] }),
  scenario(true, { programs: ["o", "ou", "ou"], owned: [0, 0, 0] }),
  scenario(false, { programs: ["ouou", "oouu"], owned: [0, 0], deaths: true }),
  scenario(false, { programs: ["ofuu", "uoou"], owned: [0, 2], deaths: true }),
  // Three threads and two operations of each pair, with and without deaths.
  ...pairsOf("ouf").flatMap((pair) => {
    const parts = { programs: [pair, swapped(pair), pair], owned: [1, 1, 1] };
    return [
      scenario(false, { ...parts, preemptions: 3 }),
      scenario(false, { ...parts, preemptions: 2, deaths: true }),
    ];
  }),
];
