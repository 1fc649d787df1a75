/**
 * What every list does, whatever its kind: one suite for the documented lists, block lists and object lists.
 *
 * - order: last in, first out
 * - depth: a hard cap on what is parked, 0 included
 * - counters: semantics §9, after every call
 * - failures: nothing is lost and nothing is counted that did not happen
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { LookasideError } from "lookaside";
import { seeded } from "../support/seed.js";
import { type Ability, KINDS, type Kind, type Subject } from "./kinds.js";

const random = seeded(import.meta.url);

/** One test for each kind; skipped, with the reason, where the kind cannot do what it needs. */
function every(
  title: string,
  needs: readonly Ability[],
  body: (kind: Kind, t: TestContext) => void,
): void {
  for (const kind of KINDS) {
    const reason = needs.map((ability) => kind.cannot[ability]).find((why) => why !== undefined);
    test(`${kind.name}: ${title}`, { skip: reason ?? false }, (t) => body(kind, t));
  }
}

function taken(list: Subject): unknown {
  const item = list.allocate();
  assert.ok(item !== null, "there is no room");
  return item;
}

function several(list: Subject, count: number): unknown[] {
  return Array.from({ length: count }, () => taken(list));
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof LookasideError) return error.code;
    throw error;
  }
  return "nothing thrown";
}

every("what was freed last is allocated first", [], (kind, t) => {
  const list = kind.make(t, 10);
  const items = several(list, 10);
  const freed = items.map((item) => list.identity(item));
  for (const item of items) list.free(item);
  const again = several(list, 10).map((item) => list.identity(item));
  assert.deepEqual(again, freed.reverse());
});

every("items that are held at the same time differ", [], (kind, t) => {
  const list = kind.make(t, 10);
  const items = several(list, 50).map((item) => list.identity(item));
  assert.equal(new Set(items).size, 50);
});

every("no more is parked than depth allows, and the rest is a free miss", [], (kind, t) => {
  const list = kind.make(t, 5);
  for (const item of several(list, 12)) list.free(item);
  const { parked, freeMisses, frees } = list.counters();
  assert.deepEqual({ parked, freeMisses, frees }, { parked: 5, freeMisses: 7, frees: 12 });
});

every("depth 0 parks nothing", [], (kind, t) => {
  const list = kind.make(t, 0);
  list.free(taken(list));
  list.free(taken(list));
  const { parked, allocateMisses, freeMisses } = list.counters();
  assert.deepEqual(
    { parked, allocateMisses, freeMisses },
    { parked: 0, allocateMisses: 2, freeMisses: 2 },
  );
});

every("what is parked above a lowered depth stays until it is allocated", [], (kind, t) => {
  const list = kind.make(t, 8);
  for (const item of several(list, 8)) list.free(item);
  list.setDepth(3);
  assert.equal(list.counters().parked, 8);
  const items = several(list, 8);
  assert.equal(list.counters().allocateMisses, 8, "all came from the list");
  for (const item of items) list.free(item);
  assert.equal(list.counters().parked, 3);
});

every("a raised depth lets more be parked at once", [], (kind, t) => {
  const list = kind.make(t, 2);
  const items = several(list, 6);
  list.setDepth(6);
  for (const item of items) list.free(item);
  assert.equal(list.counters().parked, 6);
});

every("the ceiling of depth is told", [], (kind, t) => {
  const list = kind.make(t, 4);
  assert.deepEqual([list.counters().depth, list.counters().maximumDepth], [4, 256]);
});

every("a miss that finds no room gives null, and nothing is lost", [], (kind, t) => {
  const list = kind.make(t, 4);
  const [one, two] = several(list, 2);
  list.exhaust(true);
  assert.equal(list.allocate(), null);
  const freed = list.identity(one);
  list.free(one);
  assert.equal(list.identity(taken(list)), freed, "a hit needs no room");
  list.exhaust(false);
  list.free(two);
  assert.equal(list.counters().parked, 1);
  list.free(taken(list));
});

every("a second free is an error with a code, and changes nothing", ["double free"], (kind, t) => {
  const list = kind.make(t, 2);
  const items = several(list, 4);
  for (const item of items) list.free(item); // two parked, two given up
  const before = list.counters();
  for (const item of items)
    assert.equal(
      codeOf(() => list.free(item)),
      "ERR_DOUBLE_FREE",
    );
  assert.deepEqual(list.counters(), before);
});

every(
  "what belongs to another list is an error with a code, and stays there",
  ["foreign"],
  (kind, t) => {
    const list = kind.make(t, 4);
    const other = kind.makeOther();
    const item = taken(other);
    assert.equal(
      codeOf(() => list.free(item)),
      "ERR_FOREIGN_BLOCK",
    );
    assert.equal(list.counters().frees, 0);
    other.free(item);
    assert.equal(other.counters().parked, 1);
  },
);

every("a drained list has nothing parked, and goes on", ["drain"], (kind, t) => {
  const list = kind.make(t, 8);
  for (const item of several(list, 8)) list.free(item);
  list.drain();
  assert.equal(list.counters().parked, 0);
  list.free(taken(list));
  assert.equal(list.counters().parked, 1);
});

every(
  "a deleted list gives nothing more, by an error with a code",
  ["error by code"],
  (kind, t) => {
    const list = kind.make(t, 4);
    list.free(taken(list));
    list.delete();
    assert.equal(
      codeOf(() => list.allocate()),
      "ERR_LIST_DELETED",
    );
  },
);

every("what was held when the list was deleted is freed once", ["delete with held"], (kind, t) => {
  const list = kind.make(t, 4);
  const item = taken(list);
  list.delete();
  list.free(item);
  assert.equal(
    codeOf(() => list.free(item)),
    "ERR_DOUBLE_FREE",
  );
});

every("the counters are those of a plain stack, after each of many random calls", [], (kind, t) => {
  const list = kind.make(t, 16);
  const held: unknown[] = [];
  const parked: unknown[] = [];
  const wanted = { allocates: 0, allocateMisses: 0, frees: 0, freeMisses: 0 };
  let depth = 16;
  for (let call = 0; call < 3_000; call++) {
    const dice = random.int(100);
    if (dice === 0) {
      depth = random.int(40);
      list.setDepth(depth);
    } else if (dice < 52 || held.length === 0) {
      wanted.allocates++;
      const expected = parked.pop();
      if (expected === undefined) wanted.allocateMisses++;
      const item = taken(list);
      if (expected !== undefined) assert.equal(list.identity(item), expected);
      held.push(item);
    } else {
      const [item] = held.splice(random.int(held.length), 1);
      const identity = list.identity(item);
      list.free(item);
      wanted.frees++;
      if (parked.length < depth) parked.push(identity);
      else wanted.freeMisses++;
    }
    const { depth: _, maximumDepth: __, parked: seen, ...counters } = list.counters();
    assert.deepEqual(
      { ...counters, parked: seen },
      { ...wanted, parked: parked.length },
      `call ${call}`,
    );
  }
});
