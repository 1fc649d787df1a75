/** State words and bills: what is packed comes out again, and no bill can pass for a state. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  accountOf,
  billWord,
  CACHED,
  DEPOT,
  FREE,
  freePrefix,
  generationOf,
  HELD,
  kindOf,
  nxOf,
  PARKED,
  prefixOf,
  SLACK_APART,
  slackOf,
  stateWord,
  subjectOf,
  tagIndexOf,
} from "#src/pool/state-word.js";
import { seeded } from "../../support/seed.js";

const random = seeded(import.meta.url);
const KINDS = [FREE, HELD, PARKED, CACHED, DEPOT];

test("kind, subject and generation come out as they went in", () => {
  for (let draw = 0; draw < 20_000; draw++) {
    const parts = [random.pick(KINDS), random.int(256), random.int(2 ** 20)] as const;
    const word = stateWord(...parts);
    assert.deepEqual([kindOf(word), subjectOf(word), generationOf(word)], parts);
    assert.equal(word, word | 0);
  }
});

test("a generation past its 20 bits comes round and touches nothing else", () => {
  const word = stateWord(HELD, 255, 0xf_ffff + 1);
  assert.deepEqual([kindOf(word), subjectOf(word), generationOf(word)], [HELD, 255, 0]);
});

test("a whole state word may be given as the generation of the next", () => {
  const held = stateWord(HELD, 3, 41);
  assert.equal(stateWord(FREE, 90, held), stateWord(FREE, 90, 41));
  assert.equal(stateWord(HELD, 9, held + 1), stateWord(HELD, 9, 42));
});

test("the prefix of a free block is its kind and slot, whatever its generation", () => {
  for (let slot = 0; slot < 96; slot++) {
    const word = stateWord(FREE, slot, random.int(2 ** 20));
    assert.equal(prefixOf(word), freePrefix(slot));
    assert.notEqual(prefixOf(stateWord(HELD, slot, word)), freePrefix(slot));
  }
});

test("every kind has bit 31, and 0 is no kind", () => {
  for (const kind of KINDS) assert.ok(stateWord(kind, 0, 0) < 0);
  assert.equal(new Set(KINDS).size, KINDS.length);
  assert.ok(kindOf(0) < 8);
});

test("a bill keeps its four parts, and bit 31 is never set: SW-1", () => {
  for (let draw = 0; draw < 20_000; draw++) {
    const parts = [
      random.int(2),
      random.int(1_024),
      random.int(256),
      random.int(SLACK_APART),
    ] as const;
    const bill = billWord(...parts);
    assert.deepEqual([nxOf(bill), tagIndexOf(bill), accountOf(bill), slackOf(bill)], parts);
    assert.ok(bill >= 0);
  }
});

test("slack that the bill has no room for does not spill into the account", () => {
  for (const slack of [SLACK_APART, 4_096, 4_111, 65_535]) {
    const bill = billWord(0, 5, 0, slack);
    assert.deepEqual([accountOf(bill), slackOf(bill)], [0, SLACK_APART]);
  }
});
