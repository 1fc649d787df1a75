/** A guest's hits are finished without a call to JavaScript, and still only where TypeScript's would be. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type Guest, loadGuest } from "lookaside/guest";
import * as wdk from "lookaside/wdk";
import { descriptor, type Probe, probeModule } from "./guests.js";

const module = await probeModule();

async function load(options: wdk.BootOptions = {}): Promise<Guest<Probe>> {
  wdk.boot({ depth: { periodMs: 0 }, ...options });
  return loadGuest<Probe>(module, { name: "probe" });
}

afterEach(() => wdk.shutdown());

function bugCheckOf(action: () => unknown): readonly number[] {
  try {
    action();
  } catch (error) {
    if (error instanceof wdk.BugCheck) return [error.code, error.parameters[0]];
    throw error;
  }
  return assert.fail("no bug check");
}

/** A list of the guest's with one parked entry. */
function listWithEntry({ functions }: Guest<Probe>): number {
  const list = descriptor();
  functions.makeList(list, 0);
  functions.release(list, functions.allocate(list));
  return list;
}

test("above the level of a family a hit is refused as TypeScript's is", async () => {
  const guest = await load({ bugChecks: "continue" });
  const { functions } = guest;
  const [ex, nonpaged, paged] = [listWithEntry(guest), descriptor(), descriptor()];
  functions.makeNPagedList(nonpaged);
  functions.npagedRound(nonpaged);
  functions.makePagedList(paged);
  functions.pagedRound(paged);
  const rounds = [
    () => functions.pairs(ex, 1),
    () => functions.npagedRound(nonpaged),
    () => functions.pagedRound(paged),
  ] as const;

  wdk.KeRaiseIrql(wdk.DISPATCH_LEVEL);
  assert.deepEqual(bugCheckOf(rounds[2]), [0xc4, 0x2_0006]);
  rounds[0]();
  rounds[1]();
  wdk.KeRaiseIrql(wdk.HIGH_LEVEL);
  assert.deepEqual(bugCheckOf(rounds[0]), [0x0a, ex]);
  assert.deepEqual(bugCheckOf(rounds[1]), [0x0a, nonpaged]);
  wdk.KeLowerIrql(wdk.PASSIVE_LEVEL);
  for (const round of rounds) round();
  assert.equal(wdk.queryLookaside(ex).TotalAllocates, 3);
});

test("a level that the guest raises closes its own hits", async () => {
  const guest = await load({ bugChecks: "continue" });
  const list = listWithEntry(guest);
  guest.functions.raiseIrql(wdk.HIGH_LEVEL);
  assert.deepEqual(
    bugCheckOf(() => guest.functions.allocate(list)),
    [0x0a, list],
  );
});

test("checked mode sees what a guest frees twice", async () => {
  const guest = await load({ checked: true, bugChecks: "continue" });
  const { functions } = guest;
  const list = listWithEntry(guest);
  const entry = functions.allocate(list);
  functions.release(list, entry);
  assert.deepEqual(
    bugCheckOf(() => functions.release(list, entry)),
    [0xc4, wdk.VERIFIER_RULE.ENTRY_PARKED_TWICE],
  );
});

test("checked mode says more exactly what a wild entry is", async () => {
  const guest = await load({ checked: true, bugChecks: "continue" });
  const list = listWithEntry(guest);
  assert.deepEqual(
    bugCheckOf(() => guest.functions.release(list, 0x1000)),
    [0xc4, wdk.VERIFIER_RULE.ENTRY_NOT_OF_LIST],
  );
});

test("checked mode sees a guest write behind its entry", async () => {
  const guest = await load({ checked: true, bugChecks: "continue" });
  const list = listWithEntry(guest);
  const entry = guest.functions.allocate(list);
  wdk.touch(entry + 64, 1)[0] = 0;
  assert.deepEqual(
    bugCheckOf(() => guest.functions.release(list, entry)),
    [0xc4, 0x51],
  );
});

test("checked mode sees a guest push an entry that was freed", async () => {
  const { functions } = await load({ checked: true, bugChecks: "continue" });
  const [head, entries] = [descriptor(), descriptor()];
  assert.equal(functions.sequenced(head, entries), 9);
  wdk.ExFreePool(entries);
  assert.deepEqual(
    bugCheckOf(() => functions.sequenced(head, entries)),
    [0xc4, wdk.VERIFIER_RULE.SLIST_MISPLACED],
  );
});

test("after a bug check the guest's hits are refused with the same bug check", async () => {
  const guest = await load();
  const list = listWithEntry(guest);
  const word = descriptor();
  const code = bugCheckOf(() => wdk.ExFreePool(0x10));
  assert.deepEqual(
    bugCheckOf(() => guest.functions.allocate(list)),
    code,
  );
  assert.deepEqual(
    bugCheckOf(() => guest.functions.increment(word)),
    code,
  );
});

test("a guest does not go on in the next machine of its thread", async () => {
  const guest = await load();
  const list = listWithEntry(guest);
  wdk.shutdown();
  wdk.boot({ depth: { periodMs: 0 } });
  assert.throws(() => guest.functions.allocate(list), { code: "ERR_GUEST" });
  const next = await loadGuest<Probe>(module, { name: "probe" });
  assert.equal(next.functions.count(), 42, "a new machine has new static data");
});

test("a thousand hits of a guest are a thousand hits, and no miss", async () => {
  const guest = await load();
  const list = listWithEntry(guest);
  guest.functions.pairs(list, 1_000);
  const { TotalAllocates, AllocateMisses, TotalFrees, FreeMisses } = wdk.queryLookaside(list);
  assert.deepEqual([TotalAllocates, AllocateMisses, TotalFrees, FreeMisses], [1001, 1, 1001, 0]);
});

test("Depth is a limit for a guest as well", async () => {
  const guest = await load();
  const list = descriptor();
  guest.functions.makeList(list, 0);
  const held = Array.from({ length: 9 }, () => guest.functions.allocate(list));
  wdk.setLookasideDepth(list, 7);
  for (const entry of held) guest.functions.release(list, entry);
  assert.equal(wdk.queryLookaside(list).CurrentDepth, 7);
  assert.equal(guest.functions.freeCalls(), 2);
});
