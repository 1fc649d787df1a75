/**
 * The short way of ExAllocatePoolWithTag and ExFreePool: whatever it finishes, the long way would have
 * finished alike, and what it must not finish it leaves to the long way.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  BugCheck,
  boot,
  DISPATCH_LEVEL,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExFreePoolWithTag,
  HIGH_LEVEL,
  KeLowerIrql,
  KeRaiseIrql,
  LookasideError,
  memory,
  NonPagedPool,
  NonPagedPoolCacheAligned,
  NonPagedPoolNx,
  PASSIVE_LEVEL,
  PagedPool,
  poolUsage,
  queryPoolBlock,
  shutdown,
  simulateLowResources,
  tag,
} from "lookaside/wdk";
import { CAREFUL_STOPPED, HEADER } from "#src/memory/index.js";
import { seeded } from "../../support/seed.js";

const TAG = tag("Shrt");
const STOPPED = 2;

/** Boots, and frees a block of 64 bytes of each pool: the next pair of each goes the short way. */
function bootWarm(context: TestContext): void {
  shutdown();
  boot({ nonPagedPoolBytes: "4 MiB", pagedPoolBytes: "4 MiB", depth: { periodMs: 0 } });
  context.after(shutdown);
  for (const type of [PagedPool, NonPagedPool]) {
    const block = ExAllocatePoolWithTag(type, 64, TAG);
    ExFreePool(block);
    assert.equal(ExAllocatePoolWithTag(type, 64, TAG), block, "freed last, given first");
    ExFreePool(block);
  }
}

test("arguments that are no numbers of their type are refused on the short way too", (context) => {
  bootWarm(context);
  const strange: unknown[] = ["64", 64.5, Number.NaN, Infinity, 64n, Symbol("64"), null, {}, [64]];
  strange.push({ valueOf: () => 64 });
  const held = ExAllocatePoolWithTag(NonPagedPool, 64, TAG);
  for (const value of strange as number[]) {
    const refused = { name: "LookasideError", code: "ERR_ARGUMENT" };
    assert.throws(() => ExAllocatePoolWithTag(value, 64, TAG), refused);
    assert.throws(() => ExAllocatePoolWithTag(NonPagedPool, value, TAG), refused);
    assert.throws(() => ExAllocatePoolWithTag(NonPagedPool, 64, value), refused);
    assert.throws(() => ExFreePool(value), refused);
    assert.throws(() => ExFreePoolWithTag(value, TAG), refused);
    assert.throws(() => ExFreePoolWithTag(held, value), refused);
  }
  assert.throws(() => ExFreePool(-16), LookasideError);
  assert.throws(() => ExFreePool(2 ** 32), LookasideError);
  assert.equal(ExAllocatePoolWithTag(NonPagedPool, -1, TAG), 0, "a huge size, as C has it");
  assert.equal(queryPoolBlock(held)?.tag, TAG, "nothing was freed");
  ExFreePool(held);
});

test("zero bytes are one byte", (context) => {
  bootWarm(context);
  for (let round = 0; round < 2; round++) {
    const block = ExAllocatePoolWithTag(NonPagedPool, 0, TAG);
    assert.equal(queryPoolBlock(block)?.bytes, 1);
    ExFreePool(block);
  }
});

test("pool types with flags get what they ask for", (context) => {
  bootWarm(context);
  const usual = ExAllocatePoolWithTag(NonPagedPoolNx, 48, TAG);
  ExFreePool(usual);
  const executable = ExAllocatePoolWithTag(NonPagedPool, 48, TAG);
  assert.equal(executable, usual);
  assert.equal(queryPoolBlock(executable)?.nx, false);
  ExFreePool(executable);
  assert.equal(queryPoolBlock(ExAllocatePoolWithTag(NonPagedPoolNx, 48, TAG))?.nx, true);
  const blocks = [1, 2, 3, 4].map(() => ExAllocatePoolWithTag(NonPagedPool, 48, TAG));
  for (const block of blocks) ExFreePool(block);
  for (const _ of blocks) {
    assert.equal(ExAllocatePoolWithTag(NonPagedPoolCacheAligned, 48, TAG) % 64, 0);
  }
});

test("a block is freed once, under its own tag, at its own address", (context) => {
  shutdown();
  boot({ bugChecks: "continue", depth: { periodMs: 0 } });
  context.after(shutdown);
  const other = tag("Othr");
  const block = ExAllocatePoolWithTag(NonPagedPool, 64, TAG);
  ExFreePool(ExAllocatePoolWithTag(NonPagedPool, 64, other)); // the last tag is another one now
  const isWrongTag = (error: BugCheck): boolean =>
    error.code === 0xc2 && error.parameters[0] === 0x0a;
  for (const wrong of [other, 0xffff_ffff]) {
    assert.throws(() => ExFreePoolWithTag(block, wrong), isWrongTag);
  }
  assert.throws(() => ExFreePool(block + 16), { code: 0xc2 });
  assert.throws(() => ExFreePool(block + 8), { code: 0xc2 });
  ExFreePoolWithTag(block, TAG);
  const isDouble = (error: BugCheck): boolean =>
    error.code === 0xc2 && error.parameters[0] === 0x07;
  assert.throws(() => ExFreePool(block), isDouble);
  assert.throws(() => ExFreePoolWithTag(block, TAG), isDouble);
});

test("a stop in another thread ends the short way", (context) => {
  bootWarm(context);
  const held = ExAllocatePoolWithTag(NonPagedPool, 64, TAG);
  const words = new Int32Array(memory().buffer);
  const stop = (isStopped: boolean): void => {
    // What a bug check in another thread does.
    Atomics.store(words, HEADER.CAREFUL, isStopped ? CAREFUL_STOPPED : 0);
    Atomics.store(words, HEADER.STATE, isStopped ? STOPPED : 0);
  };
  stop(true);
  assert.throws(() => ExFreePool(held), BugCheck);
  assert.throws(() => ExFreePoolWithTag(held, TAG), BugCheck);
  stop(false);
  ExFreePool(held); // it is still held
  stop(true);
  assert.throws(() => ExAllocatePoolWithTag(NonPagedPool, 64, TAG), BugCheck);
});

test("levels that forbid a pool forbid its short way", (context) => {
  shutdown();
  boot({ bugChecks: "continue", depth: { periodMs: 0 } });
  context.after(shutdown);
  const paged = ExAllocatePoolWithTag(PagedPool, 64, TAG);
  const nonpaged = ExAllocatePoolWithTag(NonPagedPool, 64, TAG);
  for (const block of [paged, nonpaged]) ExFreePool(block);
  const held = ExAllocatePoolWithTag(PagedPool, 32, TAG);
  KeRaiseIrql(DISPATCH_LEVEL);
  assert.throws(() => ExAllocatePoolWithTag(PagedPool, 64, TAG), { code: 0xc4 });
  assert.throws(() => ExFreePool(held), { code: 0xc4 });
  assert.equal(ExAllocatePoolWithTag(NonPagedPool, 64, TAG), nonpaged);
  ExFreePool(nonpaged);
  KeRaiseIrql(HIGH_LEVEL);
  assert.throws(() => ExAllocatePoolWithTag(NonPagedPool, 64, TAG), { code: 0xc4 });
  KeLowerIrql(PASSIVE_LEVEL);
  assert.equal(ExAllocatePoolWithTag(PagedPool, 64, TAG), paged);
});

test("simulated failures strike on the short way", (context) => {
  bootWarm(context);
  simulateLowResources({ onlyNth: 3 });
  const given = [1, 2, 3, 4].map(() => {
    const block = ExAllocatePoolWithTag(NonPagedPool, 64, TAG);
    if (block !== 0) ExFreePool(block);
    return block !== 0;
  });
  assert.deepEqual(given, [true, true, false, true]);
});

test("tags are charged exactly, whichever way a block came and went", (context) => {
  bootWarm(context);
  const random = seeded(import.meta.url);
  const tags = [TAG, tag("Two "), 0xfedc_ba98];
  const held: { block: number; bytes: number; tag: number }[] = [];
  const before = tags.map((one) => poolUsage(one).NonPaged);
  const counts = tags.map(() => ({ allocs: 0, frees: 0, bytes: 0 }));
  for (let step = 0; step < 4_000; step++) {
    const at = random.int(tags.length);
    const one = tags[at] as number;
    const count = counts[at] as (typeof counts)[number];
    if (random.int(2) === 0) {
      const bytes = [1, 64, 200, 4_097, 70_000][random.int(step % 50 === 0 ? 5 : 4)] as number;
      const block = ExAllocatePoolWithTag(NonPagedPool, bytes, one);
      if (block === 0) continue;
      held.push({ block, bytes, tag: one });
      count.allocs++;
      count.bytes += bytes;
    } else {
      const [out] = held.splice(random.int(held.length + 1), 1);
      if (out === undefined) continue;
      if (random.int(2) === 0) ExFreePool(out.block);
      else ExFreePoolWithTag(out.block, out.tag);
      const own = counts[tags.indexOf(out.tag)] as (typeof counts)[number];
      own.frees++;
      own.bytes -= out.bytes;
    }
  }
  tags.forEach((one, at) => {
    const { Allocs, Frees, Bytes } = poolUsage(one).NonPaged;
    const was = before[at] as (typeof before)[number];
    assert.deepEqual(
      { allocs: Allocs - was.Allocs, frees: Frees - was.Frees, bytes: Bytes - was.Bytes },
      counts[at],
    );
  });
});
