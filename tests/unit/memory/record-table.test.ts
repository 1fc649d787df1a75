/** Tables of records: what they name, and which number comes next. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { recordEntries, vacantNumber } from "#src/memory/index.js";
import { wordsOf } from "#src/memory/words.js";

const AT = 3;
const CAPACITY = 4;

/** A table with these addresses, between words that are none of its own. */
function entriesOf(addresses: readonly number[]): ReturnType<typeof recordEntries> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const words = wordsOf(memory.buffer as unknown as SharedArrayBuffer);
  words.fill(-1, 0, AT + CAPACITY + 1);
  for (const [id, byte] of addresses.entries()) words[AT + id] = byte;
  return recordEntries(words, AT, CAPACITY);
}

test("a table names the numbers that have a record, with addresses up to 4 GiB, and no other word", () => {
  assert.deepEqual(entriesOf([0, 0, 0, 0]), []);
  assert.deepEqual(entriesOf([16, 0, 0xffff_fff0, 0]), [
    { id: 0, byte: 16 },
    { id: 2, byte: 0xffff_fff0 },
  ]);
});

test("the lowest vacant number comes next, and the capacity says that none is left", () => {
  const next = [
    [[0, 0, 0, 0], 0],
    [[16, 0, 0, 0], 1],
    [[0, 16, 32, 48], 0],
    [[16, 32, 0, 48], 2],
    [[16, 32, 48, 0], 3],
    [[16, 32, 48, 64], CAPACITY],
  ] as const;
  for (const [addresses, number] of next)
    assert.equal(vacantNumber(entriesOf(addresses)), number, `${addresses}`);
});
