/**
 * `npm run depth`: what each depth policy pays on synthetic traces, against the offline optimum.
 *
 * No clock of the machine is involved: the table is the same on every one.
 */
import { readCommand } from "../../tools/command-options.js";
import { type Cost, exactTimeout, optimum } from "./optimum.js";
import { type Candidate, replay } from "./replay.js";
import { syntheticTraces } from "./traces.js";

/** Seconds for which a parked block costs as much as a miss. */
const TAU = 1;

const CANDIDATES: Readonly<Record<string, Candidate>> = {
  idle: { policy: { name: "idle", idleTicks: 2 }, tickSeconds: TAU / 2, maximumDepth: 16_384 },
  windows: { policy: "windows", tickSeconds: 1, maximumDepth: 256 },
  fixed: { policy: "fixed", tickSeconds: 1, maximumDepth: 256 },
};

/** Misses per thousand allocations, to two digits. */
function perMille({ misses }: Cost, calls: number): string {
  return String(Number(((1_000 * misses) / calls).toPrecision(2)));
}

readCommand("npm run depth: prints the table; there are no options", {});

console.log(`| trace | optimum | exact timeout | ${Object.keys(CANDIDATES).join(" | ")} |`);
console.log(
  `|---|---|---|${Object.keys(CANDIDATES)
    .map(() => "---|")
    .join("")}`,
);
for (const trace of syntheticTraces()) {
  const best = optimum(trace, TAU);
  const calls = trace.changes.filter((change) => change === 1).length;
  const costs = [
    exactTimeout(trace, TAU),
    ...Object.values(CANDIDATES).map((candidate) => replay(trace, TAU, candidate)),
  ];
  const cells = costs.map((paid) => {
    const ratio = (paid.cost / best.cost).toFixed(2);
    return `${perMille(paid, calls)} / ${paid.parked.toFixed(1)} / **${ratio}**`;
  });
  const least = `${perMille(best, calls)} / ${best.parked.toFixed(1)}`;
  console.log(`| ${trace.name} | ${least} | ${cells.join(" | ")} |`);
}
