/** touch(): the checked view of memory, where paged bytes cannot be had at DISPATCH_LEVEL or above. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  APC_LEVEL,
  boot,
  DISPATCH_LEVEL,
  ExAllocatePoolWithTag,
  ExFreePool,
  HIGH_LEVEL,
  KeLowerIrql,
  KeRaiseIrql,
  memory,
  NonPagedPool,
  PASSIVE_LEVEL,
  PagedPool,
  shutdown,
  tag,
  touch,
} from "lookaside/wdk";

const TAG = tag("Touc");

function booted(t: TestContext): void {
  boot({ bugChecks: "continue", nonPagedPoolBytes: "1 MiB", pagedPoolBytes: "1 MiB" });
  t.after(shutdown);
}

test("it gives the live bytes of the memory, exactly as many as asked for", (t) => {
  booted(t);
  const block = ExAllocatePoolWithTag(NonPagedPool, 64, TAG);
  const bytes = touch(block, 64);
  assert.equal(bytes.length, 64);
  assert.equal(bytes.byteOffset, block);
  bytes.fill(0x5a);
  assert.deepEqual(new Uint8Array(memory().buffer, block, 64), new Uint8Array(64).fill(0x5a));
  assert.equal(touch(block, 0).length, 0);
});

test("nonpaged memory can be touched at every level", (t) => {
  booted(t);
  const block = ExAllocatePoolWithTag(NonPagedPool, 64, TAG);
  for (let level = PASSIVE_LEVEL; level <= HIGH_LEVEL; level++) {
    KeRaiseIrql(level);
    assert.equal(touch(block, 64).length, 64);
  }
});

test("paged memory can be touched up to APC_LEVEL; above, it is the page fault 0x0A", (t) => {
  booted(t);
  const block = ExAllocatePoolWithTag(PagedPool, 64, TAG);
  for (let level = PASSIVE_LEVEL; level <= HIGH_LEVEL; level++) {
    KeLowerIrql(PASSIVE_LEVEL);
    KeRaiseIrql(level);
    if (level <= APC_LEVEL) {
      assert.equal(touch(block, 64).length, 64);
      continue;
    }
    const fault = { name: "BugCheck", code: 0x0a, parameters: [block, level, 0, 0] };
    assert.throws(() => touch(block, 64), fault);
  }
});

test("any byte of paged memory is paged: inside a block, in a run, and after its free", (t) => {
  booted(t);
  const small = ExAllocatePoolWithTag(PagedPool, 256, TAG);
  const large = ExAllocatePoolWithTag(PagedPool, 200_000, TAG);
  const freed = ExAllocatePoolWithTag(PagedPool, 256, TAG);
  ExFreePool(freed);
  KeRaiseIrql(DISPATCH_LEVEL);
  for (const address of [small + 1, small + 255, large + 1, large + 199_999, freed]) {
    assert.throws(() => touch(address, 1), { code: 0x0a });
  }
});

test("a range that reaches from nonpaged into paged memory faults as well", (t) => {
  booted(t);
  // The place of the paged pool follows that of the nonpaged one, which this block fills.
  const nonpaged = ExAllocatePoolWithTag(NonPagedPool, 2 ** 20, TAG);
  const paged = ExAllocatePoolWithTag(PagedPool, 65_536, TAG);
  assert.equal(paged, nonpaged + 2 ** 20);
  KeRaiseIrql(DISPATCH_LEVEL);
  assert.equal(touch(paged - 8, 8).length, 8);
  assert.throws(() => touch(paged - 8, 9), { code: 0x0a, parameters: [paged, 2, 0, 0] });
});

test("a place outside the memory, or that is no place, is refused with its own value", (t) => {
  booted(t);
  const end = memory().buffer.byteLength;
  for (const [address, length] of [
    [end, 1],
    [end - 4, 5],
    [0xffff_ffff, 1],
    [16, end],
  ] as const) {
    const refusal = {
      name: "LookasideError",
      code: "ERR_ARGUMENT",
      message: RegExp(`\\b${address}\\b`),
    };
    assert.throws(() => touch(address, length), refusal);
  }
  assert.throws(() => touch(-1, 1), { code: "ERR_ARGUMENT", message: /-1/ });
  assert.throws(() => touch(16, -1), { code: "ERR_ARGUMENT" });
  assert.throws(() => touch("16" as unknown as number, 1), { code: "ERR_ARGUMENT" });
  assert.equal(touch(end - 4, 4).length, 4);
});

test("memory that grew since is reached", (t) => {
  booted(t);
  const before = memory().buffer.byteLength;
  const block = ExAllocatePoolWithTag(NonPagedPool, 700_000, TAG);
  assert.ok(block + 700_000 > before, "the block was to lie in new memory");
  assert.equal(touch(block + 699_999, 1).length, 1);
});
