/**
 * Without checked mode the hot routines trust their callers, as the real ones do. Every other function
 * of the door still refuses values of the wrong type, each by the name of the function.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ExAllocatePoolWithTag,
  KeLowerIrql,
  NonPagedPool,
  poolUsage,
  simulateLowResources,
  tag,
} from "lookaside/wdk";
import { freshMachine } from "../conformance/bench.js";
import { seeded } from "../support/seed.js";
import { type ArgumentKind, ATTACKS } from "./attacks.js";
import { TrapSprung, wrongType } from "./values.js";

const random = seeded(import.meta.url);
const ROUNDS = process.env["LOOKASIDE_LONG"] === "1" ? 20_000 : 400;

/** Without a look at their arguments: one call into the interlocked module and back. */
const HOT = /^Ex(AllocateFrom|FreeTo).*LookasideList(Ex)?$/;

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
  if (HOT.test(name) || kinds.every((kind) => LENIENT.has(kind))) continue;
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
