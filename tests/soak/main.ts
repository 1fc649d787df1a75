/**
 * The soak as a command: `npm run soak -- [--seconds N | --minutes N | --hours N] [--threads N] [--seed N]
 * [--json]`. Sixty seconds unless told otherwise. Exits with 1 as soon as something does not hold.
 *
 * With --json the last line on the standard output is one JSON object; progress goes to the standard error.
 */
import { parseArgs } from "node:util";
import { seedOfRun } from "../support/seed.js";
import { type SoakCounts, soak } from "./soak.js";

const { values: given } = parseArgs({
  options: {
    seconds: { type: "string" },
    minutes: { type: "string" },
    hours: { type: "string" },
    threads: { type: "string", default: "4" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
  },
});

function numberOf(name: string, text: string | undefined, least: number, most: number): number {
  const value = Number(text ?? 0);
  if (value >= least && value <= most) return value;
  console.error(`--${name} is "${text}": it must be a number from ${least} to ${most}`);
  process.exit(1);
}

const asked =
  numberOf("seconds", given.seconds, 0, 1e7) +
  60 * numberOf("minutes", given.minutes, 0, 1e6) +
  3_600 * numberOf("hours", given.hours, 0, 1e4);
const seconds = asked === 0 ? 60 : asked;
const threads = Math.floor(numberOf("threads", given.threads, 2, 12));
const seed = seedOfRun(given.seed ?? process.env["LOOKASIDE_SEED"]);
const say = given.json ? console.error : console.log;

/** Seconds from one line of progress to the next. */
const PERIOD = Math.max(5, seconds / 60);

say(`soak: ${seconds} s, ${threads} threads a round, seed ${seed}`);
say(`run again with: npm run soak -- --seconds ${seconds} --threads ${threads} --seed ${seed}`);

let last: SoakCounts | null = null;
let said = 0;
function progress(counts: SoakCounts): void {
  last = counts;
  if (counts.seconds - said < PERIOD) return;
  said = counts.seconds;
  const { rounds, kills, allocates, adopted, memoryBytes } = counts;
  say(
    `${counts.seconds} s: ${rounds} rounds, ${kills} threads ended, ${allocates} allocations, ` +
      `${adopted} adoptions, memory ${Math.round(memoryBytes / 2 ** 20)} MiB`,
  );
}

let failure: unknown = null;
try {
  last = await soak({ seconds, threads, seed, progress });
} catch (error) {
  failure = error;
  console.error(error);
}
const isGood = failure === null;
if (given.json) {
  const why = isGood ? {} : { failure: String((failure as Error)?.message ?? failure) };
  console.log(JSON.stringify({ verdict: isGood ? "passed" : "failed", seed, ...last, ...why }));
} else {
  for (const [name, value] of Object.entries(last ?? {})) say(`${name.padStart(12)}  ${value}`);
  say(isGood ? "passed: nothing was lost, held twice or stuck" : `FAILED, seed ${seed}`);
}
process.exit(isGood ? 0 : 1); // a failure may leave threads behind
