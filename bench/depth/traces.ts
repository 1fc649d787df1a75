/**
 * Synthetic traces of one list: when blocks are taken and given back, in seconds.
 *
 * Which block is which does not matter: a list is a stack, so only how many are held at each time does.
 */
import { type Random, randomFrom } from "../../tests/support/seed.js";

/** A history: `changes[i]` is +1 (allocate) or -1 (free) at `times[i]`, in order of time. */
export interface Trace {
  readonly name: string;
  readonly seconds: number;
  readonly times: Float64Array;
  readonly changes: Int8Array;
}

/** Puts allocations and frees in order; at the same time the frees come last. */
export function traceOf(
  name: string,
  seconds: number,
  taken: readonly number[],
  freed: readonly number[],
): Trace {
  const up = Float64Array.from(taken).sort();
  const down = Float64Array.from(freed.filter((time) => time < seconds)).sort();
  const times = new Float64Array(up.length + down.length);
  const changes = new Int8Array(times.length);
  let [next, back] = [0, 0];
  for (let at = 0; at < times.length; at++) {
    const isFree =
      next === up.length || (back < down.length && (down[back] as number) < (up[next] as number));
    times[at] = isFree ? (down[back++] as number) : (up[next++] as number);
    changes[at] = isFree ? -1 : 1;
  }
  return { name, seconds, times, changes };
}

function exponential(random: Random, mean: number): number {
  return -mean * Math.log((random.next() + 1) / (2 ** 32 + 1));
}

/** Arrivals at random with a rate that changes, each held for a random time of a mean. */
export function arrivals(
  name: string,
  seconds: number,
  rateAt: (time: number) => number,
  meanLife: number,
  seed: number,
): Trace {
  const random = randomFrom(seed);
  const taken: number[] = [];
  const freed: number[] = [];
  const step = 0.01; // the rate is looked at a hundred times a second
  for (let from = 0; from < seconds; from += step) {
    const rate = rateAt(from);
    if (rate === 0) continue;
    for (let time = from + exponential(random, 1 / rate); time < from + step && time < seconds; ) {
      taken.push(time);
      freed.push(time + exponential(random, meanLife));
      time += exponential(random, 1 / rate);
    }
  }
  return traceOf(name, seconds, taken, freed);
}

/** `count` blocks taken at once, given back a millisecond later, again every `period` seconds. */
export function bursts(name: string, seconds: number, count: number, period: number): Trace {
  const taken: number[] = [];
  const freed: number[] = [];
  for (let start = period / 3; start < seconds; start += period) {
    for (let at = 0; at < count; at++) {
      taken.push(start + at * 1e-7);
      freed.push(start + 1e-3 + at * 1e-7);
    }
  }
  return traceOf(name, seconds, taken, freed);
}

/** The nine traces of decision 015. `scale` shortens and thins them for tests. */
export function syntheticTraces(scale = 1, seed = 2_026): Trace[] {
  const long = 120 * Math.max(scale, 0.5);
  const rate = (perSecond: number): number => perSecond * scale;
  const isOdd = (time: number, phase: number): boolean => Math.floor(time / phase) % 2 === 1;
  return [
    arrivals("steady, 20 live", long, () => rate(20_000), 1e-3 / scale, seed),
    arrivals("steady, 200 live", long, () => rate(20_000), 1e-2 / scale, seed + 1),
    bursts("burst of 200 every 0.5 s", long, 200, 0.5),
    bursts("burst of 200 every 5 s", long, 200, 5),
    bursts("burst of 1000 every 2 s", long, 1_000, 2),
    arrivals(
      "30 s on, 30 s off",
      long,
      (t) => (isOdd(t, 30) ? 0 : rate(20_000)),
      1e-3 / scale,
      seed + 2,
    ),
    arrivals(
      "2k/s and 50k/s in turn",
      long,
      (t) => rate(isOdd(t, 10) ? 50_000 : 2_000),
      1e-3 / scale,
      seed + 3,
    ),
    arrivals("trickle of 10/s", long, () => 10, 0.1, seed + 4),
    arrivals(
      "0 to 20k/s and back",
      long,
      (t) => rate(10_000 * (1 - Math.cos(t / 5))),
      1e-3 / scale,
      seed + 5,
    ),
  ];
}
