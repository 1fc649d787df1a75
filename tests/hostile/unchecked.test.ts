/**
 * Without checked mode too: every function of the door refuses values of the wrong type, each by its own
 * name, and the list routines every address where no list or entry can be, before anything is counted.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BUG_CHECK,
  ExAllocatePoolWithTag,
  KeLowerIrql,
  memory,
  NonPagedPool,
  poolUsage,
  queryLookaside,
  STATUS_DATATYPE_MISALIGNMENT,
  simulateLowResources,
  tag,
  VERIFIER_RULE,
} from "lookaside/wdk";
import { freshMachine } from "../conformance/bench.js";
import { seeded } from "../support/seed.js";
import { LIST_FAMILIES } from "../unit/wdk/list-families.js";
import { type ArgumentKind, ATTACKS } from "./attacks.js";
import { TrapSprung, wrongType } from "./values.js";

const random = seeded(import.meta.url);
const ROUNDS = process.env["LOOKASIDE_LONG"] === "1" ? 20_000 : 400;

/** Kinds of arguments whose wrong type may be right after all: NULL, an option left out, any object. */
const LENIENT: ReadonlySet<ArgumentKind> = new Set([
  "allocate",
  "release",
  "options",
  "report",
  "name",
  "text",
]);

/** Arguments that are not looked at: the locks of sequenced lists. */
function isIgnored(name: string, at: number): boolean {
  return /^ExInterlocked(Push|Pop)EntrySList$/.test(name) && at === (name.includes("Push") ? 2 : 1);
}

/** Functions that pass their argument on to another one, which refuses it by its own name. */
const REFUSED_BY: Record<string, string> = {
  RtlFirstEntrySList: "FirstEntrySList",
  ExInitializeSListHead: "InitializeSListHead",
  reportLookaside: "queryLookaside",
};

const GOOD: Partial<Record<ArgumentKind, unknown>> = {
  allocate: 0,
  release: 0,
  options: null,
  name: "Name",
  text: "Demo",
  type: 0,
  flags: 0,
  pool2: 0x40,
  bytes: 64,
  tag: 0x6f_6d_65_44,
};

for (const { name, call, kinds } of ATTACKS) {
  if (kinds.every((kind) => LENIENT.has(kind))) continue;
  test(`${name} refuses arguments of the wrong type by its own name`, (t) => {
    freshMachine(t, { nonPagedPoolBytes: "4 MiB" });
    const place = ExAllocatePoolWithTag(NonPagedPool, 256, tag("Good"));
    for (let round = 0; round < ROUNDS; round++) {
      const wrong = random.int(kinds.length);
      if (LENIENT.has(kinds[wrong] as ArgumentKind) || isIgnored(name, wrong)) continue;
      const value = wrongType(random);
      if (typeof value === "bigint" && kinds[wrong] === "pool2") continue; // 64 bits of flags may be one
      if (value === undefined && /^(poolUsage|reportLookaside)$/.test(name)) continue; // all of them
      const given = kinds.map((kind, at) => (at === wrong ? value : (GOOD[kind] ?? place)));
      if (/^KeLowerIrql|^KeRaiseIrql/.test(name)) {
        assert.throws(() => call(...given), { name: "BugCheck", code: 0xc4 });
        continue;
      }
      const refused = (error: Error & { code?: unknown }): boolean => {
        assert.ok(!(error instanceof TrapSprung), "the value was asked to convert itself");
        return error.code === "ERR_ARGUMENT" && error.message.includes(REFUSED_BY[name] ?? name);
      };
      assert.throws(() => call(...given), refused, `argument ${wrong} of ${name}`);
    }
    simulateLowResources(null);
    KeLowerIrql(0);
    const { Diff, Bytes } = poolUsage(tag("Good")).NonPaged;
    assert.deepEqual([Diff, Bytes], [1, 256]);
  });
}

/** What the family byte of a descriptor says. */
const FAMILY_CODES = { None: 0, NPaged: 1, Paged: 2, Ex: 3 } as const;

/** The totals and misses of a list. */
function counters(list: number): number[] {
  const { TotalAllocates, AllocateMisses, TotalFrees, FreeMisses, CurrentDepth } =
    queryLookaside(list);
  return [TotalAllocates, AllocateMisses, TotalFrees, FreeMisses, CurrentDepth];
}

for (const family of LIST_FAMILIES) {
  test(`${family.name}: what can be no list or entry is reported before anything is counted`, (t) => {
    freshMachine(t);
    const list = family.make();
    const entry = family.allocate(list);
    family.free(list, family.allocate(list)); // one is parked
    const before = counters(list);
    const beyond = memory().buffer.byteLength;
    const springs = { valueOf: () => assert.fail("the value was asked to convert itself") };
    const wrong = { code: "ERR_ARGUMENT", message: /Ex(AllocateFrom|FreeTo)\w+/ };
    const misaligned = { name: "StatusError", status: STATUS_DATATYPE_MISALIGNMENT };
    const nowhere = { name: "BugCheck", code: BUG_CHECK.IRQL_NOT_LESS_OR_EQUAL };
    const cases: readonly (readonly [(address: number) => unknown, object])[] = [
      [String, wrong],
      [BigInt, wrong],
      [() => springs, wrong],
      [() => Symbol("list"), wrong],
      [(address) => address + 0.5, wrong],
      [(address) => address + 2 ** 32, wrong],
      [(address) => -address, wrong],
      [() => Number.NaN, wrong],
      [(address) => address + 1, misaligned],
      [(address) => address + 8, misaligned],
      [() => 0, nowhere],
      [() => 4_096, nowhere],
      [() => beyond, nowhere],
      [() => 0xffff_fff0, nowhere],
    ];
    for (const [change, expected] of cases) {
      const said = String(change(16));
      assert.throws(() => family.allocate(change(list) as number), expected, `allocate ${said}`);
      assert.throws(() => family.free(change(list) as number, entry), expected, `free to ${said}`);
      assert.throws(() => family.free(list, change(entry) as number), expected, `free ${said}`);
      assert.deepEqual(counters(list), before, said);
    }
    assert.deepEqual(new Uint32Array(memory().buffer, entry, 2), new Uint32Array(2));
  });

  test(`${family.name}: memory that is no list of the family is reported by a miss`, (t) => {
    freshMachine(t);
    const list = family.make();
    const code = FAMILY_CODES[queryLookaside(list).Family];
    const entry = family.allocate(list);
    const other = LIST_FAMILIES.find(({ allocate }) => allocate !== family.allocate);
    const foreign = other?.make() ?? assert.fail();
    const place = ExAllocatePoolWithTag(NonPagedPool, 256, tag("None"));
    new Uint8Array(memory().buffer, place, 256).fill(0);
    family.remove(list);
    for (const none of [list, foreign, place]) {
      const found = none === foreign ? FAMILY_CODES[queryLookaside(none).Family] : 0;
      const parameters = [VERIFIER_RULE.LIST_NOT_INITIALIZED, none, code, found];
      const expected = { name: "BugCheck", code: 0xc4, parameters };
      assert.throws(() => family.allocate(none), expected);
      if (none === foreign) new Uint16Array(memory().buffer)[(foreign + 0x10) / 2] = 0; // its Depth
      if (none !== list) assert.throws(() => family.free(none, entry), expected);
    }
  });

  test(`${family.name}: a link that was damaged to lead out of the memory is a page fault`, (t) => {
    freshMachine(t);
    const list = family.make();
    const entries = [family.allocate(list), family.allocate(list)] as const;
    family.free(list, entries[0]);
    const before = counters(list);
    const words = new Uint32Array(memory().buffer);
    words[(list + 12) / 4] = 0xffff_fff0; // the head, which leads to the first entry
    const expected = { name: "BugCheck", code: BUG_CHECK.IRQL_NOT_LESS_OR_EQUAL };
    assert.throws(() => family.allocate(list), expected);
    assert.throws(() => family.free(list, entries[1]), expected);
    const fields = [0x14, 0x18, 0x1c, 0x20].map((offset) => words[(list + offset) / 4]);
    assert.deepEqual(fields, before.slice(0, 4));
  });
}
