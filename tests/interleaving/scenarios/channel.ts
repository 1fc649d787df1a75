/**
 * Channels of numbers: push, pop, wait, close, delete, and death with recovery.
 *
 * A program is a word of letters, see {@link STEPS}; what is before its colon is preparation. Thread A
 * pushes 101, 102, …, thread B 201 and so on.
 *
 * What must hold at every end: no value was popped twice, or was never pushed; each reader got each sender's
 * values in the order in which they were pushed, unless a reader died; a value that was pushed is in the
 * channel, or was popped, or was in the hands of a reader that died; a reader that saw the end of the channel
 * left nothing behind; and when everybody has gone and was recovered, all cells can be used again, nobody is
 * counted as waiting, and the record goes back to the pool.
 */
import assert from "node:assert/strict";
import type { Channel } from "#src/channel/index.js";
import type { Region } from "#src/memory/index.js";
import { auditPool } from "../../support/pool-audit.js";
import { begin, type Plan, type Program, type Voice } from "../explorer/index.js";
import { INTENDED_RACES } from "../stage/intended-races.js";
import { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import { castOf, castSize } from "./cast.js";
import { pairsOf, type Scenario, swapped } from "./scenario.js";

/** What is explored. */
interface Setting {
  readonly programs: readonly string[];
  readonly capacity: number;
  /** Names of those that may die: threads A, B, C, D and recoverer R. */
  readonly mortal?: string;
  readonly preemptions?: number;
}

/** What a thread has done. */
interface Doings {
  /** Values that went in, in order, and the one that it was about to push when it died. */
  readonly pushed: number[];
  readonly popped: number[];
  /** Whether it was told that nothing will come any more. */
  sawEnd: boolean;
}

interface Runner extends Doings {
  readonly voice: Voice;
  readonly place: number;
  readonly open: () => Channel;
  channel: Channel | null;
  next: number;
}

function nextValue(runner: Runner): number {
  return (runner.place + 1) * 100 + ++runner.next;
}

function keep(runner: Runner, value: number | null): boolean {
  if (value !== null) runner.popped.push(value);
  return value !== null;
}

type Step = (runner: Runner, channel: Channel) => void;

/** Letters of programs: the channel is opened first, unless the program says when, by `n`. */
const STEPS: Record<string, readonly [string, Step]> = {
  n: [
    "open",
    (runner) => {
      runner.channel ??= opened(runner);
    },
  ],
  p: [
    "push",
    (runner, channel) => {
      const value = nextValue(runner);
      if (channel.push(value)) runner.pushed.push(value);
    },
  ],
  P: [
    "push, wait for room",
    (runner, channel) => {
      const value = nextValue(runner);
      if (channel.pushBlocking(value)) runner.pushed.push(value);
    },
  ],
  o: ["pop", (runner, channel) => void keep(runner, channel.pop())],
  O: [
    "pop, wait for a value",
    (runner, channel) => {
      if (!keep(runner, channel.popBlocking())) runner.sawEnd = true;
    },
  ],
  D: [
    "pop until the end",
    (runner, channel) => {
      while (keep(runner, channel.popBlocking()));
      runner.sawEnd = true;
    },
  ],
  c: ["close", (_, channel) => channel.close()],
  x: [
    "delete",
    (runner, channel) => {
      channel.delete();
      runner.channel = null;
    },
  ],
  l: [
    "leave",
    (runner, channel) => {
      channel.leave();
      runner.channel = null;
    },
  ],
};

function isDeleted(error: unknown): boolean {
  return (error as { code?: string }).code === "ERR_CHANNEL_DELETED";
}

/** The channel; or null when it was deleted and threads still use it. */
function opened({ open }: Runner): Channel | null {
  try {
    return open();
  } catch (error) {
    if (!isDeleted(error)) throw error;
    return null;
  }
}

function programOf(machine: Machine, { programs, capacity }: Setting, place: number): Program {
  return (voice) => {
    const region = machine.region();
    const pool = machine.poolOf(place + 1, region);
    const program = programs[place] as string;
    const runner: Runner = {
      voice,
      place,
      open: () => new machine.stage.channel.Channel(region, pool, { name: "Expl", capacity }),
      channel: null,
      next: 0,
      pushed: [],
      popped: [],
      sawEnd: false,
    };
    if (!program.includes("n")) runner.channel = runner.open();
    for (const letter of program) {
      if (letter === ":") begin();
      else take(runner, letter);
    }
    const { pushed, popped, sawEnd } = runner;
    return { pushed, popped, sawEnd };
  };
}

function take(runner: Runner, letter: string): void {
  const [note, step] = STEPS[letter] as readonly [string, Step];
  const { channel, voice } = runner;
  voice.note(note);
  if (letter !== "n" && channel === null) return;
  try {
    step(runner, channel as Channel);
  } catch (error) {
    if (!isDeleted(error)) throw error;
    runner.channel = null; // another thread has deleted it
  }
}

function planOf(stage: Stage, setting: Setting): Plan {
  const { programs, mortal = "" } = setting;
  const count = castSize(programs, mortal);
  const machine = new Machine(stage, { threads: count + 1, chunks: 1 });
  return {
    ...castOf(
      machine,
      programs.map((_, place) => programOf(machine, setting, place)),
      mortal,
    ),
    intendedRaces: INTENDED_RACES,
    prepare: () => machine.prepare(),
    check(results, words) {
      const doings = results.slice(0, programs.length) as (Doings | undefined)[];
      const cells = results.slice(programs.length) as (number | undefined)[];
      checkEnd(stage, machine, setting, doings, cells, words);
    },
  };
}

function checkEnd(
  stage: Stage,
  machine: Machine,
  setting: Setting,
  doings: readonly (Doings | undefined)[],
  cells: readonly (number | undefined)[],
  words: Int32Array,
): void {
  const region = machine.region();
  const auditor = doings.length + cells.length + 1;
  const alive = doings.filter((one) => one !== undefined);
  const popped = alive.flatMap((one) => one.popped);
  assert.equal(new Set(popped).size, popped.length, "a value was popped twice");
  if (alive.length === doings.length) for (const one of alive) demandInOrder(one.popped);
  assert.deepEqual(stage.recovery.audit(region).problems, [], "the audit found problems");
  leaveAll(stage, machine, auditor);
  const left = emptied(stage, machine, region, setting, auditor);
  const all = [...popped, ...left];
  assert.equal(new Set(all).size, all.length, "a value that was popped is still there");
  const died = doings.length - alive.length;
  const pushed = alive.flatMap((one) => one.pushed);
  if (left !== NOTHING_LEFT) {
    const lost = pushed.filter((value) => !all.includes(value));
    const readers = setting.programs.filter((program, at) => {
      return doings[at] === undefined && /[oOD]/.test(program);
    });
    const claims = /[pP]/.test(readers.join("")) || died > readers.length ? 0 : (cells[0] ?? 0);
    const most = readers.reduce((sum, program) => sum + readsOf(program), -claims);
    assert.ok(lost.length <= most, `values ${lost} were lost`);
    for (const value of all) {
      const sender = Math.floor(value / 100) - 1;
      const isOfDead = sender >= 0 && sender < doings.length && doings[sender] === undefined;
      const isKnown = isOfDead || pushed.includes(value);
      assert.ok(isKnown, `value ${value} was never pushed`);
    }
    const ended = alive.some((one) => one.sawEnd);
    if (ended && died === 0) assert.deepEqual(left, [], "the end was told before it had come");
  }
  const sound = auditPool(machine.rawRegion(words));
  const problems = sound.problems.filter((problem) => !(died > 0 && problem.startsWith("tag ")));
  assert.deepEqual(problems, [], "the pool is not sound");
  assert.deepEqual(sound.blocks, [], "the record is in use when everybody is gone");
}

/** How many values a program can have popped before it died. */
function readsOf(program: string): number {
  return program.includes("D") ? Number.POSITIVE_INFINITY : program.replace(/[^oO]/g, "").length;
}

/** Values of one sender come in the order in which they were pushed. */
function demandInOrder(popped: readonly number[]): void {
  const last = new Map<number, number>();
  for (const value of popped) {
    const sender = Math.floor(value / 100);
    assert.ok(value > (last.get(sender) ?? 0), `value ${value} came late`);
    last.set(sender, value);
  }
}

/** Everybody leaves, or was recovered before. */
function leaveAll(stage: Stage, machine: Machine, auditor: number): void {
  const region = machine.region();
  const pool = machine.poolOf(auditor, region);
  for (let thread = 1; thread < auditor; thread++)
    stage.recovery.recoverThread(region, pool, machine.identityOf(thread), "reclaim");
}

const NOTHING_LEFT: readonly number[] = [];

/** Takes out what is left, and makes sure that every cell can be filled and emptied twice. */
function emptied(
  stage: Stage,
  machine: Machine,
  region: Region,
  { capacity }: Setting,
  auditor: number,
): readonly number[] {
  const pool = machine.poolOf(auditor, region);
  if (stage.channel.channelPlaces(region).length === 0) return NOTHING_LEFT;
  const channel = new stage.channel.Channel(region, pool, { name: "Expl", capacity });
  const left = popAll(channel);
  const [place] = stage.channel.channelPlaces(region);
  assert.equal(place?.words[place.at + 96], 0, "somebody is counted as waiting");
  if (!channel.closed) {
    for (const base of [1000, 2000]) {
      const values = Array.from({ length: channel.capacity }, (_, at) => base + at);
      for (const value of values) assert.ok(channel.push(value), "a cell was lost");
      assert.ok(!channel.push(0), "the channel holds more than its capacity");
      assert.deepEqual(popAll(channel), values, "an empty channel is no queue any more");
    }
  }
  channel.delete();
  return left;
}

function popAll(channel: Channel): number[] {
  const values: number[] = [];
  for (let value = channel.pop(); value !== null; value = channel.pop()) values.push(value);
  return values;
}

function scenario(quick: boolean, setting: Setting): Scenario {
  const { programs, capacity, mortal, preemptions } = setting;
  const extras = [`capacity=${capacity}`];
  if (preemptions !== undefined) extras.push(`preemptions=${preemptions}`);
  if (mortal !== undefined) extras.push(`${mortal}=mortal`);
  return {
    name: `channel/${programs.join("-")}/${extras.join(",")}`,
    protocol: "channels",
    quick,
    ...(preemptions === undefined ? {} : { limits: { preemptions } }),
    plan: (stage) => planOf(stage, setting),
  };
}

/** All scenarios of the protocol. */
export const CHANNEL: readonly Scenario[] = [
  scenario(true, { programs: [":pp", ":oo"], capacity: 1 }),
  scenario(true, { programs: [":pp", ":oo"], capacity: 2 }),
  scenario(true, { programs: [":p", ":po"], capacity: 1 }),
  scenario(true, { programs: ["p:p", ":o", ":o"], capacity: 2 }),
  scenario(true, { programs: [":pc", ":D"], capacity: 1 }),
  scenario(true, { programs: [":p", ":O"], capacity: 1 }),
  scenario(true, { programs: [":p", ":cD"], capacity: 1 }),
  scenario(true, { programs: [":PP", ":OO"], capacity: 1, preemptions: 2 }),
  scenario(true, { programs: [":p", ":p", ":O", ":O"], capacity: 2, preemptions: 1 }),
  scenario(true, { programs: [":p", ":oo"], capacity: 1, mortal: "A" }),
  scenario(true, { programs: ["p:p", ":oo"], capacity: 2, mortal: "B" }),
  scenario(true, { programs: ["p:", ":o"], capacity: 1, mortal: "B" }),
  scenario(true, { programs: ["p:", ":o"], capacity: 1, mortal: "BR" }),
  scenario(true, { programs: [":n", ":nx"], capacity: 1 }),
  scenario(true, { programs: [":n", ":nl"], capacity: 1, mortal: "A", preemptions: 0 }),
  scenario(true, { programs: ["p:c", ":O"], capacity: 1, mortal: "A" }),
  scenario(true, { programs: [":x", ":o"], capacity: 1, mortal: "A" }),
  scenario(true, { programs: [":x", ":x"], capacity: 1, mortal: "A" }),
  // The full run: two threads and four operations each, three threads and two of each pair.
  scenario(false, { programs: [":ppoo", ":oopp"], capacity: 1 }),
  scenario(false, { programs: [":ppoo", ":oopp"], capacity: 2, mortal: "A", preemptions: 3 }),
  scenario(false, { programs: [":pppp", ":oooo"], capacity: 2, mortal: "B" }),
  scenario(false, { programs: [":pppp", ":oooo"], capacity: 1, mortal: "A" }),
  scenario(false, { programs: [":ppc", ":D"], capacity: 1 }),
  scenario(false, { programs: [":PP", ":OO"], capacity: 1 }),
  scenario(false, { programs: ["p:P", ":O", ":O"], capacity: 1, mortal: "B", preemptions: 2 }),
  scenario(false, { programs: ["pp:p", ":oo"], capacity: 2, mortal: "BR" }),
  scenario(false, { programs: [":pp", "p:o"], capacity: 2, mortal: "AB", preemptions: 2 }),
  scenario(false, { programs: [":pp", "p:o"], capacity: 2, mortal: "AB+", preemptions: 0 }),
  scenario(false, { programs: [":n", ":nx"], capacity: 1, mortal: "A", preemptions: 1 }),
  scenario(false, { programs: [":ppoo", ":oopp"], capacity: 1, mortal: "AB", preemptions: 2 }),
  scenario(false, { programs: [":pcoo", ":oppc"], capacity: 1, mortal: "AB", preemptions: 2 }),
  scenario(false, { programs: [":ppc", ":OOO"], capacity: 1, mortal: "B", preemptions: 2 }),
  scenario(false, { programs: [":npcl", ":nool"], capacity: 1, mortal: "AB", preemptions: 0 }),
  ...pairsOf("poPODcxln").flatMap(pairOf),
];

/** Three threads and two operations of a pair, with and without a death; who may wait is waited for. */
function pairOf(pair: string): Scenario[] {
  const opens = pair.includes("n");
  const last = /[POD]/.test(pair) ? `${opens ? "n" : ""}:pc` : `:${pair}`;
  const programs = [`:${pair}`, `${opens ? "n" : "p"}:${swapped(pair)}`, last];
  return [
    scenario(false, { programs, capacity: 2, preemptions: 2 }),
    scenario(false, { programs, capacity: 1, mortal: "A", preemptions: 1 }),
  ];
}
