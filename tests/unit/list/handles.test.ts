/**
 * Blocks held by bare handles: the same checks and counters as blocks held as objects, and no object
 * for each.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import {
  type BlockList,
  type ErrorCode,
  type Handle,
  LookasideError,
  NO_HANDLE,
  System,
} from "lookaside";
import { seeded } from "../../support/seed.js";

const random = seeded(import.meta.url);

let system: System;
let list: BlockList;

beforeEach(() => {
  system = System.create({ nonPaged: "8 MiB" });
  list = system.blockList({ tag: "Hndl", size: 100, maximumDepth: 16, policy: "fixed" });
});

afterEach(() => {
  assert.deepEqual(system.audit().problems, []);
  system.detach();
});

function taken(from: BlockList = list): Handle {
  const handle = from.allocateHandle();
  assert.ok(handle !== NO_HANDLE);
  return handle;
}

function fails(code: ErrorCode, action: () => unknown, text?: RegExp): void {
  assert.throws(action, (error: unknown) => {
    assert.ok(error instanceof LookasideError, String(error));
    assert.equal(error.code, code, error.message);
    if (text) assert.match(error.message, text);
    return true;
  });
}

test("the block freed last is the next one allocated, by handle as by object", () => {
  const [first, second] = [taken(), taken()];
  const [one, two] = [list.offsetOf(first), list.offsetOf(second)];
  list.freeHandle(first);
  list.freeHandle(second);
  assert.equal(list.allocate()?.address, two);
  assert.equal(list.offsetOf(taken()), one);
});

test("an offset is that of the block's first byte, and each block has its own bytes", () => {
  const bytes = new Uint8Array(system.memory.buffer);
  const handles = Array.from({ length: 50 }, () => taken());
  handles.forEach((handle, at) => {
    bytes.fill(at, list.offsetOf(handle), list.offsetOf(handle) + 100);
  });
  handles.forEach((handle, at) => {
    const start = list.offsetOf(handle);
    assert.ok(bytes.subarray(start, start + 100).every((byte) => byte === at));
    list.freeHandle(handle);
  });
});

test("both kinds of pair move the same counters", () => {
  taken();
  list.freeHandle(taken());
  list.allocate()?.free();
  const { allocates, allocateMisses, frees, held, parked } = list.statistics();
  assert.deepEqual(
    { allocates, allocateMisses, frees, held, parked },
    { allocates: 3, allocateMisses: 2, frees: 2, held: 1, parked: 1 },
  );
});

test("a second free is told, in the ring, in the depot and in the pool", () => {
  const handles = Array.from({ length: 40 }, () => taken());
  for (const handle of handles) list.freeHandle(handle);
  for (const handle of handles) fails("ERR_DOUBLE_FREE", () => list.freeHandle(handle), /Hndl/);
  assert.equal(list.statistics().frees, 40);
});

test("a handle is stale as soon as its block was allocated again", () => {
  const old = taken();
  list.freeHandle(old);
  const block = list.allocate();
  assert.ok(block !== null);
  fails("ERR_DOUBLE_FREE", () => list.freeHandle(old));
  fails("ERR_DOUBLE_FREE", () => list.offsetOf(old));
  block.free();
});

test("a block that was freed by handle is no longer its object's", () => {
  const block = list.allocate();
  assert.ok(block !== null);
  list.freeHandle(block.handle);
  fails("ERR_DOUBLE_FREE", () => block.free());
  const again = taken();
  assert.equal(list.offsetOf(again), block.address);
  fails("ERR_DOUBLE_FREE", () => block.free());
  list.freeHandle(again);
});

test("a handle cannot be adopted before it was shared, and once after", () => {
  const handle = taken();
  fails("ERR_STALE_HANDLE", () => list.adoptHandle(handle), /not shared/);
  assert.equal(list.share(handle), handle);
  assert.equal(list.share(handle), handle, "sharing twice changes nothing");
  const mine = list.adoptHandle(handle);
  assert.equal(list.offsetOf(mine), list.offsetOf(mine));
  fails("ERR_STALE_HANDLE", () => list.adoptHandle(handle));
  fails("ERR_DOUBLE_FREE", () => list.freeHandle(handle));
  list.freeHandle(mine);
});

test("a shared handle that nobody adopted is freed by its holder, and then stale for all", () => {
  const handle = list.share(taken());
  list.freeHandle(handle);
  fails("ERR_STALE_HANDLE", () => list.adopt(handle));
});

test("a handle of another list is refused by every call", () => {
  const other = system.blockList({ tag: "Othr", size: 100 });
  const handle = list.handleFrom(taken(other as BlockList));
  for (const call of ["freeHandle", "offsetOf", "share"] as const)
    fails("ERR_FOREIGN_BLOCK", () => list[call](handle), /Hndl/);
  other.share(other.handleFrom(handle));
  fails("ERR_FOREIGN_BLOCK", () => list.adoptHandle(handle));
  other.freeHandle(other.handleFrom(handle));
});

test("what can be no handle is refused by every call", () => {
  for (const value of [-1, 0.5, Number.NaN, 2 ** 48, "7", null, undefined, {}] as unknown[]) {
    for (const call of ["freeHandle", "offsetOf", "share", "adoptHandle", "handleFrom"] as const)
      fails("ERR_ARGUMENT", () => list[call](value as Handle));
  }
  fails("ERR_STALE_HANDLE", () => list.freeHandle(list.handleFrom(2 ** 28 - 1)), /stale|freed/);
});

test("when the pool has no room allocateHandle gives NO_HANDLE, and allocateOrThrow throws", () => {
  const big = system.blockList({ tag: "Big ", size: "2 MiB" });
  const handles = [];
  for (let one = big.allocateHandle(); one !== NO_HANDLE; one = big.allocateHandle())
    handles.push(one);
  assert.ok(handles.length >= 2);
  fails("ERR_OUT_OF_MEMORY", () => big.allocateOrThrow(), /Big/);
  assert.equal(big.allocate(), null);
  for (const handle of handles) big.freeHandle(handle);
  big.allocateOrThrow().free();
});

test("a deleted list takes back what is held by handle, and gives no more", () => {
  const handle = taken();
  list.delete();
  fails("ERR_LIST_DELETED", () => list.allocateHandle());
  list.freeHandle(handle);
  fails("ERR_DOUBLE_FREE", () => list.freeHandle(handle));
});

test("six million random calls of one thread agree exactly with a stack of changing depth", () => {
  const calls = 6_000_000;
  const maximumDepth = 64;
  const exact = system.blockList({ tag: "Exct", size: 32, maximumDepth, policy: "fixed" });
  const parked: number[] = [];
  const held: Handle<"Exct">[] = [];
  let depth = maximumDepth;
  for (let call = 0; call < calls; call++) {
    const draw = random.int(100);
    if (draw < 1) {
      depth = random.int(maximumDepth + 1);
      exact.depth = depth;
    } else if (draw < 50 && held.length < 200) {
      const handle = exact.allocateHandle();
      assert.ok(handle !== NO_HANDLE);
      const expected = parked.pop();
      if (expected !== undefined) assert.equal(exact.offsetOf(handle), expected, `call ${call}`);
      held.push(handle);
    } else if (held.length > 0) {
      const at = random.int(held.length);
      const handle = held[at] as Handle<"Exct">;
      held[at] = held[held.length - 1] as Handle<"Exct">;
      held.pop();
      const address = exact.offsetOf(handle);
      exact.freeHandle(handle);
      if (parked.length < depth) parked.push(address);
    }
  }
  assert.equal(exact.statistics().parked, parked.length);
  assert.equal(exact.statistics().held, held.length);
});

test("what is no number is no handle, and is not asked to become one", () => {
  const asked = { valueOf: (): never => assert.fail("it was asked") };
  for (const value of [undefined, null, "5", 5n, Symbol("5"), {}, [5], asked]) {
    for (const call of [list.freeHandle, list.offsetOf, list.share, list.adoptHandle]) {
      assert.throws(() => call.call(list, value as never), { code: "ERR_ARGUMENT" });
    }
  }
});
