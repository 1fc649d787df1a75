/**
 * Documented lists: allocate and free on a descriptor, the set of lists, and the tuner that walks it.
 *
 * Letters: `t` takes (allocate) and writes all over the entry, which is its own now; `p` parks the entry
 * held longest (free); `F` flushes; `s` settles the totals and reads them; `l` links a list of the thread's
 * own into the set, `u` takes it out (where that is its first letter, it is in from the start); `w` walks:
 * the tuner adjusts all depths, of both sets. Where a name says *paged* the threads' own lists, or all, are
 * in the second set. Where it says *rises* every walk that sees a call makes Depth greater by one or more,
 * where it says *falls* every walk makes it less by one.
 *
 * What must hold at every end: each entry is on the list once, or some thread's; never more than Depth are
 * parked, and none is refused that Depth allows; settled totals are the calls that were made, and off by the
 * calls that are under way while others go on; the set is the same both ways round and has whom it must.
 */
import type { WindowsDepthConstants } from "#src/list/index.js";
import type { Region } from "#src/memory/index.js";
import { peek, poke, store } from "../explorer/door.js";
import { begin, type Plan, type Program } from "../explorer/index.js";
import { INTENDED_RACES } from "../stage/intended-races.js";
import { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import { castOf, castSize } from "./cast.js";
import { checkLists, type Tally } from "./documented-list-check.js";
import { pairsOf, type Scenario, swapped } from "./scenario.js";

const DESCRIPTOR = 0x80;
const ENTRIES = 3;

/** What is explored. */
interface Setting {
  readonly programs: readonly string[];
  readonly depth: number;
  /** Entries that each thread holds at first. */
  readonly owned: readonly number[];
  /** Whether the threads' own lists are paged, so that the tuner has two sets to walk; or all are. */
  readonly paged?: "own" | "all";
  /** Which way the tuner moves Depth; default: as the published rule says. */
  readonly tuning?: "rises" | "falls";
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

/** Bytes of the totals in a descriptor. What was parked in preparation counts as freed. */
const TOTALS = { allocates: 0x14, frees: 0x1c } as const;

/** Bytes of an entry as its holder leaves them: neither a link nor a count. */
const SCRIBBLE = 0x7fff_fff1;

const TUNING: Record<"rises" | "falls", WindowsDepthConstants> = {
  rises: {
    allocationThreshold: 1,
    lowUseStep: 0,
    lowMissPerMille: 0,
    growthStep: 1,
    minimumDepth: 1,
  },
  falls: {
    allocationThreshold: 1_000,
    lowUseStep: 1,
    lowMissPerMille: 0,
    growthStep: 0,
    minimumDepth: 1,
  },
};

/**
 * Settles the totals and reads them, while others go on: a call that was under way at a settle may be
 * counted once more when it adds its one, until the next settle; nothing else may be wrong. Only a flush
 * that is under way may hide more.
 */
function settleAndLook(region: Region, list: number, { programs, owned }: Setting): void {
  const { interlocked, words } = region;
  interlocked.settle(list);
  if (programs.some((program) => program.includes("F"))) return;
  const letters = programs.join("");
  const calls = (letter: string): number => letters.split(letter).length - 1;
  const twice = (calls("s") + calls("w")) * (programs.length - 1);
  const demand = (what: string, made: number, most: number): void => {
    if (made >= 0 && made <= most + twice) return;
    throw new Error(`${made} calls of ${what} were settled, of ${most} at most`);
  };
  demand("allocate", peek(words, (list + TOTALS.allocates) >>> 2), calls("t"));
  const parked = ENTRIES - sumOf(owned);
  demand("free", peek(words, (list + TOTALS.frees) >>> 2) - parked, calls("p"));
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

function act(
  places: Places,
  region: Region,
  setting: Setting,
  place: number,
  letter: string,
  tally: Tally,
): void {
  const { machine } = places;
  const { list, balance } = machine.stage;
  const { interlocked, words } = region;
  const shared = places.list(0);
  const own = places.list(place + 1);
  if (letter === "t") {
    tally.takes++;
    const entry = interlocked.take(shared) >>> 0;
    if (entry === 0) return;
    tally.mine.push(entry);
    poke(words, entry >>> 2, SCRIBBLE);
    poke(words, (entry >>> 2) + 1, SCRIBBLE);
  } else if (letter === "p") {
    const entry = tally.mine.shift();
    if (entry === undefined) return;
    tally.parks++;
    if (interlocked.park(shared, entry) !== 0) return;
    tally.mine.push(entry);
    // At most the others are parked while this one is not: Depth allows it if it never was less.
    const neverFell = setting.tuning !== "falls" && setting.depth >= ENTRIES;
    if (neverFell) throw new Error("a list that had room was said to be full");
  } else if (letter === "F") {
    for (let entry = interlocked.flush(shared) >>> 0; entry !== 0; ) {
      tally.mine.push(entry);
      entry = peek(words, entry >>> 2) >>> 0;
    }
  } else if (letter === "s") {
    settleAndLook(region, shared, setting);
  } else if (letter === "l") {
    if (tally.linked) return;
    list.withListSets(region, place + 1, () =>
      list.linkList(region, setOf(setting, place + 1), own),
    );
    tally.linked = true;
  } else if (letter === "u") {
    if (!tally.linked) return;
    list.withListSets(region, place + 1, () => list.unlinkList(region, own));
    tally.linked = false;
  } else {
    balance.adjustDepths(region, place + 1);
  }
}

/** The set that a list belongs to: nonpaged or paged. */
function setOf({ paged }: Setting, list: number): number {
  return paged === "all" || (paged === "own" && list > 0) ? 1 : 0;
}

/** Whether a thread's own list is in the set from the start: it takes it out before it links any. */
function isLinkedAtFirst({ programs }: Setting, place: number): boolean {
  return /^[^l]*u/.test(programs[place] as string);
}

function programOf(places: Places, setting: Setting, place: number): Program {
  const { programs, owned } = setting;
  return (voice) => {
    const region = places.machine.region();
    const first = sumOf(owned.slice(0, place));
    const mine = Array.from({ length: owned[place] ?? 0 }, (_, at) => places.entry(first + at));
    const tally: Tally = { mine, takes: 0, parks: 0, linked: isLinkedAtFirst(setting, place) };
    begin();
    for (const letter of programs[place] as string) {
      voice.note(letter);
      act(places, region, setting, place, letter, tally);
    }
    return tally;
  };
}

function planOf(stage: Stage, setting: Setting): Plan {
  const { programs, depth, owned, tuning, mortal = "" } = setting;
  const parkedAtFirst = ENTRIES - sumOf(owned);
  const count = castSize(programs, mortal);
  const machine = new Machine(stage, { threads: count, chunks: 1 });
  const places = new Places(machine);
  places.nameAll(programs.length + 1);
  return {
    ...castOf(
      machine,
      programs.map((_, place) => programOf(places, setting, place)),
      mortal,
    ),
    intendedRaces: INTENDED_RACES,
    prepare() {
      machine.prepare();
      const region = machine.region();
      stage.balance.writeTuning(region, {
        periodMs: 0,
        scansPerAdjustment: 1,
        depth: tuning === undefined ? stage.list.WINDOWS_DEPTH : TUNING[tuning],
      });
      for (let at = 0; at <= programs.length; at++) initialize(region, places.list(at), depth);
      for (let at = 0; at <= programs.length; at++) {
        const isIn = at === 0 || isLinkedAtFirst(setting, at - 1);
        if (isIn) stage.list.linkList(region, setOf(setting, at), places.list(at));
      }
      for (let at = ENTRIES - 1; at >= ENTRIES - parkedAtFirst; at--)
        region.interlocked.push(places.list(0), places.entry(at));
      region.interlocked.settle(places.list(0));
    },
    check: (results) =>
      checkLists({
        machine,
        lists: Array.from({ length: programs.length + 1 }, (_, at) => places.list(at)),
        sets: Array.from({ length: programs.length + 1 }, (_, at) => setOf(setting, at)),
        entries: ENTRIES,
        parkedAtFirst,
        depth,
        tallies: results.slice(0, programs.length) as (Tally | undefined)[],
      }),
  };
}

function scenario(quick: boolean, setting: Setting): Scenario {
  const { programs, depth, owned, paged, tuning, mortal, preemptions } = setting;
  const extras = [`depth=${depth}`, `owned=${owned.join("")}`];
  if (paged !== undefined) extras.push(`paged=${paged}`);
  if (tuning !== undefined) extras.push(tuning);
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
  scenario(true, { programs: ["u", "w"], depth: 4, owned: [0, 0], paged: "own", mortal: "A" }),
  // Totals that are settled, and a Depth that moves, beside allocate and free.
  scenario(true, { programs: ["tt", "tt"], depth: 2, owned: [1, 1] }),
  scenario(true, { programs: ["s", "ttp"], depth: 3, owned: [0, 0] }),
  scenario(true, { programs: ["p", "tt"], depth: 3, owned: [1, 0] }),
  scenario(true, { programs: ["w", "tp"], depth: 2, owned: [0, 1], tuning: "rises" }),
  scenario(true, { programs: ["w", "pp"], depth: 2, owned: [0, 2], tuning: "falls" }),
  scenario(true, { programs: ["wF", "tp"], depth: 2, owned: [0, 1], mortal: "A" }),
  scenario(true, { programs: ["F", "sp"], depth: 2, owned: [0, 1], mortal: "A" }),
  // The full run.
  scenario(false, {
    programs: ["tptp", "ttpp"],
    depth: 2,
    owned: [0, 1],
    mortal: "AB",
    preemptions: 3,
  }),
  scenario(false, {
    programs: ["tFpF", "ptFp"],
    depth: 3,
    owned: [0, 1],
    mortal: "AB",
    preemptions: 3,
  }),
  scenario(false, { programs: ["tpF", "ptp"], depth: 3, owned: [0, 1] }),
  scenario(false, { programs: ["stsp", "ttpp"], depth: 3, owned: [0, 0], preemptions: 3 }),
  ...(["rises", "falls"] as const).map((tuning) =>
    scenario(false, {
      programs: ["wsFw", "tppt"],
      depth: 2,
      owned: [0, 1],
      tuning,
      mortal: "AB",
      preemptions: 3,
    }),
  ),
  scenario(false, { programs: ["lulw", "luwl"], depth: 4, owned: [0, 0], mortal: "AB" }),
  // Two sets.
  ...(["own", "all"] as const).flatMap((paged) => [
    scenario(false, {
      programs: ["lulw", "luwl"],
      depth: 4,
      owned: [0, 0],
      paged,
      mortal: "AB",
      preemptions: 2,
    }),
    scenario(false, {
      programs: ["wspw", "ttlu"],
      depth: 2,
      owned: [1, 0],
      paged,
      tuning: "rises",
      mortal: "AB",
      preemptions: 2,
    }),
  ]),
  scenario(false, {
    programs: ["lulw", "luwl"],
    depth: 4,
    owned: [0, 0],
    mortal: "AB+",
    preemptions: 0,
  }),
  ...["wl", "wu", "lu"].map((pair) =>
    scenario(false, {
      programs: [pair, swapped(pair), pair],
      depth: 2,
      owned: [1, 1, 0],
      paged: "own",
      mortal: "A",
      preemptions: 1,
    }),
  ),
  // Three threads and two operations of each pair, with and without a death. A list is linked but once.
  ...pairsOf("tpFswlu").flatMap((pair) => {
    if (pair === "ll" || pair === "uu") return [];
    const programs = [pair, swapped(pair), pair];
    const parts = { programs, depth: 2, owned: [1, 1, 0], preemptions: 2 };
    return [scenario(false, parts), scenario(false, { ...parts, mortal: "A" })];
  }),
];
