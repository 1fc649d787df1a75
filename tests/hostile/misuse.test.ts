/** Misuses a storm seldom meets: each is found in checked mode, by its own bug check, harming nothing. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  ExAllocatePoolWithTag,
  ExFreePool,
  ExInitializeLookasideListEx,
  InitializeSListHead,
  InterlockedExchange,
  InterlockedPopEntrySList,
  NonPagedPool,
  PagedPool,
  parkedEntries,
  queryLookaside,
  resetLookasideCounters,
  setLookasideDepth,
  tag,
  VERIFIER_RULE,
} from "lookaside/wdk";
import { bugCheckOf, bytesAt, chainOf, freshMachine, times, wordAt } from "../conformance/bench.js";
import { LIST_FAMILIES } from "../unit/wdk/list-families.js";

const TAG = tag("Misu");

function block(bytes = 256, type: number = NonPagedPool): number {
  return ExAllocatePoolWithTag(type, bytes, TAG);
}

/** The first two parameters of the 0xC4 that a call must end in. */
function violation(call: () => unknown): readonly number[] {
  const { code, parameters } = bugCheckOf(call);
  assert.equal(code, 0xc4);
  return parameters.slice(0, 2);
}

function makeAt(address: number): void {
  ExInitializeLookasideListEx(address, 0, 0, NonPagedPool, 0, 64, TAG, 0);
}

/** One case in checked mode. */
function checked(title: string, run: (t: TestContext) => void): void {
  test(title, (t) => {
    freshMachine(t, { checked: true });
    run(t);
  });
}

checked("a descriptor lies whole in one held block of nonpaged pool, or it is none", () => {
  const freed = block();
  ExFreePool(freed);
  const held = block(0x80);
  const paged = block(256, PagedPool);
  const end = block(70_000) + 70_000;
  for (const at of [freed, held + 0x30, paged, end - 0x50, end + 16]) {
    assert.deepEqual(
      violation(() => makeAt(at)),
      [VERIFIER_RULE.DESCRIPTOR_NOT_NONPAGED, at],
    );
  }
  makeAt(held + 0x20);
});

checked("a descriptor may not overlap one in use, from either side", () => {
  const at = block(512) + 0x60;
  makeAt(at);
  const before = bytesAt(at, 0x60).slice();
  for (const offset of [-0x50, -16, 0, 16, 0x50]) {
    assert.deepEqual(
      violation(() => makeAt(at + offset)),
      [0xca, at + offset],
    );
  }
  assert.deepEqual(new Uint8Array(bytesAt(at, 0x60)), before);
  makeAt(at + 0x60);
});

for (const family of LIST_FAMILIES) {
  checked(`an entry that holds an active list is not taken back: ${family.name}`, () => {
    const outer = family.make({ size: 200, tag: TAG });
    const entry = family.allocate(outer);
    if (family.poolType === PagedPool) return; // no list can lie there
    makeAt(entry + 32);
    assert.deepEqual(
      violation(() => family.free(outer, entry)),
      [0xcc, entry + 32],
    );
    assert.deepEqual(chainOf(outer), []);
    assert.equal(queryLookaside(entry + 32).Family, "Ex");
  });

  checked(`an Allocate routine gives no entry that is parked elsewhere: ${family.name}`, () => {
    const other = family.make({ size: 64, tag: TAG });
    const parked = family.allocate(other);
    family.free(other, parked);
    const list = family.make({ allocate: () => parked, size: 64, tag: TAG });
    const found = violation(() => family.allocate(list));
    assert.deepEqual(found, [VERIFIER_RULE.ENTRY_PARKED_TWICE, list]);
    assert.equal(family.allocate(other), parked);
  });

  checked(
    `a link to another list's entry is damage, and gives nothing away: ${family.name}`,
    () => {
      const [list, other] = [1, 2].map(() => family.make({ size: 64, tag: TAG })) as [
        number,
        number,
      ];
      const [own, foreign] = [family.allocate(list), family.allocate(other)];
      family.free(list, own);
      family.free(other, foreign);
      InterlockedExchange(own, foreign);
      assert.equal(bugCheckOf(() => family.allocate(list)).code, 0xc1);
      assert.equal(bugCheckOf(() => family.remove(list)).code, 0xc1);
      assert.equal(queryLookaside(list).Family, "None");
      assert.equal(family.allocate(other), foreign);
    },
  );

  checked(
    `a parked entry that was written to is reported when the list is deleted: ${family.name}`,
    () => {
      const list = family.make({ size: 64, tag: TAG });
      const entries = times(3, () => family.allocate(list));
      for (const entry of entries) family.free(list, entry);
      bytesAt((entries[1] as number) + 40, 1).fill(0x77);
      assert.equal(bugCheckOf(() => family.remove(list)).code, 0xc1);
      assert.deepEqual(
        violation(() => family.free(list, entries[0] as number)),
        [VERIFIER_RULE.LIST_NOT_INITIALIZED, list],
      );
    },
  );

  checked(`a Size that was overwritten with a huge one costs nothing: ${family.name}`, () => {
    const list = family.make({ size: 64, tag: TAG });
    const entry = family.allocate(list);
    bytesAt(list + 0x2c, 4).fill(0xff); // its Size
    const from = performance.now();
    family.free(list, entry);
    assert.equal(family.allocate(list), entry);
    assert.ok(performance.now() - from < 1_000, "the checksum read past the entry");
  });
}

checked("a ring of entries that no check can tell is drained once", () => {
  const area = block(256);
  let given = area + 96;
  const free: number[] = [];
  const list = block(0x80);
  const allocate = (): number => {
    given += 16;
    return given;
  };
  ExInitializeLookasideListEx(list, allocate, (entry) => void free.push(entry), 0, 0, 16, TAG, 0);
  const family = LIST_FAMILIES[2] ?? assert.fail();
  const entries = times(3, () => family.allocate(list));
  for (const entry of entries) family.free(list, entry);
  InterlockedExchange(entries[0] as number, entries[2] as number);
  family.remove(list);
  assert.deepEqual(free, entries.toReversed());
});

test("memory that happens to look like a list is none", (t) => {
  freshMachine(t);
  const at = block();
  bytesAt(at, 256).fill(0xff);
  bytesAt(at, 256)[7] = 3; // the byte that names the unified family
  assert.equal(queryLookaside(at).Family, "None");
  assert.deepEqual(parkedEntries(at), []);
  for (const call of [() => setLookasideDepth(at, 9), () => resetLookasideCounters(at)]) {
    assert.throws(call, { code: "ERR_ARGUMENT" });
  }
  assert.equal(wordAt(at + 0x10), 0xffff_ffff);
});

test("a header that leads out of the memory is a page fault, not a trap", (t) => {
  freshMachine(t);
  const head = block();
  InitializeSListHead(head);
  InterlockedExchange(head + 12, -16);
  const { code, parameters } = bugCheckOf(() => InterlockedPopEntrySList(head));
  assert.deepEqual([code, parameters[0]], [0x0a, head]);
  const list = block();
  makeAt(list);
  InterlockedExchange(list + 12, -16);
  for (const call of [queryLookaside, parkedEntries, resetLookasideCounters]) {
    assert.equal(bugCheckOf(() => call(list)).code, 0x0a);
  }
});

for (const family of LIST_FAMILIES) {
  checked(`lists may stand on lists, three high: ${family.name}`, () => {
    const entry = (list: number) => (): number => family.allocate(list);
    const back =
      (list: number) =>
      (given = 0): void =>
        family.free(list, given);
    const bottom = family.make({ size: 64, tag: TAG });
    const middle = family.make({ size: 64, tag: TAG, allocate: entry(bottom), free: back(bottom) });
    const top = family.make({ size: 64, tag: TAG, allocate: entry(middle), free: back(middle) });
    for (let round = 0; round < 3; round++) {
      const entries = times(15, () => family.allocate(top));
      assert.equal(new Set(entries).size, 15);
      for (const given of entries) family.free(top, given);
      assert.deepEqual(
        [top, middle, bottom].map((list) => chainOf(list).length),
        [4, 4, 4],
      );
    }
    const foreign = block(64, family.poolType);
    for (const list of [top, middle, bottom]) {
      const found = violation(() => family.free(list, foreign));
      assert.deepEqual(found, [VERIFIER_RULE.ENTRY_NOT_OF_LIST, list]);
    }
    for (const list of [top, middle, bottom]) family.remove(list);
    assert.equal(queryLookaside(bottom).Family, "None");
  });
}

for (const family of LIST_FAMILIES) {
  checked(`an Allocate routine that gives an unfit block is reported: ${family.name}`, () => {
    let [bytes, type] = [47, family.poolType];
    const allocate = (): number => ExAllocatePoolWithTag(type, bytes, TAG);
    const list = family.make({ allocate, size: 48, tag: TAG });
    const small = bugCheckOf(() => family.allocate(list));
    const [rule, where, , had] = small.parameters;
    assert.deepEqual([rule, where, had], [VERIFIER_RULE.ENTRY_TOO_SMALL, list, 47]);
    bytes = 48;
    const entry = family.allocate(list);
    family.free(list, entry);
    assert.equal(family.allocate(list), entry);
    type = family.poolType === PagedPool ? NonPagedPool : PagedPool;
    if (type === NonPagedPool) family.free(list, family.allocate(list));
    else
      assert.deepEqual(
        violation(() => family.allocate(list)),
        [VERIFIER_RULE.ENTRY_PAGED, list],
      );
  });
}
