/** The set of lists: newest last, taken out from anywhere, walked safely past overwritten storage. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createListSets,
  FIELD,
  linkList,
  listsOf,
  unlinkList,
  withListSets,
} from "#src/list/index.js";
import { createRegion, HEADER, type Region } from "#src/memory/index.js";
import { seeded } from "../../support/seed.js";

const random = seeded(import.meta.url);

/** A region with empty sets, and addresses for descriptors. */
function newSets(): { region: Region; at: (index: number) => number } {
  const region = createRegion(1, 16);
  const { dataByte, endByte } = region.layout;
  region.grow(endByte);
  createListSets(region);
  return { region, at: (index) => dataByte + index * 0x80 };
}

function filled(count: number): { region: Region; lists: number[] } {
  const { region, at } = newSets();
  const lists = Array.from({ length: count }, (_, index) => at(index));
  for (const list of lists) linkList(region, 0, list);
  return { region, lists };
}

test("new sets are empty", () => {
  const { region } = newSets();
  assert.deepEqual([listsOf(region, 0), listsOf(region, 1)], [[], []]);
});

test("a list joins the set of its kind at the tail, and no other", () => {
  const { region, at } = newSets();
  for (const index of [3, 1, 2]) linkList(region, 0, at(index));
  linkList(region, 1, at(9));
  assert.deepEqual(listsOf(region, 0), [at(3), at(1), at(2)]);
  assert.deepEqual(listsOf(region, 1), [at(9)]);
  assert.deepEqual(
    [listsOf(region, 0).includes(at(9)), listsOf(region, 1).includes(at(9))],
    [false, true],
  );
});

test("any sequence of joining and leaving leaves what an array would", () => {
  const { region, at } = newSets();
  const model: number[][] = [[], []];
  for (let step = 0; step < 5_000; step++) {
    const list = at(random.int(60));
    const kind = model.findIndex((lists) => lists.includes(list));
    if (kind >= 0) {
      unlinkList(region, list);
      model[kind] = model[kind]?.filter((one) => one !== list) ?? [];
    } else {
      const joined = random.int(2);
      linkList(region, joined, list);
      model[joined]?.push(list);
    }
    if (step % 50 === 0) assert.deepEqual([listsOf(region, 0), listsOf(region, 1)], model);
  }
});

test("a list that left has no links, and its upper halves are always zero", () => {
  const { region, lists } = filled(3);
  const [, middle] = lists as [number, number, number];
  const link = (middle + FIELD.ListEntry) / 4;
  assert.deepEqual([region.words[link + 1], region.words[link + 3]], [0, 0]);
  unlinkList(region, middle);
  assert.deepEqual([...region.words.subarray(link, link + 4)], [0, 0, 0, 0]);
});

const SCRIBBLES = [0, 1, 16, -1, -16, 0x7fff_fff0];

test("a walk ends and finds every other list when one descriptor was overwritten", () => {
  for (const scribble of SCRIBBLES) {
    for (const hit of [0, 3, 6]) {
      const { region, lists } = filled(7);
      const link = ((lists[hit] as number) + FIELD.ListEntry) / 4;
      region.words.fill(scribble, link, link + 4);
      const found = listsOf(region, 0);
      assert.deepEqual(
        found.filter((list) => list !== lists[hit]),
        lists.filter((_, at) => at !== hit),
      );
    }
  }
});

test("a forward link that leads back into the set is no endless walk", () => {
  const { region, lists } = filled(5);
  for (const target of lists) {
    region.words[((lists[4] as number) + FIELD.ListEntry) / 4] = target + FIELD.ListEntry;
    assert.deepEqual(listsOf(region, 0), lists);
  }
});

test("random scribbles over every descriptor never hang a walk nor lead it out of the data", () => {
  const { region, lists } = filled(40);
  const { dataByte, endByte } = region.layout;
  for (let round = 0; round < 2_000; round++) {
    const list = random.pick(lists);
    const value = random.pick([
      random.pick(lists) + FIELD.ListEntry,
      random.next() | 0,
      HEADER.SET_HEADS * 4,
    ]);
    region.words[(list + FIELD.ListEntry) / 4 + random.pick([0, 2])] = value;
    const found = listsOf(region, 0);
    assert.ok(found.length <= lists.length * 2);
    assert.ok(found.every((one) => one >= dataByte - FIELD.ListEntry && one < endByte));
  }
});

test("a list joins behind a last one that was overwritten without writing into it again", () => {
  for (const scribble of SCRIBBLES) {
    const { region, lists } = filled(3);
    const joining = (lists[2] as number) + 0x80;
    const link = ((lists[2] as number) + FIELD.ListEntry) / 4;
    region.words.fill(scribble, link, link + 4);
    linkList(region, 0, joining);
    assert.deepEqual(listsOf(region, 0), [lists[0], lists[1], joining]);
    assert.deepEqual([...region.words.subarray(link, link + 4)], Array(4).fill(scribble));
  }
});

test("the lock is given back whatever the action does", () => {
  const { region } = newSets();
  assert.equal(
    withListSets(region, 1, () => region.words[HEADER.SET_LOCK]),
    1,
  );
  assert.throws(() => withListSets(region, 1, () => assert.fail("the action fails")));
  assert.equal(region.words[HEADER.SET_LOCK], 0);
});
