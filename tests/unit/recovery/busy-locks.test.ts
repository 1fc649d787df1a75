/**
 * Recoveries, and frees, that meet a lock which a live thread keeps for a while: nothing is half done.
 *
 * The threads are played: further attachments of this thread. The lock of a live thread that does not go on
 * is a word that is written.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Block, type BlockList, type RecoveryReport, System } from "lookaside";
import { DELETED, RECORD } from "#src/list/block-list/record.js";
import { recordPlaces } from "#src/list/index.js";
import { HEADER, load, store, withPatience } from "#src/memory/index.js";
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

/** Chunks of the nonpaged pool in use. */
function chunks(): number {
  return load(system.region.words, HEADER.CHUNKS_USED);
}

test("a recovery that frees runs does not fail when it cannot have the lock of the run table", () => {
  const before = chunks();
  take(dead.blockList(LARGE), 3);
  const used = chunks();
  const [report] = whileBusy(recover);
  assert.equal(report?.reclaimed, 3);
  assert.equal(chunks(), used, "nobody could give the chunks back");
  assert.deepEqual(system.audit().problems, []);
  system.trim();
  assert.ok(
    chunks() <= before + 1,
    "they come back when somebody has the lock: the record alone is left",
  );
  demandSound();
});

for (const [what, bytes] of [
  ["run", 3_500_000],
  ["slab", 1_000],
] as const) {
  test(`a run that was given up while the lock was kept makes room for the next ${what}`, () => {
    const { pool } = system;
    const allocate = (size: number): number => pool.allocate(0, size, 1, false, 0, 0, 0);
    const address = allocate(64 * 65_536);
    assert.notEqual(address, 0, "the whole pool");
    assert.equal(allocate(bytes), 0);
    assert.equal(
      whileBusy(() => withPatience(4, () => pool.free(address, -1))),
      0,
    );
    assert.equal(pool.inspect(address), null, "it is nobody's");
    assert.notEqual(allocate(bytes), 0);
    demandSound();
  });
}

test("a deleted list whose large record is given up while the lock is kept leaves nothing behind", () => {
  dead.blockList({ ...LARGE, maximumDepth: 16_384, batch: 64 });
  const [place] = recordPlaces(system.region);
  assert.ok(place);
  store(place.words, place.at + RECORD.STATUS, DELETED); // by a thread that never had it open
  assert.equal(whileBusy(recover).length, 1);
  assert.deepEqual(recordPlaces(system.region), []);
  system.trim();
  assert.equal(chunks(), 0);
  assert.equal(system.audit().held, 0);
  demandSound();
});

test("a thread that watches others waits a second for a lock, no more", () => {
  const script = new URL("./watcher-patience.js", import.meta.url);
  const run = spawnSync(process.execPath, [fileURLToPath(script)], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  const { milliseconds, code } = JSON.parse(run.stdout) as { milliseconds: number; code: string };
  assert.equal(code, "ERR_LOCK_STALLED");
  assert.ok(milliseconds >= 900, `${milliseconds} ms`);
});
