/** The log keeps the last few hundred entries, each with a number, and prefers what observers saw. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MisuseEvent, ObserverHooks, RecoveryEvent } from "lookaside";
import { EventLog } from "#src/monitor/event-log.js";
import { smallSystem } from "./ask.js";

test("a refused call is told with its reason, and not a second time as a number", () => {
  const system = smallSystem();
  const log = new EventLog(system);
  const list = system.blockList({ tag: "Elog", size: 64 });
  log.look(system.snapshot());
  const block = list.allocate();
  block?.free();
  for (let time = 0; time < 3; time++) assert.throws(() => block?.free());
  log.look(system.snapshot());
  const told = log.after(0).map(({ id, kind, count, text }) => [id, kind, count, text]);
  assert.equal(told.length, 2);
  assert.deepEqual(told[0]?.slice(0, 3), [1, "error", 3]);
  assert.match(String(told[0]?.[3]), /^Cannot free block 0x.* \(3 times\)$/);
  assert.deepEqual(told[1], [2, "miss", 1, "1 miss"]);
  assert.deepEqual(log.after(1).length, 1);
  log.close();
  assert.throws(() => block?.free());
  log.look(system.snapshot());
  assert.equal(log.after(2)[0]?.text, "1 call refused as misuse", "nothing is observed any more");
  system.detach();
});

test("a recovery that was observed takes the place of its difference", () => {
  const system = smallSystem();
  let hooks: ObserverHooks = {};
  const observe = (given: ObserverHooks): (() => void) => {
    hooks = given;
    return () => {};
  };
  const log = new EventLog({ observe });
  const before = system.snapshot();
  log.look(before);
  const event: RecoveryEvent = { thread: 3, recoverer: 1, parked: 4, reclaimed: 5, kept: 6 };
  hooks.recovery?.(event);
  const recoveries = { ...before.recoveries, threads: 1, parked: 4, reclaimed: 5, kept: 6 };
  log.look({ ...before, recoveries });
  assert.deepEqual(
    log.after(0).map(({ text }) => text),
    ["thread 3 had ended and was recovered: blocks 4 parked, 5 reclaimed, 6 kept"],
  );
  log.look({ ...before, recoveries: { ...recoveries, threads: 3, kept: 7 } });
  const other = "2 ended threads recovered: blocks 0 parked, 0 reclaimed, 1 kept";
  assert.equal(log.after(1)[0]?.text, other, "another thread made these");
  system.detach();
});

test("what is kept is bounded, however much happens and whether or not anybody looks", () => {
  const system = smallSystem();
  let hooks: ObserverHooks = {};
  const log = new EventLog({
    observe: (given) => {
      hooks = given;
      return () => {};
    },
  });
  const snapshot = system.snapshot();
  log.look(snapshot);
  const misuse = { tag: "Many", thread: 1, code: "ERR_DOUBLE_FREE", message: "twice" };
  for (let round = 0; round < 30; round++) {
    for (let number = 0; number < 1_000; number++) {
      hooks.error?.({ ...misuse, list: `list ${number}` } as MisuseEvent);
    }
    log.look(snapshot);
  }
  const entries = log.after(0);
  assert.equal(entries.length, 400);
  assert.equal(entries.at(-1)?.id, log.lastId);
  assert.equal(log.lastId, 30 * 32);
  system.detach();
});
