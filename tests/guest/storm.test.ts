/**
 * A guest that is out to harm: garbage pointers to every routine, writes over every parked entry, frees of
 * what it does not own, callbacks that call back, give garbage, trap and delete the list that called them.
 *
 * Each call comes to a value, a bug check, a raise, an error of the library or a trap, and comes back; the
 * pool holds against its audit at every look. In checked mode lists that are not the guest's go on exactly.
 * Without it a list trusts its callers, as the real ones do, and links through bytes that the guest may write
 * over: what is promised then is that the bookkeeping lies elsewhere. So the pool goes on, and block lists.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type GuestRoutine, loadGuest, SIGNATURES } from "lookaside/guest";
import * as wdk from "lookaside/wdk";
import { auditPool } from "../support/pool-audit.js";
import { seeded } from "../support/seed.js";
import { dylink, SHARED_MEMORY, tinyWasm } from "./tiny-wasm.js";

type AnyFunction = (...values: (number | bigint)[]) => number | bigint | undefined;
type Functions = Record<GuestRoutine, AnyFunction>;

const CALLS = process.env["LOOKASIDE_LONG"] === "1" ? 1_000_000 : 8_000;
const CALLS_OF_ONE = 2_000;
const BETWEEN_LOOKS = 500;
const random = seeded(import.meta.url);
const names = Object.keys(SIGNATURES) as GuestRoutine[];
const TAG = wdk.tag("Gues");

/** Functions of the guest's table, from index 1: as Allocate routines, and as Free routines. */
const ALLOCATES = ["give", "garbage", "again", "trap", "remove"] as const;
const FREES = ["take", "keep", "twice", "burst", "vanish"] as const;

/** A module of one exported function that traps. */
const TRAP = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
  ...[7, 8, 1, 4, 0x74, 0x72, 0x61, 0x70, 0, 0, 10, 5, 1, 3, 0, 0, 0x0b],
]);

/** The guest: every routine, imported and exported again, and a table of its callbacks. */
const bytes = tinyWasm({
  dylink: dylink(0),
  imports: [
    SHARED_MEMORY,
    ...ALLOCATES.map((name) => ({ module: "hostile", name, function: "iiii>i" })),
    ...FREES.map((name) => ({ module: "hostile", name, function: "ii>" })),
    ...names.map((name) => ({
      module: "lookaside",
      name,
      function: SIGNATURES[name],
      exported: name,
    })),
  ],
  table: "__indirect_function_table",
});

/** What the guest knows: lists that it made, blocks that it got. Much of it is out of date. */
class HostileGuest {
  readonly functions: Functions;
  readonly lists: number[] = [];
  readonly blocks: number[] = [];
  readonly outcomes = new Map<string, number>();
  readonly #isChecked: boolean;
  #depth = 0;

  static async load(isChecked: boolean): Promise<HostileGuest> {
    const { instance } = await WebAssembly.instantiate(TRAP);
    const trap = instance.exports["trap"] as () => void;
    const holder: { guest?: HostileGuest } = {};
    const guestOf = (): HostileGuest => holder.guest ?? assert.fail("no guest yet");
    const give = (type: number, size: number, tag: number): number =>
      wdk.ExAllocatePoolWithTag(type >>> 0, size >>> 0, tag >>> 0);
    const hostile = {
      give,
      garbage: () => guestOf().pointer() | 0,
      again: (type: number, size: number, tag: number) => {
        guestOf().callBack();
        return give(type, size, tag);
      },
      trap: () => {
        trap();
        return 0;
      },
      remove: (type: number, size: number, tag: number, list: number) => {
        guestOf().attempt("ExDeleteLookasideListEx", [list]);
        return give(type, size, tag);
      },
      take: (entry: number) => wdk.ExFreePool(entry >>> 0),
      keep: () => {},
      twice: (entry: number) => {
        wdk.ExFreePool(entry >>> 0);
        wdk.ExFreePool(entry >>> 0);
      },
      burst: (entry: number) => {
        wdk.ExFreePool(entry >>> 0);
        trap();
      },
      vanish: (entry: number, list: number) => {
        guestOf().callBack();
        guestOf().attempt("ExFlushLookasideListEx", [list]);
        wdk.ExFreePool(entry >>> 0);
      },
    };
    const guest = await loadGuest<Functions>(bytes, { name: "hostile", imports: { hostile } });
    holder.guest = new HostileGuest(guest.functions, isChecked);
    return holder.guest;
  }

  constructor(functions: Functions, isChecked: boolean) {
    this.functions = functions;
    this.#isChecked = isChecked;
    for (let count = 0; count < 6; count++)
      this.lists.push(wdk.ExAllocatePoolWithTag(wdk.NonPagedPool, 0x80, TAG));
  }

  /** One thing that a guest can do. */
  step(): void {
    const chance = random.int(100);
    if (chance < 15) this.#make();
    else if (chance < 18) this.#scribble();
    else if (chance < 45) this.#allocate();
    else if (chance < 75) this.#free();
    else this.#anything();
    if (wdk.KeGetCurrentIrql() > 0) wdk.KeLowerIrql(0);
  }

  /** Any call of any routine, from within a callback: not for ever deeper. */
  callBack(): void {
    if (this.#depth > 3) return;
    this.#depth++;
    try {
      this.step();
    } finally {
      this.#depth--;
    }
  }

  /** A pointer that the guest has no business with, or once had. */
  pointer(): number {
    const wild = [
      0,
      1,
      8,
      0x1000,
      0x2000,
      -16,
      -1,
      0x7fff_fff0,
      random.int(1 << 20),
      random.next(),
    ];
    const known = [...this.blocks, ...this.lists];
    if (random.int(3) > 0 && known.length > 0)
      return random.pick(known) + random.pick([0, 0, 0, 0, 16, 8, 1]);
    const pointer = random.pick(wild);
    // Unchecked, to use somebody else's memory as a list or an entry is to write there.
    const isElsewhere = pointer < wdk.system().region.layout.dataByte;
    return this.#isChecked || isElsewhere ? pointer : pointer | -0x8000_0000;
  }

  attempt(name: GuestRoutine, given: readonly (number | bigint)[]): number {
    let kind = "a value";
    let result: number | bigint | undefined = 0;
    try {
      result = this.functions[name](...given);
    } catch (error) {
      kind = kindOf(name, given, error);
    }
    this.outcomes.set(kind, (this.outcomes.get(kind) ?? 0) + 1);
    return Number(result ?? 0);
  }

  #make(): void {
    const list = random.pick(this.lists);
    const size = random.pick([16, 64, 200, 4_000, 0, 70_000]);
    const routines = [pick(ALLOCATES.length, 0), pick(FREES.length, ALLOCATES.length)] as const;
    this.attempt("ExDeleteLookasideListEx", [list]);
    this.attempt("ExInitializeLookasideListEx", [
      list,
      ...routines,
      random.pick([0, 1, 512]),
      0,
      size,
      TAG,
      0,
    ]);
  }

  #allocate(): void {
    const list = random.int(10) === 0 ? this.pointer() : random.pick(this.lists);
    const block = this.attempt("ExAllocateFromLookasideListEx", [list]);
    if (block === 0) return;
    this.blocks.push(block);
    if (this.blocks.length > 200) this.blocks.shift();
  }

  #free(): void {
    const list = random.int(10) === 0 ? this.pointer() : random.pick(this.lists);
    const at = random.int(this.blocks.length + 1);
    const isForgotten = random.int(4) > 0;
    const block = isForgotten ? this.blocks.splice(at, 1)[0] : this.blocks[at];
    this.attempt("ExFreeToLookasideListEx", [list, block ?? this.pointer()]);
  }

  /** Writes over entries parked in the guest's own lists: every one of them, or some bytes of one. */
  #scribble(): void {
    const list = random.pick(this.lists);
    if (!wdk.activeLists().includes(list)) return;
    const view = new Uint8Array(wdk.memory().buffer);
    const all = random.int(4) === 0;
    for (const entry of entriesOf(list)) {
      const known = wdk.queryPoolBlock(entry);
      if (known === null || !known.parked || (!all && random.int(3) > 0)) continue;
      const length = all ? known.bytes : Math.min(8, known.bytes);
      for (let at = 0; at < length; at++) view[entry + at] = random.int(256);
    }
  }

  #anything(): void {
    const name = random.pick(names);
    const [letters = ""] = SIGNATURES[name].split(">");
    const given = [...letters].map((letter) => {
      const value = random.int(2) === 0 ? this.pointer() : random.pick([0, 1, 2, 16, 64, 512, -1]);
      return letter === "j" ? BigInt(value) : value;
    });
    if (WRITES.test(name)) given[0] = random.pick([0, -16, 0x2000, 1]); // stores anywhere are anybody's
    const result = this.attempt(name, given);
    if (/Allocate/.test(name) && result !== 0) this.blocks.push(result);
  }
}

/** What is parked in a list. Unchecked, a chain that the guest has damaged may lead nowhere: that is said. */
function entriesOf(list: number): readonly number[] {
  try {
    return wdk.parkedEntries(list);
  } catch (error) {
    kindOf("parkedEntries", [list], error);
    return [];
  }
}

/** Routines that write where they are told to: what a guest can do with a store of its own. */
const WRITES = /^(?:Initialize|Interlocked|ExInterlocked)|SList|KeRaiseIrql/;

function pick(count: number, before: number): number {
  return random.int(3) === 0 ? 0 : 1 + before + random.int(count);
}

function kindOf(name: string, given: readonly (number | bigint)[], error: unknown): string {
  if (error instanceof wdk.BugCheck) return "a bug check";
  if (error instanceof wdk.StatusError) return "a raise";
  if (error instanceof wdk.LookasideError) return "a LookasideError";
  if (error instanceof WebAssembly.RuntimeError) return "a trap";
  return assert.fail(`${name}(${given.join(", ")}) threw ${String(error)}`);
}

/** A list of the host's that the guest does not know, with the stack that it must be. */
function bystander(): { verify(): void } {
  const list = wdk.ExAllocatePoolWithTag(wdk.NonPagedPool, 0x80, wdk.tag("Byst"));
  wdk.ExInitializeLookasideListEx(list, 0, 0, wdk.NonPagedPool, 0, 64, wdk.tag("Byst"), 0);
  const entries = [1, 2, 3].map(() => wdk.ExAllocateFromLookasideListEx(list));
  for (const entry of entries) wdk.ExFreeToLookasideListEx(list, entry);
  const parked = entries.toReversed();
  return {
    verify: () => {
      assert.deepEqual(wdk.parkedEntries(list), parked);
      assert.equal(wdk.ExAllocateFromLookasideListEx(list), parked[0]);
      wdk.ExFreeToLookasideListEx(list, parked[0] as number);
    },
  };
}

/** The same with a block list, whose bookkeeping no store of the guest reaches. */
function blockListBystander(name: string): { verify(): void } {
  const list = wdk.system().blockList({ tag: "Byst", name, size: 1_500 });
  const blocks = [1, 2, 3].map(() => list.allocateOrThrow());
  for (const block of blocks) block.free();
  return {
    verify: () => {
      const again = blocks.map(() => list.allocateOrThrow());
      assert.deepEqual(
        again.map(({ address }) => address),
        blocks.toReversed().map(({ address }) => address),
      );
      for (const block of again.toReversed()) block.free();
      const { held, parked } = list.statistics();
      assert.deepEqual([held, parked], [0, 3]);
      assert.deepEqual(wdk.system().audit().problems, []);
    },
  };
}

/** One machine and one guest of it; gives back what came out how often. */
async function storm(calls: number, checked: boolean): Promise<ReadonlyMap<string, number>> {
  const limits = { nonPagedPoolBytes: "8 MiB", pagedPoolBytes: "4 MiB" } as const;
  wdk.boot({ checked, bugChecks: "continue", depth: { periodMs: 0 }, ...limits });
  const others = [blockListBystander("one"), blockListBystander("two")];
  if (checked) others.push(bystander(), bystander());
  const guest = await HostileGuest.load(checked);
  for (let call = 1; call <= calls; call++) {
    guest.step();
    if (call % BETWEEN_LOOKS !== 0) continue;
    assert.deepEqual(auditPool(wdk.system().region).problems, []);
    for (const one of others) one.verify();
  }
  wdk.shutdown();
  return guest.outcomes;
}

/** Storms over one machine after the other, in one of the two modes. */
async function demandUnharmed(t: TestContext, checked: boolean): Promise<void> {
  t.after(() => wdk.shutdown());
  const outcomes = new Map<string, number>();
  // A guest soon has freed, filled and damaged all it has: then the next one comes.
  for (let machine = 0; machine < CALLS / CALLS_OF_ONE; machine++) {
    for (const [kind, count] of await storm(CALLS_OF_ONE, checked)) {
      outcomes.set(kind, (outcomes.get(kind) ?? 0) + count);
    }
  }
  for (const kind of ["a value", "a bug check", "a raise", "a LookasideError", "a trap"]) {
    const count = outcomes.get(kind) ?? 0;
    assert.ok(count > 5, `${kind} came out ${count} times only: ${[...outcomes].join("; ")}`);
  }
  t.diagnostic([...outcomes].map(([kind, count]) => `${kind}: ${count}`).join(", "));
}

test("a guest that is out to harm harms nothing but its own", (t) => demandUnharmed(t, true));

test("unchecked, a guest that is out to harm harms neither the pool nor a block list", (t) =>
  demandUnharmed(t, false));
