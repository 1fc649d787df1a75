/**
 * Claims: a thread's blocks of lists lie in chunks that it has claimed, so recovery need look nowhere else.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, type BlockList, System } from "lookaside";
import { listNote } from "#src/list/index.js";
import type { Region } from "#src/memory/index.js";
import {
  CACHED,
  claimedChunks,
  HELD,
  kindOf,
  SHOWN,
  subjectOf,
  walkBlocks,
} from "#src/pool/index.js";
import { recoverThread } from "#src/recovery/index.js";
import { seeded } from "../../support/seed.js";

/** Words of the shadow for one chunk. */
const CHUNK_WORDS = 4_096;

function chunksOf(region: Region, thread: number): Set<number> {
  const chunks = new Set<number>();
  claimedChunks(region, thread, (chunk) => chunks.add(chunk));
  return chunks;
}

/** Demands CL-1 of every block of a list that some thread has. Gives back how many there were. */
function demandClaimed({ region }: System): number {
  const claims = new Map<number, Set<number>>();
  let owned = 0;
  walkBlocks(region, (state, seen) => {
    const thread = subjectOf(seen);
    const isOwned = [HELD, SHOWN, CACHED].includes(kindOf(seen)) && thread !== 0;
    if (!isOwned || listNote(region.words, state) === 0) return;
    const chunks = claims.get(thread) ?? chunksOf(region, thread);
    claims.set(thread, chunks);
    const chunk = Math.floor((state - region.layout.shadow) / CHUNK_WORDS);
    assert.ok(chunks.has(chunk), `thread ${thread} has a block of chunk ${chunk}, and no claim`);
    owned++;
  });
  return owned;
}

/** Blocks that are CACHED or HELD by a thread. */
function blocksOf({ region }: System, thread: number): number {
  let count = 0;
  walkBlocks(region, (_, seen) => {
    if ([CACHED, HELD].includes(kindOf(seen)) && subjectOf(seen) === thread) count++;
  });
  return count;
}

/** A thread that ended when it had got its first block from the pool, and had not claimed its chunk. */
function diedUnclaimed(system: System): System {
  const dead = System.attach(system.ticket());
  const list = dead.blockList({ tag: "Clai", size: 64 });
  dead.pool.claims.note = () => assert.fail("it ends here");
  assert.throws(() => list.allocate(), /it ends here/);
  assert.equal(chunksOf(system.region, dead.thread).size, 0);
  assert.equal(blocksOf(system, dead.thread), 1);
  return dead;
}

test("after any history every block that a thread has lies in a chunk it has claimed", () => {
  const random = seeded(import.meta.url);
  const system = System.create({ nonPaged: "32 MiB", depth: { periodMs: 0 } });
  const threads = [system, System.attach(system.ticket()), System.attach(system.ticket())];
  const sizes = [64, 1_024, 20_000, 100_000];
  const options = { maximumDepth: 64, batch: 4 } as const;
  const lists = sizes.map((size) =>
    threads.map((thread) => thread.blockList({ tag: "Clai", name: `${size}`, size, ...options })),
  );
  const held: { block: Block; at: number; list: number }[] = [];
  let seen = 0;
  for (let step = 0; step < 6_000; step++) {
    const list = random.int(sizes.length);
    const at = random.int(threads.length);
    const mine = lists[list]?.[at] as BlockList;
    const action = random.int(10);
    const one = held[random.int(Math.max(1, held.length))];
    if (action < 4 && held.length < 200) {
      const block = mine.allocate();
      if (block !== null) held.push({ block, at, list });
    } else if (action < 8 && one !== undefined) {
      held.splice(held.indexOf(one), 1);
      one.block.free();
    } else if (action === 8 && one !== undefined) {
      const taker = lists[one.list]?.[at] as BlockList;
      one.block = taker.adopt(taker.handleFrom(one.block.handle));
      one.at = at;
    } else if (random.int(20) === 0) mine.trim();
    if (step % 100 === 0) seen += demandClaimed(system);
  }
  assert.ok(seen > 1_000, `only ${seen} blocks were looked at`);
  for (const thread of threads.reverse()) thread.detach();
});

test("a thread that leaves, or is recovered, leaves no claim to the next one of its number", () => {
  const system = System.create({ nonPaged: "8 MiB", depth: { periodMs: 0 } });
  const leaver = System.attach(system.ticket());
  leaver.blockList({ tag: "Clai", size: 64 }).allocate();
  assert.equal(chunksOf(system.region, leaver.thread).size, 1);
  leaver.detach();
  assert.equal(chunksOf(system.region, leaver.thread).size, 0);
  const dead = System.attach(system.ticket());
  assert.equal(dead.thread, leaver.thread);
  dead.blockList({ tag: "Clai", size: 64 }).allocate();
  const [report] = recoverThread(system.region, system.pool, dead.identity, "reclaim");
  assert.equal(report?.reclaimed, 1);
  assert.equal(chunksOf(system.region, dead.thread).size, 0);
  system.detach();
});

test("a thread that ends between a block of the pool and its claim loses no block", () => {
  const system = System.create({ nonPaged: "8 MiB", depth: { periodMs: 0 } });
  const dead = diedUnclaimed(system);
  recoverThread(system.region, system.pool, dead.identity, "reclaim");
  assert.equal(blocksOf(system, dead.thread), 0);
  assert.deepEqual(system.audit().problems, []);
  system.detach();
});

test("a recovery that has to be done twice finds in claims what it found everywhere", () => {
  const system = System.create({ nonPaged: "8 MiB", depth: { periodMs: 0 } });
  const dead = diedUnclaimed(system);
  const freeForList = system.pool.freeForList;
  system.pool.freeForList = () => assert.fail("a lock that is held");
  const recover = () => recoverThread(system.region, system.pool, dead.identity, "reclaim");
  assert.throws(recover, /a lock that is held/);
  assert.equal(blocksOf(system, dead.thread), 1);
  system.pool.freeForList = freeForList;
  recover();
  assert.equal(blocksOf(system, dead.thread), 0);
  assert.deepEqual(system.audit().problems, []);
  system.detach();
});
