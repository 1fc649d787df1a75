/**
 * What the observer of snapshot.test.ts does while others work: it takes snapshots and looks for a
 * number that no instant of the system can have had.
 */
import { type ListSnapshot, System, type Ticket } from "lookaside";
import type { CrewTask } from "../support/crew.js";

export interface Watch {
  readonly ticket: Ticket;
  readonly snapshots: number;
}

const COUNTERS = ["allocates", "allocateMisses", "frees", "freeMisses", "trimmed"] as const;

function problemsOf(list: ListSnapshot, before: ListSnapshot | undefined): string[] {
  const problems: string[] = [];
  for (const counter of COUNTERS) {
    const earlier = before?.[counter] ?? 0;
    if (list[counter] < earlier) problems.push(`${counter} fell to ${list[counter]}`);
  }
  if (list.allocateMisses > list.allocates) problems.push("more misses than allocations");
  if (list.freeMisses > list.frees) problems.push("more misses than frees");
  if (list.parked > list.maximumDepth + 64) problems.push(`${list.parked} parked`);
  if (list.parked < 0 || list.held < 0) problems.push("less than none");
  return problems;
}

/** Takes snapshots until it has enough of them that saw others at work. Gives back what was wrong. */
export const observe: CrewTask<Watch, string[]> = ({ data }) => {
  const system = System.attach(data.ticket);
  const problems: string[] = [];
  const before = new Map<string, ListSnapshot>();
  let moved = 0;
  while (moved < data.snapshots) {
    let allocates = 0;
    const { lists } = system.snapshot({ blocks: moved % 4 === 0 });
    for (const list of lists) {
      problems.push(...problemsOf(list, before.get(list.id)));
      allocates += list.allocates - (before.get(list.id)?.allocates ?? 0);
      before.set(list.id, list);
    }
    if (allocates > 0) moved++;
  }
  system.detach();
  return problems;
};
