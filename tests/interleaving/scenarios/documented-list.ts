/**
 * Documented lists: allocate and free on a descriptor, the set of lists, and the tuner that walks it.
 *
 * Letters: `t` takes (allocate), `p` parks the entry held longest (free), `F` flushes, `s` settles the
 * totals, `l` links a list of the thread's own into the set, `u` takes it out, `w` walks: the tuner adjusts
 * all depths.
 *
 * What must hold at every end: each entry is on the list once, or some thread's; never more than Depth are
 * parked; settled totals are the calls that were made; the set is the same both ways round and has whom it
 * must.
 */
import assert from "node:assert/strict";
import type { Region } from "#src/memory/index.js";
import { load, peek, store } from "../explorer/door.js";
import { begin, type Plan, type Program } from "../explorer/index.js";
import { INTENDED_RACES } from "../stage/intended-races.js";
import { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import { recovererOf, recoverersOf } from "./recoverer.js";
import { pairsOf, type Scenario, swapped } from "./scenario.js";

const DESCRIPTOR = 0x80;
const ENTRIES = 3;

/** What is explored. */
interface Setting {
  readonly programs: readonly string[];
  readonly depth: number;
  /** Entries that each thread holds at first. */
  readonly owned: readonly number[];
  readonly mortal?: string;
  /** A bound on preemptions, where all schedules are too many. */
  readonly preemptions?: number;
}

/** Places of one plan: list 0 is everybody's, list n + 1 is thread n's own. */
class Places {
  readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  list(at: number): number {
    return this.machine.address(at * DESCRIPTOR);
  }

  entry(at: number): number {
    return this.machine.address(0x400 + at * 16);
  }

  nameAll(lists: number): void {
    const { FIELD } = this.machine.stage.list;
    const fields = new Map<number, string>();
    for (const [name, byte] of Object.entries(FIELD))
      if (!fields.has(byte >>> 2)) fields.set(byte >>> 2, name);
    for (let at = 0; at < lists; at++) {
      const nameOf = (word: number): string => `list ${at} ${fields.get(word) ?? word}`;
      this.machine.names.give(this.list(at), DESCRIPTOR / 4, nameOf);
    }
    for (let at = 0; at < ENTRIES; at++) {
      const nameOf = (word: number): string => `entry ${at} ${["next", "count"][word] ?? word}`;
      this.machine.names.give(this.entry(at), 4, nameOf);
    }
  }
}

function initialize(region: Region, list: number, depth: number): void {
  for (let word = 0; word < DESCRIPTOR / 4; word++) store(region.words, (list >>> 2) + word, 0);
  region.interlocked.initialize(list);
  store(region.words, (list + 0x10) >>> 2, (256 << 16) | depth);
}

/** What a thread has done: entries it holds, and calls by kind. */
interface Tally {
  mine: number[];
  takes: number;
  parks: number;
  linked: boolean;
}

function act(places: Places, region: Region, place: number, letter: string, tally: Tally): void {
  const { machine } = places;
  const { list, balance } = machine.stage;
  const { interlocked, words } = region;
  const shared = places.list(0);
  const own = places.list(place + 1);
  if (letter === "t") {
    tally.takes++;
    const entry = interlocked.take(shared) >>> 0;
    if (entry !== 0) tally.mine.push(entry);
  } else if (letter === "p") {
    const entry = tally.mine.shift();
    if (entry === undefined) return;
    tally.parks++;
    if (interlocked.park(shared, entry) === 0) tally.mine.push(entry);
  } else if (letter === "F") {
    for (let entry = interlocked.flush(shared) >>> 0; entry !== 0; ) {
      tally.mine.push(entry);
      entry = peek(words, entry >>> 2) >>> 0;
    }
  } else if (letter === "s") {
    interlocked.settle(shared);
  } else if (letter === "l") {
    list.withListSets(region, place + 1, () => list.linkList(region, 0, own));
    tally.linked = true;
  } else if (letter === "u") {
    list.withListSets(region, place + 1, () => list.unlinkList(region, own));
    tally.linked = false;
  } else {
    balance.adjustDepths(region, place + 1);
  }
}

function programOf(places: Places, { programs, owned }: Setting, place: number): Program {
  return (voice) => {
    const region = places.machine.region();
    const first = owned.slice(0, place).reduce((sum, count) => sum + count, 0);
    const mine = Array.from({ length: owned[place] ?? 0 }, (_, at) => places.entry(first + at));
    const tally: Tally = { mine, takes: 0, parks: 0, linked: false };
    begin();
    for (const letter of programs[place] as string) {
      voice.note(letter);
      act(places, region, place, letter, tally);
    }
    return tally;
  };
}

function planOf(stage: Stage, setting: Setting): Plan {
  const { programs, depth, owned, mortal = "" } = setting;
  const names = recoverersOf(mortal);
  const count = programs.length + names.length;
  const machine = new Machine(stage, { threads: count, chunks: 1 });
  const places = new Places(machine);
  places.nameAll(programs.length + 1);
  return {
    words: machine.words,
    notes: machine.notes,
    nameOf: (index, words) => machine.names.of(index, words),
    intendedRaces: INTENDED_RACES,
    prepare() {
      machine.prepare();
      const region = machine.region();
      stage.balance.writeTuning(region, {
        periodMs: 0,
        scansPerAdjustment: 1,
        depth: stage.list.WINDOWS_DEPTH,
      });
      for (let at = 0; at <= programs.length; at++) initialize(region, places.list(at), depth);
      stage.list.linkList(region, 0, places.list(0));
      const taken = owned.reduce((sum, each) => sum + each, 0);
      for (let at = ENTRIES - 1; at >= taken; at--)
        region.interlocked.push(places.list(0), places.entry(at));
    },
    threads: programs.map((_, place) => {
      const name = "ABC"[place] as string;
      return { name, mortal: mortal.includes(name), program: programOf(places, setting, place) };
    }),
    recoverers: names.map((name, at) => ({
      name,
      mortal: mortal.includes(name),
      program: recovererOf(machine, programs.length + at, at === 0),
    })),
    check: (results) =>
      check(places, setting, results.slice(0, programs.length) as (Tally | undefined)[]),
  };
}

function check(
  places: Places,
  { depth, programs, owned }: Setting,
  tallies: (Tally | undefined)[],
): void {
  const { machine } = places;
  const region = machine.region();
  const { interlocked, words } = region;
  const shared = places.list(0);
  const parked: number[] = [];
  for (let entry = interlocked.first(shared) >>> 0; entry !== 0 && parked.length <= ENTRIES; ) {
    parked.push(entry);
    entry = peek(words, entry >>> 2) >>> 0;
  }
  assert.equal(interlocked.count(shared), parked.length, "the count is not the chain's length");
  const pushed = ENTRIES - owned.reduce((sum, each) => sum + each, 0);
  assert.ok(parked.length <= Math.max(depth, pushed), "more are parked than Depth allows");
  const all = [...parked, ...tallies.flatMap((tally) => tally?.mine ?? [])];
  assert.equal(new Set(all).size, all.length, "an entry is in two places");
  checkSet(places, tallies);
  if (tallies.includes(undefined)) return; // what the dead held or was counting is not known
  assert.equal(all.length, ENTRIES, "an entry is nowhere");
  interlocked.settle(shared);
  const total = (field: number): number => load(words, (shared + field) >>> 2);
  const sum = (of: (tally: Tally) => number): number =>
    tallies.reduce((so, tally) => so + of(tally as Tally), 0);
  assert.equal(
    total(0x14),
    sum(({ takes }) => takes),
    "TotalAllocates is not the calls",
  );
  assert.equal(
    total(0x1c) - pushed,
    sum(({ parks }) => parks),
    "TotalFrees is not the calls",
  );
  void programs;
}

/** Everybody's list is in the set, and those of threads that linked them; of the dead, either. */
function checkSet(places: Places, tallies: (Tally | undefined)[]): void {
  const { list } = places.machine.stage;
  const region = places.machine.region();
  const found = list.listsOf(region, 0);
  assert.equal(found[0], places.list(0), "a list was lost from the set");
  tallies.forEach((tally, place) => {
    if (tally === undefined) return;
    assert.equal(
      found.includes(places.list(place + 1)),
      tally.linked,
      `the list of thread ${place + 1}`,
    );
  });
  const word = (address: number): number => load(region.words, address >>> 2) >>> 0;
  let previous = places.machine.stage.memory.HEADER.SET_HEADS * 4;
  for (const each of found) {
    assert.equal(word(each + 0x48), previous, "the set is not the same both ways round");
    previous = each + 0x40;
  }
}

function scenario(quick: boolean, setting: Setting): Scenario {
  const { programs, depth, owned, mortal, preemptions } = setting;
  const extras = [`depth=${depth}`, `owned=${owned.join("")}`];
  if (preemptions !== undefined) extras.push(`preemptions=${preemptions}`);
  if (mortal !== undefined) extras.push(`${mortal}=mortal`);
  return {
    name: `documented-list/${programs.join("-")}/${extras.join(",")}`,
    protocol: "documented lists, their set and the tuner",
    quick,
    ...(preemptions === undefined ? {} : { limits: { preemptions } }),
    plan: (stage) => planOf(stage, setting),
  };
}

/** All scenarios of the protocol. */
export const DOCUMENTED_LIST: readonly Scenario[] = [
  scenario(true, { programs: ["tp", "tp"], depth: 2, owned: [0, 1] }),
  scenario(true, { programs: ["tF", "p"], depth: 2, owned: [0, 1] }),
  scenario(true, { programs: ["pp", "p"], depth: 2, owned: [2, 1] }),
  scenario(true, { programs: ["l", "lu", "w"], depth: 4, owned: [0, 0, 0], preemptions: 4 }),
  scenario(false, { programs: ["l", "lu", "w"], depth: 4, owned: [0, 0, 0] }),
  scenario(true, { programs: ["lu", "lw"], depth: 4, owned: [0, 0], mortal: "A" }),
  scenario(false, { programs: ["tptp", "ttpp"], depth: 2, owned: [0, 1], mortal: "A" }),
  scenario(false, { programs: ["tpF", "ptp"], depth: 3, owned: [0, 1] }),
  // Three threads and two operations of each pair.
  ...pairsOf("tpF").map((pair) =>
    scenario(false, {
      programs: [pair, swapped(pair), pair],
      depth: 2,
      owned: [1, 1, 0],
      preemptions: 2,
    }),
  ),
  ...["lu", "lw", "uw"].map((pair) =>
    scenario(false, {
      programs: [pair, pair, pair],
      depth: 4,
      owned: [0, 0, 0],
      preemptions: 2,
    }),
  ),
  scenario(false, { programs: ["lulw", "luwl"], depth: 4, owned: [0, 0], mortal: "AB" }),
  scenario(false, {
    programs: ["lulw", "luwl"],
    depth: 4,
    owned: [0, 0],
    mortal: "AB+",
    preemptions: 0,
  }),
];
