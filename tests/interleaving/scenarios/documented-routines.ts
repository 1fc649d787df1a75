/**
 * The documented routines themselves, as drivers call them: initialize, allocate, free, flush and delete of
 * lists whose entries come from the pool, while the tuner walks.
 *
 * Letters: `a` allocates from everybody's list, `f` frees the oldest entry to it, `F` flushes it; `i`
 * initializes a list of the thread's own (again, if it is in use and empty), `A` allocates from that and `P`
 * frees the oldest of these to it; `d` deletes it and has something else written where its descriptor was;
 * `w` walks: the tuner adjusts all depths. The lists are of the unified family or, where the name says so,
 * nonpaged or paged; or the threads' own are (`own=`), and then the tuner has two sets to walk. Where the
 * name says *checked* the machine is in checked mode: these programs are correct, so no bug check may come of
 * it. What is before a colon is preparation.
 *
 * What must hold at every end: no entry was given to two threads; each entry is on its list once, or some
 * thread's; the set is the same both ways round and has whom it must; settled totals are the calls that
 * were made; nothing was written where a list had been; and when all lists are deleted and all is freed,
 * no chunk is in use.
 */
import type { Region } from "#src/memory/index.js";
import { poke } from "../explorer/door.js";
import { begin, type Plan, type Program, type Voice } from "../explorer/index.js";
import { INTENDED_RACES } from "../stage/intended-races.js";
import { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import { castOf, castSize } from "./cast.js";
import { DESCRIPTOR, Descriptors, enterMachine, type Family, setOf, TAG } from "./descriptors.js";
import { checkRoutines, type Doings, REUSED } from "./documented-routines-check.js";
import { pairsOf, type Scenario, swapped } from "./scenario.js";

/** Bytes of an entry: a slab of one chunk has four. In checked mode all of them are looked at. */
const SIZE = 16_384;
const CHECKED_SIZE = 16;

/** What is explored. */
interface Setting {
  readonly programs: readonly string[];
  /** Of everybody's list; default: unified. */
  readonly family?: Family;
  /** Of the threads' own lists; default: the same. */
  readonly own?: Family;
  /** Depth of everybody's list; default: as initialized. */
  readonly depth?: number;
  /** Chunks of the pool that entries come from; nonpaged, one of them is for descriptors. */
  readonly chunks?: number;
  readonly checked?: boolean;
  readonly mortal?: string;
  readonly preemptions?: number;
}

interface Runner {
  readonly lists: Descriptors;
  readonly setting: Setting;
  readonly region: Region;
  readonly voice: Voice;
  readonly place: number;
  readonly doings: Doings;
}

function sizeOf({ checked }: Setting): number {
  return checked === true ? CHECKED_SIZE : SIZE;
}

/** Allocates from the list at a place of the descriptors. */
function allocateFrom(runner: Runner, at: number, held: number[]): void {
  const { lists, voice, place } = runner;
  const entry = lists.routines(at).allocate(lists.at(at));
  if (entry === 0) return;
  lists.machine.hold(voice, place, entry);
  held.push(entry);
  poke(runner.region.words, entry >>> 2, REUSED); // its bytes are its holder's
}

function freeTo({ lists, place }: Runner, at: number, held: number[]): boolean {
  const entry = held.shift();
  if (entry === undefined) return false;
  lists.machine.drop(place, entry);
  lists.routines(at).free(lists.at(at), entry);
  return true;
}

/** Deletes the thread's own list; its descriptor becomes memory for something else. */
function deleteOwn({ lists, place, doings, region }: Runner): void {
  if (!doings.linked) return;
  const list = lists.at(place + 1);
  lists.routines(place + 1).remove(list);
  doings.linked = false;
  for (let word = 0; word < DESCRIPTOR / 4; word++) poke(region.words, (list >>> 2) + word, REUSED);
  doings.reused = list;
}

const STEPS: Record<string, readonly [string, (runner: Runner) => void]> = {
  a: [
    "allocate",
    (runner) => {
      runner.doings.allocates++;
      allocateFrom(runner, 0, runner.doings.held);
    },
  ],
  f: [
    "free",
    (runner) => {
      if (freeTo(runner, 0, runner.doings.held)) runner.doings.frees++;
    },
  ],
  F: ["flush", ({ lists }) => lists.machine.stage.wdk.ExFlushLookasideListEx(lists.at(0))],
  i: [
    "initialize its own",
    ({ lists, setting, region, place, doings }) => {
      const list = lists.at(place + 1);
      if (doings.linked && region.interlocked.first(list) !== 0) return; // it would forget its entries
      if (doings.linked && setting.checked === true) return; // not even then, checked mode says
      lists.routines(place + 1).initialize(list, sizeOf(setting));
      doings.linked = true;
      doings.reused = 0;
    },
  ],
  A: [
    "allocate from its own",
    (runner) => {
      if (runner.doings.linked) allocateFrom(runner, runner.place + 1, runner.doings.own);
    },
  ],
  P: [
    "free to its own",
    (runner) => {
      if (runner.doings.linked) freeTo(runner, runner.place + 1, runner.doings.own);
    },
  ],
  d: ["delete its own", deleteOwn],
  w: [
    "walk",
    ({ lists, region, place }) => lists.machine.stage.balance.adjustDepths(region, place + 1),
  ],
};

function programOf(lists: Descriptors, setting: Setting, place: number): Program {
  return (voice) => {
    const { machine } = lists;
    const region = machine.region();
    enterMachine(machine, region, place + 1);
    const doings: Doings = { held: [], own: [], allocates: 0, frees: 0, linked: false, reused: 0 };
    const runner: Runner = { lists, setting, region, voice, place, doings };
    for (const letter of setting.programs[place] as string) {
      if (letter === ":") {
        begin();
        continue;
      }
      const [note, act] = STEPS[letter] as (typeof STEPS)[string];
      voice.note(note);
      act(runner);
    }
    return doings;
  };
}

/** The chunks of both pools, and whether they are checked. */
function poolsOf({ family, own = family, chunks, checked }: Setting) {
  const mode = checked === true ? ({ checked: "goes on" } as const) : {};
  const kinds = [family, own].map((one) => setOf(one ?? "unified"));
  if (!kinds.includes(1)) return { chunks: chunks ?? 4, ...mode };
  return { chunks: kinds.includes(0) ? 4 : 1, pagedChunks: chunks ?? 3, ...mode };
}

function planOf(stage: Stage, setting: Setting): Plan {
  const { programs, family = "unified", own = family, mortal = "", depth } = setting;
  const preparer = castSize(programs, mortal) + 1;
  const machine = new Machine(stage, { threads: preparer, ...poolsOf(setting) });
  const lists = new Descriptors(machine, [family, own]);
  const spares: number[] = [];
  return {
    ...castOf(
      machine,
      programs.map((_, place) => programOf(lists, setting, place)),
      mortal,
    ),
    intendedRaces: INTENDED_RACES,
    prepare() {
      machine.prepare();
      const region = machine.region();
      stage.balance.writeTuning(region, {
        periodMs: 0,
        scansPerAdjustment: 1,
        depth: stage.list.WINDOWS_DEPTH,
      });
      enterMachine(machine, region, preparer);
      lists.allocate(programs.length);
      lists.routines(0).initialize(lists.at(0), sizeOf(setting));
      const word = (lists.at(0) + stage.list.FIELD.Depth) >>> 2;
      if (depth !== undefined) poke(region.words, word, (256 << 16) | depth);
      spares.length = 0;
      if (setting.checked === true)
        for (const kind of new Set([setOf(family), setOf(own)]))
          spares.push(stage.wdk.ExAllocatePoolWithTag(kind, CHECKED_SIZE, TAG));
    },
    check: (results, words) => {
      const doings = results.slice(0, programs.length) as (Doings | undefined)[];
      const { checked = false } = setting;
      checkRoutines({ lists, doings, depth: depth ?? 4, spares, checked, preparer }, words);
    },
  };
}

function scenario(quick: boolean, setting: Setting): Scenario {
  const { programs, family, own, depth, chunks, checked, mortal, preemptions } = setting;
  const extras: string[] = [];
  if (checked === true) extras.push("checked");
  if (family !== undefined) extras.push(family);
  if (own !== undefined) extras.push(`own=${own}`);
  if (depth !== undefined) extras.push(`depth=${depth}`);
  if (chunks !== undefined) extras.push(`chunks=${chunks}`);
  if (preemptions !== undefined) extras.push(`preemptions=${preemptions}`);
  if (mortal !== undefined) extras.push(`${mortal}=mortal`);
  return {
    name: `documented-routines/${programs.join("-")}/${extras.join(",")}`.replace(/\/$/, ""),
    protocol: "documented routines: initialize, allocate, free, flush, delete",
    quick,
    ...(preemptions === undefined ? {} : { limits: { preemptions } }),
    plan: (stage) => planOf(stage, setting),
  };
}

/** All scenarios of the protocol. */
export const DOCUMENTED_ROUTINES: readonly Scenario[] = [
  scenario(true, { programs: ["a:fa", "a:fa"] }),
  scenario(true, { programs: ["af:a", "aa:ff"], depth: 1, family: "nonpaged" }),
  scenario(true, { programs: ["i:d", ":w"] }),
  scenario(true, { programs: [":i", ":w"], mortal: "A" }),
  scenario(true, { programs: ["iAP:d", ":w"], mortal: "A" }),
  scenario(true, { programs: ["a:fa", "aaff:F"], mortal: "B" }),
  scenario(true, { programs: ["aa:aa", "aaff:F"], chunks: 2, preemptions: 2 }),
  // Paged lists, and the tuner that walks both sets.
  scenario(true, { programs: ["af:a", "aa:ff"], depth: 1, family: "paged" }),
  scenario(true, { programs: ["iAP:d", ":w"], family: "paged", mortal: "A" }),
  scenario(true, { programs: ["i:d", ":w"], own: "paged" }),
  // Checked mode.
  scenario(true, { programs: ["a:fa", "a:fa"], checked: true }),
  scenario(true, { programs: ["af:a", "aa:ff"], depth: 1, checked: true }),
  scenario(true, { programs: [":a", "aaff:F"], checked: true }),
  scenario(true, { programs: ["iA:Pd", ":a"], checked: true, mortal: "A", preemptions: 0 }),
  // The full run: two threads and four operations each, with a death in either.
  scenario(false, { programs: [":afaf", ":aaff"], depth: 1, preemptions: 2 }),
  scenario(false, { programs: [":afaf", ":aaff"], depth: 1, mortal: "AB", preemptions: 0 }),
  scenario(false, { programs: ["a:fafa", "aa:ffaf"], depth: 1, mortal: "AB", preemptions: 2 }),
  scenario(false, { programs: ["aa:fFaf", "a:fafF"], mortal: "AB", preemptions: 2 }),
  scenario(false, { programs: [":iAPd", ":afwi"], mortal: "AB", preemptions: 0 }),
  scenario(false, { programs: ["i:didi", ":wwww"], preemptions: 3 }),
  scenario(false, { programs: ["iAP:didw", "i:dwid"], mortal: "AB", preemptions: 1 }),
  // The same of paged lists, of both kinds at once, and in checked mode.
  scenario(false, { programs: ["a:fafa", "aa:ffaf"], depth: 1, family: "paged", preemptions: 3 }),
  scenario(false, {
    programs: ["a:fafa", "aa:ffaf"],
    depth: 1,
    family: "paged",
    mortal: "AB",
    preemptions: 2,
  }),
  ...(["nonpaged", "paged"] as const).map((own) =>
    scenario(false, {
      programs: ["iAP:didw", "i:dwid"],
      family: own === "paged" ? "nonpaged" : "paged",
      own,
      mortal: "AB",
      preemptions: 1,
    }),
  ),
  scenario(false, { programs: ["i:didi", ":wwww"], own: "paged", preemptions: 3 }),
  ...["fi", "Fd", "fw"].map((pair) =>
    scenario(false, {
      programs: [`iaaa:${pair}`, `iaaf:${swapped(pair)}`, `iAPa:${pair}`],
      own: "paged",
      mortal: "C",
      preemptions: 1,
    }),
  ),
  scenario(false, { programs: ["a:fa", "aaff:F"], checked: true, mortal: "B", preemptions: 2 }),
  scenario(false, { programs: ["iAP:d", "a:f"], checked: true, mortal: "A", preemptions: 2 }),
  scenario(false, { programs: ["iAP:d", "a:f"], checked: true, own: "paged", preemptions: 3 }),
  scenario(false, { programs: ["a:fafa", "aa:ffaf"], depth: 1, checked: true, preemptions: 2 }),
  scenario(false, { programs: ["aa:fFaf", "a:fafF"], checked: true, preemptions: 2 }),
  ...["a:fafa aa:ffaf", "aa:fFaf a:fafF", "iAP:didw i:dwid"].map((both) =>
    scenario(false, { programs: both.split(" "), checked: true, mortal: "AB", preemptions: 0 }),
  ),
  ...["ff", "Fa", "wd"].map((pair) =>
    scenario(false, {
      programs: [`iaaa:${pair}`, `iaaf:${swapped(pair)}`, `iAPa:${pair}`],
      checked: true,
      preemptions: 1,
    }),
  ),
  // Three threads and two operations of each pair, with and without a death.
  ...pairsOf("afFidw").flatMap((pair) => {
    const programs = [`iaaa:${pair}`, `iaaf:${swapped(pair)}`, `iAPa:${pair}`];
    const bounded = scenario(false, { programs, preemptions: 2 });
    return [bounded, scenario(false, { programs, mortal: "C", preemptions: 1 })];
  }),
];
