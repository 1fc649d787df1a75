/**
 * Block lists: what each call promises, and each misuse by its code.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import {
  type Block,
  type BlockList,
  type ErrorCode,
  type Handle,
  LookasideError,
  System,
} from "lookaside";

let system: System;
let list: BlockList;

beforeEach(() => {
  system = System.create({ nonPaged: "4 MiB", paged: "1 MiB" });
  list = system.blockList({ tag: "Unit", size: 100, maximumDepth: 16, policy: "fixed" });
});

afterEach(() => system.detach());

function taken(from: BlockList = list): Block {
  const block = from.allocate();
  assert.ok(block !== null);
  return block;
}

function fails(code: ErrorCode, action: () => unknown, text?: RegExp): void {
  assert.throws(action, (error: unknown) => {
    assert.ok(error instanceof LookasideError, String(error));
    assert.equal(error.code, code);
    if (text) assert.match(error.message, text);
    return true;
  });
}

test("a block has as many bytes as the list says, in the system's memory, and one view", () => {
  const block = taken();
  assert.equal(block.bytes.length, 100);
  assert.equal(block.bytes, block.bytes);
  block.bytes[7] = 42;
  assert.equal(new Uint8Array(system.memory.buffer)[block.address + 7], 42);
});

test("a block has one Buffer over the same bytes", () => {
  const block = taken();
  assert.ok(Buffer.isBuffer(block.buffer));
  assert.equal(block.buffer, block.buffer);
  block.buffer.write("hello");
  assert.equal(block.buffer.length, 100);
  assert.equal(block.bytes[0], 0x68);
});

test("the block freed last is the next one allocated", () => {
  const [first, second] = [taken(), taken()];
  first.free();
  second.free();
  assert.equal(taken(), second);
  assert.equal(taken(), first);
});

test("a second free throws and names the list, its tag and the block", () => {
  const block = taken();
  block.free();
  fails("ERR_DOUBLE_FREE", () => block.free(), /"Unit".*"Unit"|0x[0-9a-f]+/);
  assert.equal(list.statistics().parked, 1);
});

test("dispose frees once and is idempotent", () => {
  const block = taken();
  block[Symbol.dispose]();
  block[Symbol.dispose]();
  assert.equal(list.statistics().frees, 1);
});

test("a block of another list is refused", () => {
  const other = system.blockList({ tag: "Othr", size: 100 });
  const block = taken(other);
  fails("ERR_FOREIGN_BLOCK", () => list.free(block));
  fails("ERR_FOREIGN_BLOCK", () => list.adopt(list.handleFrom(block.handle)));
  block.free();
});

test("a handle is a number that fits in a message, and is good for one adoption", () => {
  const block = taken();
  const { handle } = block;
  assert.ok(Number.isSafeInteger(handle));
  const mine = list.adopt(handle);
  assert.equal(mine.address, block.address);
  fails("ERR_STALE_HANDLE", () => list.adopt(handle));
  mine.free();
  fails("ERR_STALE_HANDLE", () => list.adopt(handle));
});

test("a handle of a freed block is stale, even when the block is held again", () => {
  const block = taken();
  const { handle } = block;
  block.free();
  fails("ERR_STALE_HANDLE", () => list.adopt(handle));
  assert.equal(taken().address, block.address);
  fails("ERR_STALE_HANDLE", () => list.adopt(handle));
});

test("what is no handle is refused", () => {
  for (const value of [-1, 0.5, Number.NaN, 2 ** 60, "7", null, undefined, {}]) {
    fails("ERR_ARGUMENT", () => list.adopt(value as Handle));
  }
  fails("ERR_STALE_HANDLE", () => list.adopt(list.handleFrom(0)));
  fails("ERR_STALE_HANDLE", () => list.adopt(list.handleFrom(2 ** 28 - 1)));
});

test("a list parks no more than its depth", () => {
  const blocks = Array.from({ length: 40 }, () => taken());
  for (const block of blocks) block.free();
  const { parked, freeMisses } = list.statistics();
  assert.deepEqual({ parked, freeMisses }, { parked: 16, freeMisses: 24 });
});

test("depth 0 parks nothing", () => {
  list.depth = 0;
  taken().free();
  assert.equal(list.statistics().parked, 0);
  for (const depth of [-1, 17, 1.5, Number.NaN]) fails("ERR_ARGUMENT", () => (list.depth = depth));
});

test("reserve parks fresh blocks, as far as depth allows, and allocations then find them", () => {
  assert.equal(list.reserve(10), 10);
  taken();
  assert.equal(list.statistics().allocateMisses, 0);
  assert.equal(list.reserve(100), 7);
});

test("the limit of the pool gives null, or throws when the list was made to raise", () => {
  const big = system.blockList({ tag: "Big ", size: "1 MiB", policy: "fixed" });
  const blocks: Block[] = [];
  for (let block = big.allocate(); block !== null; block = big.allocate()) blocks.push(block);
  assert.ok(blocks.length >= 3);
  const raising = system.blockList({ tag: "Rais", size: "1 MiB", raise: true });
  fails("ERR_OUT_OF_MEMORY", () => raising.allocate(), /Rais/);
  for (const block of blocks) block.free();
  assert.ok(big.trim() >= 3, "what was parked goes back to the pool");
  assert.ok(raising.allocate() !== null);
});

test("opening a list again gives the same list, and other options are refused", () => {
  assert.equal(system.blockList({ tag: "Unit", size: 100 }), list);
  fails("ERR_LIST_MISMATCH", () => system.blockList({ tag: "Unit", size: 101 }), /size 101.*100/);
  fails("ERR_LIST_MISMATCH", () => system.blockList({ tag: "Unit", size: 100, pool: "paged" }));
});

test("a system holds 1,024 block lists, and a deleted one makes room for another", () => {
  const one = System.create({ nonPaged: "4 MiB", paged: "64 KiB", threads: 1 });
  const small = { tag: "Many", size: 16, maximumDepth: 4, batch: 1 } as const;
  const lists = Array.from({ length: 1_024 }, (_, at) =>
    one.blockList({ ...small, name: `list ${at}` }),
  );
  fails("ERR_LISTS_FULL", () => one.blockList({ ...small, name: "more" }), /"more": 1024 exist/);
  assert.equal(one.blockList({ ...small, name: "list 1023" }), lists[1_023]);
  lists[77]?.delete();
  one
    .blockList({ ...small, name: "more" })
    .allocate()
    ?.free();
  one.detach();
});

test("wrong options are refused with their name, value and bound", () => {
  const wrong: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ tag: "", size: 1 }, /tag/],
    [{ tag: "Toolong", size: 1 }, /tag/],
    [{ tag: "A", size: 0 }, /size.*1 to/],
    [{ tag: "A", size: "1 PiB" }, /size/],
    [{ tag: "A", size: 1, pool: "cold" }, /pool.*"cold"|"cold".*pool/],
    [{ tag: "A", size: 1, maximumDepth: 16_385 }, /maximumDepth.*16384/],
    [{ tag: "A", size: 1, depth: 300 }, /depth.*256/],
    [{ tag: "A", size: 1, batch: 65 }, /batch.*64/],
    [{ tag: "A", size: 1, raise: 1 }, /raise/],
    [{ tag: "A", size: 1, maxDepth: 4 }, /"maxDepth" of a block list: there are tag, name, /],
    [{ tag: "A", size: 1, name: "x".repeat(81) }, /name.*80/],
    [{ tag: "A", size: 1, name: "a\ud800" }, /"a\\ud800" as name.*whole characters/],
  ];
  for (const [options, text] of wrong)
    fails("ERR_OPTION", () => system.blockList(options as never), text);
});

test("a deleted list refuses work, its held blocks can still be freed, and its name is free again", () => {
  const block = taken();
  taken().free();
  list.delete();
  fails("ERR_LIST_DELETED", () => list.allocate());
  block.free();
  fails("ERR_DOUBLE_FREE", () => block.free());
  const again = system.blockList({ tag: "Unit", size: 200 });
  assert.equal(taken(again).bytes.length, 200);
});

test("a deleted list is made anew when the last thread that had it open opens it again", () => {
  const other = System.attach(system.ticket());
  const there = other.blockList({ tag: "Unit", size: list.size });
  const held = taken(there);
  list.delete();
  fails(
    "ERR_LIST_DELETED",
    () => system.blockList({ tag: "Unit", size: 200 }),
    /threads still use it/,
  );
  const again = other.blockList({ tag: "Unit", size: 200 });
  assert.notEqual(again, there);
  assert.equal(again.size, 200);
  assert.equal(system.blockList({ tag: "Unit", size: 200 }).size, 200);
  held.free();
  other.detach();
  assert.deepEqual(system.audit().problems, []);
});

test("what is no block of the list is refused, a copy of one included", () => {
  const block = taken();
  const copy = { ...block };
  for (const value of [undefined, null, 5, 5n, "block", {}, [], copy]) {
    assert.throws(() => list.free(value as never), { code: "ERR_FOREIGN_BLOCK" });
    assert.throws(() => list.handleOf(value as never), { code: "ERR_FOREIGN_BLOCK" });
    assert.equal(list.holds(value as never), false);
  }
  assert.ok(list.holds(block));
  block.free();
});
