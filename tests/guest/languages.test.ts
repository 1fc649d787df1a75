/** Guests that are not C: C++ by the same header, AssemblyScript, and modules with a table of their own. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import asc from "assemblyscript/asc";
import { loadGuest, SIGNATURES } from "lookaside/guest";
import * as wdk from "lookaside/wdk";
import { compileGuest } from "../../tools/compile-guest.js";
import { descriptor } from "./guests.js";
import { SHARED_MEMORY, tinyWasm } from "./tiny-wasm.js";

beforeEach(() => wdk.boot({ depth: { periodMs: 0 } }));
afterEach(() => wdk.shutdown());

test("C++ takes the same header; classes, constructors and captures are its own", async () => {
  const source = `#include <wdm.h>
    namespace {
      struct Frames {
        NPAGED_LOOKASIDE_LIST List;
        LONG Made = 7;
        Frames() { ExInitializeNPagedLookasideList(&List, nullptr, nullptr, 0, 64, 'emrF', 0); }
        template <typename Use> LONG with(Use use) {
          PVOID Entry = ExAllocateFromNPagedLookasideList(&List);
          LONG Result = use(static_cast<LONG *>(Entry));
          ExFreeToNPagedLookasideList(&List, Entry);
          return Result;
        }
      };
      Frames AllFrames;
    }
    LOOKASIDE_EXPORT(list) PNPAGED_LOOKASIDE_LIST list() { return &AllFrames.List; }
    LOOKASIDE_EXPORT(use) LONG use(LONG Value) {
      return AllFrames.with([=](LONG *Word) { *Word = Value; return *Word + AllFrames.Made; });
    }`;
  const bytes = await compileGuest("frames", source, "c++");
  const guest = await loadGuest<{ list(): number; use(value: number): number }>(bytes, {
    name: "frames",
  });
  assert.deepEqual([guest.functions.use(35), guest.functions.use(1)], [42, 8]);
  const { Family, TotalAllocates, AllocateMisses } = wdk.queryLookaside(guest.functions.list());
  assert.deepEqual([Family, TotalAllocates, AllocateMisses], ["NPaged", 2, 1]);
});

async function compileAssemblyScript(source: string): Promise<Uint8Array<ArrayBuffer>> {
  const flags =
    "guest.ts -O3 --noAssert --runtime stub --importMemory --sharedMemory --enable threads " +
    "--initialMemory 1 --maximumMemory 65536 -o guest.wasm";
  let bytes: Uint8Array | undefined;
  const { error, stderr } = await asc.main(flags.split(" "), {
    readFile: (name: string) => (name === "guest.ts" ? source : null),
    writeFile: (_name: string, contents: string | Uint8Array) => {
      if (typeof contents !== "string") bytes = contents;
    },
    listFiles: () => [],
  } as never);
  if (bytes === undefined) assert.fail(`${String(error)} ${stderr.toString()}`);
  return Uint8Array.from(bytes);
}

test("AssemblyScript that only works on addresses needs no relocation", async () => {
  const source = `
    @external("lookaside", "ExAllocateFromLookasideListEx") declare function allocate(list: u32): u32;
    @external("lookaside", "ExFreeToLookasideListEx") declare function free(list: u32, entry: u32): void;
    export function sum(list: u32, count: u32): u32 {
      let total: u32 = 0;
      for (let round: u32 = 0; round < count; round++) {
        const entry = allocate(list);
        store<u32>(entry + 8, round);
        total += load<u32>(entry + 8);
        free(list, entry);
      }
      return total;
    }`;
  const bytes = await compileAssemblyScript(source);
  type Functions = { sum(list: number, count: number): number };
  const guest = await loadGuest<Functions>(bytes, { name: "sum", data: "none" });
  const list = descriptor();
  wdk.ExInitializeLookasideListEx(list, 0, 0, wdk.NonPagedPool, 0, 32, wdk.tag("Test"), 0);
  assert.equal(guest.functions.sum(list, 100), 4_950);
  const { TotalAllocates, AllocateMisses } = wdk.queryLookaside(list);
  assert.deepEqual([TotalAllocates, AllocateMisses], [100, 1]);
  assert.equal(wdk.poolUsage(wdk.tag("Gues")).NonPaged.Allocs, 0, "no stack, no data");
});

for (const name of ["__indirect_function_table", "table"]) {
  test(`routines are found in a table that the guest exports as ${name}`, async () => {
    const start = "ExInitializeNPagedLookasideList";
    const bytes = tinyWasm({
      table: name,
      imports: [
        SHARED_MEMORY,
        { module: "env", name: "allocate", function: "iii>i" },
        { module: "env", name: "free", function: "i>" },
        { module: "lookaside", name: start, function: SIGNATURES[start], exported: start },
      ],
    });
    const freed: number[] = [];
    const env = {
      allocate: (...values: Parameters<typeof wdk.ExAllocatePoolWithTag>) =>
        wdk.ExAllocatePoolWithTag(...values),
      free: (entry: number) => void freed.push(entry),
    };
    type Functions = { [start](...values: number[]): void };
    const guest = await loadGuest<Functions>(bytes, {
      name: "own",
      data: "none",
      imports: { env },
    });
    const list = descriptor();
    guest.functions[start](list, 1, 2, wdk.NonPagedPool, 64, wdk.tag("Test"), 0);
    const entry = wdk.ExAllocateFromNPagedLookasideList(list);
    assert.equal(wdk.queryPoolBlock(entry)?.bytes, 64);
    wdk.ExFreeToNPagedLookasideList(list, entry);
    wdk.ExDeleteNPagedLookasideList(list);
    assert.deepEqual(freed, [entry]);
  });
}

test("a routine of another type is a trap when it is called, as in C", async () => {
  const start = "ExInitializeNPagedLookasideList";
  const bytes = tinyWasm({
    table: "table",
    imports: [
      SHARED_MEMORY,
      { module: "env", name: "wrong", function: "jj>j" },
      { module: "lookaside", name: start, function: SIGNATURES[start], exported: start },
    ],
  });
  const env = { wrong: () => assert.fail("called") };
  type Functions = { [start](...values: number[]): void };
  const guest = await loadGuest<Functions>(bytes, { name: "own", data: "none", imports: { env } });
  const list = descriptor();
  guest.functions[start](list, 1, 0, wdk.NonPagedPool, 64, wdk.tag("Test"), 0);
  assert.throws(() => wdk.ExAllocateFromNPagedLookasideList(list), WebAssembly.RuntimeError);
  assert.equal(wdk.queryLookaside(list).AllocateMisses, 1);
});
