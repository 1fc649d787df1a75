/**
 * The block list: ring, depot, misses, credits, handles, and death with recovery.
 *
 * A slab of the blocks has four of them. A program is a word of letters, see block-list-steps.ts; what is
 * before its colon is preparation.
 *
 * What must hold at every end: the audit finds nothing; what it counts as held is what threads hold; and
 * after everybody has been recovered, and the depot was emptied, every block is the pool's again.
 */
import assert from "node:assert/strict";
import type { BlockList, BlockListOptions } from "#src/list/index.js";
import type { Region } from "#src/memory/index.js";
import type { Pool } from "#src/pool/index.js";
import type { AuditReport } from "#src/recovery/index.js";
import { auditPool } from "../../support/pool-audit.js";
import { peek } from "../explorer/door.js";
import { begin, type Plan, type Program } from "../explorer/index.js";
import { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import { type Runner, STEPS } from "./block-list-steps.js";
import { recovererOf, recoverersOf } from "./recoverer.js";
import { pairsOf, type Scenario, swapped } from "./scenario.js";

const SIZE = 16_384;

/** KiB that lists may park where depth follows use: no bound. */
const BUDGET_KIB = 2 ** 20;

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
  /** Whether depth follows use: visits and ticks are made by the programs. */
  readonly tunes?: boolean;
  /** Names of those that may die: threads A, B, C and recoverer R. */
  readonly mortal?: string;
  /** A bound on preemptions, where all schedules are too many. */
  readonly preemptions?: number;
}

function optionsOf({ depth, batch, tunes = false }: Setting): BlockListOptions {
  const policy = tunes ? ({ name: "idle", idleTicks: 1, minimumDepth: 1 } as const) : "fixed";
  return { tag: "Expl", size: SIZE, policy, depth, maximumDepth: Math.max(4, depth), batch };
}

/** The channel that blocks go through. */
const CHANNEL = { name: "Expl", capacity: 2 };

function hasChannel({ programs }: Setting): boolean {
  return programs.some((program) => /[<>]/.test(program));
}

function programOf(machine: Machine, setting: Setting, place: number): Program {
  return (voice) => {
    const region = machine.region();
    const pool = machine.poolOf(place + 1, region);
    const { BlockList, ParkedBudget } = machine.stage.list;
    const budget = new ParkedBudget(region, place + 1);
    const channel = hasChannel(setting)
      ? new machine.stage.channel.Channel(region, pool, CHANNEL)
      : null;
    const open = (): BlockList => new BlockList(region, pool, budget, optionsOf(setting));
    const program = setting.programs[place] as string;
    const list = program.includes("o") ? (null as unknown as BlockList) : open();
    const runner: Runner = {
      machine,
      region,
      pool,
      voice,
      place,
      open,
      list,
      channel,
      held: [],
      adopted: [],
    };
    for (const letter of program) {
      if (letter === ":") {
        begin();
        continue;
      }
      const step = STEPS[letter];
      if (step === undefined) throw new Error(`no step ${letter}`);
      voice.note(step.note);
      step.act(runner);
    }
    return runner.adopted;
  };
}

function planOf(stage: Stage, setting: Setting): Plan {
  const { programs, mortal = "" } = setting;
  const recoverers = recoverersOf(mortal);
  const count = programs.length + recoverers.length;
  const makesRecord = programs.some((program) => program.includes("o"));
  const machine = new Machine(stage, {
    threads: makesRecord ? count + 1 : THREADS,
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
      if (setting.tunes === true) stage.list.createParkedBudget(machine.region(), BUDGET_KIB);
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
      const report = demandSound(stage, region);
      if (!died) demandNoCreditLost(stage, region);
      const adopted = (threads as (string[] | undefined)[]).flatMap((some) => some ?? []);
      assert.equal(
        new Set(adopted).size,
        adopted.length,
        "a block was adopted twice by one handle",
      );
      const records = stage.list.recordPlaces(region).length + (hasChannel(setting) ? 1 : 0);
      const held = machine.held(
        words,
        threads.map((result) => result !== undefined),
        programs.map((program) => died && /[s>]/.test(program)),
      );
      const nobodys = nobodysBlocks(stage, region);
      if (hasChannel(setting))
        assert.ok(nobodys <= report.sent, "a block is nobody's and was not sent");
      assert.equal(
        report.held - records - nobodys,
        held,
        "blocks held by nobody, or lost by their holder",
      );
      drain(stage, machine, setting, count + 1, words, died);
    },
  };
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

function demandSound(stage: Stage, region: Region): AuditReport {
  const report = stage.recovery.audit(region);
  assert.deepEqual(report.problems, [], "the audit found problems");
  return report;
}

/** CR-1, exactly: a credit can only be lost by a death. */
function demandNoCreditLost(stage: Stage, region: Region): void {
  for (const place of stage.list.recordPlaces(region)) {
    const word = (offset: number): number => peek(place.words, place.at + offset);
    const sums = stage.list.sumParts(place, region.layout.threadCapacity);
    let parked = 0;
    for (const states of stage.list.depotContents(place).values()) parked += states.length;
    const { RECORD } = stage.list;
    assert.equal(
      word(RECORD.CREDITS) + sums.LIMIT + parked,
      word(RECORD.DEPTH),
      "a credit was lost",
    );
  }
}

/** Blocks that are nobody's: their senders died, and their handles lie in a channel. */
function nobodysBlocks(stage: Stage, region: Region): number {
  const { kindOf, SHOWN, subjectOf, walkBlocks } = stage.pool;
  let count = 0;
  walkBlocks(region, (_, seen) => {
    if (kindOf(seen) === SHOWN && subjectOf(seen) === 0) count++;
  });
  return count;
}

/** Everybody leaves, the depot is emptied: then no block but the record may be in use. */
function drain(
  stage: Stage,
  machine: Machine,
  setting: Setting,
  auditor: number,
  words: Int32Array,
  died: boolean,
): void {
  const region = machine.region();
  const pool = machine.poolOf(auditor, region);
  for (let thread = 1; thread < auditor; thread++) {
    stage.recovery.recoverThread(region, pool, machine.identityOf(thread), "reclaim");
  }
  demandSound(stage, region);
  receiveAll(stage, region, pool, setting);
  for (const { at, words: view } of stage.list.recordPlaces(region)) {
    const name = stage.list.nameOfRecord({ at, words: view, id: 0 });
    const budget = new stage.list.ParkedBudget(region, pool.thread);
    const options = { ...optionsOf(setting), name };
    const list = new stage.list.BlockList(region, pool, budget, options);
    const { parked } = list.statistics();
    const trimmed = list.trim();
    assert.equal(trimmed, parked, "not all parked blocks are in the depot");
    list.delete();
  }
  const left = demandPoolSound(words, machine, died).blocks;
  assert.deepEqual(left, [], "blocks are in use when everybody is gone");
}

/** What lies in the channel, if there is one, is received and freed: it can all be adopted. */
function receiveAll(stage: Stage, region: Region, pool: Pool, setting: Setting): void {
  if (!hasChannel(setting)) return;
  const channel = new stage.channel.Channel(region, pool, CHANNEL);
  const { BlockList, ParkedBudget } = stage.list;
  const budget = new ParkedBudget(region, pool.thread);
  const list = new BlockList(region, pool, budget, optionsOf(setting));
  const lane = list.through(channel);
  for (let block = lane.receive(); block !== null; block = lane.receive()) block.free();
  const { stale, size } = channel.statistics();
  assert.equal(size, 0, "a value was left in the channel");
  const frees = setting.programs.some((program) => />.*[fFx]/.test(program));
  if (!frees) assert.equal(stale, 0, "a block that was sent is lost");
  channel.delete();
  list.leave();
}

function scenario(quick: boolean, setting: Setting): Scenario {
  const { programs, depth, batch, mortal, chunks, preemptions } = setting;
  const extras = [`depth ${depth}`, `batch ${batch}`];
  if (chunks !== undefined) extras.push(`${chunks} chunks`);
  if (preemptions !== undefined) extras.push(`preemptions ${preemptions}`);
  if (setting.tunes === true) extras.push("tunes");
  if (mortal !== undefined) extras.push(`${mortal} mortal`);
  return {
    name: `block-list/${programs.join("-")}/${extras.join(",").replaceAll(" ", "=")}`,
    protocol: "block list",
    quick,
    ...(preemptions === undefined ? {} : { limits: { preemptions } }),
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
  scenario(true, { programs: [":af", ":af"], depth: 2, batch: 1 }),
  scenario(true, { programs: ["aaaff:f", "aaaff:f"], depth: 6, batch: 1 }),
  scenario(true, { programs: ["aaaaffffaa:a", ":a"], depth: 4, batch: 1 }),
  scenario(true, { programs: ["aaaaffffaa:a", ":a"], depth: 4, batch: 1, mortal: "A" }),
  scenario(true, { programs: ["aaaaffffaa:a", "aaaff:f"], depth: 8, batch: 1 }),
  scenario(true, { programs: ["aa:ff", "aa:ff"], depth: 2, batch: 1 }),
  scenario(true, { programs: ["a:sfas", ":dd"], depth: 2, batch: 1 }),
  // Deaths at every step.
  scenario(true, { programs: ["aa:ff", ":a"], depth: 2, batch: 1, mortal: "A" }),
  scenario(true, { programs: ["aaa:ffa", ":a"], depth: 4, batch: 1, mortal: "A" }),
  scenario(true, { programs: ["a:sf", ":da"], depth: 2, batch: 1, mortal: "A" }),
  scenario(true, { programs: ["a:s", ":df"], depth: 2, batch: 1, mortal: "B" }),
  scenario(true, { programs: ["aaaa:ffff"], depth: 4, batch: 1, mortal: "AR" }),
  scenario(true, { programs: ["aaaaffff:aaaa"], depth: 4, batch: 2, mortal: "AR" }),
  scenario(true, { programs: [":a", "a:"], depth: 0, batch: 1, mortal: "A" }),
  // Lists that are made, opened and deleted.
  scenario(true, { programs: [":o", ":o"], depth: 2, batch: 1 }),
  scenario(true, { programs: [":ox", ":o"], depth: 2, batch: 1 }),
  scenario(true, { programs: [":o", ":o"], depth: 2, batch: 1, mortal: "A", preemptions: 1 }),
  scenario(true, { programs: [":x", ":o"], depth: 2, batch: 1, mortal: "A" }),
  // Depth that follows use: slots that stayed idle are drained, and the others sink.
  scenario(true, { programs: ["aaaaffffvkaaafffv:k", ":a"], depth: 4, batch: 1, tunes: true }),
  scenario(true, {
    programs: ["aaaaffffvkaaafffv:k"],
    depth: 4,
    batch: 1,
    tunes: true,
    mortal: "AR",
  }),
  // Blocks through a channel.
  scenario(true, { programs: ["a:>", ":<"], depth: 2, batch: 1 }),
  scenario(true, { programs: ["a:>", ":<"], depth: 2, batch: 1, mortal: "A" }),
  scenario(true, { programs: ["a>:", ":<"], depth: 2, batch: 1, mortal: "B" }),
  // Two adopt one block; two recover one thread.
  scenario(true, { programs: ["as:", ":D", ":D"], depth: 2, batch: 1 }),
  scenario(true, { programs: ["as:f", ":D", ":D"], depth: 2, batch: 1, mortal: "A" }),
  scenario(true, { programs: ["aa:f", "a:R"], depth: 2, batch: 1, mortal: "A" }),
  // The full run: two threads and four operations each, with a death in one, or in its recoverer.
  ...fullRuns([1, 2]),
  scenario(false, {
    programs: ["aa:sfa", "a:dff"],
    depth: 4,
    batch: 1,
    mortal: "AB",
    preemptions: 2,
  }),
  scenario(false, {
    programs: ["aa:ffx", "a:fa"],
    depth: 2,
    batch: 1,
    mortal: "AB",
    preemptions: 2,
  }),
  scenario(false, { programs: ["aaa:ff", "a:sf", ":da"], depth: 4, batch: 1, mortal: "B" }),
  scenario(false, {
    programs: ["aa:>>", ":<<f"],
    depth: 2,
    batch: 1,
    mortal: "AB",
    preemptions: 2,
  }),
  scenario(false, { programs: ["a>:", ":<f"], depth: 2, batch: 1, mortal: "BR" }),
  scenario(false, {
    programs: ["aa:fa", "a:Rf"],
    depth: 2,
    batch: 1,
    mortal: "AR",
    preemptions: 2,
  }),
  // Three threads and two operations of each pair.
  ...[1, 2].flatMap((batch) =>
    pairsOf("afrtx").map((pair) =>
      scenario(false, {
        programs: [`aa:${pair}`, `a:${swapped(pair)}`, `a:${pair}`],
        depth: 2 * batch,
        batch,
        preemptions: 2,
      }),
    ),
  ),
];

/** Two threads and four operations each. */
function fullRuns(batches: readonly number[]): Scenario[] {
  return batches.flatMap((batch) => {
    const bound = { preemptions: 2 };
    const depth = 4 * batch;
    return [
      scenario(false, {
        programs: ["aaaa:ffff", "aaaa:ffff"],
        depth,
        batch,
        mortal: "A",
        ...bound,
      }),
      scenario(false, {
        programs: ["aaaa:ffaa", "aaaa:ffaa"],
        depth,
        batch,
        mortal: "A",
        ...bound,
      }),
      scenario(false, { programs: ["a:fafa", "aa:ffaf"], depth: 2, batch, mortal: "A", ...bound }),
      scenario(false, { programs: ["a:f1a4", "aa:faff"], depth: 2, batch, mortal: "A", ...bound }),
      scenario(false, { programs: ["aaaa:fffl", "a:fatr"], depth, batch, mortal: "A", ...bound }),
      scenario(false, { programs: ["aa:ffa", "a:f"], depth: 2, batch, mortal: "AR", ...bound }),
      scenario(false, {
        programs: ["aaaaffffvkaaafffv:kaf", "a:fvk"],
        depth: 4,
        batch,
        tunes: true,
        mortal: "A",
        preemptions: 1,
      }),
    ];
  });
}
