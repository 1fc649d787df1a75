/** The simulated IRQL: who may raise and lower it, and that a thread's level is its own. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  APC_LEVEL,
  boot,
  DISPATCH_LEVEL,
  ExAllocatePoolWithTag,
  ExFreePool,
  HIGH_LEVEL,
  KeGetCurrentIrql,
  KeLowerIrql,
  KeRaiseIrql,
  NonPagedPool,
  NULL,
  PASSIVE_LEVEL,
  PagedPool,
  shutdown,
  tag,
  ticket,
} from "lookaside/wdk";
import { crew } from "../../support/crew.js";
import type { levelHere } from "./irql.tasks.js";

const TAG = tag("Irql");
const LEVELS = Array.from({ length: HIGH_LEVEL + 1 }, (_, level) => level);

function booted(t: TestContext): void {
  boot({ bugChecks: "continue" });
  t.after(shutdown);
}

/** Comes from PASSIVE_LEVEL to `level`, whatever the level is. */
function goTo(level: number): void {
  KeLowerIrql(PASSIVE_LEVEL);
  KeRaiseIrql(level);
}

test("a thread starts at PASSIVE_LEVEL", (t) => {
  booted(t);
  assert.equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
});

test("to raise gives back the level before, and raises to any level from there up", (t) => {
  booted(t);
  for (const from of LEVELS) {
    for (const to of LEVELS.slice(from)) {
      goTo(from);
      assert.equal(KeRaiseIrql(to), from);
      assert.equal(KeGetCurrentIrql(), to);
    }
  }
});

test("to lower goes to any level from there down, and gives back nothing", (t) => {
  booted(t);
  for (const from of LEVELS) {
    for (const to of LEVELS.slice(0, from + 1)) {
      goTo(from);
      assert.equal(KeLowerIrql(to), undefined);
      assert.equal(KeGetCurrentIrql(), to);
    }
  }
});

test("to raise to a lower level is bug check 0xC4, 0x30, and leaves the level", (t) => {
  booted(t);
  for (const from of LEVELS) {
    for (const to of LEVELS.slice(0, from)) {
      goTo(from);
      assert.throws(() => KeRaiseIrql(to), {
        name: "BugCheck",
        code: 0xc4,
        parameters: [0x30, from, to, 0],
      });
      assert.equal(KeGetCurrentIrql(), from);
    }
  }
});

test("to lower to a higher level is bug check 0xC4, 0x31, and leaves the level", (t) => {
  booted(t);
  for (const from of LEVELS) {
    for (const to of LEVELS.slice(from + 1)) {
      goTo(from);
      assert.throws(() => KeLowerIrql(to), {
        name: "BugCheck",
        code: 0xc4,
        parameters: [0x31, from, to, 0],
      });
      assert.equal(KeGetCurrentIrql(), from);
    }
  }
});

test("what is no level is refused by both", (t) => {
  booted(t);
  KeRaiseIrql(APC_LEVEL);
  for (const value of [-1, 16, 255, 1.5, Number.NaN, "2", null, undefined, {}] as number[]) {
    assert.throws(() => KeRaiseIrql(value), { code: 0xc4 });
    assert.throws(() => KeLowerIrql(value), { code: 0xc4 });
    assert.equal(KeGetCurrentIrql(), APC_LEVEL);
  }
});

test("the message says from where to where", (t) => {
  booted(t);
  KeRaiseIrql(DISPATCH_LEVEL);
  assert.throws(() => KeRaiseIrql(APC_LEVEL), { message: /Cannot raise IRQL 2 to 1/ });
  assert.throws(() => KeLowerIrql(HIGH_LEVEL), { message: /Cannot lower IRQL 2 to 15/ });
});

test("pool is for levels up to DISPATCH_LEVEL if nonpaged, up to APC_LEVEL if paged", (t) => {
  booted(t);
  const pools = [
    { pool: PagedPool, limit: APC_LEVEL, onAllocate: 0x01, onFree: 0x11 },
    { pool: NonPagedPool, limit: DISPATCH_LEVEL, onAllocate: 0x02, onFree: 0x12 },
  ];
  for (const { pool, limit, onAllocate, onFree } of pools) {
    for (const level of LEVELS) {
      KeLowerIrql(PASSIVE_LEVEL);
      const block = ExAllocatePoolWithTag(pool, 64, TAG);
      KeRaiseIrql(level);
      if (level <= limit) {
        ExFreePool(block);
        assert.notEqual(ExAllocatePoolWithTag(pool, 64, TAG), NULL);
        continue;
      }
      const refused = { name: "BugCheck", code: 0xc4 };
      const allocate = (): number => ExAllocatePoolWithTag(pool, 64, TAG);
      assert.throws(allocate, { ...refused, parameters: [onAllocate, level, pool, 64] });
      assert.throws(() => ExFreePool(block), {
        ...refused,
        parameters: [onFree, level, pool, block],
      });
    }
  }
});

test("a level is one thread's own, and a new machine starts at PASSIVE_LEVEL again", async (t) => {
  booted(t);
  KeRaiseIrql(DISPATCH_LEVEL);
  const module = new URL("./irql.tasks.js", import.meta.url);
  const data = ticket();
  const [there] = await crew<typeof levelHere>(module, { threads: 1, run: "levelHere", data });
  assert.deepEqual(there, { before: PASSIVE_LEVEL, after: HIGH_LEVEL });
  assert.equal(KeGetCurrentIrql(), DISPATCH_LEVEL);
  shutdown();
  boot();
  assert.equal(KeGetCurrentIrql(), PASSIVE_LEVEL);
});
