/**
 * Snapshots: the laws of semantics 9 at rest, plain frozen data, no word written, from any thread.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, type BlockListSnapshot, type ListSnapshot, System } from "lookaside";
import {
  boot,
  ExAllocateFromLookasideListEx,
  ExAllocatePoolWithTag,
  ExDeleteLookasideListEx,
  ExFlushLookasideListEx,
  ExFreeToLookasideListEx,
  ExInitializeLookasideListEx,
  NonPagedPool,
  PagedPool,
  queryLookaside,
  resetLookasideCounters,
  shutdown,
  system as systemOfMachine,
  tag,
} from "lookaside/wdk";
import { PART, partOf, recordPlaces } from "#src/list/index.js";
import { peek, poke } from "#src/memory/index.js";
import { seeded } from "../../support/seed.js";
import { brokenLaws } from "../../support/snapshot-laws.js";

const SMALL = { nonPaged: "4 MiB", paged: "1 MiB", threads: 4, depth: { periodMs: 0 } } as const;
const BOOT = { nonPagedPoolBytes: "4 MiB", threads: 4, depth: { periodMs: 0 } } as const;

function isFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isFrozen);
}

function blockListOf(lists: readonly ListSnapshot[], name: string): BlockListSnapshot {
  const found = lists.find((list) => list.name === name);
  assert.ok(found?.kind === "block");
  return found;
}

test("whatever two threads did with block lists, at rest every law of the counters holds", () => {
  const random = seeded(import.meta.url);
  const one = System.create(SMALL);
  const other = System.attach(one.ticket());
  const options = [
    { tag: "Tiny", size: 32, maximumDepth: 12, batch: 4 },
    { tag: "Big", size: 100_000, maximumDepth: 6, batch: 2 }, // more than fit: some allocations fail
    { tag: "Page", size: 4_096, maximumDepth: 8, pool: "paged" },
  ] as const;
  const lists = [one, other].map((system) => options.map((option) => system.blockList(option)));
  const held: Block[][] = [[], [], []];
  for (let step = 0; step < 4_000; step++) {
    const which = random.int(3);
    const from = random.int(2);
    const list = lists[from]?.[which];
    const mine = held[which];
    assert.ok(list && mine);
    const dice = random.int(100);
    if (dice < 50) {
      const block = list.allocate();
      if (block !== null) mine.push(block);
    } else if (dice < 96) {
      mine.splice(random.int(mine.length + 1), 1)[0]?.free();
    } else if (dice < 97) list.reserve(random.int(4));
    else if (dice < 98) list.trim();
    else if (dice < 99) list.depth = random.int(list.statistics().maximumDepth + 1);
    else {
      const [block] = mine.splice(0, 1);
      const receiver = lists[1 - from]?.[which];
      if (block?.list === list && receiver) mine.push(receiver.adopt(block.handle as never));
      else if (block) mine.push(block);
    }
    if (step % 100 === 0) assert.deepEqual(brokenLaws(one.snapshot({ blocks: true })), []);
  }
  const snapshot = one.snapshot({ blocks: true });
  assert.deepEqual(brokenLaws(snapshot), []);
  assert.ok(blockListOf(snapshot.lists, "Big").failures > 0, "some allocations found no room");
  lists[0]?.forEach((list, which) => {
    const seen = blockListOf(snapshot.lists, list.name);
    const { allocates, frees, held: out, parked, depth, adopted } = list.statistics();
    const { id: _, ...rest } = seen;
    assert.deepEqual({ ...rest, allocates, frees, held: out, parked, depth, adopted }, rest);
    assert.equal(seen.held, held[which]?.length);
  });
  const elsewhere = other.snapshot({ blocks: true });
  const { takenAt, takenBy } = snapshot;
  assert.deepEqual({ ...elsewhere, takenAt, takenBy }, snapshot, "every thread sees the same");
  for (const system of [other, one]) system.detach();
});

/** Moves words of this thread's part of a list, as that many calls would have done. */
function turn(system: System, counters: readonly number[], by: number): void {
  const [place] = recordPlaces(system.region);
  assert.ok(place);
  for (const counter of counters) {
    const word = partOf(place, system.thread) + counter;
    poke(place.words, word, peek(place.words, word) + by);
  }
}

test("counters go on and every law holds where the shared words wrap", () => {
  const system = System.create(SMALL);
  const list = system.blockList({ tag: "Wrap", size: 64 });
  list.allocate()?.free();
  let before = system.snapshot().lists[0];
  for (let look = 0; look < 8; look++) {
    turn(system, [PART.ALLOCATES, PART.FREES], 2 ** 32 - 2 ** 30); // as many pairs
    for (let pair = 0; pair < 10; pair++) list.allocate()?.free();
    const snapshot = system.snapshot();
    assert.deepEqual(brokenLaws(snapshot), []);
    const [now] = snapshot.lists;
    for (const counter of ["allocates", "frees"] as const) {
      assert.equal((now?.[counter] ?? 0) - (before?.[counter] ?? 0), 2 ** 32 - 2 ** 30 + 10);
    }
    before = now;
  }
  assert.ok((before?.allocates ?? 0) > 2 ** 34);
  system.detach();
});

test("who looks first when words have wrapped already sees no negative number and no rate below 0", () => {
  const system = System.create(SMALL);
  const list = system.blockList({ tag: "Late", size: 64, depth: 0, policy: "fixed" });
  const kept = list.allocate();
  for (let pair = 0; pair < 50; pair++) list.allocate()?.free(); // all of them miss
  turn(system, [PART.ALLOCATES, PART.FREES], -45); // as after 2^32 - 45 hits
  const [seen] = system.snapshot().lists;
  assert.deepEqual([seen?.allocateMisses, seen?.freeMisses, seen?.held], [51, 50, 1]);
  assert.deepEqual([seen?.allocates, seen?.frees], [2 ** 32 + 6, 2 ** 32 + 5]);
  assert.ok((seen?.allocateHitRate ?? -1) > 0.99 && (seen?.freeHitRate ?? -1) > 0.99);
  kept?.free();
  system.detach();
});

test("a thread that is just asking the pool has not failed, and failures never become fewer", () => {
  const system = System.create(SMALL);
  const list = system.blockList({ tag: "Fail", size: 1_000_000 });
  const blocks = Array.from({ length: 8 }, () => list.allocate());
  const failed = blocks.filter((block) => block === null).length;
  const failures = (): number => blockListOf(system.snapshot().lists, "Fail").failures;
  assert.equal(failures(), failed);
  turn(system, [PART.ALLOCATES, PART.ALLOCATE_MISSES, PART.OBTAINING], 1); // in the middle of a miss
  assert.equal(failures(), failed);
  turn(system, [PART.OBTAINED], 1);
  assert.equal(failures(), failed, "counted, and not yet done");
  turn(system, [PART.OBTAINING], -1);
  assert.equal(failures(), failed);
  turn(system, [PART.ALLOCATES, PART.ALLOCATE_MISSES], 1);
  assert.equal(failures(), failed + 1);
  assert.ok(failed > 0);
  for (const block of blocks) block?.free();
  system.detach();
});

test("object lists of the thread that looks obey the laws too, and no other thread sees them", () => {
  const random = seeded(import.meta.url);
  const one = System.create(SMALL);
  const other = System.attach(one.ticket());
  const list = one.objectList({ tag: "Objs", create: () => ({}), bytes: 200, maximumDepth: 20 });
  const held: object[] = [];
  for (let step = 0; step < 2_000; step++) {
    const dice = random.int(100);
    if (dice < 50) held.push(list.allocate() ?? assert.fail());
    else if (dice < 95) {
      const [object] = held.splice(random.int(held.length + 1), 1);
      if (object) list.free(object);
    } else if (dice < 96) list.reserve(random.int(4));
    else if (dice < 97) list.trim();
    else if (dice < 98) list.depth = random.int(21);
    else one.tick();
    if (step % 50 === 0) assert.deepEqual(brokenLaws(one.snapshot()), []);
  }
  const [seen, ...more] = one.snapshot().lists;
  const statistics = list.statistics();
  const { bytes, ...same } = statistics;
  assert.deepEqual({ ...seen, ...same, size: bytes }, seen);
  assert.ok(statistics.trimmed > 0 && statistics.reserved > 0);
  assert.deepEqual([seen?.id, seen?.heldBytes, more], ["object-1-1", 200 * held.length, []]);
  assert.ok(isFrozen(seen));
  assert.deepEqual(other.snapshot().lists, []);
  list.delete();
  one.objectList({ tag: "Objs", create: () => ({}) });
  assert.deepEqual(
    one.snapshot().lists.map(({ id }) => id),
    ["object-1-2"],
  );
  for (const system of [other, one]) system.detach();
});

test("documented lists obey the laws, with flushes, and show what the descriptor shows", () => {
  const random = seeded(import.meta.url);
  boot(BOOT);
  const system = systemOfMachine();
  const lists = [NonPagedPool, PagedPool].map((pool) => {
    const list = ExAllocatePoolWithTag(NonPagedPool, 0x60, tag("Desc"));
    ExInitializeLookasideListEx(list, null, null, pool, 0, 48, tag("Docu"), 0);
    return { list, held: [] as number[] };
  });
  for (let step = 0; step < 1_000; step++) {
    const { list, held } = random.pick(lists);
    const dice = random.int(100);
    if (dice < 50) held.push(ExAllocateFromLookasideListEx(list));
    else if (dice < 99) {
      const [entry] = held.splice(random.int(held.length + 1), 1);
      if (entry !== undefined) ExFreeToLookasideListEx(list, entry);
    } else ExFlushLookasideListEx(list);
    if (step % 50 === 0) assert.deepEqual(brokenLaws(system.snapshot({ blocks: true })), []);
  }
  const snapshot = system.snapshot();
  assert.deepEqual(
    snapshot.lists.map((list) => list.kind === "documented" && [list.pool, list.address]),
    [
      ["nonPaged", lists[0]?.list],
      ["paged", lists[1]?.list],
    ],
  );
  for (const [at, { list }] of lists.entries()) {
    const seen = snapshot.lists[at];
    const told = queryLookaside(list);
    assert.deepEqual(
      [seen?.allocates, seen?.allocateMisses, seen?.frees, seen?.freeMisses, seen?.parked],
      [
        told.TotalAllocates,
        told.AllocateMisses,
        told.TotalFrees,
        told.FreeMisses,
        told.CurrentDepth,
      ],
    );
    assert.deepEqual([seen?.depth, seen?.maximumDepth], [told.Depth, told.MaximumDepth]);
    assert.deepEqual([seen?.tag, seen?.size], ["Docu", 48]);
  }
  shutdown();
});

test("counters of a documented list start anew when they are reset, or another list is in its place", () => {
  boot(BOOT);
  const system = systemOfMachine();
  const place = ExAllocatePoolWithTag(NonPagedPool, 0x60, tag("Desc"));
  const make = (size: number): void => {
    ExInitializeLookasideListEx(place, null, null, NonPagedPool, 0, size, tag("Docu"), 0);
  };
  const allocates = (): number | undefined => system.snapshot().lists[0]?.allocates;
  make(64);
  for (let at = 0; at < 9; at++)
    ExFreeToLookasideListEx(place, ExAllocateFromLookasideListEx(place));
  assert.equal(allocates(), 9);
  const before = system.snapshot().lists[0]?.id;
  resetLookasideCounters(place);
  assert.equal(allocates(), 0);
  ExFreeToLookasideListEx(place, ExAllocateFromLookasideListEx(place));
  assert.equal(allocates(), 1);
  const after = system.snapshot().lists[0]?.id;
  assert.notEqual(after, before);
  ExDeleteLookasideListEx(place);
  make(128);
  assert.equal(allocates(), 0);
  assert.notEqual(system.snapshot().lists[0]?.id, after);
  shutdown();
});

test("a snapshot is plain frozen data that JSON carries unchanged", () => {
  const system = System.create(SMALL);
  const list = system.blockList({ tag: "Json", name: "naïve ☃", size: 64 });
  const block = list.allocate();
  const snapshot = system.snapshot({ blocks: true });
  assert.ok(isFrozen(snapshot));
  assert.deepEqual(JSON.parse(JSON.stringify(snapshot)), snapshot);
  assert.equal(blockListOf(snapshot.lists, "naïve ☃").held, 1);
  block?.free();
  system.detach();
});

test("a snapshot writes no word of shared memory and takes no lock", () => {
  boot(BOOT);
  const system = systemOfMachine();
  const place = ExAllocatePoolWithTag(NonPagedPool, 0x60, tag("Desc"));
  ExInitializeLookasideListEx(place, null, null, NonPagedPool, 0, 64, tag("Docu"), 0);
  ExFreeToLookasideListEx(place, ExAllocateFromLookasideListEx(place));
  const held = system.blockList({ tag: "Blck", size: 128 }).allocate();
  assert.ok(held);
  const before = new Uint8Array(system.memory.buffer).slice();
  system.snapshot();
  system.snapshot({ blocks: true });
  const after = new Uint8Array(system.memory.buffer);
  assert.ok(
    before.every((byte, at) => byte === after[at]),
    "a byte changed",
  );
  shutdown();
});

test("a list that is deleted and made again is another list, with counters of its own", () => {
  const system = System.create(SMALL);
  const first = system.blockList({ tag: "Same", size: 64 });
  first.allocate()?.free();
  const before = blockListOf(system.snapshot().lists, "Same");
  first.delete();
  assert.deepEqual(system.snapshot().lists, []);
  const second = system.blockList({ tag: "Same", size: 64 });
  second.allocate();
  const after = blockListOf(system.snapshot().lists, "Same");
  assert.deepEqual([before.allocates, after.allocates, after.frees], [1, 1, 0]);
  assert.notEqual(after.id, before.id);
  system.detach();
});

test("a deleted list shows, as deleted, until the last thread has left it", () => {
  const one = System.create(SMALL);
  const other = System.attach(one.ticket());
  const options = { tag: "Gone", size: 64 } as const;
  const block = other.blockList(options).allocate();
  one.blockList(options).delete();
  const seen = blockListOf(one.snapshot().lists, "Gone");
  assert.deepEqual([seen.deleted, seen.held], [true, 1]);
  block?.free();
  other.detach();
  assert.deepEqual(one.snapshot().lists, []);
  one.detach();
});

test("misuse that was refused is counted in its list", () => {
  const system = System.create(SMALL);
  const list = system.blockList({ tag: "Miss", size: 64 });
  const block = list.allocate();
  block?.free();
  for (let at = 0; at < 3; at++) assert.throws(() => block?.free(), { code: "ERR_DOUBLE_FREE" });
  assert.throws(() => list.handleFrom("x"), { code: "ERR_ARGUMENT" });
  assert.equal(blockListOf(system.snapshot().lists, "Miss").refused, 4);
  system.detach();
});

test("threads, memory and a walk over all blocks are told when asked", () => {
  const one = System.create(SMALL);
  const other = System.attach(one.ticket());
  const list = one.blockList({ tag: "Frag", size: 4_096, maximumDepth: 0 });
  const blocks = Array.from({ length: 20 }, () => list.allocate());
  for (const block of blocks.slice(4)) block?.free();
  other.detach();
  const { threads, threadCapacity, memory, blocks: walked } = one.snapshot({ blocks: true });
  assert.equal(threadCapacity, 4);
  assert.deepEqual(
    threads.map(({ thread, status, epoch }) => [thread, status, epoch]),
    [
      [1, "attached", 0],
      [2, "free", 1],
    ],
  );
  assert.equal(memory.bytes, one.memory.buffer.byteLength);
  const own = walked?.holders.map(({ thread, held }) => [thread, held]);
  assert.deepEqual(own, [[1, 4]]);
  const slab = walked?.runs.find((run) => run.blockBytes === 4_096);
  assert.deepEqual([slab?.kind, slab?.held, slab?.free], ["slab", 4, 12]);
  assert.ok((walked?.freeBytesInUsedSlabs ?? 0) >= 12 * 4_096);
  assert.equal(one.snapshot().blocks, null);
  one.detach();
});

test("an option that there is not is refused", () => {
  const system = System.create(SMALL);
  for (const options of [{ block: true }, { blocks: 1 }, null, 7]) {
    assert.throws(() => system.snapshot(options as never), { code: "ERR_OPTION" });
  }
  system.detach();
});
