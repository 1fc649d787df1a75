/**
 * Waiting at a channel: what ends a wait, who is woken, and what a host that cannot wait gets.
 *
 * Two attachments of this thread play two threads; what really sleeps is in tests/threads/channel.test.ts.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { afterEach, beforeEach, mock, test } from "node:test";
import { promisify } from "node:util";
import { type Channel, System } from "lookaside";
import { Bell, ITEMS } from "#src/channel/bell.js";
import { cellHeader, FILL, FULL, LOW } from "#src/channel/cell.js";
import { cellAt, channelPlaces, RECORD } from "#src/channel/record.js";
import { load, store } from "#src/memory/index.js";
import { repositoryRoot } from "../../support/repository.js";

let system: System;
let other: System;
let channel: Channel;
let there: Channel;

beforeEach(() => {
  system = System.create({
    nonPaged: "1 MiB",
    paged: "64 KiB",
    threads: 4,
    depth: { periodMs: 0 },
  });
  other = System.attach(system.ticket());
  channel = system.channel({ name: "wait", capacity: 2 });
  there = other.channel({ name: "wait", capacity: 2 });
});

afterEach(() => {
  mock.restoreAll();
  other.detach();
  system.detach();
});

/** Threads that the channel counts as waiting, for items and for room. */
function waiters(): [number, number] {
  const { words, layout } = system.region;
  const record = load(words, layout.channels) >>> 2;
  const seen = load(words, record + RECORD.WAITERS);
  return [seen & 0xffff, seen >>> 16];
}

test("a value that is there is had without a wait", async () => {
  channel.push(5);
  assert.equal(await there.popAsync(), 5);
  assert.equal(await channel.pushAsync(6), true);
  assert.equal(channel.statistics().waits, 0);
});

test("who waits for a value is woken by a push of another thread", async () => {
  const wait = there.popAsync();
  assert.deepEqual(waiters(), [1, 0]);
  channel.push(7);
  assert.equal(await wait, 7);
  assert.deepEqual(waiters(), [0, 0]);
  assert.equal(channel.statistics().waits, 1);
});

test("who waits for room is woken by a pop of another thread", async () => {
  channel.push(1);
  channel.push(2);
  const wait = channel.pushAsync(3);
  assert.deepEqual(waiters(), [0, 1]);
  assert.equal(there.pop(), 1);
  assert.equal(await wait, true);
  assert.deepEqual([there.pop(), there.pop()], [2, 3]);
});

test("many waits of many threads each get one value", async () => {
  const waits = Array.from({ length: 20 }, (_, at) => (at % 2 ? channel : there).popAsync());
  assert.deepEqual(waiters(), [2, 0], "a thread counts once, however many waits it has");
  for (let value = 0; value < 20; value++) await channel.pushAsync(value);
  const values = await Promise.all(waits);
  assert.deepEqual(
    values.map(Number).sort((one, two) => one - two),
    Array.from({ length: 20 }, (_, at) => at),
  );
  assert.deepEqual(waiters(), [0, 0]);
});

test("a value that stood behind another thread's reaches the second of two who wait (BL-1)", async () => {
  const { words } = system.region;
  const [place] = channelPlaces(system.region);
  assert.ok(place !== undefined);
  store(words, cellAt(place, 0), cellHeader(0, 4, FILL)); // a third thread is just putting a value in
  const sleeps = mock.method(Atomics, "waitAsync").mock;
  const waits = [channel.popAsync(), there.popAsync()];
  channel.push(2); // wakes one, who finds nothing yet and goes to sleep again
  while (sleeps.callCount() < 3) await new Promise((resolve) => setImmediate(resolve));
  store(words, cellAt(place, 0) + LOW, 1);
  store(words, cellAt(place, 0), cellHeader(0, 0, FULL));
  new Bell(place, 4, ITEMS).ring(); // the third thread has done it, and wakes one
  assert.deepEqual((await Promise.all(waits)).sort(), [1, 2]);
});

test("a close ends all waits, for values with null and for room with false", async () => {
  const empty = there.popAsync();
  channel.close();
  assert.equal(await empty, null);
  const full = system.channel({ name: "full", capacity: 1 });
  full.push(1);
  const room = full.pushAsync(2);
  full.close();
  assert.equal(await room, false);
  assert.equal(full.pop(), 1);
});

test("after a close what is inside still reaches those who wait, then they hear of the end", async () => {
  channel.push(1);
  channel.push(2);
  channel.close();
  assert.deepEqual(await Promise.all([1, 2, 3].map(() => there.popAsync())), [1, 2, null]);
});

test("a time that is up ends a wait, and the channel is as before", async () => {
  assert.equal(await channel.popAsync({ timeoutMs: 0 }), null);
  assert.equal(await channel.popAsync({ timeoutMs: 5 }), null);
  assert.equal(channel.popBlocking(5), null);
  assert.equal(channel.popBlocking(0), null);
  channel.push(1);
  channel.push(2);
  assert.equal(await channel.pushAsync(3, { timeoutMs: 5 }), false);
  assert.equal(channel.pushBlocking(3, 5), false);
  assert.deepEqual(waiters(), [0, 0]);
  assert.deepEqual([channel.pop(), channel.pop(), channel.drained], [1, 2, false]);
});

test("a time that is no time is refused", async () => {
  for (const timeoutMs of [-1, Number.NaN, "5", null]) {
    const wrong = timeoutMs as number;
    if (timeoutMs !== null) {
      await assert.rejects(channel.popAsync({ timeoutMs: wrong }), { code: "ERR_ARGUMENT" });
      assert.throws(() => channel.popBlocking(wrong), { code: "ERR_ARGUMENT" });
      assert.throws(() => channel.pushBlocking(1, wrong), { code: "ERR_ARGUMENT" });
    }
  }
  assert.equal(channel.size, 0);
});

test("a wait that its signal has ended takes nothing that comes before it wakes", async () => {
  const control = new AbortController();
  const reason = new Error("enough");
  const waits = [there.popAsync({ signal: control.signal }), there.popAsync()] as const;
  control.abort(reason);
  channel.push(1);
  await assert.rejects(waits[0], reason);
  assert.equal(await waits[1], 1);
  channel.push(2);
  channel.push(3);
  const late = new AbortController();
  const push = channel.pushAsync(4, { signal: late.signal });
  late.abort(reason);
  assert.equal(there.pop(), 2);
  await assert.rejects(push, reason);
  assert.equal(channel.size, 1);
  assert.deepEqual(waiters(), [0, 0]);
});

test("a signal ends a wait with its reason, before it and within it", async () => {
  const reason = new Error("enough");
  await assert.rejects(channel.popAsync({ signal: AbortSignal.abort(reason) }), reason);
  const control = new AbortController();
  const waits = [channel.popAsync({ signal: control.signal }), there.popAsync()] as const;
  control.abort(reason);
  await assert.rejects(waits[0], reason);
  channel.push(4);
  assert.equal(await waits[1], 4, "the other wait goes on");
  assert.deepEqual(waiters(), [0, 0]);
});

test("a thread that leaves ends its own waits with an error, and nobody else's", async () => {
  const mine = there.popAsync();
  const theirs = channel.popAsync();
  other.detach();
  await assert.rejects(mine, { code: "ERR_CHANNEL_DELETED" });
  assert.deepEqual(waiters(), [1, 0]);
  channel.push(8);
  assert.equal(await theirs, 8);
});

test("a loop over a channel has every value and ends with the channel", async () => {
  const values: number[] = [];
  const loop = (async () => {
    for await (const value of there) values.push(value);
  })();
  for (let value = 0; value < 10; value++) await channel.pushAsync(value);
  channel.close();
  await loop;
  assert.deepEqual(values, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("a host without Atomics.waitAsync asks again until it is its turn", async () => {
  const { waitAsync } = Atomics;
  Object.assign(Atomics, { waitAsync: undefined });
  try {
    const wait = there.popAsync();
    const late = there.popAsync({ timeoutMs: 30 });
    channel.push(3);
    assert.deepEqual([await wait, await late], [3, null]);
  } finally {
    Object.assign(Atomics, { waitAsync });
  }
});

test("a thread that may not block is told so by its code, unless it need not wait", () => {
  mock.method(Atomics, "wait", () => {
    throw new TypeError("Atomics.wait cannot be called in this context");
  });
  assert.throws(() => channel.popBlocking(), {
    code: "ERR_WAIT_FORBIDDEN",
    message: /"wait".*await/,
  });
  assert.deepEqual(waiters(), [0, 0]);
  channel.push(1);
  assert.equal(channel.popBlocking(), 1);
});

test("a wait keeps the process running, and what has ended does not", async () => {
  const code = `
    import { System } from "lookaside";
    const system = System.create({ nonPaged: "1 MiB", depth: { periodMs: 0 } });
    const channel = system.channel({ name: "only" });
    setTimeout(() => channel.push(42), 20).unref();
    console.log(await channel.popAsync({ timeoutMs: 200 }));
    await channel.popAsync({ timeoutMs: 1 });
  `;
  const args = ["--input-type=module", "--eval", code];
  const options = { cwd: repositoryRoot, timeout: 30_000 };
  const { stdout } = await promisify(execFile)(process.execPath, args, options);
  assert.match(stdout, /^(?:42|null)\n$/);
});
