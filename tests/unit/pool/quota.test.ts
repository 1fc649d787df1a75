/** Quotas: an account never holds more than its limit, and what was charged comes back exactly. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegion, type Region } from "#src/memory/index.js";
import {
  chargeQuota,
  NO_QUOTA_LIMIT,
  quotaUsed,
  returnQuota,
  setQuotaLimit,
} from "#src/pool/quota.js";
import { crew } from "../../support/crew.js";
import { ACCOUNT, type charge, LIMIT } from "./quota.tasks.js";

const tasks = new URL("./quota.tasks.js", import.meta.url);

function limited(bytes: number): Region {
  const region = createRegion(4, 8);
  for (const kind of [0, 1]) setQuotaLimit(region, ACCOUNT, kind, bytes);
  return region;
}

test("a charge goes through up to the limit, and one byte more does not", () => {
  const region = limited(1_000);
  assert.equal(chargeQuota(region, ACCOUNT, 0, 999), true);
  assert.equal(chargeQuota(region, ACCOUNT, 0, 2), false);
  assert.equal(quotaUsed(region, ACCOUNT, 0), 999);
  assert.equal(chargeQuota(region, ACCOUNT, 0, 1), true);
  assert.equal(quotaUsed(region, ACCOUNT, 0), 1_000);
  returnQuota(region, ACCOUNT, 0, 600);
  assert.equal(quotaUsed(region, ACCOUNT, 0), 400);
});

test("the pools are limited separately, and so are the accounts", () => {
  const region = limited(10);
  assert.equal(chargeQuota(region, ACCOUNT, 0, 10), true);
  assert.equal(chargeQuota(region, ACCOUNT, 1, 10), true);
  setQuotaLimit(region, ACCOUNT + 1, 0, 5);
  assert.equal(chargeQuota(region, ACCOUNT + 1, 0, 6), false);
  assert.equal(chargeQuota(region, ACCOUNT + 1, 0, 5), true);
});

test("an account without a limit holds more than 2 GiB", () => {
  const region = limited(NO_QUOTA_LIMIT);
  for (const total of [0x7000_0000, 0xe000_0000]) {
    assert.equal(chargeQuota(region, ACCOUNT, 0, 0x7000_0000), true);
    assert.equal(quotaUsed(region, ACCOUNT, 0), total);
  }
  assert.equal(chargeQuota(region, ACCOUNT, 0, 0x7000_0000), false);
  returnQuota(region, ACCOUNT, 0, 0xe000_0000);
  assert.equal(quotaUsed(region, ACCOUNT, 0), 0);
});

test("a charge that is bound to fail keeps none out that fits", async () => {
  const region = limited(LIMIT);
  const data = { memory: region.memory, rounds: 100_000 };
  const [refused] = await crew<typeof charge>(tasks, { threads: 2, run: "charge", data });
  assert.equal(refused, 0);
  assert.equal(quotaUsed(region, ACCOUNT, 0), 0);
});
