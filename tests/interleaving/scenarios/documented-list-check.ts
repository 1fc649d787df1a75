/**
 * What must hold at every end of a scenario of documented lists: see documented-list.ts.
 */
import assert from "node:assert/strict";
import type { Region } from "#src/memory/index.js";
import { load, peek } from "../explorer/door.js";
import type { Machine } from "../stage/machine.js";

/** What a thread has done: entries it holds, and calls by kind. */
export interface Tally {
  mine: number[];
  takes: number;
  parks: number;
  linked: boolean;
}

/** An end: what each thread has done, and where the lists are. */
export interface ListEnd {
  readonly machine: Machine;
  /** Address of everybody's list, then of each thread's own. */
  readonly lists: readonly number[];
  /** The set of each. */
  readonly sets: readonly number[];
  /** How many entries there are, and how many were on the list at first. */
  readonly entries: number;
  readonly parkedAtFirst: number;
  /** Depth as it was at first. */
  readonly depth: number;
  readonly tallies: readonly (Tally | undefined)[];
}

/** The entries on a list, first one first. */
export function chainOf({ interlocked, words }: Region, list: number, most: number): number[] {
  const parked: number[] = [];
  for (let entry = interlocked.first(list) >>> 0; entry !== 0 && parked.length <= most; ) {
    parked.push(entry);
    entry = peek(words, entry >>> 2) >>> 0;
  }
  return parked;
}

/** Throws when something is wrong. */
export function checkLists(end: ListEnd): void {
  const { machine, lists, entries, tallies, parkedAtFirst } = end;
  const region = machine.region();
  const { interlocked, words } = region;
  const shared = lists[0] as number;
  const parked = chainOf(region, shared, entries);
  assert.equal(interlocked.count(shared), parked.length, "the count is not the chain's length");
  const field = (offset: number): number => load(words, (shared + offset) >>> 2);
  const depthNow = field(0x10) & 0xffff;
  assert.equal(field(0x10) >>> 16, 256, "MaximumDepth was lost");
  const most = Math.max(end.depth, depthNow, parkedAtFirst);
  assert.ok(parked.length <= most, "more are parked than Depth ever allowed");
  const all = [...parked, ...tallies.flatMap((tally) => tally?.mine ?? [])];
  assert.equal(new Set(all).size, all.length, "an entry is in two places");
  checkSet(machine, lists, tallies, end.sets);
  if (tallies.includes(undefined)) return; // what the dead held or was counting is not known
  assert.equal(all.length, entries, "an entry is nowhere");
  interlocked.settle(shared);
  const sum = (of: (tally: Tally) => number): number =>
    tallies.reduce((so, tally) => so + of(tally as Tally), 0);
  const takes = sum((tally) => tally.takes);
  assert.equal(field(0x14), takes, "TotalAllocates is not the calls");
  const parks = sum((tally) => tally.parks);
  assert.equal(field(0x1c) - parkedAtFirst, parks, "TotalFrees is not the calls");
}

/**
 * Everybody's list is in its set, and those of threads that linked them; of the dead, either. `sets` has the
 * set of each list: nonpaged 0, paged 1.
 */
export function checkSet(
  machine: Machine,
  lists: readonly number[],
  tallies: readonly (Pick<Tally, "linked"> | undefined)[],
  sets: readonly number[],
): void {
  const { list } = machine.stage;
  const region = machine.region();
  const found = [0, 1].map((kind) => list.listsOf(region, kind));
  assert.equal(found[sets[0] as number]?.[0], lists[0], "a list was lost from the set");
  tallies.forEach((tally, place) => {
    if (tally === undefined) return;
    const isThere = found[sets[place + 1] as number]?.includes(lists[place + 1] as number);
    assert.equal(isThere, tally.linked, `the list of thread ${place + 1}`);
  });
  const word = (address: number): number => load(region.words, address >>> 2) >>> 0;
  found.forEach((linked, kind) => {
    let previous = machine.stage.memory.HEADER.SET_HEADS * 4 + kind * 16;
    for (const each of linked) {
      assert.equal(word(each + 0x48), previous, "the set is not the same both ways round");
      previous = each + 0x40;
    }
  });
}
