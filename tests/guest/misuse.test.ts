/**
 * Garbage from a guest is a bug check, a raise, an error of the library or a trap; never anything else, and
 * the JavaScript side of the machine is whole afterwards.
 *
 * The guest is every documented routine, imported and exported again: what is passed is what C would pass.
 */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type GuestRoutine, loadGuest, SIGNATURES } from "lookaside/guest";
import * as wdk from "lookaside/wdk";
import { seeded } from "../support/seed.js";
import { dylink, SHARED_MEMORY, tinyWasm } from "./tiny-wasm.js";

/** Random calls of each mode. */
const CALLS = process.env["LOOKASIDE_LONG"] === "1" ? 1_000_000 : 4_000;

type AnyFunction = (...values: (number | bigint)[]) => unknown;

const names = Object.keys(SIGNATURES) as GuestRoutine[];
const bytes = tinyWasm({
  dylink: dylink(0),
  imports: [
    SHARED_MEMORY,
    ...names.map((name) => ({
      module: "lookaside",
      name,
      function: SIGNATURES[name],
      exported: name,
    })),
  ],
});

async function load(options: wdk.BootOptions): Promise<Record<GuestRoutine, AnyFunction>> {
  wdk.boot({ depth: { periodMs: 0 }, ...options });
  const guest = await loadGuest<Record<GuestRoutine, AnyFunction>>(bytes, { name: "all" });
  return guest.functions;
}

afterEach(() => wdk.shutdown());

/** What a call came to, if that is one of the four things that it may come to. */
function outcome(name: string, call: () => unknown): string {
  try {
    call();
    return "returned";
  } catch (error) {
    if (error instanceof wdk.BugCheck) return `bug check ${error.code.toString(16)}`;
    if (error instanceof wdk.StatusError) return `status ${error.status.toString(16)}`;
    if (error instanceof wdk.LookasideError) return error.code;
    if (error instanceof WebAssembly.RuntimeError) return "trap";
    return assert.fail(`${name} threw ${String(error)}`);
  }
}

/** The machine can do all it could: a list is made, used and deleted, and the pool's books are right. */
function assertWhole(): void {
  const type = wdk.NonPagedPool;
  const list = wdk.ExAllocatePoolWithTag(type, wdk.SIZEOF_LOOKASIDE_LIST_EX, wdk.tag("Test"));
  wdk.ExInitializeLookasideListEx(list, 0, 0, type, 0, 64, wdk.tag("Test"), 0);
  const entries = Array.from({ length: 6 }, () => wdk.ExAllocateFromLookasideListEx(list));
  assert.equal(new Set(entries).size, 6);
  for (const entry of entries) wdk.ExFreeToLookasideListEx(list, entry);
  assert.equal(wdk.queryLookaside(list).CurrentDepth, 4);
  wdk.ExDeleteLookasideListEx(list);
  wdk.ExFreePool(list);
  assert.deepEqual(wdk.system().audit().problems, []);
}

test("a pointer that cannot be one is reported by every routine that takes one", async () => {
  const functions = await load({ bugChecks: "continue" });
  const list = wdk.ExAllocatePoolWithTag(wdk.NonPagedPool, 0x80, wdk.tag("Test"));
  wdk.ExInitializeLookasideListEx(list, 0, 0, 0, 0, 64, wdk.tag("Test"), 0);
  const inside = list;
  const wild = {
    zero: 0,
    "the null page": 0x100,
    bookkeeping: 0x2000,
    "the end of memory": -16,
    "far outside": 0x7fff_fff0,
  };
  for (const [where, address] of Object.entries(wild)) {
    const calls: [GuestRoutine, (number | bigint)[]][] = [
      ["ExAllocateFromNPagedLookasideList", [address]],
      ["ExAllocateFromPagedLookasideList", [address]],
      ["ExAllocateFromLookasideListEx", [address]],
      ["ExFreeToNPagedLookasideList", [address, inside]],
      ["ExFreeToPagedLookasideList", [address, inside]],
      ["ExFreeToLookasideListEx", [address, inside]],
      ["ExFreeToLookasideListEx", [list, address]],
      ["ExInitializeLookasideListEx", [address, 0, 0, 0, 0, 64, 1, 0]],
      ["ExInitializeNPagedLookasideList", [address, 0, 0, 0, 64, 1, 0]],
      ["ExInitializePagedLookasideList", [address, 0, 0, 0, 64, 1, 0]],
      ["ExDeleteLookasideListEx", [address]],
      ["ExFlushLookasideListEx", [address]],
      ["ExFreePool", [address]],
      ["ExFreePoolWithTag", [address, 0]],
      ["InitializeSListHead", [address]],
      ["ExInterlockedPushEntrySList", [address, inside, 0]],
      ["InterlockedPushEntrySList", [inside, address]],
      ["InterlockedPopEntrySList", [address]],
      ["ExInterlockedFlushSList", [address]],
      ["QueryDepthSList", [address]],
      ["FirstEntrySList", [address]],
      ["InterlockedIncrement", [address]],
      ["InterlockedCompareExchange", [address, 0, 0]],
      ["KeRaiseIrql", [1, address]],
    ];
    for (const [name, values] of calls) {
      const found = outcome(name, () => functions[name](...values));
      assert.match(found, /^(bug check (a|c2)|trap)$/, `${name} with ${where}`);
    }
  }
  wdk.ExDeleteLookasideListEx(list);
  assertWhole();
});

test("a misaligned pointer is reported as misaligned", async () => {
  const functions = await load({});
  const block = wdk.ExAllocatePoolWithTag(wdk.NonPagedPool, 0x100, wdk.tag("Test"));
  const misaligned = `status ${wdk.STATUS_DATATYPE_MISALIGNMENT.toString(16)}`;
  const calls: [GuestRoutine, number[]][] = [
    ["ExAllocateFromLookasideListEx", [block + 8]],
    ["ExAllocateFromNPagedLookasideList", [block + 1]],
    ["ExFreeToPagedLookasideList", [block + 4, block]],
    ["ExInitializeLookasideListEx", [block + 8, 0, 0, 0, 0, 64, 1, 0]],
    ["InterlockedPushEntrySList", [block, block + 24]],
    ["ExInterlockedPopEntrySList", [block + 8, 0]],
    ["InterlockedExchange", [block + 2, 1]],
  ];
  for (const [name, values] of calls) {
    assert.equal(
      outcome(name, () => functions[name](...values)),
      misaligned,
      name,
    );
  }
});

test("memory that was never a list is no list", async () => {
  for (const checked of [false, true]) {
    const functions = await load({ checked, bugChecks: "continue" });
    const block = wdk.ExAllocatePoolWithTag(wdk.NonPagedPool, 0x100, wdk.tag("Test"));
    wdk.touch(block, 0x100).fill(0);
    const found = outcome("allocate", () => functions.ExAllocateFromLookasideListEx(block));
    assert.match(found, checked ? /bug check c4/ : /ERR_ROUTINE_MISSING|bug check/);
    assertWhole();
    wdk.shutdown();
  }
});

test("a function pointer that points nowhere is refused when the list is made", async () => {
  const functions = await load({});
  const list = wdk.ExAllocatePoolWithTag(wdk.NonPagedPool, 0x80, wdk.tag("Test"));
  for (const index of [1, 5, 0x7fff_ffff, -1]) {
    for (const pointers of [
      [index, 0],
      [0, index],
    ]) {
      const call = () =>
        functions.ExInitializeLookasideListEx(
          list,
          ...(pointers as [number, number]),
          0,
          0,
          64,
          1,
          0,
        );
      assert.equal(outcome("initialize", call), "ERR_ARGUMENT");
    }
  }
  assert.deepEqual(wdk.activeLists(), []);
});

for (const checked of [false, true]) {
  test(`random numbers to every routine, ${checked ? "in checked mode" : "unchecked"}`, async () => {
    const random = seeded(import.meta.url);
    const functions = await load({ checked, bugChecks: "continue" });
    const block = wdk.ExAllocatePoolWithTag(wdk.PagedPool, 4_096, wdk.tag("Test"));
    wdk.touch(block, 4_096).fill(0);
    // Not the middle of the pool, where the guest's own stores could do as much damage as any routine.
    const values = [0, 1, 2, 7, 8, 16, 64, 255, 512, 0x1000, 0x2000, -1, -16, -0x8000_0000];
    const seen = new Set<string>();
    for (let round = 0; round < CALLS; round++) {
      const name = random.pick(names);
      const letters = SIGNATURES[name].split(">")[0] as string;
      const given = [...letters].map((letter) => {
        const value = random.int(4) === 0 ? block + 16 * random.int(8) : random.pick(values);
        return letter === "j" ? BigInt(value) : value;
      });
      seen.add(outcome(name, () => functions[name](...given)));
      if (wdk.KeGetCurrentIrql() > 0) wdk.KeLowerIrql(0);
    }
    assert.ok(seen.size >= 5, [...seen].join(", "));
    assertWhole();
  });
}
