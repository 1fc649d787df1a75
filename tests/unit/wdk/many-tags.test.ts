/** More tags than the table has slots: a wrong one is found all the same, and what each holds is known. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  BugCheck,
  ExAllocateFromLookasideListEx,
  ExAllocatePoolWithTag,
  ExDeleteLookasideListEx,
  ExFreePool,
  ExFreePoolWithTag,
  ExFreeToLookasideListEx,
  ExInitializeLookasideListEx,
  loadDriver,
  NonPagedPool,
  PagedPool,
  poolUsage,
  queryPoolBlock,
  tag,
} from "lookaside/wdk";
import { freshMachine } from "../../conformance/bench.js";

/** Tags that find no slot any more. */
const [LATE, LATER] = [tag("Late"), 0xff61_ff61];

/** A machine in which every slot of the table is taken. */
function fullTable(t: TestContext, checked: boolean): void {
  freshMachine(t, { checked, bugChecks: "continue" });
  for (let at = 0; at < 1_023; at++)
    ExFreePool(ExAllocatePoolWithTag(NonPagedPool, 32, 0x6161_0000 + at));
}

function codeOf(call: () => unknown): readonly number[] {
  try {
    call();
  } catch (error) {
    if (error instanceof BugCheck) return [error.code, ...error.parameters];
    throw error;
  }
  return [];
}

for (const checked of [false, true]) {
  const mode = checked ? ", in checked mode" : "";

  test(`a free under a wrong tag is found whatever the number of tags${mode}`, (t) => {
    fullTable(t, checked);
    for (const bytes of [1, 24, 100, 2_000, 5_000, 61_440, 100_000]) {
      for (const type of [NonPagedPool, PagedPool]) {
        const block = ExAllocatePoolWithTag(type, bytes, LATE);
        assert.equal(queryPoolBlock(block)?.tag, LATE);
        const other = ExAllocatePoolWithTag(type, bytes, LATER);
        for (const wrong of [LATER, 0x6161_0000, tag("None")]) {
          const found = codeOf(() => ExFreePoolWithTag(block, wrong));
          assert.deepEqual(found, [0xc2, 0x0a, block, LATE, wrong]);
        }
        assert.deepEqual(
          codeOf(() => ExFreePoolWithTag(block, LATE)),
          [],
        );
        assert.deepEqual(
          codeOf(() => ExFreePoolWithTag(other, LATER)),
          [],
        );
      }
    }
  });

  test(`what is held under a tag without a slot is told exactly${mode}`, (t) => {
    fullTable(t, checked);
    assert.equal(poolUsage(LATE).NonPaged.Diff, 0);
    const blocks = [10, 100, 70_000].map((bytes) =>
      ExAllocatePoolWithTag(NonPagedPool, bytes, LATE),
    );
    const paged = ExAllocatePoolWithTag(PagedPool, 77, LATE);
    const other = ExAllocatePoolWithTag(NonPagedPool, 55, LATER);
    const { NonPaged, Paged, Shared, TagText } = poolUsage(LATE);
    assert.deepEqual([NonPaged.Diff, NonPaged.Bytes], [3, 70_110]);
    assert.deepEqual([Paged.Diff, Paged.Bytes], [1, 77]);
    assert.deepEqual([Shared, TagText], [true, "Late"]);
    const together = poolUsage(0);
    assert.deepEqual([together.NonPaged.Diff, together.NonPaged.Bytes], [4, 70_165]);
    assert.equal(poolUsage(0x6161_0000).Shared, false);
    for (const block of [...blocks, paged, other]) ExFreePool(block);
    assert.equal(poolUsage(LATE).NonPaged.Diff, 0);
  });
}

test("a block under tag 0 does not fit another tag", (t) => {
  freshMachine(t, { bugChecks: "continue" });
  const block = ExAllocatePoolWithTag(NonPagedPool, 16, 0);
  assert.deepEqual(
    codeOf(() => ExFreePoolWithTag(block, LATE)),
    [0xc2, 0x0a, block, 0, LATE],
  );
  ExFreePoolWithTag(block, 0);
  const again = ExAllocatePoolWithTag(NonPagedPool, 16, LATE);
  ExFreePoolWithTag(again, LATE);
});

test("a driver's leak under a tag without a slot is found at its unload", (t) => {
  fullTable(t, false);
  const driver = loadDriver("late", [LATE]);
  const block = ExAllocatePoolWithTag(NonPagedPool, 40, LATE);
  assert.deepEqual(driver.unload().tags, [{ tag: LATE, blocks: 1, bytes: 40 }]);
  ExFreePool(block);
});

test("lists of such a tag work as others do", (t) => {
  fullTable(t, true);
  const list = ExAllocatePoolWithTag(NonPagedPool, 128, LATE);
  ExInitializeLookasideListEx(list, 0, 0, NonPagedPool, 0, 24, LATE, 0);
  const entries = [1, 2, 3, 4, 5, 6].map(() => ExAllocateFromLookasideListEx(list));
  assert.equal(poolUsage(LATE).NonPaged.Diff, 7);
  for (const entry of entries) ExFreeToLookasideListEx(list, entry);
  assert.equal(poolUsage(LATE).NonPaged.Diff, 5, "four are parked, and the descriptor");
  ExDeleteLookasideListEx(list);
  ExFreePoolWithTag(list, LATE);
  assert.equal(poolUsage(LATE).NonPaged.Diff, 0);
});
