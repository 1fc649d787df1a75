/**
 * The block list: ring, depot, misses, credits, handles, tuning, channels, and death with recovery.
 *
 * A slab of the blocks has four of them. A program is a word of letters, see block-list-steps.ts; what is
 * before its colon is preparation.
 *
 * What must hold at every end: the audit finds nothing; what it counts as held is what threads hold; no
 * handle was adopted twice; without deaths no credit is lost; and after everybody has been recovered, and
 * channel and depot were emptied, every block is the pool's again.
 */
import type { BlockList } from "#src/list/index.js";
import { begin, type Plan, type Program } from "../explorer/index.js";
import { INTENDED_RACES } from "../stage/intended-races.js";
import { Machine } from "../stage/machine.js";
import type { Stage } from "../stage/stage.js";
import { demandCap } from "./block-list-cap.js";
import { checkEnd } from "./block-list-check.js";
import { CHANNEL, hasChannel, optionsOf, type Setting } from "./block-list-setting.js";
import { NONE, type Runner, STEPS } from "./block-list-steps.js";
import { castOf, castSize } from "./cast.js";
import { pairsOf, type Scenario, swapped } from "./scenario.js";

/** KiB that lists may park where depth follows use: no bound. */
const BUDGET_KIB = 2 ** 20;

/** Threads of the system: so many that a record fills most of a page, and few blocks lie beside it. */
const THREADS = 15;

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
    const list = program.includes("o") ? NONE : open();
    const runner: Runner = {
      machine,
      region,
      pool,
      voice,
      place,
      open,
      list,
      channel,
      renews: ["o", "x"].every((letter) => setting.programs.join().includes(letter)),
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
      if (runner.list === NONE && letter !== "o") continue; // what it wanted to open is being deleted
      voice.note(step.note);
      step.act(runner);
    }
    return runner.adopted;
  };
}

function planOf(stage: Stage, setting: Setting): Plan {
  const { programs, mortal = "" } = setting;
  const count = castSize(programs, mortal);
  const makesRecord = programs.some((program) => program.includes("o"));
  const machine = new Machine(stage, {
    threads: makesRecord ? count + 1 : THREADS,
    attached: count + 1,
    chunks: setting.chunks ?? 3,
  });
  return {
    ...castOf(
      machine,
      programs.map((_, place) => programOf(machine, setting, place)),
      mortal,
    ),
    intendedRaces: INTENDED_RACES,
    prepare() {
      machine.prepare();
      if (setting.tunes === true) stage.list.createParkedBudget(machine.region(), BUDGET_KIB);
    },
    invariant: (words) => demandCap(machine, words),
    check: (results, words) => checkEnd({ stage, machine, setting, results, words }),
  };
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
  scenario(true, { programs: ["aaaaffff:", ":a"], depth: 4, batch: 1, mortal: "B" }),
  scenario(true, { programs: ["aaaa:ffff"], depth: 4, batch: 1, mortal: "AR" }),
  scenario(true, { programs: ["aaaaffff:aaaa"], depth: 4, batch: 2, mortal: "AR" }),
  scenario(true, { programs: [":a", "a:"], depth: 0, batch: 1, mortal: "A" }),
  // Lists that are made, opened and deleted.
  scenario(true, { programs: [":o", ":o"], depth: 2, batch: 1 }),
  scenario(true, { programs: [":ox", ":o"], depth: 2, batch: 1 }),
  scenario(true, { programs: [":o", ":o"], depth: 2, batch: 1, mortal: "A", preemptions: 0 }),
  scenario(true, { programs: [":x", ":o"], depth: 2, batch: 1, mortal: "A" }),
  scenario(true, { programs: ["af:x", "a:f"], depth: 2, batch: 1, mortal: "A" }),
  scenario(true, { programs: ["a:sxf", ":od"], depth: 2, batch: 1, preemptions: 1 }),
  scenario(false, { programs: ["a:sxf", ":od"], depth: 2, batch: 1, mortal: "AB", preemptions: 0 }),
  // Blocks that are nobody's: their threads have detached, and at last their list goes.
  scenario(true, { programs: ["a:q", "a:fx"], depth: 2, batch: 1, preemptions: 2 }),
  scenario(true, { programs: ["a:q", ":x"], depth: 2, batch: 1, mortal: "AB", preemptions: 0 }),
  scenario(true, { programs: ["a:xq", ":x"], depth: 2, batch: 1 }),
  scenario(false, { programs: ["a:xq", ":x"], depth: 2, batch: 1, mortal: "AR", preemptions: 1 }),
  scenario(false, { programs: ["aa:q", ":x"], depth: 2, batch: 1, mortal: "BR", preemptions: 0 }),
  scenario(false, {
    programs: ["aa:sq", ":Dax"],
    depth: 2,
    batch: 1,
    mortal: "AB",
    preemptions: 1,
  }),
  scenario(true, { programs: ["aaaafff:fl", "a:fx"], depth: 4, batch: 1, preemptions: 2 }),
  scenario(true, {
    programs: ["aaaafff:f", "a:fx"],
    depth: 4,
    batch: 1,
    mortal: "A",
    preemptions: 2,
  }),
  scenario(true, { programs: [":x", ":x"], depth: 2, batch: 1, mortal: "A" }),
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
  scenario(false, { programs: [":o", ":o"], depth: 2, batch: 1, mortal: "A", preemptions: 1 }),
  scenario(false, {
    programs: ["aa:sfa", "a:dff"],
    depth: 4,
    batch: 1,
    mortal: "AB",
    preemptions: 2,
  }),
  scenario(false, {
    programs: ["aa:sfa", "a:dff"],
    depth: 4,
    batch: 1,
    mortal: "AB+",
    preemptions: 0,
  }),
  scenario(false, {
    programs: ["aa:>>", ":<<f"],
    depth: 2,
    batch: 1,
    mortal: "AB+",
    preemptions: 0,
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
  // Four operations each, of what is rarer: hand-over, tuning, lists that are made, channels, recovery twice.
  ...[1, 2].flatMap((batch) =>
    [
      ["aa:sfas", "a:dfdf"],
      ["a:sfas", "a:DfxD"],
      ["aa:>f>a", "a:<f<f"],
      ["aa:fafa", "a:RfaR"],
      ["aaaa:fffr", "aa:frat"],
    ].map((programs) =>
      scenario(false, { programs, depth: 4, batch, mortal: "AB", preemptions: 1 }),
    ),
  ),
  scenario(false, { programs: [":oafx", ":oxoa"], depth: 2, batch: 1, preemptions: 1 }),
  scenario(false, {
    programs: ["aaaaffffvk:aafv", "a:fvka"],
    depth: 4,
    batch: 1,
    tunes: true,
    mortal: "AB",
    preemptions: 1,
  }),
  // Lists that come and go while visits and ticks walk.
  ...[":ox", ":o", "oaf:x"].flatMap((program) => {
    const parts = { programs: [program, "oaf:vk"], depth: 2, batch: 1, tunes: true };
    return [
      scenario(program === ":o", { ...parts, preemptions: 2 }),
      scenario(false, { ...parts, mortal: "AB", preemptions: 0 }),
    ];
  }),
  // Three threads and two operations of each pair, with and without a death.
  ...[1, 2].flatMap((batch) => pairsOf("afrtx").map((pair) => pairOf(pair, batch))),
  ...pairsOf("afrtxsdD04olvk<>").flatMap((pair) =>
    isApart(pair) ? [] : [pairOf(pair, 1, 1), pairOf(pair, 1, 0, "C")],
  ),
];

/**
 * Pairs that the check cannot follow: a handle in the mail and one in a channel of the same block, and both
 * with a list that its user leaves.
 */
function isApart(pair: string): boolean {
  return /[sdD<>]/.test(pair) && (/[ol]/.test(pair) || (/[<>]/.test(pair) && /[sdD]/.test(pair)));
}

/** Three threads and two operations of a pair: rings and depot have blocks, each thread has some. */
function pairOf(pair: string, batch: number, preemptions = 2, mortal = ""): Scenario {
  const open = pair.includes("o") ? "o" : "";
  return scenario(false, {
    programs: [
      `${open}aas:${pair}`,
      `${open}aa:${swapped(pair)}`,
      `${open}${"a".repeat(3 * batch + 1)}${"f".repeat(3 * batch)}:${pair}`,
    ],
    depth: 4 * batch,
    batch,
    chunks: 4,
    preemptions,
    ...(/[vk]/.test(pair) ? { tunes: true } : {}),
    ...(mortal === "" ? {} : { mortal }),
  });
}

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
      scenario(false, { programs: ["aaaa:ffffl", "a:fatr"], depth, batch, mortal: "A", ...bound }),
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
