/**
 * Runs a trace through a real object list with a policy, ticks and all, and says what it paid.
 */
import { type DepthPolicyOption, ObjectList } from "lookaside";
import type { Cost } from "./optimum.js";
import type { Trace } from "./traces.js";

/** A policy, how often it ticks, and the ceiling of its list. */
export interface Candidate {
  readonly policy: DepthPolicyOption;
  readonly tickSeconds: number;
  readonly maximumDepth: number;
}

/** What a policy pays on a trace when a block may be idle for `tau` seconds at the price of one miss. */
export function replay(trace: Trace, tau: number, candidate: Candidate): Cost {
  let made = 0;
  let gone = 0;
  const { policy, maximumDepth, tickSeconds } = candidate;
  const list = new ObjectList<object>({
    tag: "Trac",
    create: () => ({ number: made++ }),
    destroy: () => gone++,
    policy,
    maximumDepth,
  });
  const held: object[] = [];
  let blockSeconds = 0;
  let before = 0;
  let due = tickSeconds;
  const pass = (time: number): void => {
    blockSeconds += (made - gone - held.length) * (time - before);
    before = time;
  };
  for (let at = 0; at < trace.times.length; at++) {
    const time = trace.times[at] as number;
    for (; due <= time; due += tickSeconds) {
      pass(due);
      list.tick();
    }
    pass(time);
    if (trace.changes[at] === 1) held.push(list.allocate() as object);
    else list.free(held.pop() as object);
  }
  for (; due <= trace.seconds; due += tickSeconds) {
    pass(due);
    list.tick();
  }
  pass(trace.seconds);
  const misses = list.statistics().allocateMisses;
  return { misses, parked: blockSeconds / trace.seconds, cost: misses + blockSeconds / tau };
}
