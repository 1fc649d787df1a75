/**
 * The block list: ring, depot, misses, credits, handles, and death with recovery.
 *
 * A slab of the blocks has four of them. A program is a word of letters, see {@link STEPS}; what is
 * before its colon is preparation.
 *
 * What must hold at every end: the audit finds nothing; what it counts as held is what threads hold; and
 * after everybody has been recovered, and the depot was emptied, every block is the pool's again.
 */
import assert from "node:assert/strict";
import type { Block, BlockList } from "#src/list/index.js";
import type { Region } from "#src/memory/index.js";
import { auditPool } from "../../support/pool-audit.js";
import { begin, type Plan, type Program, type Voice } from "../explorer/index.js";
import { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import type { Scenario } from "./scenario.js";

const SIZE = 16_384;

/** Threads of the system: so many that a record fills most of a page, and few blocks lie beside it. */
const THREADS = 15;

const RACES = [
  {
    word: /^block \d+\.\d+ (state|note|bill)$/,
    reason:
      "whoever recovers, audits or adopts looks at blocks of live threads too: what it sees there is of no " +
      "concern to it, or makes its compare-exchange fail",
  },
];

/** What is explored. */
export interface Setting {
  readonly programs: readonly string[];
  readonly depth: number;
  readonly batch: number;
  readonly chunks?: number;
  /** Names of those that may die: threads A, B, C and recoverer R. */
  readonly mortal?: string;
}

/** One thread's program while it runs. */
interface Runner {
  readonly machine: Machine;
  readonly voice: Voice;
  readonly place: number;
  readonly list: BlockList;
  readonly held: Block[];
}

function isRefusal(error: unknown, codes: readonly string[]): boolean {
  return codes.includes((error as { code?: string }).code ?? "");
}

/** The block, or null when there is no room, or no list any more. */
function allocated(list: BlockList): Block | null {
  try {
    return list.allocate();
  } catch (error) {
    if (!isRefusal(error, ["ERR_LIST_DELETED"])) throw error;
    return null;
  }
}

function allocate({ machine, voice, place, list, held }: Runner): void {
  const block = allocated(list);
  if (block === null) return;
  machine.hold(voice, place, block.address);
  held.push(block);
}

function free({ machine, place }: Runner, block: Block | undefined): void {
  if (block === undefined) return;
  const kept = machine.giveUp(place, block.address);
  try {
    block.free();
  } catch (error) {
    // Only a block whose handle was sent may be another's by now.
    if (!isRefusal(error, ["ERR_NOT_OWNER", "ERR_DOUBLE_FREE"])) throw error;
    return;
  }
  if (!kept) throw new Error(`block 0x${block.address.toString(16)} was freed by who had lost it`);
}

/** Letters of programs. */
const STEPS: Record<string, { readonly note: string; readonly act: (runner: Runner) => void }> = {
  a: { note: "allocate", act: allocate },
  f: { note: "free the oldest", act: (runner) => free(runner, runner.held.shift()) },
  F: { note: "free the newest", act: (runner) => free(runner, runner.held.pop()) },
  t: { note: "trim", act: ({ list }) => void list.trim() },
  r: { note: "reserve 1", act: ({ list }) => void list.reserve(1) },
  l: { note: "leave", act: ({ list }) => list.leave() },
  x: { note: "delete", act: ({ list }) => list.delete() },
  "0": { note: "depth = 0", act: ({ list }) => setDepth(list, 0) },
  "1": { note: "depth = 1", act: ({ list }) => setDepth(list, 1) },
  "4": { note: "depth = 4", act: ({ list }) => setDepth(list, 4) },
  s: {
    note: "send the oldest",
    act: ({ machine, held }) => {
      const [block] = held;
      if (block === undefined) return;
      try {
        machine.send(block.handle);
      } catch (error) {
        // Sent before, and adopted by now.
        if (!isRefusal(error, ["ERR_NOT_OWNER", "ERR_DOUBLE_FREE"])) throw error;
      }
    },
  },
  d: {
    note: "adopt",
    act: ({ machine, place, list, held }) => {
      const handle = machine.receive();
      if (handle === null) return;
      try {
        const block = list.adopt(list.handleFrom(handle));
        machine.take(place, block.address);
        held.push(block);
      } catch (error) {
        if (!isRefusal(error, ["ERR_STALE_HANDLE"])) throw error;
      }
    },
  },
};

function setDepth(list: BlockList, depth: number): void {
  list.depth = depth;
}

function optionsOf({ depth, batch }: Setting) {
  const maximumDepth = Math.max(4, depth);
  return { tag: "Expl", size: SIZE, policy: "fixed", depth, maximumDepth, batch } as const;
}

function programOf(machine: Machine, setting: Setting, place: number): Program {
  return (voice) => {
    const region = machine.region();
    const pool = machine.poolOf(place + 1, region);
    const { BlockList, ParkedBudget } = machine.stage.list;
    const budget = new ParkedBudget(region, place + 1);
    const list = new BlockList(region, pool, budget, optionsOf(setting));
    const runner: Runner = { machine, voice, place, list, held: [] };
    for (const letter of setting.programs[place] as string) {
      if (letter === ":") {
        begin();
        continue;
      }
      const step = STEPS[letter];
      if (step === undefined) throw new Error(`no step ${letter}`);
      voice.note(step.note);
      step.act(runner);
    }
    return "ended";
  };
}

/** Recovers whoever died: the first recoverer its victim, the second everybody. */
function recovererOf(machine: Machine, place: number, isFirst: boolean): Program {
  return (voice) => {
    const region = machine.region();
    const pool = machine.poolOf(place + 1, region);
    begin();
    const recover = (dead: number): void => {
      voice.note(`recover thread ${dead + 1}`);
      const identity = machine.identityOf(dead + 1);
      machine.stage.recovery.recoverThread(region, pool, identity, "reclaim");
    };
    if (isFirst) recover(voice.victim() - 1);
    else for (let other = 0; other < place; other++) if (voice.isDead(other)) recover(other);
    return "recovered";
  };
}

function planOf(stage: Stage, setting: Setting): Plan {
  const { programs, mortal = "" } = setting;
  const recoverers = mortal === "" ? [] : mortal.includes("R") ? ["R", "Q"] : ["R"];
  const count = programs.length + recoverers.length;
  const machine = new Machine(stage, {
    threads: THREADS,
    attached: count + 1,
    chunks: setting.chunks ?? 3,
  });
  return {
    words: machine.words,
    notes: machine.notes,
    nameOf: (index, words) => machine.names.of(index, words),
    intendedRaces: RACES,
    prepare() {
      machine.prepare();
    },
    threads: programs.map((_, place) => {
      const name = "ABC"[place] as string;
      return { name, mortal: mortal.includes(name), program: programOf(machine, setting, place) };
    }),
    recoverers: recoverers.map((name, at) => ({
      name,
      mortal: mortal.includes(name),
      program: recovererOf(machine, programs.length + at, at === 0),
    })),
    check(results, words) {
      const region = machine.region();
      const threads = results.slice(0, programs.length);
      const died = threads.includes(undefined);
      const recovererDied = died && results[programs.length] === undefined;
      demandSound(stage, region, recovererDied);
      const records = stage.list.recordPlaces(region).length;
      const inHands = stage.recovery.audit(region).held - records;
      const held = machine.held(
        words,
        threads.map((result) => result !== undefined),
        programs.some((program) => program.includes("s")),
      );
      assert.equal(inHands, held, "blocks held by nobody, or lost by their holder");
      drain(stage, machine, count + 1, words, { died, recovererDied });
    },
  };
}

/**
 * A recoverer that dies between a block and its count leaves the counts of the list off by one: what a list
 * counts is a statistic, and nothing is found by it. Where the blocks are must be right all the same.
 */
function demandSound(stage: Stage, region: Region, recovererDied: boolean): void {
  const { problems } = stage.recovery.audit(region);
  const serious = problems.filter((problem) => !(recovererDied && problem.startsWith("AU-3")));
  assert.deepEqual(serious, [], "the audit found problems");
}

/**
 * A thread that dies between a block's state and its tally leaves the tally behind by one call: what a
 * tag is charged is a statistic, and nothing is found by it.
 */
function demandPoolSound(
  words: Int32Array,
  machine: Machine,
  died: boolean,
): ReturnType<typeof auditPool> {
  const found = auditPool(machine.rawRegion(words));
  const problems = found.problems.filter((problem) => !(died && problem.startsWith("tag ")));
  assert.deepEqual(problems, [], "the pool is not sound");
  return found;
}

/** Everybody leaves, the depot is emptied: then no block but the record may be in use. */
function drain(
  stage: Stage,
  machine: Machine,
  auditor: number,
  words: Int32Array,
  { died, recovererDied }: { died: boolean; recovererDied: boolean },
): void {
  const region = machine.region();
  const pool = machine.poolOf(auditor, region);
  for (let thread = 1; thread < auditor; thread++) {
    stage.recovery.recoverThread(region, pool, machine.identityOf(thread), "reclaim");
  }
  demandSound(stage, region, recovererDied);
  for (const { at, words: view } of stage.list.recordPlaces(region)) {
    const name = stage.list.nameOfRecord({ at, words: view, id: 0 });
    const budget = new stage.list.ParkedBudget(region, pool.thread);
    const options = { tag: "Expl", name, size: SIZE, policy: "fixed" } as const;
    const list = new stage.list.BlockList(region, pool, budget, options);
    const { parked } = list.statistics();
    const trimmed = list.trim();
    if (!recovererDied) assert.equal(trimmed, parked, "not all parked blocks are in the depot");
    list.delete();
  }
  const left = demandPoolSound(words, machine, died).blocks;
  assert.deepEqual(left, [], "blocks are in use when everybody is gone");
}

function scenario(quick: boolean, setting: Setting): Scenario {
  const { programs, depth, batch, mortal, chunks } = setting;
  const extras = [`depth ${depth}`, `batch ${batch}`];
  if (chunks !== undefined) extras.push(`${chunks} chunks`);
  if (mortal !== undefined) extras.push(`${mortal} mortal`);
  return {
    name: `block-list/${programs.join("-")}/${extras.join(",").replaceAll(" ", "=")}`,
    protocol: "block list",
    quick,
    plan: (stage) => planOf(stage, setting),
  };
}

/** All scenarios of the protocol. */
export const BLOCK_LIST: readonly Scenario[] = [
  // Without deaths: misses, spills, refills, the cap; hand-over; a depth that changes; a list that goes
  // away.
  scenario(true, { programs: [":af", "a:fa"], depth: 2, batch: 1 }),
  scenario(true, { programs: ["aaaa:ffff", "a:faa"], depth: 4, batch: 1 }),
  scenario(true, { programs: ["a:sf", ":da"], depth: 2, batch: 1 }),
  scenario(true, { programs: ["a:ss", ":d"], depth: 2, batch: 1 }),
  scenario(true, { programs: ["aa:f1f", "a:fa"], depth: 2, batch: 1 }),
  scenario(true, { programs: ["aa:fx", "a:fa"], depth: 2, batch: 1 }),
  scenario(true, { programs: ["aa:ff", "a:f", "a:f"], depth: 2, batch: 1 }),
  // Deaths at every step.
  scenario(true, { programs: ["aa:ff", ":a"], depth: 2, batch: 1, mortal: "A" }),
  scenario(true, { programs: ["aaa:ffa", ":a"], depth: 4, batch: 1, mortal: "A" }),
  scenario(true, { programs: ["a:sf", ":da"], depth: 2, batch: 1, mortal: "A" }),
  scenario(true, { programs: ["a:s", ":df"], depth: 2, batch: 1, mortal: "B" }),
  scenario(true, { programs: ["aaaa:ffff"], depth: 4, batch: 1, mortal: "AR" }),
  scenario(true, { programs: ["aaaaffff:aaaa"], depth: 4, batch: 2, mortal: "AR" }),
  scenario(true, { programs: [":a", "a:"], depth: 0, batch: 1, mortal: "A" }),
  // The full run: two threads and four operations each, three threads and two of each pair.
  scenario(false, { programs: [":aaff", ":af"], depth: 2, batch: 1 }),
  scenario(false, { programs: ["aaaa:ffff", "a:faa"], depth: 4, batch: 1, mortal: "A" }),
  scenario(false, { programs: ["aaaa:ffff", "aaaa:ffff"], depth: 4, batch: 1 }),
  scenario(false, { programs: ["aaaa:ffff", "aaaa:ffff"], depth: 4, batch: 2, mortal: "A" }),
  scenario(false, { programs: ["aaaa:ffaa", "aaaa:ffaa"], depth: 4, batch: 1, mortal: "A" }),
  scenario(false, { programs: ["aa:sfa", "a:dff"], depth: 4, batch: 1, mortal: "AB" }),
  scenario(false, { programs: [":afaf", "a:faf"], depth: 2, batch: 1, mortal: "A" }),
  scenario(false, { programs: ["a:f1a4", "aa:faff"], depth: 2, batch: 1, mortal: "A" }),
  scenario(false, { programs: ["aa:ffx", "a:fa"], depth: 2, batch: 1, mortal: "AB" }),
  scenario(false, { programs: ["aaaa:fffl", "a:fat"], depth: 4, batch: 1, mortal: "A" }),
  scenario(false, { programs: [":aaff", ":af"], depth: 2, batch: 1, mortal: "AR" }),
  scenario(false, { programs: ["aaa:ff", "a:af", "a:fa"], depth: 4, batch: 1 }),
  scenario(false, { programs: ["aaa:ff", "a:sf", ":da"], depth: 4, batch: 1, mortal: "B" }),
  scenario(false, { programs: [":ra", "a:ft", ":af"], depth: 2, batch: 1 }),
];
