/**
 * What users hold: who, of which list, and from which lines of the program, as far as those were sampled.
 *
 * How many blocks each thread holds is read from the state words, and exact when the system is at rest. Call
 * sites are known only in the thread that sampled them: see `lookaside/verifier`.
 */
import { LookasideError, show } from "../base/index.js";
import type { BlockList, BlockListOptions, ParkedBudget } from "../list/index.js";
import type { Region } from "../memory/index.js";
import type { Pool } from "../pool/index.js";
import type { HolderSnapshot, ListSnapshot, Snapshot } from "./snapshot/schema.js";

/** What is held, and was allocated or adopted at one line of the program. */
export interface LeakSite {
  /** File, line and column, as the host writes them in a stack. */
  readonly site: string;
  /** How many of them were sampled. */
  readonly sampled: number;
}

/** Blocks of one list that one thread holds; or objects, of an object list of the calling thread. */
export interface Leak {
  /** Name of the list, or null: a list that was deleted since. */
  readonly list: string | null;
  /** Its tag; empty when the list was deleted. */
  readonly tag: string;
  readonly kind: "block" | "object";
  /** Number of the thread, or 0: nobody's, kept for adoption. */
  readonly thread: number;
  readonly held: number;
  readonly bytes: number;
  /** Sampled call sites, the one with the most blocks first; empty for other threads, and without samples. */
  readonly sites: readonly LeakSite[];
}

/** What `lookaside/verifier` puts into a system. */
export interface ListInstrument {
  /** Makes every block list that is opened from now on. */
  makeList(region: Region, pool: Pool, budget: ParkedBudget, options: BlockListOptions): BlockList;
  /** Call sites of this thread's blocks of the list of a name. */
  sitesOf(list: string): readonly LeakSite[];
}

/** Who holds what, from a snapshot with blocks; lists in the order of their making, deleted ones last. */
export function leaksIn(snapshot: Snapshot, instrument: ListInstrument | null): readonly Leak[] {
  const leaks = snapshot.lists.flatMap((list) => leaksOf(list, snapshot, instrument));
  for (const { thread, held, bytes } of holdersOf(null, snapshot)) {
    leaks.push({ list: null, tag: "", kind: "block", thread, held, bytes, sites: [] });
  }
  return Object.freeze(leaks.map((leak) => Object.freeze(leak)));
}

function leaksOf(
  list: ListSnapshot,
  snapshot: Snapshot,
  instrument: ListInstrument | null,
): Leak[] {
  const { name, tag, size, kind } = list;
  if (kind === "documented") return []; // their counters do not tell a failure from a held entry
  if (kind === "object") {
    const { thread, held } = list;
    if (held === 0) return [];
    return [{ list: name, tag, kind, thread, held, bytes: list.heldBytes, sites: [] }];
  }
  return holdersOf(list.id, snapshot).map(({ thread, held }) => {
    const sites = thread === snapshot.takenBy ? (instrument?.sitesOf(name) ?? []) : [];
    return { list: name, tag, kind, thread, held, bytes: held * size, sites };
  });
}

function holdersOf(id: string | null, { blocks }: Snapshot): readonly HolderSnapshot[] {
  const holders = blocks?.holders.filter((holder) => holder.list === id) ?? [];
  return holders.sort((one, other) => one.thread - other.thread);
}

/** Demands that nobody holds anything. @throws {LookasideError} ERR_NOT_EMPTY, naming who holds what */
export function demandEmpty(leaks: readonly Leak[]): void {
  if (leaks.length === 0) return;
  const held = leaks.reduce((sum, leak) => sum + leak.held, 0);
  const lines = leaks.flatMap(({ list, tag, kind, thread, held: count, bytes, sites }) => {
    const which = list === null ? "a deleted list" : `list ${show(list)} (tag ${show(tag)})`;
    const who = thread === 0 ? "nobody, for adoption" : `thread ${thread}`;
    return [
      `${which}: ${count} ${kind}${count === 1 ? "" : "s"} (${bytes} bytes) held by ${who}`,
      ...sites.map(({ site, sampled }) => `  ${sampled} sampled, from ${site}`),
    ];
  });
  const message = `Cannot take the system for empty: ${held} held\n${lines.join("\n")}`;
  throw new LookasideError("ERR_NOT_EMPTY", message);
}
