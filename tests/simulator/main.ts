/**
 * The command `npm run simulate`: simulates many seeds. Each that fails is named with the command that runs
 * it again, to the last access.
 */
import { numberOption, readCommand } from "../../tools/command-options.js";
import { seedOfRun } from "../support/seed.js";
import { makeSimulatorStage } from "./machine-room.js";
import { type Outcome, simulate } from "./simulation.js";

const USAGE = `npm run simulate -- [options]

  npm run simulate                              1,000 seeds from a random one on
  npm run simulate -- --seed 7 --runs 1         one seed, which repeats to the last access

  --seed N   the first seed; default: LOOKASIDE_SEED, or a random one
  --runs N   how many; default 1,000
  --json     one JSON object on the standard output, progress on the standard error

Exits with 1 when one of them fails.`;

const { values: given } = readCommand(USAGE, {
  seed: { type: "string" },
  runs: { type: "string", default: "1000" },
  json: { type: "boolean", default: false },
});

if (given.seed !== undefined) numberOption("seed", given.seed, 0, 0xffff_ffff);
const first = seedOfRun(given.seed ?? process.env["LOOKASIDE_SEED"]);
const runs = numberOption("runs", given.runs, 1, 2 ** 32);
const say = given.json ? console.error : console.log;

/** Milliseconds from one line of progress to the next. */
const PERIOD_MS = 10_000;

const SUMS = ["steps", "kills", "stalls", "late", "doubled", "lost", "lostWakes"] as const;
const sums: Record<(typeof SUMS)[number], number> = {
  steps: 0,
  kills: 0,
  stalls: 0,
  late: 0,
  doubled: 0,
  lost: 0,
  lostWakes: 0,
};
const failures: { readonly seed: number; readonly why: string }[] = [];

function add(outcome: Outcome): void {
  for (const name of SUMS) sums[name] += outcome[name];
  if (runs <= 10) say(JSON.stringify(outcome));
}

say(`simulate: ${runs} seeds from ${first}`);
const stage = await makeSimulatorStage();
const begin = performance.now();
let said = begin;
for (let run = 0; run < runs; run++) {
  const seed = (first + run) >>> 0;
  try {
    add(simulate(stage, seed));
  } catch (error) {
    failures.push({ seed, why: (error as Error).message });
    console.error((error as Error).message);
    console.error(`run again with: npm run simulate -- --seed ${seed} --runs 1`);
  }
  if (performance.now() - said < PERIOD_MS) continue;
  said = performance.now();
  say(`${run + 1} of ${runs} seeds, ${failures.length} failed`);
}
const seconds = Math.round((performance.now() - begin) / 100) / 10;
if (given.json) console.log(JSON.stringify({ first, runs, seconds, ...sums, failures }));
else {
  for (const name of SUMS) say(`${name.padStart(10)}  ${sums[name]}`);
  say(`${runs} seeds in ${seconds} s: ${failures.length === 0 ? "all passed" : "FAILED"}`);
}
process.exitCode = failures.length === 0 ? 0 : 1;
