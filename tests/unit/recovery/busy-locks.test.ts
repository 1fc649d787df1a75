/**
 * Recoveries, and frees, that meet a lock which a live thread keeps for a while: nothing is half done.
 *
 * The threads are played: further attachments of this thread. The lock of a live thread that does not go on
 * is a word that is written.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type Block, type BlockList, type RecoveryReport, System } from "lookaside";
import { DELETED, RECORD } from "#src/list/block-list/record.js";
import { recordPlaces } from "#src/list/index.js";
import { HEADER, load, store, withPatience } from "#src/memory/index.js";
import { stateIndex } from "#src/pool/index.js";
import { recoverThread } from "#src/recovery/index.js";
import { auditPool } from "../../support/pool-audit.js";

/** Blocks of a slab's sixteenth: what a thread remembers of freed ones is less than two slabs of them. */
const SMALL = { tag: "Busy", size: 4_096, policy: "fixed", maximumDepth: 0 } as const;
/** Blocks that are runs of their own. */
const LARGE = { tag: "Larg", size: 200_000, policy: "fixed", maximumDepth: 0 } as const;

let system: System;
let dead: System;
let live: System;

beforeEach(() => {
  system = System.create({ nonPaged: "4 MiB", depth: { periodMs: 0 } });
  dead = System.attach(system.ticket());
  live = System.attach(system.ticket());
});

afterEach(() => system.detach());

function take(list: BlockList, count: number): Block[] {
  return Array.from({ length: count }, () => list.allocate() ?? assert.fail("no room"));
}

function recover(): RecoveryReport[] {
  const identity = dead.identity;
  return withPatience(4, () => recoverThread(system.region, system.pool, identity, "reclaim"));
}

/** Runs an action while a live thread keeps the lock of the run table. */
function whileBusy<Result>(action: () => Result): Result {
  const { words } = system.region;
  store(words, HEADER.RUN_LOCK, live.thread);
  try {
    return action();
  } finally {
    store(words, HEADER.RUN_LOCK, 0);
  }
}

function demandSound(): void {
  assert.deepEqual(system.audit().problems, []);
  assert.deepEqual(auditPool(system.region).problems, []);
}

test("a recovery that frees the last block of a slab does not wait for the lock of the run table", () => {
  take(dead.blockList(SMALL), 100);
  const [report] = whileBusy(recover);
  assert.equal(report?.reclaimed, 100);
  demandSound();
  system.trim();
  assert.equal(system.audit().held, 1, "the record alone is held");
});

test("a free that leaves a slab empty neither waits for the lock of the run table nor fails", () => {
  const list = dead.blockList(SMALL);
  const blocks = take(list, 100);
  whileBusy(() => {
    for (const block of blocks) block.free();
  });
  assert.equal(list.statistics().held, 0);
  demandSound();
  const used = load(system.region.words, HEADER.CHUNKS_USED);
  dead.trim();
  assert.ok(
    load(system.region.words, HEADER.CHUNKS_USED) < used,
    "the slabs can be taken apart later",
  );
});

test("a recovery that cannot give a run back is as if it had not begun that block, and goes on later", () => {
  const blocks = take(dead.blockList(LARGE), 3);
  const states = blocks.map(({ address }) => stateIndex(system.region, address));
  assert.throws(() => whileBusy(recover), { code: "ERR_LOCK_STALLED" });
  for (const state of states)
    assert.ok(load(system.region.words, state) >>> 28 >= 8, "every run is still somebody's");
  assert.equal(recover().length, 1);
  demandSound();
  assert.equal(system.blockList(LARGE).statistics().held, 0);
});

test("a free of a run that cannot have the lock changes nothing", () => {
  const address = system.pool.allocate(0, 200_000, 1, false, 0, 0, 0);
  const free = (): number => withPatience(4, () => system.pool.free(address, -1));
  assert.throws(() => whileBusy(free), { code: "ERR_LOCK_STALLED" });
  assert.ok(system.pool.inspect(address), "the run is still held");
  demandSound();
  assert.equal(free(), 0);
  demandSound();
});

test("a deleted list whose large record cannot be freed is freed by the next attempt", () => {
  dead.blockList({ ...LARGE, maximumDepth: 16_384, batch: 64 });
  const [place] = recordPlaces(system.region);
  assert.ok(place);
  store(place.words, place.at + RECORD.STATUS, DELETED); // by a thread that never had it open
  assert.throws(() => whileBusy(recover), { code: "ERR_LOCK_STALLED" });
  assert.equal(recordPlaces(system.region).length, 1);
  assert.equal(recover().length, 1);
  assert.deepEqual(recordPlaces(system.region), []);
  assert.equal(system.audit().held, 0, "the record is the pool's again");
  demandSound();
});
