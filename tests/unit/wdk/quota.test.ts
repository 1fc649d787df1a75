/** Quotas of threads that come and go: each begins with nothing charged, whatever is left behind. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  boot,
  ExAllocatePoolWithQuotaTag,
  ExFreePool,
  NonPagedPool,
  poolInformation,
  queryPoolBlock,
  shutdown,
  system,
  tag,
  ticket,
} from "lookaside/wdk";
import { crew, startCrew } from "../../support/crew.js";
import { BYTES, CHARGED, type chargeAndDie, type chargeAndLeave } from "./quota.tasks.js";

const tasks = new URL("./quota.tasks.js", import.meta.url);

function limited(t: TestContext): void {
  boot({ quota: { nonPaged: "64 KiB" }, depth: { periodMs: 0 } });
  t.after(shutdown);
}

function used(): number {
  return poolInformation().NonPaged.QuotaUsedBytes;
}

test("a thread begins with nothing charged, though the last of its number left a block", async (t) => {
  limited(t);
  const left = [];
  for (let worker = 0; worker < 3; worker++) {
    const options = { threads: 1, run: "chargeAndLeave", data: ticket() } as const;
    left.push(...(await crew<typeof chargeAndLeave>(tasks, options)));
  }
  assert.equal(new Set(left.map(({ thread }) => thread)).size, 1, "all had one number");
  for (const { before, after, block } of left) {
    assert.notEqual(block, 0);
    assert.deepEqual([before, after], [0, BYTES]);
  }
  assert.equal(used(), 0);
  const mine = ExAllocatePoolWithQuotaTag(NonPagedPool, BYTES, tag("Mine"));
  for (const { block } of left) ExFreePool(block);
  assert.equal(used(), BYTES, "a free of theirs does not credit this thread");
  ExFreePool(mine);
  assert.equal(used(), 0);
});

test("nor what the last one held when it died", async (t) => {
  limited(t);
  const ended = startCrew<typeof chargeAndDie>(tasks, {
    threads: 1,
    run: "chargeAndDie",
    data: ticket(),
  });
  const recovered = ended.workers.map((worker) => system().watch(worker));
  await ended.gates.reached(CHARGED, 1);
  await ended.terminate(0);
  await Promise.all(recovered);
  await ended.outcomes;
  const options = { threads: 1, run: "chargeAndLeave", data: ticket() } as const;
  const [next] = await crew<typeof chargeAndLeave>(tasks, options);
  assert.deepEqual([next?.before, next?.after], [0, BYTES]);
});

test("a thread that leaves and comes back begins anew", (t) => {
  limited(t);
  const keeper = system().ticket();
  const first = ExAllocatePoolWithQuotaTag(NonPagedPool, BYTES, tag("Mine"));
  assert.throws(() => ExAllocatePoolWithQuotaTag(NonPagedPool, BYTES, tag("Mine")), {
    status: 0xc000_0044,
  });
  shutdown();
  boot(keeper);
  assert.equal(used(), 0);
  const second = ExAllocatePoolWithQuotaTag(NonPagedPool, BYTES, tag("Mine"));
  assert.notEqual(queryPoolBlock(second)?.account, queryPoolBlock(first)?.account);
  ExFreePool(first);
  assert.equal(used(), BYTES);
});
