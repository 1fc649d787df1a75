/**
 * The order in which a channel must give values out: those of one producer in the order in which it put them
 * in, each once, none before it was put in. Between producers nothing is promised.
 */
import type { Operation } from "./linearize.js";

/** A push that was taken, or a pop that gave a value. */
export interface ChannelCall {
  readonly kind: "push" | "pop";
  readonly value: number;
}

/** What is wrong with a channel's history, in sentences. */
export function orderProblems(history: readonly Operation<ChannelCall>[]): string[] {
  const problems: string[] = [];
  const pops = new Map<number, Operation<ChannelCall>>();
  const pushed = new Set<number>();
  for (const one of history) {
    const { kind, value } = one.call;
    if (kind === "push") {
      if (pushed.has(value)) problems.push(`value ${value} was pushed twice: the test is wrong`);
      pushed.add(value);
    } else if (pops.has(value)) problems.push(`value ${value} was popped twice`);
    else pops.set(value, one);
  }
  for (const [value] of pops)
    if (!pushed.has(value)) problems.push(`value ${value} was never pushed`);
  const lines = new Map<number, Operation<ChannelCall>[]>();
  for (const one of history) {
    if (one.call.kind !== "push") continue;
    const line = lines.get(one.thread);
    if (line === undefined) lines.set(one.thread, [one]);
    else line.push(one);
  }
  for (const line of lines.values()) problems.push(...lineProblems(line, pops));
  return problems;
}

/** One producer's values: no pop of a later one may have ended before that of an earlier one began. */
function lineProblems(
  line: Operation<ChannelCall>[],
  pops: ReadonlyMap<number, Operation<ChannelCall>>,
): string[] {
  const problems: string[] = [];
  line.sort((one, other) => one.begin - other.begin);
  let earliestEnd = Number.POSITIVE_INFINITY;
  let by = 0;
  for (const { call, begin } of line.reverse()) {
    const pop = pops.get(call.value);
    if (pop === undefined) continue; // it is still inside, or its reader was ended
    if (pop.end < begin) problems.push(`value ${call.value} was popped before it was pushed`);
    if (pop.begin > earliestEnd) problems.push(`value ${call.value} was popped after ${by}`);
    if (pop.end < earliestEnd) [earliestEnd, by] = [pop.end, call.value];
  }
  return problems;
}
