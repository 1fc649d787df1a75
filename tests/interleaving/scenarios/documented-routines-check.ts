/**
 * What must hold at every end of a scenario of the documented routines: see documented-routines.ts.
 */
import assert from "node:assert/strict";
import type { Region } from "#src/memory/index.js";
import { PARKED } from "#src/pool/state-word.js";
import { type AuditedBlock, auditPool } from "../../support/pool-audit.js";
import { load, peek } from "../explorer/door.js";
import { DESCRIPTOR, type Descriptors, enterMachine } from "./descriptors.js";
import { chainOf, checkSet } from "./documented-list-check.js";

/** What is written where a descriptor was: no address of anything. */
export const REUSED = 5;

/** What a thread has done. */
export interface Doings {
  readonly held: number[];
  readonly own: number[];
  allocates: number;
  frees: number;
  /** Whether its own list is in use. */
  linked: boolean;
  /** Where its own list's descriptor was, once that is another's memory: the thread's own bytes. */
  reused: number;
}

/** An end: what each thread has done, and where the lists are. */
export interface RoutinesEnd {
  readonly lists: Descriptors;
  readonly doings: readonly (Doings | undefined)[];
  /** Depth of everybody's list as it was at first. */
  readonly depth: number;
  /** Blocks that were allocated in preparation, so that no slab comes or goes. */
  readonly spares: readonly number[];
  readonly checked: boolean;
  /** The thread that prepared. */
  readonly preparer: number;
}

/** Throws when something is wrong. */
export function checkRoutines(end: RoutinesEnd, words: Int32Array): void {
  const { lists, doings, spares } = end;
  const { machine } = lists;
  const region = machine.region();
  checkSet(machine, lists.addresses, doings, lists.sets());
  const died = doings.includes(undefined);
  const { problems, blocks } = auditPool(machine.rawRegion(words));
  const serious = problems.filter((problem) => !(died && problem.startsWith("tag ")));
  assert.deepEqual(serious, [], "the pool is not sound");
  const parked = parkedIn(lists, region);
  if (end.checked) demandParked(blocks, parked);
  const alive = doings.filter((one) => one !== undefined);
  const held = [...alive.flatMap((one) => [...one.held, ...one.own]), ...spares];
  const all = [...parked, ...held, ...lists.addresses];
  assert.equal(new Set(all).size, all.length, "an entry is in two places");
  const found = new Set(blocks.map(({ address }) => address));
  for (const address of all) assert.ok(found.has(address), "an entry is the pool's");
  for (const { reused } of alive) demandUntouched(region, reused);
  const field = (offset: number): number => load(region.words, (lists.at(0) + offset) >>> 2);
  const most = Math.max(field(0x10) & 0xffff, end.depth);
  assert.ok(chainOf(region, lists.at(0), 16).length <= most, "more are parked than Depth allows");
  if (died) {
    // What the dead held is not known, and stays allocated. The lists are good for the others still.
    enterMachine(machine, region, end.preparer);
    removeAll(lists, region);
    return;
  }
  assert.equal(found.size, all.length, "an entry is nowhere");
  region.interlocked.settle(lists.at(0));
  const sum = (of: (one: Doings) => number): number => alive.reduce((so, one) => so + of(one), 0);
  assert.equal(
    field(0x14),
    sum((one) => one.allocates),
    "TotalAllocates is not the calls",
  );
  assert.equal(
    field(0x1c),
    sum((one) => one.frees),
    "TotalFrees is not the calls",
  );
  endAll(end, held, words);
}

/** In checked mode the state of an entry says that it is parked, before it is on its list. */
function demandParked(blocks: readonly AuditedBlock[], parked: readonly number[]): void {
  const says = new Set(
    blocks.filter(({ state }) => state === PARKED).map(({ address }) => address),
  );
  for (const entry of parked) assert.ok(says.has(entry), "a parked entry's state says it is held");
}

/** The entries of all lists that are in a set. */
export function parkedIn(lists: Descriptors, region: Region): number[] {
  return lists.linked(region).flatMap((list) => {
    const chain = chainOf(region, list, 16);
    const count = region.interlocked.count(list);
    assert.equal(count, chain.length, "the count is not the chain's length");
    return chain;
  });
}

/** Nobody wrote where a list had been. */
function demandUntouched(region: Region, address: number): void {
  if (address === 0) return;
  for (let word = 0; word < DESCRIPTOR / 4; word++)
    assert.equal(
      peek(region.words, (address >>> 2) + word),
      REUSED,
      "written where a list had been",
    );
}

/** Deletes every list that is in use. */
function removeAll(lists: Descriptors, region: Region): void {
  const linked = lists.linked(region);
  lists.addresses.forEach((list, place) => {
    if (linked.includes(list)) lists.routines(place).remove(list);
  });
  assert.deepEqual(lists.linked(region), [], "a deleted list is in a set");
}

/** All lists are deleted, all is freed: then no chunk may be in use. */
function endAll(
  { lists, preparer }: RoutinesEnd,
  held: readonly number[],
  words: Int32Array,
): void {
  const { machine } = lists;
  const { stage } = machine;
  const region = machine.region();
  enterMachine(machine, region, preparer);
  removeAll(lists, region);
  for (const address of [...held, ...lists.addresses]) stage.wdk.ExFreePool(address);
  machine.poolOf(preparer, region).trim();
  const { problems, chunks } = auditPool(machine.rawRegion(words));
  assert.deepEqual(problems, [], "the pool is not sound when all is free");
  assert.deepEqual(chunks, [0, 0], "chunks are in use when nothing is held");
}
