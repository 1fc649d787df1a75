/** What leaves a guest, and how it goes on: raises, bug checks, traps, exceptions of TypeScript. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type Guest, type GuestOptions, loadGuest } from "lookaside/guest";
import * as wdk from "lookaside/wdk";
import { descriptor, type Probe, probeModule } from "./guests.js";

const module = await probeModule();
const RAISING = wdk.EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL;
const TOO_LARGE = 0x4000_0000;

async function load(options: Partial<GuestOptions> = {}): Promise<Guest<Probe>> {
  wdk.boot({ depth: { periodMs: 0 }, bugChecks: "continue" });
  return loadGuest<Probe>(module, { name: "probe", ...options });
}

afterEach(() => wdk.shutdown());

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}

/** What shows that a guest and its machine are whole: a round through a list of the guest's own. */
function assertWhole({ functions }: Guest<Probe>): void {
  const list = descriptor();
  functions.makeList(list, 0);
  functions.pairs(list, 10);
  wdk.ExDeleteLookasideListEx(list);
  assert.equal(wdk.queryLookaside(list).AllocateMisses, 1);
}

test("a raise in a guest reaches the TypeScript caller with its status", async () => {
  const guest = await load();
  const error = caught(() => guest.functions.raise(wdk.STATUS_NO_MEMORY | 0));
  assert.ok(error instanceof wdk.StatusError);
  assert.equal(error.status, wdk.STATUS_NO_MEMORY);
  assertWhole(guest);
});

test("a raise of a documented routine leaves the guest as the object that was thrown", async () => {
  const guest = await load();
  const thrown = new wdk.StatusError(wdk.STATUS_QUOTA_EXCEEDED, "Thrown by a callback");
  const list = descriptor();
  const allocate = (): number => {
    throw thrown;
  };
  wdk.ExInitializeLookasideListEx(list, allocate, 0, 0, RAISING, 64, wdk.tag("Test"), 0);
  assert.equal(
    caught(() => guest.functions.allocate(list)),
    thrown,
  );
  assertWhole(guest);
});

test("what a callback in TypeScript throws goes through the guest unchanged", async () => {
  for (const onRaise of ["trap", "return"] as const) {
    const guest = await load({ onRaise });
    const thrown = { any: "thing" };
    const list = descriptor();
    const allocate = (): number => {
      throw thrown;
    };
    wdk.ExInitializeLookasideListEx(list, allocate, 0, 0, 0, 64, wdk.tag("Test"), 0);
    assert.equal(
      caught(() => guest.functions.allocate(list)),
      thrown,
    );
    assertWhole(guest);
    wdk.shutdown();
  }
});

test("a raise in a guest's Allocate routine reaches a TypeScript caller of the list", async () => {
  const guest = await load();
  const list = descriptor();
  guest.functions.makeRaisingList(list);
  const error = caught(() => wdk.ExAllocateFromLookasideListEx(list));
  assert.ok(error instanceof wdk.StatusError);
  assert.equal(error.status, wdk.STATUS_NO_MEMORY);
  assert.equal(wdk.queryLookaside(list).AllocateMisses, 1);
});

test("frames that an exception left behind are taken off the guest's stack", async () => {
  const guest = await load({ stackBytes: "8 KiB", onRaise: "return" });
  const { functions } = guest;
  const before = functions.frameAddress();
  const list = descriptor();
  functions.makeRaisingList(list);
  for (let time = 0; time < 100; time++) {
    caught(() => functions.raise(wdk.STATUS_NO_MEMORY | 0));
    caught(() => functions.trap());
    caught(() => wdk.ExAllocateFromLookasideListEx(list));
    assert.equal(functions.allocate(list), wdk.NULL); // a raise inside a callback inside the guest
    assert.equal(functions.frameAddress(), before);
  }
});

test("with onRaise return, an allocation that raises gives NULL and, once, the status", async () => {
  const { functions } = await load({ onRaise: "return" });
  const type = wdk.NonPagedPool | wdk.POOL_RAISE_IF_ALLOCATION_FAILURE;
  assert.equal(functions.poolBlock(type, TOO_LARGE), wdk.NULL);
  assert.equal(functions.takeRaise() >>> 0, wdk.STATUS_INSUFFICIENT_RESOURCES);
  assert.equal(functions.takeRaise(), wdk.STATUS_SUCCESS);
});

test("without it, the same allocation leaves the guest as a StatusError", async () => {
  const guest = await load();
  const type = wdk.NonPagedPool | wdk.POOL_RAISE_IF_ALLOCATION_FAILURE;
  const error = caught(() => guest.functions.poolBlock(type, TOO_LARGE));
  assert.ok(error instanceof wdk.StatusError);
  assert.equal(error.status, wdk.STATUS_INSUFFICIENT_RESOURCES);
  assert.equal(guest.functions.takeRaise(), wdk.STATUS_SUCCESS);
});

test("with onRaise return, an initialization that raises gives back the status", async () => {
  const { functions } = await load({ onRaise: "return" });
  const status = functions.makeList(descriptor() + 8, 0) >>> 0;
  assert.equal(status, wdk.STATUS_DATATYPE_MISALIGNMENT);
  functions.makeNPagedList(descriptor() + 8); // has no result to give it back in
  assert.equal(functions.takeRaise() >>> 0, wdk.STATUS_DATATYPE_MISALIGNMENT);
});

test("a guest that raises itself always leaves, for C cannot go on behind a raise", async () => {
  const guest = await load({ onRaise: "return" });
  const error = caught(() => guest.functions.raise(wdk.STATUS_NO_MEMORY | 0));
  assert.ok(error instanceof wdk.StatusError);
  assertWhole(guest);
});

test("a bug check always leaves the guest", async () => {
  const { functions } = await load({ onRaise: "return" });
  const paged = descriptor();
  functions.makePagedList(paged);
  wdk.KeRaiseIrql(wdk.DISPATCH_LEVEL);
  const error = caught(() => functions.pagedRound(paged));
  assert.ok(error instanceof wdk.BugCheck);
  assert.equal(error.code, wdk.BUG_CHECK.DRIVER_VERIFIER_DETECTED_VIOLATION);
  assert.equal(functions.takeRaise(), wdk.STATUS_SUCCESS);
});

test("a trap of the guest is WebAssembly's own error, and the machine goes on", async () => {
  const guest = await load();
  assert.ok(caught(() => guest.functions.trap()) instanceof WebAssembly.RuntimeError);
  assertWhole(guest);
});

test("a guest may unload while TypeScript keeps its lists; its routines are missing then", async () => {
  const guest = await load();
  const list = descriptor();
  guest.functions.makeList(list, 0);
  assert.notEqual(wdk.ExAllocateFromLookasideListEx(list), wdk.NULL);
  guest.unload();
  guest.unload();
  const error = caught(() => wdk.ExAllocateFromLookasideListEx(list));
  assert.ok(error instanceof wdk.LookasideError);
  assert.equal(error.code, "ERR_ROUTINE_MISSING");
  assert.match(error.message, /"guest:probe#\d+"/);
  const called = caught(() => guest.functions.count());
  assert.equal((called as wdk.LookasideError).code, "ERR_GUEST");
  assert.equal((caught(() => guest.routine(1)) as wdk.LookasideError).code, "ERR_GUEST");
});

test("a guest cannot be unloaded by what it calls", async () => {
  const guest = await load();
  const list = descriptor();
  const allocate = (): number => {
    guest.unload();
    return wdk.NULL;
  };
  wdk.ExInitializeLookasideListEx(list, allocate, 0, 0, 0, 64, wdk.tag("Test"), 0);
  const error = caught(() => guest.functions.allocate(list));
  assert.equal((error as wdk.LookasideError).code, "ERR_GUEST");
  assertWhole(guest);
});

test("a shutdown in the middle of a guest's call ends what the guest can do", async () => {
  const guest = await load();
  const list = descriptor();
  const entry = wdk.ExAllocatePoolWithTag(wdk.NonPagedPool, 64, wdk.tag("Test"));
  const allocate = (): number => {
    wdk.shutdown();
    return entry;
  };
  wdk.ExInitializeLookasideListEx(list, allocate, 0, 0, 0, 64, wdk.tag("Test"), 0);
  // The free that follows could be finished without JavaScript; it must not be.
  const error = caught(() => guest.functions.pairs(list, 1));
  assert.equal((error as wdk.LookasideError).code, "ERR_GUEST");
  assert.equal((caught(() => guest.functions.count()) as wdk.LookasideError).code, "ERR_GUEST");
});
