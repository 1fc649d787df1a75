/** Quota accounts: who begins has nothing charged; what is owed by who has gone is paid, or forgiven. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegion, HEADER, type Region } from "#src/memory/index.js";
import { type AccountOwner, claimAccount } from "#src/pool/accounts.js";
import { FREED, Pool } from "#src/pool/index.js";
import {
  ACCOUNTS,
  chargeQuota,
  NO_QUOTA_LIMIT,
  quotaUsed,
  returnQuota,
  setQuotaLimit,
} from "#src/pool/quota.js";
import { auditPool } from "../../support/pool-audit.js";

const TAG = 0x7465_7374;

function newRegion(): Region {
  const region = createRegion(2, 8);
  region.words[HEADER.CHUNK_LIMIT] = 8;
  for (let account = 1; account <= ACCOUNTS; account++)
    setQuotaLimit(region, account, 0, NO_QUOTA_LIMIT);
  return region;
}

const nobody = (): boolean => false;

/** Owners of one number, one after the other. */
function owner(epoch: number): AccountOwner {
  return { thread: 1, epoch };
}

test("an account is somebody else's only when its owner has gone and all has come back", () => {
  const region = newRegion();
  const first = claimAccount(region, owner(0), nobody);
  assert.notEqual(
    claimAccount(region, { thread: 2, epoch: 0 }, ({ thread }) => thread === 1),
    first,
    "its owner is there",
  );
  assert.ok(chargeQuota(region, first, 0, 40_000));
  const second = claimAccount(region, owner(1), nobody);
  assert.notEqual(second, first, "its owner has left a debt");
  assert.equal(quotaUsed(region, second, 0), 0);
  returnQuota(region, first, 0, 40_000);
  assert.equal(claimAccount(region, owner(2), nobody), first);
});

test("two lives of one thread number are two owners", () => {
  const region = newRegion();
  const isAttached = ({ epoch }: AccountOwner): boolean => epoch === 7;
  const old = claimAccount(region, owner(6), isAttached);
  assert.equal(claimAccount(region, owner(7), isAttached), old);
  assert.notEqual(claimAccount(region, owner(8), isAttached), old);
});

test("when all who have gone left something, one debt is forgiven, and its blocks stay", () => {
  const region = newRegion();
  const pool = new Pool(region, 1);
  const blocks: number[] = [];
  for (let epoch = 0; epoch < ACCOUNTS; epoch++) {
    const account = claimAccount(region, owner(epoch), nobody);
    assert.equal(quotaUsed(region, account, 0), 0);
    blocks.push(pool.allocate(0, 100, TAG, false, 0, account, 0));
  }
  const run = pool.allocate(0, 70_000, TAG, false, 0, 1, 0);
  const next = claimAccount(region, owner(ACCOUNTS), nobody);
  assert.equal(quotaUsed(region, next, 0), 0);
  assert.deepEqual(auditPool(region).problems, []);
  assert.ok(chargeQuota(region, next, 0, 500));
  for (const block of [...blocks, run]) assert.equal(pool.free(block, TAG), FREED);
  assert.equal(quotaUsed(region, next, 0), 500, "an old block's free credits nobody");
});

test("a debt that nobody can pay is forgiven too", () => {
  const region = newRegion();
  for (let epoch = 0; epoch < ACCOUNTS; epoch++) {
    const account = claimAccount(region, owner(epoch), nobody);
    chargeQuota(region, account, 0, 64); // its thread died before it had the block
  }
  const next = claimAccount(region, owner(ACCOUNTS), nobody);
  assert.equal(quotaUsed(region, next, 0), 0);
});

test("a late credit takes no account below 0", () => {
  const region = newRegion();
  const account = claimAccount(region, owner(0), nobody);
  chargeQuota(region, account, 0, 10);
  returnQuota(region, account, 0, 64);
  assert.equal(quotaUsed(region, account, 0), 0);
});

test("with every account in the hands of a thread there is none left", () => {
  const region = newRegion();
  const isAttached = (): boolean => true;
  for (let epoch = 0; epoch < ACCOUNTS; epoch++) claimAccount(region, owner(epoch), isAttached);
  assert.throws(() => claimAccount(region, owner(ACCOUNTS), isAttached), {
    code: "ERR_THREADS_FULL",
  });
});
