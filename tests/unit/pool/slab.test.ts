/** Slabs: cut whole, found by their bits, given back only when nobody holds a block. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CLASSES, createRegion, HEADER, type Region } from "#src/memory/index.js";
import { chunkByte, entryAt, typeOf, UNUSED } from "#src/pool/run-table.js";
import { blockOffset, SIZE_CLASSES, type SizeClass } from "#src/pool/size-classes.js";
import {
  classMapOf,
  classOfSlot,
  fullGroup,
  kindOfSlot,
  looksEmpty,
  makeSlab,
  showFreeBlocks,
  slabMapOf,
  slotOf,
  stateIndex,
  unmakeEmptySlabs,
  unmakeSlab,
} from "#src/pool/slab.js";
import { FREE, generationOf, HELD, kindOf, stateWord, subjectOf } from "#src/pool/state-word.js";

const SLOTS = Array.from({ length: SIZE_CLASSES.length - 1 }, (_, index) => [
  slotOf(0, index + 1),
  slotOf(1, index + 1),
]).flat();

function newRegion(): Region {
  const region = createRegion(1, 64);
  region.words[HEADER.CHUNK_LIMIT] = 32;
  region.words[HEADER.CHUNK_LIMIT + 1] = 32;
  return region;
}

function shapeOf(slot: number): SizeClass {
  return SIZE_CLASSES[classOfSlot(slot)] as SizeClass;
}

/** State words of all blocks of a slab. */
function states(region: Region, chunk: number, slot: number): number[] {
  return Array.from({ length: shapeOf(slot).blocks }, (_, block) =>
    stateIndex(region, chunkByte(region, chunk) + blockOffset(classOfSlot(slot), block)),
  );
}

test("a slot is a pool and a class, and keeps both", () => {
  for (const kind of [0, 1]) {
    for (let sizeClass = 1; sizeClass < CLASSES; sizeClass++) {
      const slot = slotOf(kind, sizeClass);
      assert.deepEqual([kindOfSlot(slot), classOfSlot(slot)], [kind, sizeClass]);
    }
  }
});

test("a new slab of every slot has all its blocks free, with all their bits and no other", () => {
  for (const slot of SLOTS) {
    const region = newRegion();
    const chunk = makeSlab(region, slot, 1);
    assert.equal(chunk, kindOfSlot(slot) * 32);
    for (const state of states(region, chunk, slot)) {
      const word = region.words[state] as number;
      assert.deepEqual([kindOf(word), subjectOf(word)], [FREE, slot]);
    }
    const map = region.words.subarray(slabMapOf(region, chunk), slabMapOf(region, chunk + 1));
    const bits = [...map].map((word) => word.toString(2).replace(/[^1]/g, "").length);
    const shown = map.reduce((sum, word, group) => {
      assert.equal(
        word,
        Math.max(0, shapeOf(slot).blocks - group * 32) > 0
          ? fullGroup(shapeOf(slot).blocks, group)
          : 0,
      );
      return sum + (bits[group] ?? 0);
    }, 0);
    assert.ok(shown > 0);
    assert.equal(region.words[classMapOf(region, slot, chunk)], 1);
    assert.ok(looksEmpty(region, chunk, shapeOf(slot).blocks));
  }
});

test("a slab without a held block is given back, and nothing of it is left", () => {
  for (const slot of SLOTS) {
    const region = newRegion();
    const chunk = makeSlab(region, slot, 1);
    assert.equal(unmakeSlab(region, chunk, 1), true);
    assert.equal(entryAt(region, chunk), UNUSED);
    assert.equal(region.words[HEADER.CHUNKS_USED + kindOfSlot(slot)], 0);
    const { slabMaps, shadow } = region.layout;
    assert.ok(region.words.subarray(slabMaps, slabMaps + 5 * 64).every((word) => word === 0));
    assert.ok(region.words.subarray(shadow, shadow + 5 * 4_096).every((word) => word === 0));
    assert.equal(region.words[classMapOf(region, slot, chunk)], 0);
  }
});

test("one held block keeps its slab, wherever it lies, and every other block stays free", () => {
  const slot = slotOf(0, 20);
  for (const held of [0, 1, 100, shapeOf(slot).blocks - 1]) {
    const region = newRegion();
    const chunk = makeSlab(region, slot, 1);
    const all = states(region, chunk, slot);
    region.words[all[held] as number] = stateWord(HELD, 1, 9);
    assert.equal(unmakeSlab(region, chunk, 1), false);
    assert.notEqual(typeOf(entryAt(region, chunk)), UNUSED);
    const free = all.filter((state) => kindOf(region.words[state] as number) === FREE);
    assert.equal(free.length, all.length - 1);
    assert.equal(region.words[classMapOf(region, slot, chunk)], 1);
  }
});

test("a slab that could not be given back has lost no generation", () => {
  const region = newRegion();
  const slot = slotOf(1, 10);
  const chunk = makeSlab(region, slot, 1);
  const all = states(region, chunk, slot);
  all.forEach((state, block) => {
    region.words[state] = stateWord(FREE, slot, block + 7);
  });
  region.words[all.at(-1) as number] = stateWord(HELD, 1, 1);
  unmakeSlab(region, chunk, 1);
  const generations = all.slice(0, -1).map((state) => generationOf(region.words[state] as number));
  assert.deepEqual(
    generations,
    generations.map((_, block) => block + 7),
  );
});

test("a slab made anew goes on with the generations of the last one: SW-2", () => {
  const region = newRegion();
  const slot = slotOf(0, 7);
  const all = states(region, makeSlab(region, slot, 1), slot);
  all.forEach((state, block) => {
    region.words[state] = stateWord(FREE, slot, block + 3);
  });
  assert.equal(unmakeSlab(region, 0, 1), true);
  assert.ok(all.every((state) => (region.words[state] as number) >= 0));
  assert.equal(makeSlab(region, slot, 1), 0);
  const generations = all.map((state) => generationOf(region.words[state] as number));
  assert.deepEqual(
    generations,
    all.map((_, block) => block + 3),
  );
});

test("a chunk that is no slab, or no longer one, is left alone", () => {
  const region = newRegion();
  assert.equal(unmakeSlab(region, 0, 1), false);
  const chunk = makeSlab(region, slotOf(0, 1), 1);
  unmakeSlab(region, chunk, 1);
  assert.equal(unmakeSlab(region, chunk, 1), false);
});

test("all empty slabs of a pool are given back at once, and counted in chunks", () => {
  const region = newRegion();
  const chunks = [slotOf(0, 1), slotOf(0, 30), slotOf(0, 41)].map((slot) =>
    makeSlab(region, slot, 1),
  );
  const other = makeSlab(region, slotOf(1, 41), 1);
  const kept = makeSlab(region, slotOf(0, 2), 1);
  region.words[stateIndex(region, chunkByte(region, kept))] = stateWord(HELD, 1, 1);
  const expected = [1, 30, 41].reduce(
    (sum, index) => sum + (SIZE_CLASSES[index] as SizeClass).chunks,
    0,
  );
  assert.equal(unmakeEmptySlabs(region, 1, 0), expected);
  assert.ok(chunks.every((chunk) => entryAt(region, chunk) === UNUSED));
  assert.notEqual(entryAt(region, kept), UNUSED);
  assert.notEqual(entryAt(region, other), UNUSED, "the other pool has its own chunks");
  assert.equal(unmakeEmptySlabs(region, 1, 1), shapeOf(slotOf(1, 41)).chunks);
});

test("a free block that no bit shows is shown again, and a held one is not", () => {
  const region = newRegion();
  const slot = slotOf(0, 5);
  const chunk = makeSlab(region, slot, 1);
  const all = states(region, chunk, slot);
  region.words[all[33] as number] = stateWord(HELD, 1, 1);
  region.words.fill(0, slabMapOf(region, chunk), slabMapOf(region, chunk + 1));
  region.words[classMapOf(region, slot, chunk)] = 0;
  showFreeBlocks(region, slot, 1);
  assert.equal(region.words[slabMapOf(region, chunk)], -1);
  assert.equal(region.words[slabMapOf(region, chunk) + 1], ~0b10);
  assert.equal(region.words[classMapOf(region, slot, chunk)], 1);
});

test("without room there is no slab, and nothing has changed", () => {
  const region = newRegion();
  region.words[HEADER.CHUNK_LIMIT] = 2;
  const wide = SIZE_CLASSES.findIndex(({ chunks }) => chunks > 2);
  assert.equal(makeSlab(region, slotOf(0, wide), 1), -1);
  assert.equal(region.words[HEADER.CHUNKS_USED], 0);
  assert.equal(region.words[HEADER.RUN_LOCK], 0);
});
