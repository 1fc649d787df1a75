/**
 * Blocks through a channel: whose a block is before, while and after it lies there, and each misuse.
 *
 * Two attachments of this thread play sender and receiver.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { type Block, type BlockChannel, type BlockList, NO_HANDLE, System } from "lookaside";
import { recoverThread } from "#src/recovery/index.js";
import { interruptAt } from "../../support/mortal.js";

let system: System;
let other: System;
let frames: BlockList;
let mine: BlockChannel;
let theirs: BlockChannel;

beforeEach(() => {
  const options = {
    nonPaged: "1 MiB",
    paged: "64 KiB",
    threads: 2,
    depth: { periodMs: 0 },
  } as const;
  system = System.create(options);
  other = System.attach(system.ticket());
  frames = system.blockList({ tag: "Fram", size: 64 });
  mine = frames.through(system.channel({ name: "lane", capacity: 2 }));
  const there = other.blockList({ tag: "Fram", size: 64 });
  theirs = there.through(other.channel({ name: "lane", capacity: 2 }));
});

afterEach(() => {
  assert.deepEqual(system.audit().problems, []);
  other.detach();
  system.detach();
});

function taken(list: BlockList = frames): Block {
  return list.allocate() ?? assert.fail("no room");
}

test("a receipt in the middle of which the sender's end is recovered is no loss", () => {
  other.detach();
  for (let step = 1; step <= 12; step++) {
    other = System.attach(system.ticket());
    const ended = other.identity;
    const there = other.blockList({ tag: "Fram", size: 64 });
    const lane = there.through(other.channel({ name: "lane", capacity: 2 }));
    assert.ok(lane.send(there.allocate() ?? assert.fail("no room")));
    const recover = (): void => void recoverThread(system.region, system.pool, ended, "reclaim");
    const block = interruptAt(step, () => mine.receive(), recover);
    assert.ok(block, `the block was lost at step ${step}`);
    block.free();
    recover(); // if the receipt had fewer steps
    assert.equal(frames.statistics().held, 0);
    assert.equal(mine.channel.statistics().stale, 0);
  }
});

test("a block is the receiver's once it was received, and the sender's no more", () => {
  const block = taken();
  block.bytes.fill(7);
  assert.ok(mine.send(block));
  assert.ok(frames.holds(block), "until then it is the sender's");
  const received = theirs.receive() ?? assert.fail("it was sent");
  assert.equal(received.address, block.address);
  assert.deepEqual(received.bytes, new Uint8Array(64).fill(7));
  assert.throws(() => block.free(), { code: "ERR_NOT_OWNER" });
  assert.throws(() => mine.send(block), { code: "ERR_NOT_OWNER" });
  received.free();
  assert.equal(theirs.receive(), null);
  assert.equal(frames.statistics().held, 0);
});

test("what finds no room stays the sender's, who may free it or try again", async () => {
  const blocks = [taken(), taken(), taken()] as const;
  assert.ok(mine.send(blocks[0]) && mine.send(blocks[1]));
  assert.equal(mine.send(blocks[2]), false);
  assert.equal(mine.sendBlocking(blocks[2], 1), false);
  const wait = mine.sendAsync(blocks[2]);
  (await theirs.receiveAsync())?.free();
  assert.equal(await wait, true);
  mine.channel.close();
  const late = taken();
  assert.equal(mine.send(late), false);
  late.free();
  for await (const block of theirs) block.free();
  assert.equal(frames.statistics().held, 0);
});

test("a block that the sender freed after all is passed over and counted", () => {
  const [first, second] = [taken(), taken()];
  assert.ok(mine.send(first) && mine.send(second));
  first.free();
  assert.equal(theirs.receive()?.address, second.address);
  assert.equal(theirs.channel.statistics().stale, 1);
  assert.equal(theirs.receive(), null);
});

test("another list's block, or a number that is no handle, is taken out and thrown", () => {
  const foreign = taken(system.blockList({ tag: "Othr", size: 64 }));
  assert.ok(mine.channel.push(foreign.handle));
  assert.ok(mine.channel.push(2 ** 50));
  assert.throws(() => theirs.receive(), { code: "ERR_FOREIGN_BLOCK" });
  assert.throws(() => theirs.receiveHandle(), { code: "ERR_ARGUMENT" });
  assert.equal(theirs.receive(), null);
  foreign.free();
});

test("what is no block of this thread is not sent", () => {
  const block = taken();
  block.free();
  const told = {
    code: "ERR_DOUBLE_FREE",
    message: /^Cannot share block 0x[0-9a-f]+ of list "Fram" /,
  };
  assert.throws(() => mine.send(block), told);
  assert.throws(() => block.handle, told);
  assert.throws(() => mine.send({} as Block), { code: "ERR_FOREIGN_BLOCK" });
  assert.equal(mine.channel.size, 0);
});

test("blocks go through as bare handles too", async () => {
  const handle = frames.allocateHandle();
  assert.ok(handle !== NO_HANDLE);
  assert.ok(mine.sendHandle(handle));
  const received = theirs.receiveHandle();
  assert.ok(received !== NO_HANDLE && received !== handle);
  assert.throws(() => frames.freeHandle(handle), { code: "ERR_NOT_OWNER" });
  assert.ok(theirs.sendHandle(received));
  const back = mine.receiveHandleBlocking() ?? assert.fail("it was sent back");
  const wait = theirs.receiveHandleAsync();
  assert.ok(mine.sendHandle(back));
  const last = (await wait) ?? assert.fail("it was sent again");
  theirs.sendHandle(last);
  mine.receive()?.free();
  assert.equal(theirs.receiveHandle(), NO_HANDLE);
  assert.equal(theirs.receiveHandleBlocking(0), null);
  assert.equal(frames.statistics().held, 0);
});

test("the handle of a block that the receiver has adopted is not to be read again", () => {
  const block = taken();
  assert.ok(mine.send(block));
  const received = theirs.receive() ?? assert.fail("it was sent");
  assert.throws(() => block.handle, { code: "ERR_NOT_OWNER" });
  assert.ok(theirs.list.holds(received));
});

test("a thread may receive what it sent itself", () => {
  const block = taken();
  mine.send(block);
  assert.equal(mine.receive(), block);
  block.free();
  assert.equal(frames.statistics().held, 0);
});

test("a sender that leaves in peace takes nothing along that it has sent", () => {
  const block = theirs.list as BlockList;
  assert.ok(theirs.send(taken(block)));
  other.detach();
  assert.deepEqual(system.audit().problems, []);
  assert.equal(system.audit().sent, 1);
  mine.receive()?.free();
  assert.equal(frames.statistics().held, 0);
});

test("a channel of another system, or none, takes no blocks: handles mean nothing there", () => {
  const stranger = System.create({ nonPaged: "1 MiB", paged: "64 KiB", threads: 1 });
  const channel = stranger.channel({ name: "lane" });
  const told = { code: "ERR_ARGUMENT", message: /^Cannot send blocks of list "Fram" through / };
  assert.throws(() => frames.through(channel), told);
  for (const value of [null, undefined, {}, 5])
    assert.throws(() => frames.through(value as never), told);
  stranger.detach();
});
