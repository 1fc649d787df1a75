/**
 * ExInitializeLookasideListEx and the life of a list: entries collect up to the limit, overflow beyond
 * it, and go with the list.
 */
import assert from "node:assert/strict";
import {
  activeLists,
  BUG_CHECK,
  ExAllocateFromLookasideListEx,
  ExAllocatePoolWithTag,
  ExDeleteLookasideListEx,
  ExFlushLookasideListEx,
  ExFreePool,
  ExFreeToLookasideListEx,
  loadDriver,
  NonPagedPool,
  PagedPool,
  queryLookaside,
  queryPoolBlock,
  tag,
  VERIFIER_RULE,
} from "lookaside/wdk";
import { randomFrom, seeded } from "../support/seed.js";
import {
  bugCheckOf,
  chainOf,
  charged,
  countOf,
  descriptor,
  exList,
  freshMachine,
  snapshot,
  spyAllocate,
  spyFree,
  storage,
  times,
} from "./bench.js";
import { clause } from "./clause.js";
import { liveAlike, type Twin } from "./twins.js";

const random = seeded(import.meta.url);

/** Parks `count` fresh entries. Gives them back in the order in which they were freed. */
function park(list: number, count: number): number[] {
  const entries = times(count, () => ExAllocateFromLookasideListEx(list));
  for (const entry of entries) ExFreeToLookasideListEx(list, entry);
  return entries;
}

function twin(list: number): Twin {
  return { list, allocate: ExAllocateFromLookasideListEx, free: ExFreeToLookasideListEx };
}

clause("IEX-38", "a descriptor that was never initialized is refused in checked mode", (t) => {
  freshMachine(t, { checked: true });
  const entry = storage(64);
  const deleted = exList();
  ExDeleteLookasideListEx(deleted);
  for (const raw of [descriptor(0x00), descriptor(0xa5), descriptor(0xff), deleted]) {
    for (const use of [
      () => ExAllocateFromLookasideListEx(raw),
      () => ExFreeToLookasideListEx(raw, entry),
      () => ExFlushLookasideListEx(raw),
    ]) {
      const { code, parameters } = bugCheckOf(use);
      assert.equal(code, BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION);
      assert.deepEqual(parameters.slice(0, 2), [VERIFIER_RULE.LIST_NOT_INITIALIZED, raw]);
    }
    const { code, parameters } = bugCheckOf(() => ExDeleteLookasideListEx(raw));
    assert.equal(code, BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION);
    assert.deepEqual(parameters.slice(0, 2), [0xcb, raw]);
  }
});

clause("IEX-41", "a freed buffer stays an entry: on the chain, and allocated for the pool", (t) => {
  freshMachine(t);
  const list = exList();
  const entry = ExAllocateFromLookasideListEx(list);
  const before = charged();
  ExFreeToLookasideListEx(list, entry);
  assert.deepEqual(chainOf(list), [entry]);
  assert.deepEqual(charged(), before);
  assert.equal(queryPoolBlock(entry)?.bytes, 64);
});

clause("IEX-46", "freed entries are inserted into the list, one by one", (t) => {
  freshMachine(t);
  const list = exList();
  const entries = times(4, () => ExAllocateFromLookasideListEx(list));
  entries.forEach((entry, index) => {
    ExFreeToLookasideListEx(list, entry);
    assert.equal(countOf(list), index + 1);
    assert.ok(chainOf(list).includes(entry));
  });
});

clause("IEX-47", "at the limit a free inserts no more", (t) => {
  freshMachine(t);
  const list = exList();
  const entries = times(12, () => ExAllocateFromLookasideListEx(list));
  for (const entry of entries.slice(0, 4)) ExFreeToLookasideListEx(list, entry);
  const full = chainOf(list);
  for (const entry of entries.slice(4)) {
    ExFreeToLookasideListEx(list, entry);
    assert.equal(countOf(list), 4);
    assert.deepEqual(chainOf(list), full);
  }
  assert.equal(snapshot(list).FreeMisses, 8);
});

clause("IEX-49", "the limit is the system's: 4 at first, whatever the caller passes", (t) => {
  freshMachine(t);
  for (const depth of [0, 1, 3, 5, 100, 65_535]) {
    const list = exList({ depth });
    park(list, 20);
    assert.equal(countOf(list), 4);
    assert.equal(queryLookaside(list).Depth, 4);
    ExDeleteLookasideListEx(list);
  }
});

clause("IEX-50", "without routines a whole life leaves the pool balanced", (t) => {
  freshMachine(t);
  for (const poolType of [NonPagedPool, PagedPool]) {
    const list = exList({ poolType });
    const before = charged();
    for (let round = 1; round <= 20; round++) park(list, round);
    ExFlushLookasideListEx(list);
    park(list, 3);
    assert.ok(charged().allocs > before.allocs);
    ExDeleteLookasideListEx(list);
    const { allocs, frees, blocks, bytes } = charged();
    assert.deepEqual([allocs - before.allocs, blocks, bytes], [frees - before.frees, 0, 0]);
  }
});

clause("IEX-51", "routines that only forward have the same effect as NULL", (t) => {
  freshMachine(t);
  const tags = [tag("Null"), tag("Forw")] as const;
  for (const poolType of [NonPagedPool, PagedPool]) {
    const plain = exList({ poolType, tag: tags[0] });
    const forwarding = exList({ poolType, tag: tags[1], allocate: spyAllocate(), free: spyFree() });
    const compare = (first: unknown, second: unknown): void => assert.deepEqual(first, second);
    const history = randomFrom(random.next());
    liveAlike(history, 3_000, [twin(plain), twin(forwarding)], compare);
    assert.deepEqual(charged(tags[0]), charged(tags[1]));
    assert.equal(charged(tags[0]).blocks, countOf(plain));
    for (const list of [plain, forwarding]) ExDeleteLookasideListEx(list);
    assert.deepEqual(charged(tags[0]), charged(tags[1]));
  }
});

clause(
  "IEX-53",
  "a driver that unloads with lists in use is a serious error in checked mode",
  (t) => {
    freshMachine(t, { checked: true });
    const driver = loadDriver("Leaky");
    const kept = times(3, () => exList());
    ExDeleteLookasideListEx(exList());
    const fatal = bugCheckOf(() => driver.unload());
    assert.equal(fatal.code, 0xc7);
    assert.deepEqual(fatal.parameters.slice(1, 3), [kept[0], 3]);
    for (const list of kept) assert.ok(fatal.message.includes(`0x${list.toString(16)}`));
  },
);

clause("IEX-53", "otherwise the unload reports each list that the driver did not free", (t) => {
  freshMachine(t);
  const leaky = loadDriver("Leaky");
  const kept = times(3, () => exList());
  assert.deepEqual(leaky.unload().lists, kept);
  const tidy = loadDriver("Tidy");
  for (const list of times(3, () => exList())) ExDeleteLookasideListEx(list);
  assert.deepEqual(tidy.unload().lists, []);
});

clause("IEX-54", "delete releases a list: it is not active and can be initialized again", (t) => {
  freshMachine(t, { checked: true });
  const at = descriptor();
  for (let life = 0; life < 3; life++) {
    assert.equal(exList({ at }), at);
    assert.deepEqual(activeLists(), [at]);
    const active = bugCheckOf(() => exList({ at }));
    assert.deepEqual(active.parameters.slice(0, 2), [0xca, at]);
    park(at, 2);
    ExDeleteLookasideListEx(at);
    assert.deepEqual(activeLists(), []);
    assert.equal(queryLookaside(at).Family, "None");
  }
});

clause("IEX-55", "delete frees the storage of the entries that remain", (t) => {
  freshMachine(t);
  for (let parked = 0; parked <= 4; parked++) {
    const free = spyFree();
    const [plain, custom] = [exList(), exList({ free })];
    park(plain, parked);
    const entries = park(custom, parked);
    const before = charged();
    ExDeleteLookasideListEx(plain);
    assert.equal(charged().frees, before.frees + parked);
    ExDeleteLookasideListEx(custom);
    assert.deepEqual(free.calls.map((call) => call[0]).toSorted(), entries.toSorted());
    assert.equal(charged().blocks, 0);
  }
});

clause("IEX-56", "delete then takes the list out of the set of lists in use", (t) => {
  freshMachine(t);
  const lists = times(5, () => exList());
  while (lists.length > 0) {
    const [gone] = lists.splice(random.int(lists.length), 1) as [number];
    ExDeleteLookasideListEx(gone);
    assert.deepEqual(activeLists(), lists);
  }
});

clause("IEX-57", "the removal comes after the frees: the Free routine still sees the list", (t) => {
  freshMachine(t);
  const seen: boolean[] = [];
  const list = exList({
    free: (buffer, Lookaside) => {
      seen.push(activeLists().includes(Lookaside));
      ExFreePool(buffer);
    },
  });
  park(list, 4);
  ExDeleteLookasideListEx(list);
  assert.deepEqual(seen, [true, true, true, true]);
  assert.deepEqual(activeLists(), []);
});

clause("IEX-39", "the list cuts pool calls: 10,000 pairs need one allocation, not 10,000", (t) => {
  freshMachine(t);
  const [listed, bare] = [tag("List"), tag("Bare")];
  const list = exList({ tag: listed });
  for (let pair = 0; pair < 10_000; pair++) {
    ExFreeToLookasideListEx(list, ExAllocateFromLookasideListEx(list));
    ExFreePool(ExAllocatePoolWithTag(NonPagedPool, 64, bare));
  }
  assert.deepEqual([charged(listed).allocs, charged(listed).frees], [1, 0]);
  assert.deepEqual([charged(bare).allocs, charged(bare).frees], [10_000, 10_000]);
});
