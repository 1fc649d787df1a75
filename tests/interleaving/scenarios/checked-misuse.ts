/**
 * Wrong programs in checked mode: two threads misuse one entry, one list or one block between them. Whatever
 * the schedule, what comes of their calls is what would come of them one after the other, in some order.
 *
 * Letters: of one entry of everybody's list, `f` frees it to that list, `g` to another one, `p` to the pool;
 * of everybody's list, `a` allocates from it, `F` flushes it, `d` deletes it; of one block of nonpaged pool,
 * `I` initializes a list in it, `x` frees it, `u` pushes it onto a sequenced list, from which `o` pops. Each
 * scenario names the outcomes that may come together: `ok`, or the bug check that the verifier documents. A
 * bug check stops nobody, so that all of them are seen; where the name says *stops* it does, and every later
 * call gives the same one; but a thread that comes to one while another stops the machine is refused with its
 * own until that is done.
 *
 * What must hold at every end, besides: the pool is sound; what is on a list is parked; and when all lists
 * are deleted, no entry is left that says it is parked in one. Of a death this is not asked.
 */
import assert from "node:assert/strict";
import { PARKED } from "#src/pool/state-word.js";
import { auditPool } from "../../support/pool-audit.js";
import { poke } from "../explorer/door.js";
import { begin, type Plan, type Program } from "../explorer/index.js";
import { INTENDED_RACES } from "../stage/intended-races.js";
import { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import { castOf, castSize } from "./cast.js";
import { DESCRIPTOR, Descriptors, enterMachine, type FamilyRoutines, TAG } from "./descriptors.js";
import { parkedIn } from "./documented-routines-check.js";
import type { Scenario } from "./scenario.js";

const SIZE = 16;

/** What is explored. */
interface Setting {
  readonly programs: readonly string[];
  /** What may come of all calls together, each as `letter:outcome`; default: any of the bug checks. */
  readonly outcomes?: readonly string[];
  /** Entries that are parked in everybody's list at first; default: none. */
  readonly parked?: number;
  readonly depth?: number;
  /** Whether the first bug check stops the machine. */
  readonly stops?: boolean;
  readonly mortal?: string;
  readonly preemptions?: number;
}

/** Names of bug checks, by their code and first parameter. */
const OUTCOMES: Readonly<Record<string, string>> = {
  "c4 4c410001": "no place for a descriptor",
  "c4 4c410003": "no list",
  "c4 4c410004": "not of the list",
  "c4 4c410005": "parked twice",
  "c4 4c410006": "not held",
  "c4 13": "freed twice",
  "c4 14": "freed while parked",
  "c4 ca": "active already",
  "c4 cb": "not active",
  "c4 cc": "holds a list",
};

/** What the calls are about. */
interface Subjects {
  readonly lists: Descriptors;
  entry: number;
  block: number;
  /** The header of a sequenced list. */
  head: number;
}

type Act = (subjects: Subjects, of: FamilyRoutines) => unknown;

const ACTS: Readonly<Record<string, Act>> = {
  f: ({ lists, entry }, of) => of.free(lists.at(0), entry),
  g: ({ lists, entry }, of) => of.free(lists.at(1), entry),
  p: ({ lists, entry }) => lists.machine.stage.wdk.ExFreePool(entry),
  a: ({ lists }, of) => of.allocate(lists.at(0)),
  F: ({ lists }) => lists.machine.stage.wdk.ExFlushLookasideListEx(lists.at(0)),
  d: ({ lists }, of) => of.remove(lists.at(0)),
  I: ({ block }, of) => of.initialize(block, SIZE),
  x: ({ lists, block }) => lists.machine.stage.wdk.ExFreePool(block),
  u: ({ lists, block, head }) => lists.machine.stage.wdk.InterlockedPushEntrySList(head, block),
  o: ({ lists, head }) => lists.machine.stage.wdk.InterlockedPopEntrySList(head),
};

/** What comes of a call. */
function outcomeOf(call: () => unknown): string {
  try {
    call();
    return "ok";
  } catch (error) {
    const { name, code, parameters } = error as {
      name: string;
      code: number;
      parameters?: readonly number[];
    };
    if (name !== "BugCheck") throw error;
    const what = `${code.toString(16)} ${((parameters?.[0] ?? 0) >>> 0).toString(16)}`;
    const known = OUTCOMES[what];
    assert.ok(known, `bug check ${what} is none of those that may come`);
    return known;
  }
}

function programOf(subjects: Subjects, program: string, place: number): Program {
  return (voice) => {
    const { lists } = subjects;
    const region = lists.machine.region();
    enterMachine(lists.machine, region, place + 1);
    begin();
    return [...program].map((letter) => {
      voice.note(letter);
      const act = ACTS[letter] as Act;
      return `${letter}:${outcomeOf(() => act(subjects, lists.routines(0)))}`;
    });
  };
}

function planOf(stage: Stage, setting: Setting): Plan {
  const { programs, mortal = "", parked = 0, depth, stops = false } = setting;
  const preparer = castSize(programs, mortal) + 1;
  const checked = stops ? "stops" : "goes on";
  const machine = new Machine(stage, { threads: preparer, chunks: 4, checked });
  const lists = new Descriptors(machine, ["unified", "unified"]);
  const subjects: Subjects = { lists, entry: 0, block: 0, head: 0 };
  const spares: number[] = [];
  return {
    ...castOf(
      machine,
      programs.map((program, place) => programOf(subjects, program, place)),
      mortal,
    ),
    intendedRaces: INTENDED_RACES,
    prepare() {
      machine.prepare();
      const region = machine.region();
      enterMachine(machine, region, preparer);
      lists.allocate(1);
      const of = lists.routines(0);
      for (const list of lists.addresses) of.initialize(list, SIZE);
      const word = (lists.at(0) + stage.list.FIELD.Depth) >>> 2;
      if (depth !== undefined) poke(region.words, word, (256 << 16) | depth);
      const entries = Array.from({ length: parked + 1 }, () => of.allocate(lists.at(0)));
      subjects.entry = entries.pop() as number;
      for (const entry of entries) of.free(lists.at(0), entry);
      subjects.block = stage.wdk.ExAllocatePoolWithTag(0, DESCRIPTOR, TAG);
      subjects.head = stage.wdk.ExAllocatePoolWithTag(0, SIZE, TAG);
      stage.wdk.InitializeSListHead(subjects.head);
      machine.names.give(subjects.block, DESCRIPTOR / 4, (at) => `the block's word ${at}`);
      spares.splice(0, 2, stage.wdk.ExAllocatePoolWithTag(0, SIZE, TAG));
    },
    check(results, words) {
      const all = results.slice(0, programs.length) as (readonly string[] | undefined)[];
      const died = all.includes(undefined);
      demandOutcome(all.flatMap((each) => each ?? []).sort(), setting.outcomes, died);
      const region = machine.region();
      const { problems, blocks } = auditPool(machine.rawRegion(words));
      const serious = problems.filter((problem) => !(died && problem.startsWith("tag ")));
      assert.deepEqual(serious, [], "the pool is not sound");
      const held = new Set(blocks.map(({ address }) => address));
      for (const entry of parkedIn(lists, region))
        assert.ok(held.has(entry), "a free entry is parked");
      if (stops) {
        demandOneStop(subjects, words);
        return; // nothing can be deleted
      }
      enterMachine(machine, region, preparer);
      for (const list of lists.linked(region)) lists.routines(0).remove(list);
      if (died) return;
      const left = auditPool(machine.rawRegion(words)).blocks;
      assert.ok(!left.some(({ state }) => state === PARKED), "an entry is parked in no list");
    },
  };
}

/** What a stop says is all of one bug check: of the entry, or of the block. */
function demandOneStop({ lists, entry, block }: Subjects, words: Int32Array): void {
  const { HEADER } = lists.machine.stage.memory;
  const said = [...words.subarray(HEADER.STOP_CODE, HEADER.STOP_CODE + 5)].map(
    (word) => word >>> 0,
  );
  const one =
    said[1] === 0x13 ? [0xc4, 0x13, 0, block, 0] : [0xc4, 0x4c41_0005, lists.at(0), entry, 0];
  if (said[0] !== 0) assert.deepEqual(said, one, "a stop is not of one bug check");
}

/** Throws when what came of the calls may not come of them together; of the dead it may be anything. */
function demandOutcome(
  came: readonly string[],
  outcomes: readonly string[] | undefined,
  died: boolean,
): void {
  if (outcomes === undefined) return;
  const fits = outcomes.some((outcome) => {
    const left = outcome.split(", ");
    const isIn = came.every((one) => left.includes(one) && left.splice(left.indexOf(one), 1));
    return isIn && (died || left.length === 0);
  });
  assert.ok(fits, `what came of the calls comes of no order of them: ${came.join(", ")}`);
}

function scenario(quick: boolean, setting: Setting): Scenario {
  const { programs, parked, depth, stops, mortal, preemptions } = setting;
  const extras: string[] = [];
  if (parked !== undefined) extras.push(`parked=${parked}`);
  if (depth !== undefined) extras.push(`depth=${depth}`);
  if (stops === true) extras.push("stops");
  if (preemptions !== undefined) extras.push(`preemptions=${preemptions}`);
  if (mortal !== undefined) extras.push(`${mortal}=mortal`);
  return {
    name: `checked-misuse/${programs.join("-")}/${extras.join(",")}`.replace(/\/$/, ""),
    protocol: "checked mode: wrong programs of two threads",
    quick,
    ...(preemptions === undefined ? {} : { limits: { preemptions } }),
    plan: (stage) => planOf(stage, setting),
  };
}

/** All scenarios of the protocol. */
export const CHECKED_MISUSE: readonly Scenario[] = [
  scenario(true, { programs: ["f", "f"], outcomes: ["f:ok, f:parked twice"] }),
  scenario(true, {
    programs: ["f", "f"],
    parked: 1,
    depth: 1,
    outcomes: ["f:ok, f:not of the list"],
  }),
  scenario(true, {
    programs: ["f", "g"],
    outcomes: ["f:ok, g:not of the list", "f:ok, g:parked twice"],
  }),
  scenario(true, {
    programs: ["f", "p"],
    outcomes: ["f:ok, p:freed while parked", "f:not of the list, p:ok"],
  }),
  scenario(true, { programs: ["p", "p"], outcomes: ["p:freed twice, p:ok"] }),
  scenario(true, { programs: ["d", "f"], parked: 1, outcomes: ["d:ok, f:ok", "d:ok, f:no list"] }),
  scenario(true, { programs: ["d", "a"], parked: 1, outcomes: ["d:ok, a:ok", "d:ok, a:no list"] }),
  scenario(false, { programs: ["d", "F"], parked: 1, outcomes: ["d:ok, F:ok", "d:ok, F:no list"] }),
  scenario(true, { programs: ["d", "d"], outcomes: ["d:not active, d:ok"] }),
  scenario(true, {
    programs: ["I", "x"],
    outcomes: ["I:ok, x:holds a list", "I:no place for a descriptor, x:ok"],
  }),
  scenario(true, { programs: ["I", "I"], outcomes: ["I:active already, I:ok"] }),
  scenario(true, { programs: ["x", "x"], outcomes: ["x:freed twice, x:ok"] }),
  scenario(true, {
    programs: ["uo", "u"],
    outcomes: ["u:ok, u:ok, o:ok", "u:ok, u:parked twice, o:ok"],
  }),
  scenario(true, {
    programs: ["uo", "x"],
    outcomes: ["u:ok, o:ok, x:ok", "u:ok, o:not held, x:ok", "u:not held, o:ok, x:ok"],
  }),
  // A bug check that stops the machine.
  scenario(true, {
    programs: ["fa", "fa"],
    stops: true,
    outcomes: [
      "f:ok, f:ok, a:ok, a:ok",
      "f:ok, f:parked twice, a:ok, a:parked twice",
      "f:ok, f:parked twice, a:parked twice, a:parked twice",
    ],
  }),
  scenario(true, {
    programs: ["fxa", "xfa"],
    stops: true,
    outcomes: [
      "f:ok, x:ok, f:parked twice, x:freed twice, a:freed twice, a:parked twice",
      "f:ok, x:ok, f:ok, x:freed twice, a:ok, a:freed twice",
      ...["freed twice", "parked twice"].flatMap((one) => [
        `f:ok, x:ok, f:parked twice, x:freed twice, a:${one}, a:${one}`,
        `f:ok, x:ok, f:${one}, x:${one}, a:${one}, a:${one}`,
        `f:ok, x:ok, f:${one}, x:${one}, a:ok, a:${one}`,
      ]),
    ],
  }),
  scenario(true, {
    programs: ["f", "x", "fx"],
    stops: true,
    preemptions: 1,
  }),
  // The full run.
  scenario(false, {
    programs: ["d", "d"],
    parked: 1,
    preemptions: 3,
    outcomes: ["d:not active, d:ok"],
  }),
  scenario(false, {
    programs: ["f", "f", "f"],
    outcomes: ["f:ok, f:parked twice, f:parked twice"],
  }),
  scenario(false, {
    programs: ["fa", "fa"],
    outcomes: ["f:ok, f:ok, a:ok, a:ok", "f:ok, f:parked twice, a:ok, a:ok"],
  }),
  scenario(false, {
    programs: ["Fd", "af"],
    parked: 1,
    preemptions: 2,
    outcomes: [
      "F:ok, d:ok, a:ok, f:ok",
      "F:ok, d:ok, a:ok, f:no list",
      "F:ok, d:ok, a:no list, f:no list",
    ],
  }),
  scenario(false, { programs: ["f", "f"], mortal: "A", outcomes: ["f:ok, f:parked twice"] }),
  scenario(false, {
    programs: ["d", "f"],
    parked: 1,
    mortal: "A",
    preemptions: 1,
    outcomes: ["d:ok, f:ok", "d:ok, f:no list"],
  }),
  scenario(false, { programs: ["fadF", "fafd"], parked: 1, preemptions: 1 }),
  scenario(false, { programs: ["fadF", "fafd"], parked: 1, mortal: "AB", preemptions: 0 }),
  scenario(false, { programs: ["Ixpf", "xIfp"], preemptions: 2 }),
  scenario(false, { programs: ["uouI", "ouxo"], preemptions: 2 }),
  scenario(false, { programs: ["uouI", "ouxo"], mortal: "AB", preemptions: 0 }),
  scenario(false, { programs: ["Ixpf", "xIfp"], mortal: "AB", preemptions: 0 }),
];
