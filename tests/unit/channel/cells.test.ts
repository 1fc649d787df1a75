/**
 * The ring of cells, word by word: each status, who may pass it, and what happens where the numbers wrap.
 *
 * Two attachments of this thread play two threads; cells are put into the states that a thread leaves which
 * stalls, or ends, between two steps.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { System } from "lookaside";
import {
  cellHeader,
  claimantOf,
  DRAIN,
  EMPTY,
  FILL,
  FULL,
  HIGH,
  LOW,
  lapBits,
  lapOf,
  RETURNED,
  statusOf,
  TAKE,
} from "#src/channel/cell.js";
import { Cells, IS_CLOSED, IS_FULL, NOTHING, PUSHED } from "#src/channel/cells.js";
import { type ChannelPlace, CLOSED, cellAt, channelPlaces, RECORD } from "#src/channel/record.js";
import { load, store } from "#src/memory/index.js";
import { interruptAt } from "../../support/mortal.js";

let system: System;
let place: ChannelPlace;
let mine: Cells;
let theirs: Cells;

beforeEach(() => {
  system = System.create({
    nonPaged: "4 MiB",
    paged: "64 KiB",
    threads: 4,
    depth: { periodMs: 0 },
  });
  use(4);
});

afterEach(() => system.detach());

/** Makes a channel of so many cells, and both threads' ways into it. */
function use(capacity: number): void {
  system.channel({ name: `of ${capacity}`, capacity });
  place = channelPlaces(system.region).at(-1) ?? assert.fail("the channel has no record");
  mine = new Cells(place, 1);
  theirs = new Cells(place, 2);
}

function headers(): { status: number; thread: number; lap: number }[] {
  return Array.from({ length: 2 ** place.shift }, (_, index) => {
    const header = load(place.words, cellAt(place, index));
    return { status: statusOf(header), thread: claimantOf(header), lap: lapOf(header) };
  });
}

function statuses(): number[] {
  return headers().map(({ status }) => status);
}

/** Puts a cell into a state. */
function put(index: number, lap: number, thread: number, status: number, value = 0): void {
  store(place.words, cellAt(place, index) + LOW, value);
  store(place.words, cellAt(place, index) + HIGH, 0);
  store(place.words, cellAt(place, index), cellHeader(lap, thread, status));
}

function hints(): [number, number] {
  return [load(place.words, place.at + RECORD.HEAD), load(place.words, place.at + RECORD.TAIL)];
}

function setHints(head: number, tail: number): void {
  store(place.words, place.at + RECORD.HEAD, head);
  store(place.words, place.at + RECORD.TAIL, tail);
}

/** Takes the next value, or null. */
function taken(cells: Cells): number | null {
  const cell = cells.claim(DRAIN);
  if (cell === NOTHING) return null;
  const value = cells.low(cell);
  cells.empty(cell);
  return value;
}

test("a header holds lap, claimant and status, each at its widest", () => {
  for (const lap of [0, 1, 2 ** 21 - 1]) {
    for (const thread of [0, 1, 255]) {
      for (const status of [EMPTY, FILL, FULL, DRAIN, TAKE, RETURNED]) {
        const header = cellHeader(lap, thread, status);
        assert.deepEqual(
          [lapOf(header), claimantOf(header), statusOf(header)],
          [lap, thread, status],
        );
      }
    }
  }
  assert.deepEqual([lapBits(0), lapBits(11), lapBits(12), lapBits(16)], [21, 21, 20, 16]);
});

test("a value goes EMPTY, FULL, claimed with the claimant's number, EMPTY a lap later", () => {
  assert.equal(mine.push(5, 6), PUSHED);
  assert.deepEqual(headers()[0], { status: FULL, thread: 0, lap: 0 });
  const cell = theirs.claim(TAKE);
  assert.deepEqual(headers()[0], { status: TAKE, thread: 2, lap: 0 });
  assert.deepEqual([theirs.low(cell), theirs.high(cell)], [5, 6]);
  theirs.empty(cell);
  assert.deepEqual(headers()[0], { status: EMPTY, thread: 0, lap: 1 });
});

test("a thread that stalls while it fills stops those who pop, and nobody who pushes", () => {
  put(0, 0, 2, FILL);
  assert.equal(mine.push(1, 0), PUSHED);
  assert.equal(taken(mine), null, "its value comes first");
  put(0, 0, 0, FULL, 9);
  assert.deepEqual([taken(mine), taken(mine), taken(mine)], [9, 1, null]);
});

test("a thread that stalls while it reads stops nobody who pops, and those who push a lap later", () => {
  for (const value of [1, 2, 3]) mine.push(value, 0);
  const cell = theirs.claim(DRAIN);
  assert.deepEqual([taken(mine), taken(mine), taken(mine)], [2, 3, null]);
  assert.equal(mine.push(4, 0), PUSHED);
  assert.equal(mine.push(5, 0), IS_FULL, "the cell after it is still being read");
  assert.deepEqual([taken(mine), taken(mine)], [4, null]);
  theirs.empty(cell);
  assert.equal(mine.push(6, 0), PUSHED);
  assert.equal(taken(mine), 6);
});

test("hints that were left behind are moved on by whoever finds them", () => {
  for (const value of [1, 2, 3]) mine.push(value, 0);
  assert.equal(taken(mine), 1);
  setHints(0, 0); // as if every owner had ended before it moved them
  assert.equal(theirs.push(4, 0), PUSHED);
  assert.deepEqual([taken(theirs), taken(theirs), taken(theirs), taken(theirs)], [2, 3, 4, null]);
  assert.deepEqual(hints(), [4, 4]);
});

test("a push that finds the channel closed after its claim gives the cell up", () => {
  store(place.words, place.at + RECORD.STATUS, CLOSED);
  assert.equal(mine.push(1, 0), IS_CLOSED);
  assert.deepEqual(statuses(), [EMPTY, EMPTY, EMPTY, EMPTY]);
});

test("a channel that is closed between the claim and the value keeps the value out", () => {
  const outcome = interruptAt(
    2,
    () => mine.push(1, 0),
    () => {
      assert.deepEqual(headers()[0], { status: FILL, thread: 1, lap: 0 });
      store(place.words, place.at + RECORD.STATUS, CLOSED);
      assert.equal(theirs.areEmpty(), false, "the end is not told while a push is on its way");
    },
  );
  assert.equal(outcome, IS_CLOSED);
  assert.deepEqual(headers()[0], { status: EMPTY, thread: 0, lap: 1 });
  assert.ok(theirs.areEmpty());
});

test("a cell that was given up is passed by both ends", () => {
  put(0, 1, 0, EMPTY); // as a push leaves it that was refused, or a recoverer whose thread ended in FILL
  assert.equal(mine.push(8, 0), PUSHED);
  assert.deepEqual(statuses(), [EMPTY, FULL, EMPTY, EMPTY]);
  assert.equal(taken(theirs), 8);
  assert.equal(taken(theirs), null);
});

test("returned values are popped first, by one thread each, and then the bit is taken off", () => {
  for (const value of [1, 2, 3]) mine.push(value, 0);
  put(0, 0, 0, RETURNED, 1);
  put(1, 0, 0, RETURNED, 2);
  store(place.words, place.at + RECORD.RETURNS, 3);
  assert.equal(mine.values(), 3);
  assert.deepEqual([taken(mine), taken(theirs), taken(mine), taken(mine)], [1, 2, 3, null]);
  assert.equal(load(place.words, place.at + RECORD.RETURNS), 2);
});

test("a returned value is found in an idle channel, wherever the hints are", () => {
  for (let round = 0; round < 6; round++) {
    mine.push(round, 0);
    assert.equal(taken(mine), round);
  }
  mine.push(6, 0);
  const cell = mine.claim(DRAIN);
  mine.push(7, 0);
  assert.equal(taken(theirs), 7);
  store(place.words, cell, (load(place.words, cell) & ~0x7ff) | RETURNED);
  assert.equal(mine.areEmpty(), false);
  store(place.words, place.at + RECORD.RETURNS, 1);
  assert.equal(taken(theirs), 6);
  assert.ok(mine.areEmpty());
});

for (const capacity of [1, 4, 4_096, 65_536]) {
  test(`order and limits hold where positions and laps wrap, with ${capacity} cells`, () => {
    use(capacity);
    const count = 2 ** place.shift;
    const lapMask = 2 ** lapBits(place.shift) - 1;
    for (const from of [2 ** 31 - count, 2 ** 32 - count, 2 ** (place.shift + 21) - count]) {
      const lap = Math.floor(from / count) & lapMask;
      for (let index = 0; index < count; index++) put(index, lap, 0, EMPTY);
      setHints(from | 0, from | 0);
      for (let round = 0; round < 3; round++) {
        for (let value = 0; value < count; value++) {
          if (mine.push(value, 0) !== PUSHED) assert.fail(`no room for ${value}`);
        }
        assert.equal(mine.push(0, 0), IS_FULL);
        for (let value = 0; value < count; value++) {
          const seen = taken(theirs);
          if (seen !== value) assert.fail(`${seen} instead of ${value}`);
        }
        assert.equal(taken(theirs), null);
      }
    }
  });
}

test("a tail that ran ahead loses nothing: cells that nobody filled are closed", () => {
  setHints(0, 2);
  assert.equal(mine.push(1, 0), PUSHED);
  assert.equal(taken(theirs), 1, "the two empty cells before it do not hide it");
  for (const value of [2, 3, 4, 5]) assert.equal(mine.push(value, 0), PUSHED);
  assert.equal(mine.push(6, 0), IS_FULL);
  assert.deepEqual([taken(mine), taken(mine), taken(mine), taken(mine)], [2, 3, 4, 5]);
});

test("a head that ran ahead loses nothing: what was left behind comes a lap later", () => {
  mine.push(1, 0);
  setHints(1, 1);
  assert.equal(taken(mine), null);
  for (const value of [2, 3, 4]) assert.equal(mine.push(value, 0), PUSHED);
  assert.equal(mine.push(5, 0), IS_FULL);
  assert.deepEqual([taken(mine), taken(mine), taken(mine), taken(mine)], [2, 3, 4, 1]);
  assert.equal(taken(mine), null);
  assert.equal(mine.push(6, 0), PUSHED);
  assert.equal(taken(mine), 6);
});
