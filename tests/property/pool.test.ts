/**
 * The pool against an oracle of intervals, on a long random history of mixed sizes, pools, tags and routines.
 *
 * - no two blocks overlap, each is aligned, keeps the page rule and lies in the pool that was asked for;
 * - nothing but its holder writes into a block;
 * - what is charged to each tag and to the quota account is exact;
 * - while three quarters of a pool are free, no request that a slab serves fails;
 * - whenever one pool is emptied, its whole limit can be had as one run, whatever the other one holds;
 * - after all frees the pool is as it began: one run of its whole limit can be had, in both pools.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { System } from "lookaside";
import {
  ExAllocatePool2,
  ExAllocatePoolWithQuotaTag,
  ExAllocatePoolWithTag,
  ExFreePool,
  ExFreePoolWithTag,
  NonPagedPool,
  NonPagedPoolCacheAligned,
  PagedPool,
  POOL_FLAG_NON_PAGED,
  POOL_FLAG_PAGED,
  POOL_FLAG_USE_QUOTA,
  POOL_QUOTA_FAIL_INSTEAD_OF_RAISE,
  poolInformation,
  poolUsage,
  queryPoolBlock,
  tag,
  ticket,
} from "lookaside/wdk";
import { bytesAt, freshMachine } from "../conformance/bench.js";
import { auditPool } from "../support/pool-audit.js";
import { type Random, seeded } from "../support/seed.js";
import { PoolOracle } from "./pool-oracle.js";

const random = seeded(import.meta.url);
const STEPS = process.env["LOOKASIDE_LONG"] === "1" ? 5_000_000 : 120_000;
const LIMIT = 32 * 2 ** 20;
const TAGS = [tag("Aaaa"), tag("Bb"), tag("Cccc"), 0xff00_ff61];

/** Mostly small, now and then pages, seldom runs. */
function drawBytes(draw: Random): number {
  const chance = draw.int(1_000);
  if (chance < 700) return 1 + draw.int(600);
  if (chance < 930) return 1 + draw.int(5_000);
  if (chance < 995) return 1 + draw.int(61_440);
  return 61_440 + draw.int(300_000);
}

interface Request {
  readonly kind: 0 | 1;
  readonly bytes: number;
  readonly tag: number;
  /** 0 plain, 1 quota, 2 pool2, 3 pool2 with quota, 4 cache aligned. */
  readonly how: number;
}

function drawRequest(draw: Random): Request {
  const kind = draw.int(3) === 0 ? 1 : 0;
  return { kind, bytes: drawBytes(draw), tag: draw.pick(TAGS), how: draw.int(5) };
}

function allocate({ kind, bytes, tag: Tag, how }: Request): number {
  const type = kind === 1 ? PagedPool : NonPagedPool;
  const flags = kind === 1 ? POOL_FLAG_PAGED : POOL_FLAG_NON_PAGED;
  switch (how) {
    case 1:
      return ExAllocatePoolWithQuotaTag(type | POOL_QUOTA_FAIL_INSTEAD_OF_RAISE, bytes, Tag);
    case 2:
      return ExAllocatePool2(flags, bytes, Tag);
    case 3:
      return ExAllocatePool2(flags | POOL_FLAG_USE_QUOTA, bytes, Tag);
    case 4:
      return ExAllocatePoolWithTag(type | NonPagedPoolCacheAligned, bytes, Tag);
    default:
      return ExAllocatePoolWithTag(type, bytes, Tag);
  }
}

function giveOut(oracle: PoolOracle, request: Request, cookie: number): void {
  const address = allocate(request);
  const { kind, bytes, how, tag: Tag } = request;
  if (address === 0) {
    const isScarce = bytes > 61_440 || oracle.heldBytes > LIMIT / 4;
    assert.ok(isScarce, `${bytes} bytes were refused with ${oracle.heldBytes} bytes held`);
    return;
  }
  if (how === 4) assert.equal(address % 64, 0, "a cache-aligned block starts on a line");
  if (how === 2 || how === 3) {
    const isZero = bytesAt(address, bytes).every((byte) => byte === 0);
    assert.ok(isZero, "ExAllocatePool2 gives zeros");
  }
  const isCharged = how === 1 || how === 3;
  oracle.given({ address, bytes, kind, tag: Tag, isCharged, cookie });
  const known = queryPoolBlock(address) ?? assert.fail("the pool does not know its block");
  const { kind: kindKnown, bytes: bytesKnown, tag: tagKnown, account } = known;
  assert.deepEqual(
    [kindKnown, bytesKnown, tagKnown, account],
    [kind, bytes, Tag, isCharged ? 1 : 0],
  );
}

function takeBack(oracle: PoolOracle, index: number, withTag: boolean): void {
  const { address, tag: Tag } = oracle.taken(index);
  if (withTag) ExFreePoolWithTag(address, Tag);
  else ExFreePool(address);
}

function compare(oracle: PoolOracle, system: System): void {
  for (const Tag of TAGS) {
    const { NonPaged, Paged } = poolUsage(Tag);
    for (const [kind, tally] of [NonPaged, Paged].entries()) {
      const { blocks, bytes } = oracle.sumOf(Tag, kind);
      assert.deepEqual([tally.Diff, tally.Bytes], [blocks, bytes]);
      assert.ok(tally.PeakBytes >= tally.Bytes);
    }
  }
  const { NonPaged, Paged } = poolInformation();
  assert.deepEqual([NonPaged.QuotaUsedBytes, Paged.QuotaUsedBytes], oracle.charged);
  assert.deepEqual(auditPool(system.region).problems, []);
}

/** Fills both pools by turns with runs, so that an allocator may mix them as it likes. */
function fillBoth(oracle: PoolOracle): void {
  const isFull = [false, false];
  for (let turn = 0; isFull.includes(false); turn++) {
    const kind = (turn & 1) as 0 | 1;
    const before = oracle.blocks.length;
    giveOut(oracle, { kind, bytes: 65_000 + random.int(120_000), tag: TAGS[0] ?? 0, how: 0 }, turn);
    isFull[kind] = oracle.blocks.length === before;
  }
}

/** Frees all blocks of one pool. */
function emptyOne(oracle: PoolOracle, kind: number): void {
  for (let at = oracle.blocks.length - 1; at >= 0; at--) {
    if (oracle.blocks[at]?.kind === kind) takeBack(oracle, at, random.int(2) === 0);
  }
}

/** Both pools full, then one of them empty: its whole limit can be had in one piece. */
function demandWholeLimit(oracle: PoolOracle, kind: number): void {
  fillBoth(oracle);
  emptyOne(oracle, kind);
  const type = kind === 1 ? PagedPool : NonPagedPool;
  const run = ExAllocatePoolWithTag(type, LIMIT - 16, tag("Whol"));
  assert.notEqual(run, 0, `pool ${kind} is empty, but its limit cannot be had beside the other`);
  ExFreePool(run);
  emptyOne(oracle, 1 - kind);
}

/** One run of each pool's whole limit; in checked mode 16 bytes of it are a fence. */
function wholeRuns(): number[] {
  const types = [NonPagedPool, PagedPool];
  return types.map((type) => ExAllocatePoolWithTag(type, LIMIT - 16, tag("Whol")));
}

for (const checked of [false, true]) {
  test(`a long history leaves no trace${checked ? ", in checked mode too" : ""}`, (t) => {
    freshMachine(t, { checked, nonPagedPoolBytes: LIMIT, pagedPoolBytes: LIMIT });
    const system = System.attach(ticket());
    t.after(() => system.detach());
    const runs = wholeRuns();
    assert.ok(runs.every((run) => run !== 0));
    for (const run of runs) ExFreePool(run);
    const oracle = new PoolOracle(system.region.layout.endByte);
    const steps = checked ? STEPS / 4 : STEPS;
    let [target, peak] = [0, 0];
    for (let step = 0; step < steps; step++) {
      if (step % 3_000 === 0) {
        target = random.int(1_800); // the pool breathes: it fills and empties again and again
        compare(oracle, system);
        if (step % 27_000 === 0) demandWholeLimit(oracle, (step / 27_000) & 1);
      }
      const grows =
        oracle.blocks.length === 0 || random.int(100) < (oracle.blocks.length < target ? 60 : 40);
      if (grows) giveOut(oracle, drawRequest(random), step + 1);
      else takeBack(oracle, random.int(oracle.blocks.length), random.int(2) === 0);
      peak = Math.max(peak, oracle.blocks.length);
    }
    assert.ok(peak > 500, "the history was too thin to show anything");
    while (oracle.blocks.length > 0) takeBack(oracle, random.int(oracle.blocks.length), true);
    compare(oracle, system);
    system.trim();
    const { NonPaged, Paged } = poolInformation();
    assert.deepEqual([NonPaged.UsedBytes, Paged.UsedBytes], [0, 0]);
    assert.deepEqual(wholeRuns(), runs);
  });
}
