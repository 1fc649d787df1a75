/**
 * Threads that end while they hold a lock: what they left half done is mended, and nobody waits for them.
 *
 * The dead are played: a second attachment of this thread takes the lock and begins a change.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type RecoveryReport, System } from "lookaside";
import { FIELD, linkList, listsOf, withListSets } from "#src/list/index.js";
import { acquireLock, HEADER, load, lockOwner, store } from "#src/memory/index.js";
import { stateIndex } from "#src/pool/index.js";
import { BODY, publishChunks, RUN, reserveChunks, runEntry, UNUSED } from "#src/pool/run-table.js";
import { makeSlab, slotOf } from "#src/pool/slab.js";
import { FREE, stateWord } from "#src/pool/state-word.js";
import { recoverThread } from "#src/recovery/index.js";
import { claimRecovery } from "#src/threads/index.js";

let system: System;
let dead: System;

beforeEach(() => {
  system = System.create({ nonPaged: "1 MiB", paged: "1 MiB", depth: { periodMs: 0 } });
  dead = System.attach(system.ticket());
});

afterEach(() => system.detach());

function recover(thread = dead.thread): RecoveryReport[] {
  return recoverThread(system.region, system.pool, { thread, epoch: 0 }, "reclaim");
}

/** The whole of the nonpaged pool can be had as one run. */
function demandAllFree(): void {
  system.trim();
  assert.equal(load(system.region.words, HEADER.CHUNKS_USED), 0);
  const address = system.pool.allocate(0, 16 * 65_536, 1, false, 0, 0, 0);
  assert.notEqual(address, 0, "all 16 chunks are side by side");
  assert.equal(system.pool.free(address, -1), 0);
}

test("chunks that were counted and never published are free again", () => {
  acquireLock(dead.region.words, HEADER.RUN_LOCK, dead.thread);
  assert.equal(reserveChunks(dead.region, 0, 5), 0);
  const [report] = recover();
  assert.deepEqual(report?.locks, ["runs"]);
  assert.equal(lockOwner(system.region.words, HEADER.RUN_LOCK), 0);
  demandAllFree();
});

test("a slab that was never published leaves no blocks behind", () => {
  const { region } = dead;
  acquireLock(region.words, HEADER.RUN_LOCK, dead.thread);
  reserveChunks(region, 0, 1);
  const state = stateIndex(region, region.layout.dataByte + 4_096);
  store(region.words, state, stateWord(FREE, slotOf(0, 3), 7));
  recover();
  assert.ok(load(region.words, state) >= 0, "the word is no state any more");
  demandAllFree();
});

test("a slab that was just being taken apart is whole again", () => {
  const { region } = dead;
  const slot = slotOf(0, 3);
  const chunk = makeSlab(region, slot, dead.thread);
  acquireLock(region.words, HEADER.RUN_LOCK, dead.thread);
  for (let block = 0; block < 10; block++) {
    store(
      region.words,
      stateIndex(region, region.layout.dataByte + chunk * 65_536 + block * 64),
      0,
    );
  }
  recover();
  const blocks = new Set<number>();
  for (let block = 0; block < 1_024; block++) {
    blocks.add(system.pool.allocate(0, 64, 1, false, 0, 0, 0));
  }
  assert.equal(blocks.size, 1_024);
  assert.equal(load(region.words, HEADER.CHUNKS_USED), 1, "all of them from that one slab");
  for (const address of blocks) system.pool.free(address, -1);
  demandAllFree();
});

test("bodies without a head, and a run that was given up, are unused", () => {
  const { region } = dead;
  const { words, layout } = region;
  acquireLock(words, HEADER.RUN_LOCK, dead.thread);
  reserveChunks(region, 0, 4);
  publishChunks(region, 0, 4, runEntry(RUN, 0, 4));
  store(words, layout.runs, UNUSED); // giving back goes from the head on
  reserveChunks(region, 0, 1);
  store(words, layout.runs + 6, runEntry(BODY, 0, 1)); // and taking goes towards it
  recover();
  for (let chunk = 0; chunk < 16; chunk++) assert.equal(load(words, layout.runs + chunk), UNUSED);
  demandAllFree();
});

test("a list that was half linked, or half unlinked, is in the set, and the set is whole", () => {
  const { region } = dead;
  const place = (): number => system.pool.allocate(0, 128, 1, false, 0, 0, 0);
  const lists = [place(), place(), place()] as const;
  withListSets(region, dead.thread, () => {
    for (const list of lists) linkList(region, 0, list);
  });
  acquireLock(region.words, HEADER.SET_LOCK, dead.thread);
  const word = (list: number, field: number): number => (list + field) >>> 2;
  // The first step of taking the second list out: the first one's forward link skips it.
  store(region.words, word(lists[0], FIELD.ListEntry), lists[2] + FIELD.ListEntry);
  const [report] = recover();
  assert.deepEqual(report?.locks, ["lists"]);
  withListSets(system.region, system.thread, () => {
    assert.deepEqual(listsOf(system.region, 0), [...lists]);
  });
});

test("the lock of the routine names is free again", () => {
  acquireLock(dead.region.words, HEADER.ROUTINE_LOCK, dead.thread);
  assert.deepEqual(recover()[0]?.locks, ["routines"]);
  assert.ok(system.routines.register("after", () => 0) > 0);
});

test("a record of a list that was never published goes back to the pool", () => {
  const { region } = dead;
  acquireLock(region.words, HEADER.SET_LOCK, dead.thread);
  const record = dead.pool.allocate(0, 20_000, 1, false, 0, 0, 0);
  store(region.words, stateIndex(region, record), stateWord(0xa, 0, 1)); // nobody's
  recover();
  assert.equal(system.pool.inspect(record), null);
  demandAllFree();
});

test("a thread is recovered once, and a recoverer's own death hands its work on", () => {
  const third = System.attach(system.ticket());
  const list = third.blockList({ tag: "Thrd", size: 64 });
  for (let block = 0; block < 10; block++) list.allocate();
  assert.ok(claimRecovery(dead.region, { thread: third.thread, epoch: 0 }, dead.thread));
  assert.deepEqual(recover(third.thread), [], "another thread has it");
  const reports = recover();
  assert.deepEqual(
    reports.map(({ thread, reclaimed }) => ({ thread, reclaimed })),
    [
      { thread: third.thread, reclaimed: 10 },
      { thread: dead.thread, reclaimed: 0 },
    ],
  );
  assert.deepEqual(recover(), [], "and only once");
  assert.deepEqual(system.audit().problems, []);
});
