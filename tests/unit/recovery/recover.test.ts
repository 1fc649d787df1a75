/**
 * Threads that end between a block and its count: the block is freed and the counters are true.
 *
 * The dead are played: a second attachment of this thread does a call up to some step, and is recovered.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type Block, type BlockList, System } from "lookaside";
import {
  listNote,
  PART,
  partOf,
  type RecordPlace,
  recordPlaces,
  writeListNote,
} from "#src/list/index.js";
import { peek, poke } from "#src/memory/index.js";
import { CACHED, generationOf, HELD, stateIndex, stateWord } from "#src/pool/index.js";
import { recoverThread } from "#src/recovery/index.js";

const LIST = { tag: "Dead", size: 64, maximumDepth: 0 } as const;

let system: System;
let dead: System;
let list: BlockList;
let place: RecordPlace;

beforeEach(() => {
  system = System.create({ nonPaged: "1 MiB", paged: "1 MiB", depth: { periodMs: 0 } });
  dead = System.attach(system.ticket());
  list = dead.blockList(LIST);
  place = recordPlaces(system.region)[0] ?? assert.fail("the list has no record");
});

afterEach(() => system.detach());

function held(): Block {
  return list.allocate() ?? assert.fail("no room");
}

function stateOf(block: Block): number {
  return stateIndex(system.region, block.address);
}

/** Writes a word of the dead thread's part. */
function write(word: number, value: number): void {
  poke(place.words, partOf(place, dead.thread) + word, value);
}

function read(word: number): number {
  return peek(place.words, partOf(place, dead.thread) + word);
}

/** A block that comes from the pool is the list's, and no user's, until it is noted and counted. */
function makeCached(state: number): void {
  const generation = generationOf(peek(place.words, state));
  poke(place.words, state, stateWord(CACHED, dead.thread, generation));
}

/** Recovers the dead thread: one block besides what it held comes back, and all counts are true. */
function demandRecovered(...gone: number[]): void {
  recoverThread(system.region, system.pool, { thread: dead.thread, epoch: 0 }, "reclaim");
  const report = system.audit();
  assert.deepEqual(
    report,
    { problems: [], held: 1, cached: 0, depot: 0, sent: 0, stale: 0 },
    "the record alone is held",
  );
  for (const state of gone) {
    assert.equal(listNote(system.region.words, state), 0, "no list knows a block that was freed");
  }
}

for (const steps of ["asked for", "known", "noted", "counted"] as const) {
  test(`a block that was obtained and ${steps} is given back and counted right`, () => {
    const own = held();
    const block = held();
    const state = stateOf(block);
    const obtained = read(PART.OBTAINED);
    makeCached(state);
    write(PART.OBTAINING, obtained | 0x8000_0000);
    write(PART.FRESH, state);
    if (steps !== "counted") write(PART.OBTAINED, obtained - 1);
    if (steps === "asked for") write(PART.FRESH, 0);
    if (steps === "asked for" || steps === "known") writeListNote(place.words, state, 0);
    demandRecovered(state, stateOf(own));
  });
}

test("a block of the pool that looks like one of the list's is not taken for the one on its way", () => {
  const block = held();
  const mine = dead.pool.allocate(0, 64, 0x6461_6544, false, 0, 0, 48);
  assert.equal(dead.pool.inspect(mine)?.tag, dead.pool.inspect(block.address)?.tag);
  const obtained = read(PART.OBTAINED);
  makeCached(stateOf(block));
  write(PART.OBTAINING, obtained | 0x8000_0000);
  write(PART.FRESH, stateOf(block));
  write(PART.OBTAINED, obtained - 1);
  recoverThread(system.region, system.pool, { thread: dead.thread, epoch: 0 }, "reclaim");
  assert.deepEqual(system.audit().problems, []);
  assert.notEqual(system.pool.inspect(mine), null, "it stays allocated");
  assert.equal(system.pool.inspect(block.address), null);
});

for (const counter of ["FREE_MISSES", "TRIMMED"] as const) {
  for (const step of ["announced", "counted", "forgotten", "made the pool's", "freed"] as const) {
    test(`a block that was on its way to the pool (${counter}) and ${step} is gone and counted`, () => {
      const block = held();
      const state = stateOf(block);
      const { words } = system.region;
      const seen = peek(words, state);
      write(PART.FREES, read(PART.FREES) + 1);
      write(PART.RELEASING, state);
      poke(words, state, stateWord(CACHED, dead.thread, generationOf(seen)));
      if (step !== "announced") write(PART[counter], read(PART[counter]) + 1);
      if (step !== "announced" && step !== "counted") writeListNote(words, state, 0);
      if (step === "made the pool's" || step === "freed")
        poke(words, state, stateWord(HELD, dead.thread, generationOf(seen) + 1));
      if (step === "freed") dead.pool.free(block.address, -1);
      demandRecovered(state);
    });
  }
}

test("the free of a block whose list is gone touches nothing of what was its record", () => {
  const block = held();
  list.delete();
  assert.equal(recordPlaces(system.region).length, 0, "the record is gone");
  const before = place.words.slice(place.at, place.at + 4_096);
  block.free();
  const after = place.words.slice(place.at, place.at + 4_096);
  assert.deepEqual(after, before);
  assert.equal(system.pool.inspect(block.address), null);
});
