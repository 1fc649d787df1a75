/** The table of routine names: unnamed records are used again, and never by a list that named another one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ROUTINES_MAX } from "#src/base/index.js";
import {
  createListSets,
  FIELD,
  linkList,
  type Routine,
  Routines,
  unlinkList,
} from "#src/list/index.js";
import { createRegion, HEADER, load, type Region, store } from "#src/memory/index.js";
import { Pool } from "#src/pool/index.js";

/** Functions that a sweep of every thread comes within. */
const MANY = 64;

interface Scene {
  readonly region: Region;
  readonly here: Routines;
  readonly there: Routines;
  /** Links a list whose two routines have these handles. Gives back its address. */
  list(allocate: number, free: number): number;
}

function scene(): Scene {
  const region = createRegion(4, 64);
  store(region.words, HEADER.CHUNK_LIMIT, 64);
  createListSets(region);
  const pool = new Pool(region, 1);
  const list = (allocate: number, free: number): number => {
    const address = pool.allocate(0, 0x60, 0x74736574, false, 0, 0, 0);
    region.cover(address + 0x60);
    store(region.words, (address + FIELD.Allocate) >>> 2, allocate);
    store(region.words, (address + FIELD.Free) >>> 2, free);
    linkList(region, 0, address);
    return address;
  };
  return { region, here: new Routines(region, 1), there: new Routines(region, 2), list };
}

function fresh(value: number): Routine {
  return () => value;
}

test("functions without a name never run out when no list names them", () => {
  const { here } = scene();
  for (let value = 0; value < 3 * ROUTINES_MAX; value++) {
    const handle = here.adopt(fresh(value));
    assert.equal(here.resolve(handle)(), value);
  }
});

test("what a linked list names stays, whoever sweeps, and goes when the list has gone", () => {
  const { region, here, there, list } = scene();
  const [one, two] = [here.adopt(fresh(1)), here.adopt(fresh(2))];
  const address = list(one, two);
  for (let value = 0; value < MANY; value++) there.adopt(fresh(value));
  assert.deepEqual([here.isHandle(one), here.isHandle(two)], [true, true]);
  assert.deepEqual([here.resolve(one)(), here.resolve(two)()], [1, 2]);
  unlinkList(region, address);
  for (let value = 0; value < MANY; value++) there.adopt(fresh(value));
  assert.deepEqual([here.isHandle(one), here.isHandle(two)], [false, false]);
});

test("a handle whose record is used again is nobody's, in the thread that uses it and in all others", () => {
  const { here, there } = scene();
  const stale = here.adopt(fresh(1));
  const placeOf = (handle: number): number => (handle >>> 1) % ROUTINES_MAX;
  let again = 0;
  for (let value = 0; placeOf(again) !== placeOf(stale) || again === 0; value++) {
    assert.ok(value < 3 * ROUTINES_MAX, "the record was never used again");
    again = there.adopt(fresh(100 + value));
  }
  assert.notEqual(again, stale);
  assert.equal(there.isHandle(stale), false);
  assert.throws(() => there.resolve(stale), { code: "ERR_ROUTINE_MISSING", message: /pointer/ });
  assert.throws(() => here.resolve(again), {
    code: "ERR_ROUTINE_MISSING",
    message: /unnamed \d+ of thread 2/,
  });
});

test("a function whose record was swept gets another one when it is passed again", () => {
  const { here, there } = scene();
  const mine = fresh(7);
  const before = here.adopt(mine);
  for (let value = 0; value < MANY; value++) there.adopt(fresh(value));
  const after = here.adopt(mine);
  assert.notEqual(after, before);
  assert.equal(here.resolve(after), mine);
});

test("the handle beside is spared by the sweep that the second routine of a list needs", () => {
  const { here } = scene();
  for (let value = 1; value < MANY; value++) {
    const allocate = here.adopt(fresh(value));
    const free = here.adopt(fresh(-value), allocate);
    assert.deepEqual([here.resolve(allocate)(), here.resolve(free)()], [value, -value]);
    assert.ok(here.isHandle(allocate), `${value}`);
  }
});

test("the table is full of lists' routines, and of names, and of no others", () => {
  const { region, here, there, list } = scene();
  const lists: number[] = [];
  const fill = (): void => {
    for (let value = 0; value <= ROUTINES_MAX; value++)
      lists.push(list(here.adopt(fresh(value)), 0));
  };
  assert.throws(fill, { code: "ERR_ROUTINES_FULL" });
  assert.equal(lists.length, ROUTINES_MAX);
  assert.throws(() => there.register("Named", fresh(1)), { code: "ERR_ROUTINES_FULL" });
  unlinkList(region, lists[500] as number);
  const named = there.register("Named", fresh(1)); // sweeps, for it finds no room
  assert.equal(named % region.layout.routineBytes, 0);
  assert.throws(() => here.adopt(fresh(2)), { code: "ERR_ROUTINES_FULL" });
  assert.equal(here.register("Named", fresh(3)), named);
  assert.equal(load(region.words, HEADER.ROUTINE_LOCK), 0);
  assert.equal(load(region.words, HEADER.SET_LOCK), 0);
});

test("a name is not found in an unnamed record, whatever that function is called", () => {
  const { here } = scene();
  const handle = here.adopt(Object.defineProperty(fresh(1), "name", { value: "Twin" }));
  const name = here.nameOf(handle);
  const named = here.register(name, fresh(2));
  assert.notEqual(named, handle);
  assert.deepEqual([here.resolve(handle)(), here.resolve(named)()], [1, 2]);
});

test("a provider is not asked for another thread's function that is called like one of its own", () => {
  const { here, there } = scene();
  const handle = here.adopt(Object.defineProperty(fresh(1), "name", { value: "guest:g#7" }));
  there.provide("guest:g#", () => fresh(2));
  assert.throws(() => there.resolve(handle), { code: "ERR_ROUTINE_MISSING" });
});
