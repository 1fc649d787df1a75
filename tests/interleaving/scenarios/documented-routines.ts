/**
 * The documented routines themselves, as drivers call them: initialize, allocate, free, flush and delete of
 * lists whose entries come from the pool, while the tuner walks.
 *
 * Letters: `a` allocates from everybody's list, `f` frees the oldest entry to it, `F` flushes it; `i`
 * initializes a list of the thread's own (again, if it is in use and empty), `A` allocates from that and `P`
 * frees the oldest of these to it; `d` deletes it and has something else written where its descriptor was;
 * `w` walks: the tuner adjusts all depths. The lists are of the unified family or, where the name says so,
 * nonpaged. What is before a colon is preparation.
 *
 * What must hold at every end: no entry was given to two threads; each entry is on its list once, or some
 * thread's; the set is the same both ways round and has whom it must; settled totals are the calls that
 * were made; nothing was written where a list had been; and when all lists are deleted and all is freed,
 * no chunk is in use.
 */
import assert from "node:assert/strict";
import type { Region } from "#src/memory/index.js";
import type { System } from "#src/system/index.js";
import { auditPool } from "../../support/pool-audit.js";
import { load, peek, poke } from "../explorer/door.js";
import { begin, type Plan, type Program, type Voice } from "../explorer/index.js";
import { INTENDED_RACES } from "../stage/intended-races.js";
import { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import { chainOf, checkSet } from "./documented-list-check.js";
import { recovererOf, recoverersOf } from "./recoverer.js";
import { pairsOf, type Scenario, swapped } from "./scenario.js";

const TAG = 0x7473_694c;
const DESCRIPTOR = 0x80;

/** Bytes of an entry: a slab of one chunk has four. */
const SIZE = 16_384;

/** What is written where a descriptor was: no address of anything. */
const REUSED = 5;

/** What is explored. */
interface Setting {
  readonly programs: readonly string[];
  readonly family?: "nonpaged";
  /** Depth of everybody's list; default: as initialized. */
  readonly depth?: number;
  /** Chunks of the pool: one for descriptors, the others for entries. */
  readonly chunks?: number;
  readonly mortal?: string;
  readonly preemptions?: number;
}

/** What a thread has done. */
interface Doings {
  readonly held: number[];
  readonly own: number[];
  allocates: number;
  frees: number;
  /** Whether its own list is in use. */
  linked: boolean;
  /** Where its own list's descriptor was, once that is another's memory: the thread's own bytes. */
  reused: number;
}

/** Descriptors of one plan: 0 is everybody's, n + 1 thread n's own. */
class Lists {
  readonly machine: Machine;
  readonly addresses: number[] = [];

  constructor(machine: Machine) {
    this.machine = machine;
  }

  at(place: number): number {
    return this.addresses[place] as number;
  }

  nameAll(): void {
    const { FIELD } = this.machine.stage.list;
    const fields = new Map<number, string>();
    for (const [name, byte] of Object.entries(FIELD))
      if (!fields.has(byte >>> 2)) fields.set(byte >>> 2, name);
    this.addresses.forEach((address, at) => {
      const nameOf = (word: number): string => `list ${at} ${fields.get(word) ?? word}`;
      this.machine.names.give(address, DESCRIPTOR / 4, nameOf);
    });
  }
}

interface Runner {
  readonly lists: Lists;
  readonly setting: Setting;
  readonly region: Region;
  readonly voice: Voice;
  readonly place: number;
  readonly doings: Doings;
}

/** Makes this virtual thread one of the machine: what `boot` with a ticket does, without a host. */
function enterMachine(machine: Machine, region: Region, thread: number): void {
  const { list, wdk } = machine.stage;
  const identity = machine.identityOf(thread);
  const system = {
    region,
    thread,
    identity,
    pool: machine.poolOf(thread, region),
    routines: new list.Routines(region, thread, identity.epoch),
  } as unknown as System;
  const { ExAllocatePoolWithQuotaTag, ExAllocatePoolWithTag, ExFreePool } = wdk;
  wdk.enter(system, [ExAllocatePoolWithTag, ExFreePool, ExAllocatePoolWithQuotaTag] as never);
}

/** The routines of everybody's list. */
function routinesOf({ wdk }: Stage, { family }: Setting) {
  if (family === "nonpaged") {
    return {
      initialize: (list: number): unknown =>
        wdk.ExInitializeNPagedLookasideList(list, 0, 0, 0, SIZE, TAG, 0),
      allocate: wdk.ExAllocateFromNPagedLookasideList,
      free: wdk.ExFreeToNPagedLookasideList,
      remove: wdk.ExDeleteNPagedLookasideList,
    };
  }
  return {
    initialize: (list: number): unknown =>
      wdk.ExInitializeLookasideListEx(list, 0, 0, 0, 0, SIZE, TAG, 0),
    allocate: wdk.ExAllocateFromLookasideListEx,
    free: wdk.ExFreeToLookasideListEx,
    remove: wdk.ExDeleteLookasideListEx,
  };
}

function allocateFrom(runner: Runner, list: number, held: number[]): void {
  const { lists, setting, voice, place } = runner;
  const entry = routinesOf(lists.machine.stage, setting).allocate(list);
  if (entry === 0) return;
  lists.machine.hold(voice, place, entry);
  held.push(entry);
  poke(runner.region.words, entry >>> 2, REUSED); // its bytes are its holder's
}

function freeTo(runner: Runner, list: number, held: number[]): boolean {
  const { lists, setting, place } = runner;
  const entry = held.shift();
  if (entry === undefined) return false;
  lists.machine.drop(place, entry);
  routinesOf(lists.machine.stage, setting).free(list, entry);
  return true;
}

/** Deletes the thread's own list; its descriptor becomes memory for something else. */
function deleteOwn(runner: Runner): void {
  const { lists, setting, place, doings, region } = runner;
  if (!doings.linked) return;
  const list = lists.at(place + 1);
  routinesOf(lists.machine.stage, setting).remove(list);
  doings.linked = false;
  for (let word = 0; word < DESCRIPTOR / 4; word++) poke(region.words, (list >>> 2) + word, REUSED);
  doings.reused = list;
}

const STEPS: Record<string, readonly [string, (runner: Runner) => void]> = {
  a: [
    "allocate",
    (runner) => {
      runner.doings.allocates++;
      allocateFrom(runner, runner.lists.at(0), runner.doings.held);
    },
  ],
  f: [
    "free",
    (runner) => {
      if (freeTo(runner, runner.lists.at(0), runner.doings.held)) runner.doings.frees++;
    },
  ],
  F: ["flush", ({ lists }) => lists.machine.stage.wdk.ExFlushLookasideListEx(lists.at(0))],
  i: [
    "initialize its own",
    ({ lists, setting, region, place, doings }) => {
      const list = lists.at(place + 1);
      if (doings.linked && region.interlocked.first(list) !== 0) return; // it would forget its entries
      routinesOf(lists.machine.stage, setting).initialize(list);
      doings.linked = true;
      doings.reused = 0;
    },
  ],
  A: [
    "allocate from its own",
    (runner) => {
      if (runner.doings.linked)
        allocateFrom(runner, runner.lists.at(runner.place + 1), runner.doings.own);
    },
  ],
  P: [
    "free to its own",
    (runner) => {
      if (runner.doings.linked)
        freeTo(runner, runner.lists.at(runner.place + 1), runner.doings.own);
    },
  ],
  d: ["delete its own", deleteOwn],
  w: [
    "walk",
    ({ lists, region, place }) => lists.machine.stage.balance.adjustDepths(region, place + 1),
  ],
};

function programOf(lists: Lists, setting: Setting, place: number): Program {
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

function planOf(stage: Stage, setting: Setting): Plan {
  const { programs, mortal = "" } = setting;
  const names = recoverersOf(mortal);
  const count = programs.length + names.length;
  const machine = new Machine(stage, { threads: count + 1, chunks: setting.chunks ?? 4 });
  const lists = new Lists(machine);
  return {
    words: machine.words,
    notes: machine.notes,
    nameOf: (index, words) => machine.names.of(index, words),
    intendedRaces: INTENDED_RACES,
    prepare() {
      machine.prepare();
      const region = machine.region();
      const { depth } = setting;
      stage.balance.writeTuning(region, {
        periodMs: 0,
        scansPerAdjustment: 1,
        depth: stage.list.WINDOWS_DEPTH,
      });
      enterMachine(machine, region, count + 1);
      lists.addresses.length = 0;
      for (let at = 0; at <= programs.length; at++)
        lists.addresses.push(stage.wdk.ExAllocatePoolWithTag(0, DESCRIPTOR, TAG));
      lists.nameAll();
      routinesOf(stage, setting).initialize(lists.at(0));
      const word = (lists.at(0) + stage.list.FIELD.Depth) >>> 2;
      if (depth !== undefined) poke(region.words, word, (256 << 16) | depth);
    },
    threads: programs.map((_, place) => {
      const name = "ABC"[place] as string;
      return { name, mortal: mortal.includes(name), program: programOf(lists, setting, place) };
    }),
    recoverers: names.map((name, at) => ({
      name,
      mortal: mortal.includes(name),
      program: recovererOf(machine, programs.length + at, at === 0),
    })),
    check: (results, words) =>
      checkEnd(lists, setting, results.slice(0, programs.length) as (Doings | undefined)[], words),
  };
}

function checkEnd(
  lists: Lists,
  setting: Setting,
  doings: readonly (Doings | undefined)[],
  words: Int32Array,
): void {
  const { machine } = lists;
  const { stage } = machine;
  const region = machine.region();
  checkSet(machine, lists.addresses, doings);
  const died = doings.includes(undefined);
  const { problems, blocks } = auditPool(machine.rawRegion(words));
  const serious = problems.filter((problem) => !(died && problem.startsWith("tag ")));
  assert.deepEqual(serious, [], "the pool is not sound");
  const parked: number[] = [];
  const linked = stage.list.listsOf(region, 0);
  for (const list of linked) {
    const chain = chainOf(region, list, 16);
    assert.equal(
      region.interlocked.count(list),
      chain.length,
      "the count is not the chain's length",
    );
    parked.push(...chain);
  }
  const alive = doings.filter((one) => one !== undefined);
  const held = alive.flatMap((one) => [...one.held, ...one.own]);
  const all = [...parked, ...held, ...lists.addresses];
  assert.equal(new Set(all).size, all.length, "an entry is in two places");
  const found = new Set(blocks.map(({ address }) => address));
  for (const address of all) assert.ok(found.has(address), "an entry is the pool's");
  for (const { reused } of alive) demandUntouched(region, reused);
  const field = (offset: number): number => load(region.words, (lists.at(0) + offset) >>> 2);
  const most = Math.max(field(0x10) & 0xffff, setting.depth ?? 4);
  assert.ok(chainOf(region, lists.at(0), 16).length <= most, "more are parked than Depth allows");
  if (died) return; // what the dead held is not known, and stays allocated
  assert.equal(found.size, all.length, "an entry is nowhere");
  region.interlocked.settle(lists.at(0));
  const sum = (of: (one: Doings) => number): number => alive.reduce((so, one) => so + of(one), 0);
  assert.equal(
    field(0x14),
    sum((one) => one.allocates),
    "TotalAllocates is not the calls",
  );
  assert.equal(
    field(0x1c),
    sum((one) => one.frees),
    "TotalFrees is not the calls",
  );
  endAll(lists, setting, held, words);
}

/** Nobody wrote where a list had been. */
function demandUntouched(region: Region, address: number): void {
  if (address === 0) return;
  for (let word = 0; word < DESCRIPTOR / 4; word++)
    assert.equal(
      peek(region.words, (address >>> 2) + word),
      REUSED,
      "written where a list had been",
    );
}

/** All lists are deleted, all is freed: then no chunk may be in use. */
function endAll(lists: Lists, setting: Setting, held: readonly number[], words: Int32Array): void {
  const { machine } = lists;
  const { stage } = machine;
  const region = machine.region();
  const thread = setting.programs.length + recoverersOf(setting.mortal ?? "").length + 1;
  enterMachine(machine, region, thread);
  for (const list of stage.list.listsOf(region, 0)) routinesOf(stage, setting).remove(list);
  for (const address of [...held, ...lists.addresses]) stage.wdk.ExFreePool(address);
  machine.poolOf(thread, region).trim();
  const { problems, chunks } = auditPool(machine.rawRegion(words));
  assert.deepEqual(problems, [], "the pool is not sound when all is free");
  assert.deepEqual(chunks, [0, 0], "chunks are in use when nothing is held");
}

function scenario(quick: boolean, setting: Setting): Scenario {
  const { programs, family, depth, chunks, mortal, preemptions } = setting;
  const extras: string[] = [];
  if (family !== undefined) extras.push(family);
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
  // The full run: two threads and four operations each, with a death in either.
  scenario(false, { programs: [":afaf", ":aaff"], depth: 1, preemptions: 2 }),
  scenario(false, { programs: [":afaf", ":aaff"], depth: 1, mortal: "AB", preemptions: 0 }),
  scenario(false, { programs: ["a:fafa", "aa:ffaf"], depth: 1, mortal: "AB", preemptions: 2 }),
  scenario(false, { programs: ["aa:fFaf", "a:fafF"], mortal: "AB", preemptions: 2 }),
  scenario(false, { programs: [":iAPd", ":afwi"], mortal: "AB", preemptions: 0 }),
  scenario(false, { programs: ["i:didi", ":wwww"], preemptions: 3 }),
  scenario(false, { programs: ["iAP:didw", "i:dwid"], mortal: "AB", preemptions: 1 }),
  // Three threads and two operations of each pair, with and without a death.
  ...pairsOf("afFidw").flatMap((pair) => {
    const programs = [`iaaa:${pair}`, `iaaf:${swapped(pair)}`, `iAPa:${pair}`];
    const bounded = scenario(false, { programs, preemptions: 2 });
    return [bounded, scenario(false, { programs, mortal: "C", preemptions: 1 })];
  }),
];
