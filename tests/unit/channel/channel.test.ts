/**
 * A channel in one thread: order, limits, the end, and each misuse by its code.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type Channel, type ErrorCode, LookasideError, System } from "lookaside";
import { acquireLock, HEADER, releaseLock } from "#src/memory/index.js";

let system: System;
let channel: Channel;

beforeEach(() => {
  system = System.create({ nonPaged: "8 MiB", paged: "1 MiB", threads: 4, depth: { periodMs: 0 } });
  channel = system.channel({ name: "unit", capacity: 4 });
});

afterEach(() => system.detach());

function fails(code: ErrorCode, action: () => unknown, text?: RegExp): void {
  assert.throws(action, (error: unknown) => {
    assert.ok(error instanceof LookasideError, String(error));
    assert.equal(error.code, code);
    if (text) assert.match(error.message, text);
    return true;
  });
}

function popped(from: Channel = channel): (number | null)[] {
  const values: (number | null)[] = [];
  for (let value = from.pop(); value !== null; value = from.pop()) values.push(value);
  return values;
}

test("what is pushed first is popped first, over many laps", () => {
  let next = 0;
  let wanted = 0;
  for (let round = 0; round < 1_000; round++) {
    for (let count = 0; count < 1 + (round % 4); count++) assert.ok(channel.push(next++));
    while (wanted < next) assert.equal(channel.pop(), wanted++);
    assert.equal(channel.pop(), null);
  }
});

test("a full channel refuses, and takes values again as soon as one was popped", () => {
  for (let value = 0; value < 4; value++) assert.ok(channel.push(value));
  assert.equal(channel.push(4), false);
  assert.equal(channel.size, 4);
  assert.equal(channel.pop(), 0);
  assert.ok(channel.push(5));
  assert.equal(channel.push(6), false);
  assert.deepEqual(popped(), [1, 2, 3, 5]);
  assert.equal(channel.statistics().refused, 2);
});

test("a channel carries every whole number from 0 to 2^53 - 1 as it is", () => {
  const values = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 48 - 1, 2 ** 53 - 1];
  for (const value of values) {
    assert.ok(channel.push(value));
    assert.equal(channel.pop(), value);
  }
});

test("what is no such number is refused, and nothing goes in", () => {
  for (const value of [
    -1,
    0.5,
    Number.NaN,
    2 ** 53,
    Number.POSITIVE_INFINITY,
    "7",
    null,
    undefined,
    {},
  ]) {
    fails("ERR_ARGUMENT", () => channel.push(value as number), /channel "unit".*2\^53 - 1/);
  }
  assert.equal(channel.size, 0);
});

test("capacity is rounded up to a power of two, and is 256 unless asked for", () => {
  for (const [asked, given] of [
    [1, 1],
    [2, 2],
    [3, 4],
    [100, 128],
    [65_536, 65_536],
  ] as const) {
    const one = system.channel({ name: `of ${asked}`, capacity: asked });
    assert.equal(one.capacity, given);
    for (let value = 0; value < given; value++) assert.ok(one.push(value));
    assert.equal(one.push(0), false);
    assert.equal(one.size, given);
  }
  assert.equal(system.channel({ name: "usual" }).capacity, 256);
});

test("wrong options are refused with their name, value and bound", () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /options/],
    [{}, /undefined as name/],
    [{ name: "" }, /name/],
    [{ name: "x".repeat(81) }, /name.*80 bytes/],
    [{ name: "\udfff" }, /"\\udfff" as name.*whole characters/],
    [{ name: "a", capacity: 0 }, /0 as capacity.*1 to 65536/],
    [{ name: "a", capacity: 65_537 }, /65537 as capacity/],
    [{ name: "a", capacity: 1.5 }, /capacity/],
    [{ name: "a", size: 4 }, /"size".*name, capacity/],
  ];
  for (const [options, text] of wrong)
    fails("ERR_OPTION", () => system.channel(options as never), text);
});

test("opening it again gives the same channel, another capacity is refused", () => {
  assert.equal(system.channel({ name: "unit", capacity: 3 }), channel);
  fails("ERR_CHANNEL_MISMATCH", () => system.channel({ name: "unit", capacity: 5 }), /8.*with 4/);
  const other = System.attach(system.ticket());
  fails("ERR_CHANNEL_MISMATCH", () => other.channel({ name: "unit" }), /256.*with 4/);
  assert.ok(other.channel({ name: "unit", capacity: 4 }).push(7));
  assert.equal(channel.pop(), 7);
  other.detach();
});

test("a system holds 256 channels, and a deleted one makes room for another", () => {
  const one = System.create({
    nonPaged: "4 MiB",
    paged: "1 MiB",
    threads: 1,
    depth: { periodMs: 0 },
  });
  const channels = Array.from({ length: 256 }, (_, at) =>
    one.channel({ name: `${at}`, capacity: 1 }),
  );
  fails("ERR_CHANNELS_FULL", () => one.channel({ name: "more" }), /256 exist/);
  channels[77]?.delete();
  one.channel({ name: "more" });
  one.detach();
});

test("a pool without room makes no channel", () => {
  const one = System.create({
    nonPaged: "64 KiB",
    paged: "64 KiB",
    threads: 1,
    depth: { periodMs: 0 },
  });
  fails(
    "ERR_OUT_OF_MEMORY",
    () => one.channel({ name: "much", capacity: 65_536 }),
    /"much".*no room/,
  );
  one.channel({ name: "little", capacity: 16 });
  one.detach();
});

test("a closed channel refuses at once and can be emptied", () => {
  channel.push(1);
  channel.push(2);
  channel.close();
  channel.close();
  assert.deepEqual([channel.closed, channel.drained], [true, false]);
  assert.equal(channel.push(3), false);
  assert.equal(channel.statistics().refused, 0, "it was not full");
  assert.deepEqual(popped(), [1, 2]);
  assert.deepEqual([channel.pop(), channel.drained], [null, true]);
});

test("statistics count what went in and out, over all threads", () => {
  const other = System.attach(system.ticket());
  const there = other.channel({ name: "unit", capacity: 4 });
  for (let value = 0; value < 3; value++) channel.push(value);
  there.pop();
  there.push(9);
  const wanted = { name: "unit", capacity: 4, size: 3, pushed: 4, popped: 1, refused: 0 };
  assert.deepEqual(there.statistics(), { ...wanted, waits: 0, stale: 0 });
  other.detach();
  assert.equal(channel.statistics().pushed, 4, "what a thread did stays counted when it has left");
});

test("a deleted channel takes no more values, and its name is free when all have left", () => {
  const other = System.attach(system.ticket());
  const there = other.channel({ name: "unit", capacity: 4 });
  channel.push(1);
  channel.delete();
  channel.delete();
  fails("ERR_CHANNEL_DELETED", () => channel.push(1));
  fails("ERR_CHANNEL_DELETED", () => channel.pop());
  fails("ERR_CHANNEL_DELETED", () => channel.size);
  fails("ERR_CHANNEL_DELETED", () => channel.close());
  assert.deepEqual([channel.closed, channel.drained, channel.left], [true, true, true]);
  assert.equal(there.push(2), false);
  assert.equal(there.pop(), 1);
  fails("ERR_CHANNEL_DELETED", () => system.channel({ name: "unit", capacity: 4 }), /still use/);
  fails("ERR_CHANNEL_DELETED", () => system.channel({ name: "unit", capacity: 64 }), /still use/);
  other.detach();
  assert.equal(system.channel({ name: "unit", capacity: 64 }).capacity, 64);
});

test("the record goes back to the pool with the last thread that leaves", () => {
  system.trim();
  const before = system.audit().held;
  const other = System.attach(system.ticket());
  const there = other.channel({ name: "much", capacity: 4_096 });
  system.channel({ name: "much", capacity: 4_096 });
  assert.equal(system.audit().held, before + 1);
  there.delete();
  assert.equal(system.audit().held, before + 1);
  system.channel({ name: "unit", capacity: 4 }).delete();
  other.detach();
  const rest = system.channel({ name: "much", capacity: 4_096 });
  rest.delete();
  assert.equal(system.audit().held, before - 1, "neither channel's record is left");
});

test("a detached thread opens no channel and uses none", () => {
  system.detach();
  fails("ERR_SYSTEM_CLOSED", () => system.channel({ name: "late" }));
  fails("ERR_CHANNEL_DELETED", () => channel.push(1), /this thread has left it/);
});

test("no push or pop needs the lock of the set", () => {
  acquireLock(system.region.words, HEADER.SET_LOCK, 4);
  assert.ok(channel.push(1));
  assert.equal(channel.pop(), 1);
  channel.close();
  releaseLock(system.region.words, HEADER.SET_LOCK);
});
