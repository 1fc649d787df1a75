/** The documented routines that never return, and the gate word that guests look at. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import * as wdk from "lookaside/wdk";
import { peek } from "#src/memory/index.js";
import { GATE_CHECKED, GATE_NONPAGED, GATE_PAGED, gateWord } from "#src/threads/index.js";

afterEach(() => wdk.shutdown());

test("ExRaiseStatus raises the status, signed or unsigned", () => {
  for (const status of [wdk.STATUS_NO_MEMORY, wdk.STATUS_NO_MEMORY | 0]) {
    assert.throws(
      () => wdk.ExRaiseStatus(status),
      (error) => error instanceof wdk.StatusError && error.status === wdk.STATUS_NO_MEMORY,
    );
  }
  assert.throws(() => wdk.ExRaiseStatus("x" as never), { code: "ERR_ARGUMENT" });
});

test("KeBugCheckEx stops the machine with its code and parameters", () => {
  wdk.boot({ depth: { periodMs: 0 } });
  const stop = { code: 0xdead, parameters: [1, 2, 3, 0xffff_ffff] };
  assert.throws(() => wdk.KeBugCheckEx(0xdead, 1, 2, 3, -1), stop);
  assert.throws(() => wdk.ExAllocatePoolWithTag(0, 1, 1), stop);
});

test("KeBugCheckEx refuses what is no number, and nothing stops", () => {
  wdk.boot({ depth: { periodMs: 0 } });
  assert.throws(() => wdk.KeBugCheckEx(1, 2, 3, 4, "five" as never), { code: "ERR_ARGUMENT" });
  assert.equal(wdk.KeGetCurrentIrql(), 0);
});

test("system() is the system under the machine", () => {
  assert.throws(() => wdk.system(), { code: "ERR_NOT_ATTACHED" });
  wdk.boot({ depth: { periodMs: 0 } });
  assert.equal(wdk.system().memory, wdk.memory());
});

test("the gate word follows the level and the mode of its thread", () => {
  const gates = (): number => {
    const { region, thread } = wdk.system();
    return peek(region.words, gateWord(region, thread));
  };
  wdk.boot({ depth: { periodMs: 0 } });
  const seen = [gates()];
  for (const level of [wdk.APC_LEVEL, wdk.DISPATCH_LEVEL, wdk.HIGH_LEVEL]) {
    wdk.KeRaiseIrql(level);
    seen.push(gates());
  }
  wdk.KeLowerIrql(wdk.PASSIVE_LEVEL);
  seen.push(gates());
  assert.deepEqual(seen, [0, 0, GATE_PAGED, GATE_PAGED | GATE_NONPAGED, 0]);
  wdk.shutdown();
  wdk.boot({ depth: { periodMs: 0 }, checked: true });
  assert.equal(gates(), GATE_CHECKED | GATE_PAGED | GATE_NONPAGED);
});

test("a size below 0 is refused as the size that C makes of it, and told as it was given", () => {
  wdk.boot({ depth: { periodMs: 0 } });
  const raises = wdk.POOL_RAISE_IF_ALLOCATION_FAILURE;
  const said = /cannot allocate -1 \(as a SIZE_T 18446744073709551615\) bytes/;
  const calls = [
    () => wdk.ExAllocatePoolWithTag(wdk.NonPagedPool | raises, -1, 0x6c6c_616d),
    () => wdk.ExAllocatePoolWithQuotaTag(wdk.NonPagedPool, -1, 0x6c6c_616d),
    () => wdk.ExAllocatePool2(wdk.POOL_FLAG_PAGED | wdk.POOL_FLAG_RAISE_ON_FAILURE, -1, 1),
  ];
  for (const call of calls) {
    assert.throws(call, { status: wdk.STATUS_INSUFFICIENT_RESOURCES, message: said });
  }
  assert.equal(wdk.ExAllocatePoolWithTag(wdk.NonPagedPool, -1, 0x6c6c_616d), 0);
  assert.equal(wdk.ExAllocatePoolWithTag(wdk.NonPagedPool, -(2 ** 40), 0x6c6c_616d), 0);
  assert.equal(wdk.poolUsage(0x6c6c_616d).NonPaged.Allocs, 0);
});
