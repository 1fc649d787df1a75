/**
 * `npm run depth`: what each depth policy pays on synthetic traces, against the offline optimum.
 *
 * No clock of the machine is involved: the table is the same on every one.
 */
import { exactTimeout, optimum } from "./optimum.js";
import { type Candidate, replay } from "./replay.js";
import { syntheticTraces } from "./traces.js";

/** Seconds for which a parked block costs as much as a miss. */
const TAU = 1;

const CANDIDATES: Readonly<Record<string, Candidate>> = {
  idle: { policy: { name: "idle", idleTicks: 2 }, tickSeconds: TAU / 2, maximumDepth: 16_384 },
  windows: { policy: "windows", tickSeconds: 1, maximumDepth: 256 },
  fixed: { policy: "fixed", tickSeconds: 1, maximumDepth: 256 },
};

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
  const cells = costs.map(
    ({ misses, parked, cost }) =>
      `${((1_000 * misses) / calls).toPrecision(2)} / ${parked.toFixed(1)} / ${(cost / best.cost).toFixed(2)}`,
  );
  const perMille = ((1_000 * best.misses) / calls).toPrecision(2);
  console.log(`| ${trace.name} | ${perMille} / ${best.parked.toFixed(1)} | ${cells.join(" | ")} |`);
}
