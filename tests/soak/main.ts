/**
 * The command `npm run soak`: all of the library at once, for as long as one likes.
 */
import { numberOption, readCommand } from "../../tools/command-options.js";
import { seedOfRun } from "../support/seed.js";
import { type SoakCounts, soak } from "./soak.js";

const USAGE = `npm run soak -- [options]

  --seconds N, --minutes N, --hours N   how long, together; default 60 seconds
  --threads N                           threads of a round, 2 to 12; default 4
  --seed N                              default: LOOKASIDE_SEED, or a random one
  --json                                the last line on the standard output is one JSON object, progress
                                        goes to the standard error

Exits with 1 as soon as something does not hold.`;

const { values: given } = readCommand(USAGE, {
  seconds: { type: "string", default: "0" },
  minutes: { type: "string", default: "0" },
  hours: { type: "string", default: "0" },
  threads: { type: "string", default: "4" },
  seed: { type: "string" },
  json: { type: "boolean", default: false },
});

const asked =
  numberOption("seconds", given.seconds, 0, 1e7, false) +
  60 * numberOption("minutes", given.minutes, 0, 1e6, false) +
  3_600 * numberOption("hours", given.hours, 0, 1e4, false);
const seconds = asked === 0 ? 60 : asked;
const threads = numberOption("threads", given.threads, 2, 12);
if (given.seed !== undefined) numberOption("seed", given.seed, 0, 0xffff_ffff);
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
