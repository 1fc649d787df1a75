/**
 * Depth policies against the offline optimum: what `idle` pays is bounded, and less than `windows` pays.
 *
 * Real object lists are run through the traces; the cost model is that of docs/decisions/015.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { exactTimeout, gapsOf, optimum } from "../../bench/depth/optimum.js";
import { type Candidate, replay } from "../../bench/depth/replay.js";
import { syntheticTraces, type Trace, traceOf } from "../../bench/depth/traces.js";
import { seeded } from "../support/seed.js";

const random = seeded(import.meta.url);
const TAU = 1;

const IDLE: Candidate = {
  policy: { name: "idle", idleTicks: 2 },
  tickSeconds: TAU / 2,
  maximumDepth: 16_384,
};
const WINDOWS: Candidate = { policy: "windows", tickSeconds: 1, maximumDepth: 256 };

/** Random ups and downs of random height, with pauses around tau. */
function jagged(): Trace {
  const [taken, freed]: [number[], number[]] = [[], []];
  let time = 0;
  let held = 0;
  for (let phase = 0; phase < 60; phase++) {
    const height = random.int(40);
    while (held < height) {
      time += 1e-6;
      taken.push(time);
      held++;
    }
    const rest = random.int(height + 1);
    while (held > rest) {
      time += 1e-6;
      freed.push(time);
      held--;
    }
    time += random.int(3_000) / 1_000;
  }
  return traceOf("jagged", time, taken, freed);
}

/** The least cost by trying every choice for every gap. */
function leastByTrying(trace: Trace): number {
  const { gaps, cold } = gapsOf(trace);
  let least = Number.POSITIVE_INFINITY;
  for (let choice = 0; choice < 2 ** gaps.length; choice++) {
    let cost = cold;
    gaps.forEach((gap, at) => {
      cost += (choice >> at) & 1 ? gap / TAU : 1;
    });
    least = Math.min(least, cost);
  }
  return least;
}

test("gaps match each allocation with the most recent unmatched free", () => {
  const trace = traceOf("three", 10, [0, 0.1, 3, 5], [1, 2, 4]);
  const { gaps, cold, rests } = gapsOf(trace);
  assert.deepEqual({ gaps, cold, rests }, { gaps: [1, 1], cold: 2, rests: [9] });
});

test("the optimum is the least of all choices", () => {
  for (let draw = 0; draw < 200; draw++) {
    const times = Array.from({ length: 8 }, () => random.int(4_000) / 1_000).sort((a, b) => a - b);
    const trace = traceOf(
      "small",
      5,
      times.filter((_, at) => at % 2 === 0),
      times.filter((_, at) => at % 2 === 1),
    );
    assert.ok(Math.abs(optimum(trace, TAU).cost - leastByTrying(trace)) < 1e-9);
  }
});

test("letting go after exactly tau costs at most twice the optimum, and what rests at the end", () => {
  for (let draw = 0; draw < 100; draw++) {
    const trace = jagged();
    const { cost } = exactTimeout(trace, TAU);
    const resting = gapsOf(trace).rests.length;
    assert.ok(cost <= 2 * optimum(trace, TAU).cost + resting + 1e-9, `${cost}`);
  }
});

test("idle stays within three and a half times the optimum on traces that are made to hurt it", () => {
  const candidate = { ...IDLE, policy: { name: "idle", idleTicks: 2, minimumDepth: 0 } } as const;
  for (let draw = 0; draw < 100; draw++) {
    const trace = jagged();
    const { cost } = replay(trace, TAU, candidate);
    // A block that rests at the end is held for at most three ticks.
    const resting = 1.5 * gapsOf(trace).rests.length;
    const bound = 3.5 * optimum(trace, TAU).cost + resting;
    assert.ok(cost <= bound + 1e-9, `${cost} of ${bound}`);
  }
});

for (const trace of syntheticTraces(0.1, random.seed)) {
  test(`on "${trace.name}" idle pays at most twice the optimum, and no more than windows`, () => {
    const best = optimum(trace, TAU).cost;
    // The least depth of four is kept for ever: that much is not the policy's choice.
    const kept = (4 * trace.seconds) / TAU;
    const idle = replay(trace, TAU, IDLE).cost;
    const windows = replay(trace, TAU, WINDOWS).cost;
    assert.ok(idle <= 2 * best + kept, `${idle} of ${best}`);
    assert.ok(idle <= 1.02 * windows, `${idle} of ${windows}`);
  });
}
