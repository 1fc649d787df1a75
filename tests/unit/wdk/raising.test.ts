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
