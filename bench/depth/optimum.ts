/**
 * The offline optimum of a trace, exactly, and the exact time-out that is within twice of it.
 *
 * Cost: a miss is 1, a parked block is 1 for each `tau` seconds. Match each allocation with the most
 * recent unmatched free: between the two lies a gap in which a block could have been kept. Gaps are
 * independent, for the inner ones are shorter than those around them, so that what is kept is always a
 * stack. The optimum keeps a gap's block exactly when the gap is shorter than tau; so it pays the sum of
 * min(gap, tau) / tau, and 1 for each allocation that no free came before.
 */
import type { Trace } from "./traces.js";

/** What a policy paid. */
export interface Cost {
  readonly misses: number;
  /** Blocks parked, mean over the time of the trace. */
  readonly parked: number;
  /** Misses + block seconds / tau. */
  readonly cost: number;
}

/** The gaps of a trace, allocations without one, and the frees that no allocation came after. */
export function gapsOf(trace: Trace): { gaps: number[]; cold: number; rests: number[] } {
  const gaps: number[] = [];
  const open: number[] = [];
  let cold = 0;
  for (let at = 0; at < trace.times.length; at++) {
    const time = trace.times[at] as number;
    if (trace.changes[at] === -1) open.push(time);
    else {
      const freed = open.pop();
      if (freed === undefined) cold++;
      else gaps.push(time - freed);
    }
  }
  return { gaps, cold, rests: open.map((time) => trace.seconds - time) };
}

function total(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** The least that any policy can pay, with the future known. */
export function optimum(trace: Trace, tau: number): Cost {
  const { gaps, cold } = gapsOf(trace);
  const kept = gaps.filter((gap) => gap < tau);
  const misses = cold + gaps.length - kept.length;
  const held = total(kept);
  return { misses, parked: held / trace.seconds, cost: misses + held / tau };
}

/** Parks every block and lets go what was idle for exactly tau: at most twice the optimum. */
export function exactTimeout(trace: Trace, tau: number): Cost {
  const { gaps, cold, rests } = gapsOf(trace);
  const misses = cold + gaps.filter((gap) => gap >= tau).length;
  const held = total([...gaps, ...rests].map((gap) => Math.min(gap, tau)));
  return { misses, parked: held / trace.seconds, cost: misses + held / tau };
}
