/** The interlocked module: sequenced lists against a plain stack, counters that settle, words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bindInterlocked } from "#src/memory/index.js";

const LIST = 0x100;
const ENTRIES = Array.from({ length: 64 }, (_, index) => 0x1000 + index * 16);

// The fields that the module touches, as src/list/descriptor.ts draws them.
const FIELDS = {
  Depth: 0x10,
  TotalAllocates: 0x14,
  AllocateMisses: 0x18,
  TotalFrees: 0x1c,
  FreeMisses: 0x20,
};

function newMemory() {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const words = new Uint32Array(memory.buffer);
  const list = bindInterlocked(memory);
  list.initialize(LIST);
  return { memory, words, list };
}

/** A list of a given depth, as initialization leaves it. */
function newLookaside(depth: number) {
  const made = newMemory();
  new Uint16Array(made.memory.buffer)[(LIST + FIELDS.Depth) / 2] = depth;
  const counters = (): number[] => {
    made.list.settle(LIST);
    return Object.values(FIELDS)
      .slice(1)
      .map((at) => made.words[(LIST + at) / 4] as number);
  };
  return { ...made, counters };
}

test("a new list is empty, whatever was in its bytes", () => {
  const { memory, list } = newMemory();
  new Uint8Array(memory.buffer, LIST, 16).fill(0xff);
  list.initialize(LIST);
  assert.deepEqual(
    [list.count(LIST), list.first(LIST), list.pop(LIST), list.flush(LIST)],
    [0, 0, 0, 0],
  );
  assert.deepEqual([...new Uint8Array(memory.buffer, LIST, 16)], Array(16).fill(0));
});

test("push gives back the entry that was first, pop the one pushed last", () => {
  const { list } = newMemory();
  let first = 0;
  for (const [index, entry] of ENTRIES.entries()) {
    assert.equal(list.push(LIST, entry), first);
    assert.equal(list.first(LIST), entry);
    assert.equal(list.count(LIST), index + 1);
    first = entry;
  }
  for (const entry of ENTRIES.toReversed()) assert.equal(list.pop(LIST), entry);
  assert.equal(list.pop(LIST), 0);
});

test("an entry gives up its first 8 bytes and no other", () => {
  const { memory, list } = newMemory();
  const [entry, next] = ENTRIES as [number, number];
  const bytes = new Uint8Array(memory.buffer, entry, 16);
  bytes.fill(0xee);
  list.push(LIST, next);
  list.push(LIST, entry);
  assert.deepEqual([...bytes.subarray(8)], Array(8).fill(0xee));
  list.pop(LIST);
  assert.deepEqual([...bytes.subarray(8)], Array(8).fill(0xee));
});

test("pop leaves the link of the entry as it was", () => {
  const { words, list } = newMemory();
  const [below, above] = ENTRIES as [number, number];
  list.push(LIST, below);
  list.push(LIST, above);
  list.pop(LIST);
  assert.equal(words[above / 4], below);
});

test("flush gives back the whole chain, intact, and leaves the list empty", () => {
  const { words, list } = newMemory();
  for (const entry of ENTRIES) list.push(LIST, entry);
  const chain: number[] = [];
  for (let entry = list.flush(LIST); entry !== 0; entry = words[entry / 4] as number)
    chain.push(entry);
  assert.deepEqual(chain, ENTRIES.toReversed());
  assert.deepEqual([list.count(LIST), list.first(LIST)], [0, 0]);
});

test("the sequence moves with every push and every pop, so no head is ever the same again", () => {
  const { list } = newMemory();
  const [entry] = ENTRIES as [number];
  for (let change = 0; change < 100; change++) {
    assert.equal(list.sequence(LIST), change * 2);
    list.push(LIST, entry);
    assert.equal(list.sequence(LIST), change * 2 + 1);
    list.pop(LIST);
  }
});

test("the sequence comes round after 2^36 without touching the entry's address", () => {
  const { memory, list } = newMemory();
  const [entry, next] = ENTRIES as [number, number];
  const head = new BigUint64Array(memory.buffer, LIST + 8, 1);
  list.push(LIST, entry);
  head[0] = (BigInt(entry / 16) << 36n) | (2n ** 36n - 1n);
  list.push(LIST, next);
  assert.equal(head[0], BigInt(next / 16) << 36n);
  assert.deepEqual([list.pop(LIST), list.pop(LIST), list.pop(LIST)], [next, entry, 0]);
});

test("park keeps an entry below Depth, and gives it back at Depth", () => {
  const { list, counters } = newLookaside(3);
  const kept = ENTRIES.slice(0, 5).map((entry) => list.park(LIST, entry));
  assert.deepEqual(kept, [1, 1, 1, 0, 0]);
  assert.equal(list.count(LIST), 3);
  assert.deepEqual(counters(), [0, 0, 5, 2]);
});

test("at Depth 0 nothing is parked", () => {
  const { list, counters } = newLookaside(0);
  assert.equal(list.park(LIST, ENTRIES[0] as number), 0);
  assert.deepEqual(counters(), [0, 0, 1, 1]);
});

test("take counts a miss when nothing is parked, and only then", () => {
  const { list, counters } = newLookaside(4);
  assert.equal(list.take(LIST), 0);
  list.park(LIST, ENTRIES[0] as number);
  assert.equal(list.take(LIST), ENTRIES[0]);
  assert.equal(list.take(LIST), 0);
  assert.deepEqual(counters(), [3, 2, 1, 0]);
});

test("settle finds totals that plain increments have lost, flushes included", () => {
  const { words, list, counters } = newLookaside(8);
  for (let round = 0; round < 5; round++) {
    for (const entry of ENTRIES.slice(0, 10)) list.park(LIST, entry);
    list.take(LIST);
    list.flush(LIST);
    list.take(LIST);
  }
  words[(LIST + FIELDS.TotalAllocates) / 4] = 0xdead;
  words[(LIST + FIELDS.TotalFrees) / 4] = 0xbeef;
  assert.deepEqual(counters(), [10, 5, 50, 10]);
});

test("after a reset everything counts from zero, with the parked entries still there", () => {
  const { list, counters } = newLookaside(8);
  for (const entry of ENTRIES.slice(0, 10)) list.park(LIST, entry);
  list.take(LIST);
  list.reset(LIST);
  assert.deepEqual(counters(), [0, 0, 0, 0]);
  assert.equal(list.count(LIST), 7);
  list.flush(LIST);
  assert.deepEqual(counters(), [0, 0, 0, 0]);
  list.take(LIST);
  list.park(LIST, ENTRIES[20] as number);
  list.take(LIST);
  assert.deepEqual(counters(), [2, 1, 1, 0]);
});

test("the words do what their names say and give back the value before", () => {
  const { words, list } = newMemory();
  words[5] = 7;
  assert.equal(list.exchangeAdd(20, -9), 7);
  assert.equal(list.exchange(20, 3), -2);
  assert.equal(list.compareExchange(20, 11, 4), 3);
  assert.equal(words[5], 3);
  assert.equal(list.compareExchange(20, 11, 3), 3);
  assert.equal(words[5], 11);
});
