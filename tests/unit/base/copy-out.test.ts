/**
 * Copies out of shared memory, for interfaces that refuse shared views.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { copyOut, fillRandom, LookasideError, textOf, writeText } from "lookaside";

const shared = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length));

test("a copy is private, equal, and does not follow later changes", () => {
  const bytes = shared(100).fill(7);
  const copy = copyOut(bytes);
  assert.ok(copy.buffer instanceof ArrayBuffer);
  assert.deepEqual([...copy], [...bytes]);
  bytes.fill(8);
  assert.equal(copy[0], 7);
});

test("a copy goes where it is told to, as far as it needs, and nowhere when there is no room", () => {
  const into = new Uint8Array(10);
  const copy = copyOut(shared(4).fill(5), into);
  assert.equal(copy.buffer, into.buffer);
  assert.deepEqual([...into], [5, 5, 5, 5, 0, 0, 0, 0, 0, 0]);
  assert.equal(copy.length, 4);
  assert.throws(() => copyOut(shared(11), into), { code: "ERR_ARGUMENT" });
  assert.throws(() => copyOut("text" as unknown as Uint8Array), LookasideError);
});

test("text that was written is read again, in whole characters", () => {
  const bytes = shared(11);
  assert.deepEqual(writeText("grüße, 世界", bytes), { read: 7, written: 9 });
  assert.equal(textOf(bytes.subarray(0, 9)), "grüße, ");
  assert.equal(textOf(Uint8Array.of(0x68, 0x00), "utf-16le"), "h");
});

test("text that fits is written whole", () => {
  const bytes = shared(64);
  const { written } = writeText("世界", bytes);
  assert.equal(textOf(bytes.subarray(0, written)), "世界");
});

test("random bytes fill all of a view that is longer than one call gives", () => {
  const bytes = shared(65_536 + 4_096);
  fillRandom(bytes);
  const tail = bytes.subarray(65_536);
  assert.ok(new Set(bytes).size === 256, "every value occurs");
  assert.ok(new Set(tail).size > 200, "in the tail too");
});
