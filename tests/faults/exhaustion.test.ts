/** Real exhaustion: the pool's limit and quotas are reached exactly, say so as asked, and are left again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import {
  ExAllocatePool2,
  ExAllocatePoolWithQuotaTag,
  ExAllocatePoolWithTag,
  ExFreePool,
  NonPagedPool,
  NonPagedPoolMustSucceed,
  PagedPool,
  POOL_FLAG_NON_PAGED,
  POOL_FLAG_RAISE_ON_FAILURE,
  POOL_FLAG_USE_QUOTA,
  POOL_QUOTA_FAIL_INSTEAD_OF_RAISE,
  POOL_RAISE_IF_ALLOCATION_FAILURE,
  poolInformation,
  poolUsage,
  STATUS_INSUFFICIENT_RESOURCES,
  STATUS_QUOTA_EXCEEDED,
  setLookasideDepth,
  tag,
  ticket,
  verifierCounters,
} from "lookaside/wdk";
import { bugCheckOf, exhaust, freshMachine, raisedBy, snapshot } from "../conformance/bench.js";
import { auditPool } from "../support/pool-audit.js";
import { seeded } from "../support/seed.js";
import { LIST_FAMILIES } from "../unit/wdk/list-families.js";

const random = seeded(import.meta.url);
const TAG = tag("Full");
const POOLS = [
  ["nonpaged", NonPagedPool],
  ["paged", PagedPool],
] as const;

/** Allocates blocks of a size until there is none. */
function fill(type: number, bytes: number): number[] {
  const blocks: number[] = [];
  for (;;) {
    const block = ExAllocatePoolWithTag(type, bytes, TAG);
    if (block === 0) return blocks;
    blocks.push(block);
  }
}

test("a pool gives as many blocks of each size as fit, then NULL, and all again after the frees", (t) => {
  freshMachine(t, { nonPagedPoolBytes: "512 KiB", pagedPoolBytes: "512 KiB" });
  for (const [bytes, count] of [
    [16, 8 * 2_048],
    [256, 8 * 256],
    [2_048, 8 * 32],
    [4_096, 8 * 16],
    [32_768, 16],
    [65_536, 8],
    [131_072, 4],
    [524_288, 1],
  ] as const) {
    const blocks = fill(NonPagedPool, bytes);
    assert.equal(blocks.length, count, `blocks of ${bytes} bytes`);
    assert.equal(poolInformation().NonPaged.FreeBytes, 0);
    assert.equal(poolUsage(TAG).NonPaged.Bytes, bytes * count);
    for (const block of blocks) ExFreePool(block);
  }
  assert.equal(poolInformation().NonPaged.PeakBytes, 524_288);
});

for (const [name, type] of POOLS) {
  test(`an exhausted ${name} pool fails as each call asks for, and leaves the other pool alone`, (t) => {
    freshMachine(t, { nonPagedPoolBytes: "256 KiB", pagedPoolBytes: "256 KiB" });
    const release = exhaust(type);
    const failures = verifierCounters().Failed;
    assert.equal(ExAllocatePoolWithTag(type, 16, TAG), 0);
    assert.equal(verifierCounters().Failed, failures + 1);
    const raise = (): number =>
      ExAllocatePoolWithTag(type | POOL_RAISE_IF_ALLOCATION_FAILURE, 16, TAG);
    assert.equal(raisedBy(raise), STATUS_INSUFFICIENT_RESOURCES);
    const quota = (flags: number) => (): number =>
      ExAllocatePoolWithQuotaTag(type | flags, 16, TAG);
    assert.equal(raisedBy(quota(0)), STATUS_INSUFFICIENT_RESOURCES);
    assert.equal(quota(POOL_QUOTA_FAIL_INSTEAD_OF_RAISE)(), 0);
    assert.notEqual(ExAllocatePoolWithTag(1 - type, 16, TAG), 0);
    if (type === NonPagedPool) {
      const must = bugCheckOf(() => ExAllocatePoolWithTag(NonPagedPoolMustSucceed, 16, TAG));
      assert.equal(must.code, 0x41);
    }
    release();
    assert.notEqual(raise(), 0);
    assert.equal(
      poolInformation().NonPaged.QuotaUsedBytes + poolInformation().Paged.QuotaUsedBytes,
      0,
    );
  });
}

test("one block freed makes room for exactly one of its size", (t) => {
  freshMachine(t, { nonPagedPoolBytes: "256 KiB" });
  for (const bytes of [48, 1_000, 4_096, 20_000, 65_536]) {
    const blocks = fill(NonPagedPool, bytes);
    for (let round = 0; round < 20; round++) {
      const [block] = blocks.splice(random.int(blocks.length), 1) as [number];
      ExFreePool(block);
      assert.equal(ExAllocatePoolWithTag(NonPagedPool, bytes, TAG), block);
      assert.equal(ExAllocatePoolWithTag(NonPagedPool, bytes, TAG), 0);
      blocks.push(block);
    }
    for (const block of blocks) ExFreePool(block);
  }
});

test("a pool cut to pieces in any order becomes whole again", (t) => {
  freshMachine(t, { nonPagedPoolBytes: "1 MiB", pagedPoolBytes: "1 MiB" });
  const system = System.attach(ticket());
  t.after(() => system.detach());
  for (let round = 0; round < 10; round++) {
    const blocks: number[] = [];
    for (let misses = 0; misses < 20; ) {
      const block = ExAllocatePoolWithTag(
        NonPagedPool,
        1 + random.int(2 ** (4 + random.int(14))),
        TAG,
      );
      if (block === 0) misses++;
      else blocks.push(block);
    }
    while (blocks.length > 0) ExFreePool(blocks.splice(random.int(blocks.length), 1)[0] as number);
    const whole = ExAllocatePoolWithTag(NonPagedPool, 2 ** 20, TAG);
    assert.notEqual(whole, 0, `round ${round}`);
    ExFreePool(whole);
    assert.deepEqual(auditPool(system.region).problems, []);
  }
});

for (const family of LIST_FAMILIES) {
  test(`a ${family.name} list lives through exhaustion on what it has parked`, (t) => {
    freshMachine(t, { nonPagedPoolBytes: "256 KiB", pagedPoolBytes: "256 KiB" });
    const list = family.make({ size: 64, tag: TAG });
    const entries = [1, 2, 3, 4, 5].map(() => family.allocate(list));
    setLookasideDepth(list, 3);
    for (const entry of entries.slice(0, 3)) family.free(list, entry);
    const release = exhaust(family.poolType);
    assert.deepEqual(
      [1, 2, 3].map(() => family.allocate(list)),
      entries.slice(0, 3).reverse(),
    );
    assert.equal(family.allocate(list), 0);
    assert.equal(snapshot(list).AllocateMisses, 6);
    family.free(list, entries[4] as number);
    assert.equal(family.allocate(list), entries[4]);
    release();
    assert.notEqual(family.allocate(list), 0);
  });
}

test("a quota is reached to the byte, raises its own status, and other memory is still to be had", (t) => {
  freshMachine(t, { quota: { nonPaged: 1_000, paged: 50 } });
  const charged = (bytes: number, flags = 0): number =>
    ExAllocatePoolWithQuotaTag(NonPagedPool | flags, bytes, TAG);
  const blocks = [charged(600), charged(300), charged(100)];
  assert.equal(poolInformation().NonPaged.QuotaUsedBytes, 1_000);
  assert.equal(
    raisedBy(() => charged(1)),
    STATUS_QUOTA_EXCEEDED,
  );
  assert.equal(charged(1, POOL_QUOTA_FAIL_INSTEAD_OF_RAISE), 0);
  const flags = POOL_FLAG_NON_PAGED | POOL_FLAG_USE_QUOTA;
  assert.equal(ExAllocatePool2(flags, 1, TAG), 0);
  const raise = (): number => ExAllocatePool2(flags | POOL_FLAG_RAISE_ON_FAILURE, 1, TAG);
  assert.equal(raisedBy(raise), STATUS_QUOTA_EXCEEDED);
  assert.notEqual(ExAllocatePoolWithTag(NonPagedPool, 5_000, TAG), 0);
  assert.notEqual(ExAllocatePoolWithQuotaTag(PagedPool, 50, TAG), 0);
  ExFreePool(blocks[1] as number);
  assert.equal(
    raisedBy(() => charged(301)),
    STATUS_QUOTA_EXCEEDED,
  );
  assert.notEqual(charged(300), 0);
  assert.equal(poolInformation().NonPaged.QuotaUsedBytes, 1_000);
});

test("a quota of zero charges nothing and a failed pool gives the charge back", (t) => {
  freshMachine(t, { nonPagedPoolBytes: "128 KiB", quota: { nonPaged: "1 MiB", paged: 0 } });
  assert.equal(
    raisedBy(() => ExAllocatePoolWithQuotaTag(PagedPool, 1, TAG)),
    STATUS_QUOTA_EXCEEDED,
  );
  for (let count = 0; count < 10; count++) {
    const fails = (): number => ExAllocatePoolWithQuotaTag(NonPagedPool, 200_000, TAG);
    assert.equal(raisedBy(fails), STATUS_INSUFFICIENT_RESOURCES);
  }
  assert.equal(poolInformation().NonPaged.QuotaUsedBytes, 0);
});
