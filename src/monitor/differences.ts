/**
 * What happened between two snapshots, told from their differences alone: so events of all threads are
 * seen, and none of them pays for it.
 */
import type { BlockListSnapshot, ListSnapshot, Snapshot, ThreadSnapshot } from "../system/index.js";
import type { LogEntry, LogKind } from "./log-entry.js";

/** An entry that has no number and no time yet. */
export type Happening = Pick<LogEntry, "kind" | "list" | "count" | "text">;

/** Of one kind, more than these become one entry that sums up the rest. */
const KEPT_OF_A_KIND = 12;

/** `1 miss`, `2,000 misses`. */
export function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

function happening(
  kind: LogKind,
  list: ListSnapshot | null,
  count: number,
  text: string,
): Happening {
  return { kind, list: list?.name ?? null, count, text };
}

function ofCounters(before: ListSnapshot, after: ListSnapshot): Happening[] {
  const found: Happening[] = [];
  const misses = after.allocateMisses - before.allocateMisses;
  if (misses > 0) found.push(happening("miss", after, misses, counted(misses, "miss", "misses")));
  const overflows = after.freeMisses - before.freeMisses;
  if (overflows > 0) {
    const text = `${counted(overflows, "free", "frees")} found no room`;
    found.push(happening("overflow", after, overflows, text));
  }
  if (before.depth !== after.depth) {
    found.push(happening("depth", after, 1, `depth ${before.depth} → ${after.depth}`));
  }
  if (before.kind !== "block" || after.kind !== "block") return found;
  return [...found, ...ofBlockList(before, after)];
}

function ofBlockList(before: BlockListSnapshot, after: BlockListSnapshot): Happening[] {
  const found: Happening[] = [];
  const failures = after.failures - before.failures;
  if (failures > 0) {
    const text = `${counted(failures, "allocation", "allocations")} failed: the pool had no room`;
    found.push(happening("failure", after, failures, text));
  }
  const refused = after.refused - before.refused;
  if (refused > 0) {
    const text = `${counted(refused, "call", "calls")} refused as misuse`;
    found.push(happening("error", after, refused, text));
  }
  if (after.deleted && !before.deleted) found.push(happening("list", after, 1, "deleted"));
  return found;
}

function ofLists(before: Snapshot, after: Snapshot): Happening[] {
  const known = new Map(before.lists.map((list) => [list.id, list]));
  const found: Happening[] = [];
  for (const list of after.lists) {
    const earlier = known.get(list.id);
    known.delete(list.id);
    if (earlier === undefined) found.push(happening("list", list, 1, "made"));
    else found.push(...ofCounters(earlier, list));
  }
  for (const list of known.values()) found.push(happening("list", list, 1, "gone"));
  return found;
}

/** A thread that has a number, or null. */
function present(thread: ThreadSnapshot | undefined): ThreadSnapshot | null {
  return thread === undefined || thread.status === "free" ? null : thread;
}

function ofThreads(before: Snapshot, after: Snapshot): Happening[] {
  const found: Happening[] = [];
  const known = new Map(before.threads.map((thread) => [thread.thread, thread]));
  for (const thread of after.threads) {
    const earlier = present(known.get(thread.thread));
    const now = present(thread);
    const same = earlier?.epoch === now?.epoch;
    const number = `thread ${thread.thread}`;
    if (earlier !== null && (now === null || !same)) {
      found.push(happening("thread", null, 1, `${number} left`));
    }
    if (now !== null && (earlier === null || !same)) {
      found.push(happening("thread", null, 1, `${number} attached`));
    }
    if (earlier?.status === "attached" && now?.status === "recovering" && same) {
      found.push(happening("recovery", null, 1, `${number} ended and is being recovered`));
    }
  }
  return found;
}

function ofSystem(before: Snapshot, after: Snapshot): Happening[] {
  const found: Happening[] = [];
  const recovered = after.recoveries.threads - before.recoveries.threads;
  if (recovered > 0) {
    const blocks = (of: "parked" | "reclaimed" | "kept"): string =>
      (after.recoveries[of] - before.recoveries[of]).toLocaleString("en");
    const text =
      `${counted(recovered, "ended thread", "ended threads")} recovered: blocks ` +
      `${blocks("parked")} parked, ${blocks("reclaimed")} reclaimed, ${blocks("kept")} kept`;
    found.push(happening("recovery", null, recovered, text));
  }
  if (before.state !== after.state) {
    const code = after.stopCode === null ? "" : ` with code 0x${after.stopCode.toString(16)}`;
    found.push(happening("system", null, 1, `the system is ${after.state}${code}`));
  }
  return found;
}

/** Keeps the greatest of each kind, and sums up the rest. */
function summedUp(found: readonly Happening[]): Happening[] {
  const byKind = new Map<LogKind, Happening[]>();
  for (const one of found) byKind.set(one.kind, [...(byKind.get(one.kind) ?? []), one]);
  return [...byKind.values()].flatMap((ofKind) => {
    if (ofKind.length <= KEPT_OF_A_KIND) return ofKind;
    const sorted = ofKind.toSorted((left, right) => right.count - left.count);
    const rest = sorted.slice(KEPT_OF_A_KIND - 1);
    const count = rest.reduce((sum, one) => sum + one.count, 0);
    const { kind } = rest[0] as Happening;
    const text = `${count.toLocaleString("en")} more in ${rest.length.toLocaleString("en")} others`;
    return [...sorted.slice(0, KEPT_OF_A_KIND - 1), { kind, list: null, count, text }];
  });
}

/** What happened between two snapshots of one thread, the greatest of each kind one by one. */
export function differences(before: Snapshot, after: Snapshot): Happening[] {
  return summedUp([
    ...ofSystem(before, after),
    ...ofThreads(before, after),
    ...ofLists(before, after),
  ]);
}
